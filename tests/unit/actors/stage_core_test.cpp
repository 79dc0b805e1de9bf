#include "actors/region/stage_core.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage;
using namespace forestage::actors;

namespace {

constexpr std::int64_t interval_ms = 300'000;

models::resource_id id(const std::string& text) {
  return models::resource_id::make(text).value();
}

stage_options options() {
  return {
      .grid = models::interval_grid::make(300).value(), .region = "eu", .open = 10, .pool = 2, .held = 100};
}

template <class Effect> std::vector<std::string> ids(const std::vector<stage_effect>& effects) {
  std::vector<std::string> out;
  for (const auto& effect : effects)
    if (const auto* is = std::get_if<Effect>(&effect)) out.push_back(is->id);
  return out;
}

// As a backend that does at once what it is told.
void carry_out(stage_core& stage, const std::vector<stage_effect>& effects) {
  for (const auto& opened : ids<open_collection>(effects))
    stage.on_opened(opened);
}

acquisition acquired(stage_core& stage, const std::string& peer, const std::string& resource,
                     std::int64_t now_ms, peer_role role = peer_role::requester) {
  auto got = stage.acquire(peer, role, id(resource), now_ms);
  BOOST_REQUIRE(got.ok());
  carry_out(stage, got->effects);
  return std::move(*got);
}

using names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_CASE(what_was_planned_and_verified_is_warm_up_to_its_units) {
  stage_core stage{options()};
  carry_out(stage, stage.fill_pool());
  BOOST_TEST(stage.pooled() == 2U);
  const auto effects = stage.on_plan(models::interval_number{1}, {{id("room/1"), 2}, {id("room/2"), 0}}, 0);
  BOOST_TEST(ids<open_collection>(effects) == (names{"r/eu/room/1"}));
  carry_out(stage, effects);
  BOOST_TEST(!acquired(stage, "early", "room/1", 0).warm); // its interval has not begun
  carry_out(stage, stage.fill_pool());
  const auto first = acquired(stage, "a", "room/1", interval_ms);
  BOOST_TEST(first.warm);
  BOOST_TEST(first.resource_collection == "r/eu/room/1");
  BOOST_TEST(first.peer_collection == "p/eu/2");
  BOOST_TEST(ids<open_collection>(first.effects).empty());
  BOOST_TEST(acquired(stage, "b", "room/1", interval_ms).warm);
  carry_out(stage, stage.fill_pool());
  BOOST_TEST(!acquired(stage, "c", "room/1", interval_ms).warm); // two units
  BOOST_TEST(stage.counts().warm == 2U);
  BOOST_TEST(stage.counts().requests == 4U);
}

BOOST_AUTO_TEST_CASE(what_was_not_ready_is_cold_and_says_so) {
  stage_core stage{options()};
  const auto unplanned = acquired(stage, "a", "room/1", 0);
  BOOST_TEST(!unplanned.warm);
  BOOST_TEST(ids<open_collection>(unplanned.effects) == (names{"r/eu/room/1", "p/eu/1"}));
  // Planned, but not verified in time.
  (void)stage.on_plan(models::interval_number{0}, {{id("room/2"), 5}}, 0);
  BOOST_TEST(!acquired(stage, "a", "room/2", 1).warm);
  // Planned and verified, but the pool is empty.
  carry_out(stage, stage.on_plan(models::interval_number{0}, {{id("room/3"), 5}}, 2));
  BOOST_TEST(!acquired(stage, "b", "room/3", 3).warm);
  (void)stage.tick(interval_ms);
  BOOST_TEST(stage.counts().late == 1U);
  BOOST_TEST(stage.counts().used == 1U);
  BOOST_TEST(stage.counts().unused == 0U);
}

BOOST_AUTO_TEST_CASE(a_provider_gets_the_right_to_take_and_to_answer_every_requester) {
  stage_core stage{options()};
  const auto before = acquired(stage, "requester", "room/1", 0);
  const auto provider = acquired(stage, "provider", "room/1", 1, peer_role::provider);
  BOOST_TEST(provider.warm); // it was open
  BOOST_TEST(provider.peer_collection.empty());
  BOOST_TEST(ids<assign_collection>(provider.effects) == (names{"r/eu/room/1", before.peer_collection}));
  const auto& resource = std::get<assign_collection>(provider.effects[0]).access;
  BOOST_TEST((resource.allows("provider", verb::get) && resource.allows("anybody", verb::put)));
  BOOST_TEST((!resource.allows("anybody", verb::get) && !resource.allows("requester", verb::purge)));
  const auto& peer = std::get<assign_collection>(provider.effects[1]).access;
  BOOST_TEST((peer.allows("provider", verb::put) && peer.allows("requester", verb::get)));
  BOOST_TEST((!peer.allows("provider", verb::get) && !peer.allows("third", verb::put) &&
              !peer.allows("third", verb::get)));
  // The provider goes: nobody may take any more.
  const auto gone = stage.release("provider", id("room/1"));
  BOOST_TEST(!std::get<assign_collection>(gone.front()).access.allows("provider", verb::get));
}

BOOST_AUTO_TEST_CASE(what_nobody_uses_is_closed_and_what_is_held_stays) {
  auto o = options();
  o.keep_ms = 1'000;
  stage_core stage{o};
  carry_out(stage, stage.on_plan(models::interval_number{0}, {{id("planned"), 1}}, 0));
  (void)acquired(stage, "a", "held", 0);
  BOOST_TEST(stage.tick(interval_ms - 1).empty());
  BOOST_TEST(ids<close_collection>(stage.tick(interval_ms)) == (names{"r/eu/planned"}));
  BOOST_TEST(stage.counts().unused == 1U);
  const auto released = stage.release("a", id("held"));
  BOOST_TEST(ids<close_collection>(released) == (names{"p/eu/1"}));
  BOOST_TEST(ids<close_collection>(stage.tick(interval_ms + 1)) == (names{"r/eu/held"}));
  BOOST_TEST(stage.open() == 0U);
}

BOOST_AUTO_TEST_CASE(grants_end_by_themselves_and_a_repeated_acquisition_keeps_its_collection) {
  auto o = options();
  o.grant_ms = 100;
  stage_core stage{o};
  const auto first = acquired(stage, "a", "room", 0);
  const auto again = acquired(stage, "a", "room", 50);
  BOOST_TEST(first.peer_collection == again.peer_collection);
  BOOST_TEST(stage.held() == 1U);
  BOOST_TEST(stage.tick(149).empty());
  BOOST_TEST(ids<close_collection>(stage.tick(150)) == (names{first.peer_collection}));
  BOOST_TEST(stage.counts().expired == 1U);
}

BOOST_AUTO_TEST_CASE(a_full_region_closes_the_least_recently_used_and_refuses_when_all_are_held) {
  auto o = options();
  o.open = 2;
  stage_core stage{o};
  (void)acquired(stage, "a", "one", 1);
  (void)acquired(stage, "a", "two", 2);
  BOOST_TEST((stage.acquire("b", peer_role::requester, id("three"), 3).failure().code ==
              models::errc::limit_exceeded));
  (void)stage.release("a", id("two"));
  const auto third = acquired(stage, "b", "three", 4);
  BOOST_TEST(ids<close_collection>(third.effects) == (names{"r/eu/two"}));
  BOOST_TEST(stage.counts().evicted == 1U);
}

BOOST_AUTO_TEST_CASE(a_new_plan_for_an_interval_replaces_the_old_one) {
  stage_core stage{options()};
  carry_out(stage, stage.fill_pool());
  carry_out(stage, stage.on_plan(models::interval_number{1}, {{id("a"), 3}}, 0));
  carry_out(stage, stage.on_plan(models::interval_number{1}, {{id("b"), 1}}, 0));
  BOOST_TEST(!acquired(stage, "p", "a", interval_ms).warm);
  BOOST_TEST(acquired(stage, "p", "b", interval_ms).warm);
  BOOST_TEST(stage.on_plan(models::interval_number{0}, {{id("c"), 1}}, interval_ms).empty()); // it has ended
}
