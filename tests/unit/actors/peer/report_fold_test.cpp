#include "actors/peer/report_fold.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace forestage;
using namespace forestage::actors;

namespace {

constexpr std::int64_t interval_ms = 300'000;
constexpr std::int64_t now_ms = 1'000 * interval_ms + 5'000; // in interval 1,000

report_context context() {
  return {.grid = models::interval_grid::make(300).value(),
          .received_ms = now_ms,
          .region = models::region_id::make("eu").value(),
          .session = "p/s"};
}

v1::Event request(std::int64_t after_ms, const std::string& resource, std::uint32_t count = 0) {
  v1::Event event;
  event.set_after_ms(after_ms);
  event.mutable_request()->set_resource(resource);
  event.mutable_request()->set_count(count);
  return event;
}

v1::Report report(std::initializer_list<v1::Event> events, std::int64_t base_ms = now_ms) {
  v1::Report out;
  out.set_sequence(9);
  out.set_base_ms(base_ms);
  for (const auto& event : events)
    *out.add_events() = event;
  return out;
}

std::uint32_t count_of(const folded_report& folded, const std::string& resource, std::int64_t interval) {
  for (const auto& e : folded.counts.entries)
    if (folded.counts.resources[e.resource].text() == resource && e.cell.interval.value() == interval)
      return e.cell.count;
  return 0;
}

} // namespace

BOOST_AUTO_TEST_CASE(events_are_counted_by_resource_and_interval) {
  const auto folded = fold_report(
      report({request(0, "b"), request(1, "a", 3), request(2, "b", 2), request(-interval_ms, "a")}),
      context());
  BOOST_TEST(folded.counts.session == "p/s");
  BOOST_TEST(folded.counts.sequence == 9U);
  BOOST_TEST(folded.counts.resources.size() == 2U);
  BOOST_TEST(folded.counts.entries.size() == 3U);
  BOOST_TEST(count_of(folded, "b", 1'000) == 3U);
  BOOST_TEST(count_of(folded, "a", 1'000) == 3U);
  BOOST_TEST(count_of(folded, "a", 999) == 1U);
  BOOST_TEST(folded.requests == 7U);
  BOOST_TEST(folded.refused == 0U);
}

BOOST_AUTO_TEST_CASE(
    a_clock_that_runs_ahead_counts_in_the_interval_after_receipt_and_an_old_event_in_its_own) {
  const auto folded = fold_report(report({request(12 * interval_ms, "hour ahead"),
                                          request(interval_ms, "next"), request(-12 * interval_ms, "old")}),
                                  context());
  BOOST_TEST(count_of(folded, "hour ahead", 1'001) == 1U);
  BOOST_TEST(count_of(folded, "next", 1'001) == 1U);
  BOOST_TEST(count_of(folded, "old", 988) == 1U);
  BOOST_TEST(folded.ahead == 1U);
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_left_out_and_named_and_the_rest_counts) {
  v1::Event unknown;
  auto folded =
      fold_report(report({request(0, "a"), unknown, request(0, std::string(257, 'x')), request(0, "\xff"),
                          request(std::numeric_limits<std::int64_t>::max(), "overflow"), request(0, "b")}),
                  context());
  BOOST_TEST(folded.refused == 4U);
  BOOST_TEST(folded.first_refusal.find("event 1:") == 0U);
  BOOST_TEST(folded.requests == 2U);
  folded = fold_report(report({request(-1, "before 1970")}, 0), context());
  BOOST_TEST(folded.refused == 1U);
  BOOST_TEST(folded.counts.entries.empty());
  BOOST_TEST(folded.counts.sequence == 9U); // an empty batch still has its number
}

BOOST_AUTO_TEST_CASE(sessions_count_their_slots_when_they_start) {
  v1::Event start;
  start.mutable_start()->set_resource("call");
  start.mutable_start()->set_slots(4);
  v1::Event end;
  end.mutable_end()->set_id(1);
  const auto folded = fold_report(report({start, end}), context());
  BOOST_TEST(count_of(folded, "call", 1'000) == 4U);
  BOOST_TEST(folded.requests == 4U);
  BOOST_TEST(folded.refused == 0U);
}
