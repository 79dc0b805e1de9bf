#include "actors/stage/stage_core.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace forestage;
using namespace forestage::actors;

namespace {

constexpr std::int64_t interval_ms = 300'000;

models::resource_id id(const std::string& text) {
  return models::resource_id::make(text).value();
}

stage_options options() {
  return {.grid = models::interval_grid::make(300).value(), .life = "l", .open = 10, .pool = 2, .held = 100};
}

const auto eu = models::region_id::make("eu").value(), us = models::region_id::make("us").value();

template <class Effect> std::vector<std::string> ids(const stage_effects& effects) {
  std::vector<std::string> out;
  for (const auto& effect : effects)
    if (const auto* is = std::get_if<Effect>(&effect)) out.push_back(is->id);
  return out;
}

// As a backend that does at once what it is told.
void carry_out(stage_core& stage, const stage_effects& effects) {
  for (const auto& opened : ids<open_collection>(effects))
    stage.on_opened(opened);
}

acquire_order order_of(const std::string& peer, const std::string& resource,
                       peer_role role = peer_role::requester, const models::region_id& region = eu) {
  return {peer, id(resource), region, role, "session", 0};
}

acquisition acquired(stage_core& stage, const acquire_order& order, std::int64_t now_ms) {
  auto got = stage.acquire(order, now_ms);
  BOOST_REQUIRE(got.ok());
  carry_out(stage, got->effects);
  return std::move(*got);
}
acquisition acquired(stage_core& stage, const std::string& peer, const std::string& resource,
                     std::int64_t now_ms, peer_role role = peer_role::requester) {
  return acquired(stage, order_of(peer, resource, role), now_ms);
}

planned_resource planned(const std::string& resource, std::int64_t units,
                         const models::region_id& region = eu) {
  return {id(resource), region, units};
}

// What a peer may do after effects, by collection and peer: the last word counts.
using rights = std::map<std::pair<std::string, std::string>, verbs>;
void note(rights& all, const stage_effects& effects) {
  for (const auto& effect : effects)
    if (const auto* is = std::get_if<set_rights>(&effect)) all[{is->id, is->peer}] = is->may;
}

using names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_CASE(what_was_planned_and_verified_is_warm_up_to_its_units) {
  stage_core stage{options()};
  carry_out(stage, stage.fill_pool(eu));
  BOOST_TEST(stage.pooled() == 2U);
  const auto effects =
      stage.on_plan(models::interval_number{1}, {planned("room/1", 2), planned("room/2", 0)}, 0);
  BOOST_TEST(ids<open_collection>(effects) == (names{"r/room/1"}));
  carry_out(stage, effects);
  BOOST_TEST(!acquired(stage, "early", "room/1", 0).warm); // its interval has not begun
  carry_out(stage, stage.fill_pool(eu));
  const auto first = acquired(stage, "a", "room/1", interval_ms);
  BOOST_TEST(first.warm);
  BOOST_TEST(first.resource_collection == "r/room/1");
  BOOST_TEST(first.peer_collection == "p/l/2");
  BOOST_TEST(ids<open_collection>(first.effects).empty());
  BOOST_TEST(acquired(stage, "b", "room/1", interval_ms).warm);
  carry_out(stage, stage.fill_pool(eu));
  BOOST_TEST(!acquired(stage, "c", "room/1", interval_ms).warm); // two units
  BOOST_TEST(stage.counts().warm == 2U);
  BOOST_TEST(stage.counts().requests == 4U);
}

BOOST_AUTO_TEST_CASE(what_was_not_ready_is_cold_and_says_so) {
  stage_core stage{options()};
  const auto unplanned = acquired(stage, "a", "room/1", 0);
  BOOST_TEST(!unplanned.warm);
  BOOST_TEST(ids<open_collection>(unplanned.effects) == (names{"r/room/1", "p/l/1"}));
  // Planned, but not verified in time.
  (void)stage.on_plan(models::interval_number{0}, {planned("room/2", 5)}, 0);
  BOOST_TEST(!acquired(stage, "a", "room/2", 1).warm);
  // Planned and verified, but the pool is empty.
  carry_out(stage, stage.on_plan(models::interval_number{0}, {planned("room/3", 5)}, 2));
  BOOST_TEST(!acquired(stage, "b", "room/3", 3).warm);
  (void)stage.tick(interval_ms);
  BOOST_TEST(stage.counts().late == 1U);
  BOOST_TEST(stage.counts().used == 1U);
  BOOST_TEST(stage.counts().unused == 0U);
}

BOOST_AUTO_TEST_CASE(a_provider_takes_from_the_resource_and_puts_to_every_requester) {
  stage_core stage{options()};
  rights all;
  const auto before = acquired(stage, "requester", "room", 0);
  note(all, before.effects);
  const auto provider = acquired(stage, "provider", "room", 1, peer_role::provider);
  note(all, provider.effects);
  BOOST_TEST(provider.warm); // it was open
  BOOST_TEST(provider.peer_collection.empty());
  const auto after = acquired(stage, order_of("later", "room", peer_role::requester, us), 2);
  note(all, after.effects);
  const auto may = [&all](const std::string& collection, const std::string& peer) {
    return all[{collection, peer}];
  };
  BOOST_TEST((may("r/room", "provider") == (verb::get | verb::purge)));
  BOOST_TEST((may("r/room", "requester") == verbs{verb::put}));
  for (const auto& [peer, collection] :
       {std::pair{"requester", before.peer_collection}, std::pair{"later", after.peer_collection}}) {
    BOOST_TEST((may(collection, peer) == (verb::get | verb::purge)));
    BOOST_TEST((may(collection, "provider") == verbs{verb::put}));
  }
  BOOST_TEST((may(before.peer_collection, "later") == verbs{}));
  // The provider goes: nobody takes, nobody answers.
  note(all, stage.release("provider", id("room")));
  BOOST_TEST((may("r/room", "provider") == verbs{}));
  BOOST_TEST((may(before.peer_collection, "provider") == verbs{}));
  BOOST_TEST((may(before.peer_collection, "requester") == (verb::get | verb::purge)));
  // So does a requester.
  note(all, stage.release("requester", id("room")));
  BOOST_TEST((may("r/room", "requester") == verbs{}));
}

BOOST_AUTO_TEST_CASE(the_newest_provider_takes_and_an_older_one_that_is_still_there_takes_over) {
  stage_core stage{options()};
  rights all;
  note(all, acquired(stage, "a", "room", 0, peer_role::provider).effects);
  note(all, acquired(stage, "b", "room", 0, peer_role::provider).effects);
  BOOST_TEST((all[{"r/room", "a"}] == verbs{}));
  BOOST_TEST((all[{"r/room", "b"}] == (verb::get | verb::purge)));
  note(all, stage.release("b", id("room")));
  BOOST_TEST((all[{"r/room", "a"}] == (verb::get | verb::purge)));
}

BOOST_AUTO_TEST_CASE(a_peer_may_be_both) {
  stage_core stage{options()};
  rights all;
  note(all, acquired(stage, "a", "room", 0, peer_role::provider).effects);
  const auto own = acquired(stage, "a", "room", 0);
  note(all, own.effects);
  BOOST_TEST((all[{"r/room", "a"}] == (verb::get | verb::purge | verb::put)));
  BOOST_TEST((all[{own.peer_collection, "a"}] == (verb::get | verb::purge | verb::put)));
  note(all, stage.release("a", id("room")));
  BOOST_TEST((all[{"r/room", "a"}] == verbs{}));
  BOOST_TEST(stage.held() == 0U);
}

BOOST_AUTO_TEST_CASE(regions_have_units_and_pools_of_their_own_and_meet_in_one_collection) {
  stage_core stage{options()};
  carry_out(stage,
            stage.on_plan(models::interval_number{0}, {planned("room", 1), planned("room", 1, us)}, 0));
  BOOST_TEST(stage.pooled() == 4U); // of two regions
  const auto first = acquired(stage, order_of("a", "room", peer_role::requester, us), 1);
  BOOST_TEST(first.warm);
  BOOST_TEST(!acquired(stage, order_of("b", "room", peer_role::requester, us), 1).warm);
  const auto other = acquired(stage, order_of("c", "room"), 1);
  BOOST_TEST(other.warm);
  BOOST_TEST(first.resource_collection == other.resource_collection);
}

BOOST_AUTO_TEST_CASE(a_request_that_is_repeated_takes_no_unit_and_is_answered_alike) {
  stage_core stage{options()};
  carry_out(stage, stage.on_plan(models::interval_number{0}, {planned("room", 2)}, 0));
  auto order = order_of("a", "room");
  order.need = 7;
  BOOST_TEST(acquired(stage, order, 1).warm);
  const auto again = acquired(stage, order, 2);
  BOOST_TEST((again.warm && again.repeated));
  BOOST_TEST(stage.units_left(id("room"), eu, models::interval_number{0}) == 1);
  BOOST_TEST(stage.counts().requests == 1U);
  order.need = 8;
  BOOST_TEST(!acquired(stage, order, 3).repeated);
  BOOST_TEST(stage.units_left(id("room"), eu, models::interval_number{0}) == 0);
}

BOOST_AUTO_TEST_CASE(one_peer_cannot_take_everything_and_planned_collections_are_closed_last) {
  auto o = options();
  o.held_by_peer = 2;
  o.open = 3;
  stage_core stage{o};
  carry_out(stage, stage.on_plan(models::interval_number{0}, {planned("planned", 1)}, 0));
  (void)acquired(stage, "a", "one", 1);
  (void)acquired(stage, "a", "two", 2);
  BOOST_TEST((stage.acquire(order_of("a", "three"), 3).failure().code == models::errc::limit_exceeded));
  (void)stage.release_all("a");
  const auto next = acquired(stage, "b", "three", 4);
  BOOST_TEST(ids<close_collection>(next.effects) == (names{"r/one"})); // and not the planned one
  (void)acquired(stage, "b", "four", 5);
  const auto full = stage.acquire(order_of("c", "five"), 6);
  BOOST_REQUIRE(full.ok());
  BOOST_TEST(ids<close_collection>(full->effects) == (names{"r/planned"}));
}

BOOST_AUTO_TEST_CASE(what_nobody_uses_is_closed_and_what_is_held_stays) {
  auto o = options();
  o.grant_ms = 10 * interval_ms;
  o.hold_on_ms = 0;
  o.keep_ms = 1'000;
  stage_core stage{o};
  carry_out(stage, stage.on_plan(models::interval_number{0}, {planned("planned", 1)}, 0));
  (void)acquired(stage, "a", "held", 0);
  BOOST_TEST(stage.tick(interval_ms - 1).empty());
  BOOST_TEST(ids<close_collection>(stage.tick(interval_ms)) == (names{"r/planned"}));
  BOOST_TEST(stage.counts().unused == 1U);
  const auto released = stage.release("a", id("held"));
  BOOST_TEST(ids<close_collection>(released) == (names{"p/l/1"}));
  BOOST_TEST(ids<close_collection>(stage.tick(interval_ms + 1)) == (names{"r/held"}));
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
  BOOST_TEST((stage.acquire(order_of("b", "three"), 3).failure().code == models::errc::limit_exceeded));
  (void)stage.release("a", id("two"));
  const auto third = acquired(stage, "b", "three", 4);
  BOOST_TEST(ids<close_collection>(third.effects) == (names{"r/two"}));
  BOOST_TEST(stage.counts().evicted == 1U);
}

BOOST_AUTO_TEST_CASE(the_last_plan_holds_on_when_no_other_comes) {
  auto o = options();
  o.hold_on_ms = 3 * interval_ms;
  stage_core stage{o};
  carry_out(stage, stage.on_plan(models::interval_number{0}, {planned("room", 1)}, 0));
  carry_out(stage, stage.on_plan(models::interval_number{1}, {planned("room", 2)}, 0));
  for (int t = 2; t <= 4; ++t) {
    const auto now = t * interval_ms + 1;
    BOOST_TEST(acquired(stage, "a" + std::to_string(t), "room", now).warm);
    BOOST_TEST(acquired(stage, "b" + std::to_string(t), "room", now).warm);
    BOOST_TEST(!acquired(stage, "c" + std::to_string(t), "room", now).warm); // two units
    (void)stage.tick(now + 1);
    carry_out(stage, stage.fill_pool(eu));
  }
  BOOST_TEST(stage.counts().held_on == 3U);
  BOOST_TEST(!acquired(stage, "late", "room", 5 * interval_ms).warm); // for so long, and no longer
  // A plan that says nothing is one.
  stage_core told{o};
  carry_out(told, told.on_plan(models::interval_number{0}, {planned("room", 1)}, 0));
  carry_out(told, told.on_plan(models::interval_number{1}, {}, 0));
  BOOST_TEST(!acquired(told, "a", "room", interval_ms).warm);
}

BOOST_AUTO_TEST_CASE(a_new_plan_for_an_interval_replaces_the_old_one) {
  stage_core stage{options()};
  carry_out(stage, stage.fill_pool(eu));
  carry_out(stage, stage.on_plan(models::interval_number{1}, {planned("a", 3)}, 0));
  carry_out(stage, stage.on_plan(models::interval_number{1}, {planned("b", 1)}, 0));
  BOOST_TEST(!acquired(stage, "p", "a", interval_ms).warm);
  BOOST_TEST(acquired(stage, "p", "b", interval_ms).warm);
  BOOST_TEST(
      stage.on_plan(models::interval_number{0}, {planned("c", 1)}, interval_ms).empty()); // it has ended
}
