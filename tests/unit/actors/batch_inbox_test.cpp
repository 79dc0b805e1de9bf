#include "actors/shard/batch_inbox.hpp"
#include "actors/shard/shard_core.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>

using namespace forestage;
using namespace forestage::actors;
using messages::event_counts;
using messages::intent_events;
using models::interval_number;

namespace {

using found_counts = std::map<std::tuple<std::string, std::string, std::int64_t, std::string>, std::int64_t>;

models::resource_id resource(int i) {
  return models::resource_id::make("room-" + std::to_string(i)).value();
}
models::region_id region(int i) {
  return models::region_id::make("region-" + std::to_string(i)).value();
}

event_counts batch_of(const std::string& session, std::uint64_t sequence) {
  event_counts out;
  out.session = session;
  out.sequence = sequence;
  return out;
}

// Adds `count` requests of a resource in region 0.
void add(event_counts& batch, int which, std::int64_t interval, std::uint32_t count) {
  if (batch.regions.empty()) batch.regions.push_back(region(0));
  const auto name = resource(which);
  auto at = std::find(batch.resources.begin(), batch.resources.end(), name);
  if (at == batch.resources.end()) at = batch.resources.insert(batch.resources.end(), name);
  batch.entries.push_back(
      {static_cast<std::uint32_t>(at - batch.resources.begin()), 0, {interval_number{interval}, count}});
}

found_counts counts_of(const event_counts& taken) {
  found_counts out;
  for (const auto& e : taken.entries)
    out[{taken.resources[e.resource].text(), taken.regions[e.region].text(), e.cell.interval.value(),
         e.segment == 0 ? "" : taken.segments[e.segment - 1].text()}] += e.cell.count;
  return out;
}

// Some sessions' batches, each with the numbers of its own session, around interval 10.
std::vector<event_counts> any_batches() {
  std::vector<event_counts> out;
  const int sessions = *rc::gen::inRange(1, 5);
  for (int s = 0; s < sessions; ++s) {
    const int batches = *rc::gen::inRange(1, 8);
    for (int b = 1; b <= batches; ++b) {
      auto batch = batch_of("s" + std::to_string(s), static_cast<std::uint64_t>(b));
      const int entries = *rc::gen::inRange(0, 5);
      for (int e = 0; e < entries; ++e)
        add(batch, *rc::gen::inRange(0, 4), *rc::gen::inRange(8, 16),
            static_cast<std::uint32_t>(*rc::gen::inRange(0, 4)));
      out.push_back(std::move(batch));
    }
  }
  return out;
}

std::vector<event_counts> shuffled(std::vector<event_counts> batches) {
  std::mt19937_64 random{static_cast<std::uint64_t>(*rc::gen::inRange(0, 1 << 20))};
  std::shuffle(batches.begin(), batches.end(), random);
  return batches;
}

} // namespace

BOOST_AUTO_TEST_SUITE(batch_inbox_)

BOOST_AUTO_TEST_CASE(what_is_taken_depends_neither_on_order_nor_on_repetition) {
  BOOST_TEST(rc::check([] {
    const auto batches = any_batches();
    const interval_number open{10};
    const std::int64_t ahead = 3;
    found_counts expected;
    std::int64_t late = 0;
    std::int64_t early = 0;
    for (const auto& b : batches)
      for (const auto& e : b.entries) {
        if (e.cell.count == 0) continue;
        const auto t = e.cell.interval.value();
        if (t < 10)
          late += e.cell.count;
        else if (t > 10 + ahead)
          early += e.cell.count;
        else
          expected[{b.resources[e.resource].text(), "region-0", t, ""}] += e.cell.count;
      }
    batch_inbox first{open, {.ahead = ahead}};
    batch_inbox second{open, {.ahead = ahead}};
    for (const auto& b : batches)
      RC_ASSERT(first.accept(b).verdict == inbox_verdict::accepted);
    auto twice = batches;
    twice.insert(twice.end(), batches.begin(), batches.end());
    for (const auto& b : shuffled(twice))
      (void)second.accept(b);
    RC_ASSERT(first.late() == late && first.early() == early);
    RC_ASSERT(second.late() == late && second.early() == early);
    const auto a = first.take(interval_number{14}).counts;
    const auto b = second.take(interval_number{14}).counts;
    RC_ASSERT(a == b);
    RC_ASSERT(counts_of(a) == expected);
    RC_ASSERT(first.waiting() == 0U);
  }));
}

BOOST_AUTO_TEST_CASE(intervals_may_be_taken_one_by_one_or_together) {
  BOOST_TEST(rc::check([] {
    const auto batches = any_batches();
    batch_inbox together{interval_number{10}};
    batch_inbox alone{interval_number{10}};
    for (const auto& b : batches) {
      (void)together.accept(b);
      (void)alone.accept(b);
    }
    found_counts sum;
    for (std::int64_t to = 11; to <= 14; ++to)
      for (const auto& [k, count] : counts_of(alone.take(interval_number{to}).counts)) {
        RC_ASSERT(std::get<2>(k) == to - 1);
        sum[k] += count;
      }
    RC_ASSERT(sum == counts_of(together.take(interval_number{14}).counts));
  }));
}

BOOST_AUTO_TEST_CASE(what_comes_after_its_interval_has_closed_is_late_and_counted_as_that) {
  batch_inbox inbox{interval_number{10}};
  auto first = batch_of("s", 1);
  add(first, 1, 10, 5);
  BOOST_TEST(inbox.accept(first).counted == 5);
  BOOST_TEST(counts_of(inbox.take(interval_number{11}).counts).size() == 1U);
  auto second = batch_of("s", 2);
  add(second, 1, 10, 2);
  add(second, 1, 11, 3);
  const auto answer = inbox.accept(second);
  BOOST_TEST(answer.late == 2);
  BOOST_TEST(answer.counted == 3);
  BOOST_TEST(inbox.late() == 2);
}

BOOST_AUTO_TEST_CASE(a_full_inbox_refuses_and_remembers_nothing_of_it) {
  batch_inbox inbox{interval_number{10}, {.entries = 2}};
  auto large = batch_of("s", 1);
  for (int i = 0; i < 3; ++i)
    add(large, i, 10, 1);
  BOOST_CHECK(inbox.accept(large).verdict == inbox_verdict::full);
  BOOST_TEST(inbox.waiting() == 0U);
  BOOST_TEST(inbox.sessions() == 0U);
  auto small = batch_of("s", 1);
  add(small, 1, 10, 1);
  BOOST_CHECK(inbox.accept(small).verdict == inbox_verdict::accepted);
}

BOOST_AUTO_TEST_CASE(one_session_too_many_is_refused_until_others_have_been_quiet) {
  batch_inbox inbox{interval_number{10}, {.ahead = 1, .sessions = 1, .session_quiet = 2}};
  auto mine = batch_of("mine", 1);
  add(mine, 1, 10, 1);
  auto yours = batch_of("yours", 1);
  add(yours, 1, 13, 1);
  BOOST_CHECK(inbox.accept(mine).verdict == inbox_verdict::accepted);
  BOOST_CHECK(inbox.accept(yours).verdict == inbox_verdict::full);
  (void)inbox.take(interval_number{13});
  BOOST_TEST(inbox.sessions() == 0U);
  BOOST_CHECK(inbox.accept(yours).verdict == inbox_verdict::accepted);
}

BOOST_AUTO_TEST_CASE(sessions_that_can_only_repeat_what_is_late_make_room_for_new_ones) {
  batch_inbox inbox{interval_number{10}, {.ahead = 1, .sessions = 1}};
  auto mine = batch_of("mine", 1);
  add(mine, 1, 11, 1);
  auto yours = batch_of("yours", 1);
  add(yours, 1, 13, 1);
  BOOST_CHECK(inbox.accept(mine).verdict == inbox_verdict::accepted);
  (void)inbox.take(interval_number{12});
  BOOST_CHECK(inbox.accept(yours).verdict == inbox_verdict::full);
  (void)inbox.take(interval_number{13});
  BOOST_CHECK(inbox.accept(yours).verdict == inbox_verdict::accepted);
  BOOST_TEST(inbox.sessions() == 1U);
  // What has been forgotten counts as late when it comes again, once there is room for it.
  (void)inbox.take(interval_number{16});
  BOOST_TEST(inbox.accept(mine).late == 1);
}

BOOST_AUTO_TEST_CASE(an_inbox_comes_back_from_its_bytes) {
  BOOST_TEST(rc::check([] {
    const auto batches = any_batches();
    batch_inbox first{interval_number{10}};
    for (const auto& b : batches)
      (void)first.accept(b);
    std::string bytes;
    models::byte_writer write{bytes};
    first.write_to(write);
    batch_inbox second;
    models::byte_reader read{bytes};
    RC_ASSERT(batch_inbox::read_from(read, {}, second));
    RC_ASSERT(read.rest().empty());
    RC_ASSERT(second.open() == first.open() && second.late() == first.late() &&
              second.waiting() == first.waiting());
    for (const auto& b : batches)
      RC_ASSERT(second.accept(b).verdict == inbox_verdict::repeated);
    RC_ASSERT(first.take(interval_number{12}).counts == second.take(interval_number{12}).counts);
    RC_ASSERT(first.take(interval_number{20}).counts == second.take(interval_number{20}).counts);
  }));
}

BOOST_AUTO_TEST_CASE(whatever_a_forgotten_session_sends_again_is_late) {
  batch_inbox inbox{interval_number{10}, {.ahead = 2, .session_quiet = 0}};
  auto batch = batch_of("s", 1);
  add(batch, 1, 12, 4);
  BOOST_TEST(inbox.accept(batch).counted == 4);
  std::int64_t counted = 0;
  for (std::int64_t to = 11; to < 20; ++to) {
    for (const auto& each : counts_of(inbox.take(interval_number{to}).counts))
      counted += each.second;
    (void)inbox.accept(batch);
  }
  BOOST_TEST(counted == 4);
  BOOST_TEST(inbox.late() > 0);
}

BOOST_AUTO_TEST_CASE(intents_are_handed_over_once_in_the_order_of_their_batches) {
  batch_inbox inbox{interval_number{10}};
  intent_events batch;
  batch.session = "s";
  batch.resources = {resource(1)};
  batch.regions = {region(0)};
  const auto declare = [&](std::uint64_t sequence, std::uint64_t peer) {
    batch.sequence = sequence;
    batch.declarations = {{0, 0, {interval_number{10}, interval_number{12}, peer, 1, 0.5F}}};
    return inbox.accept(batch);
  };
  BOOST_CHECK(declare(1, 7).verdict == inbox_verdict::accepted);
  BOOST_CHECK(declare(2, 8).verdict == inbox_verdict::accepted);
  BOOST_CHECK(declare(1, 7).verdict == inbox_verdict::repeated);
  const auto taken = inbox.take(interval_number{11}).intents;
  BOOST_REQUIRE(taken.declarations.size() == 2U);
  BOOST_TEST(taken.declarations[0].is.peer == 7U);
  BOOST_TEST(taken.declarations[1].is.peer == 8U);
  BOOST_TEST(taken.resources.size() == 1U);
  BOOST_TEST(inbox.take(interval_number{12}).intents.empty());
  BOOST_TEST(inbox.waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(a_sessions_counts_and_intents_are_numbered_apart) {
  batch_inbox inbox{interval_number{10}};
  auto counts = batch_of("s", 1);
  add(counts, 1, 10, 1);
  intent_events intents;
  intents.session = "s";
  intents.sequence = 1;
  intents.resources = {resource(1)};
  intents.regions = {region(0)};
  intents.declarations = {{0, 0, {interval_number{10}, interval_number{12}, 1, 1, 0.5F}}};
  BOOST_CHECK(inbox.accept(counts).verdict == inbox_verdict::accepted);
  BOOST_CHECK(inbox.accept(intents).verdict == inbox_verdict::accepted);
  // A shard tells sessions apart by name alone.
  const auto round = inbox.take(interval_number{11});
  BOOST_TEST(round.counts.session != round.intents.session);
}

BOOST_AUTO_TEST_SUITE_END()
