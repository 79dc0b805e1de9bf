// Rounds of a live node follow each other without a gap, never before an interval is complete.
#include "cluster/node/round_schedule.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace forestage;
using namespace forestage::cluster;
using models::interval_number;
using models::outage;

namespace {

constexpr std::int64_t second = 1'000, minute = 60 * second, day = 1'440 * minute;

models::interval_grid grid_of(std::int64_t seconds) {
  return models::interval_grid::make(seconds).value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(round_schedules)

BOOST_AUTO_TEST_CASE(an_interval_closes_grace_after_its_end) {
  const round_schedule schedule{grid_of(300), 30 * second, interval_number{10}};
  const auto end = 11 * 5 * minute;
  BOOST_TEST(schedule.due_from_ms() == end + 30 * second);
  BOOST_TEST(!schedule.due(end + 30 * second - 1).has_value());
  BOOST_TEST((schedule.due(end + 30 * second) == closing_round{interval_number{10}, interval_number{11}}));
  // A clock that has gone back closes nothing.
  BOOST_TEST(!schedule.due(-day).has_value());
}

BOOST_AUTO_TEST_CASE(what_has_been_missed_closes_by_days) {
  round_schedule schedule{grid_of(3'600), 0, interval_number{20}};
  const auto now = 2 * day + 90 * minute;
  std::vector<closing_round> rounds;
  while (const auto next = schedule.due(now)) {
    rounds.push_back(*next);
    schedule.closed(next->to);
  }
  const auto n = [](std::int64_t v) { return interval_number{v}; };
  BOOST_TEST((rounds == std::vector<closing_round>{{n(20), n(24)}, {n(24), n(48)}, {n(48), n(49)}}));
}

BOOST_AUTO_TEST_CASE(rounds_follow_each_other_whatever_the_clock_does) {
  tests::random_source random{tests::seed("round schedules", 281)};
  for (int trial = 0; trial < 200; ++trial) {
    const std::int64_t seconds = random.chance(0.5) ? 60 : 900, grace = random.below(seconds * second);
    const auto grid = grid_of(seconds);
    const interval_number first{random.between(-1'000, 30'000'000)};
    round_schedule schedule{grid, grace, first};
    auto now = grid.start(first) * second, expected = first.value();
    for (int step = 0; step < 100; ++step) {
      now += random.chance(0.1) ? random.between(-day, 3 * day) : random.between(0, seconds * second);
      while (const auto next = schedule.due(now)) {
        BOOST_REQUIRE(next->from.value() == expected);
        BOOST_REQUIRE(next->to > next->from);
        BOOST_REQUIRE(grid.day(next->from) == grid.day(next->to - 1));
        BOOST_REQUIRE(grid.start(next->to) * second + grace <= now);
        expected = next->to.value();
        schedule.closed(next->to);
      }
      // Nothing that is complete stays open.
      BOOST_REQUIRE(grid.start(schedule.open() + 1) * second + grace > now);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_interval_that_was_missed_by_more_than_a_tenth_is_unknown) {
  const auto grid = grid_of(60);
  const closing_round round{interval_number{100}, interval_number{105}};
  const auto at = [](std::int64_t n, std::int64_t s) { return n * minute + s * second; };
  const auto found = [&](std::vector<down_span> downs) { return outages_in(round, grid, downs); };
  const auto n = [](std::int64_t v) { return interval_number{v}; };
  BOOST_TEST(found({}).empty());
  BOOST_TEST(found({{at(101, 0), at(101, 6)}}).empty());
  BOOST_TEST((found({{at(101, 0), at(101, 7)}}) == std::vector<outage>{{n(101), n(102)}}));
  // Spans that lie over each other do not count twice, pieces of one interval add up.
  BOOST_TEST(found({{at(101, 0), at(101, 5)}, {at(101, 0), at(101, 6)}, {at(101, 2), at(101, 4)}}).empty());
  BOOST_TEST((found({{at(101, 50), at(101, 54)}, {at(101, 0), at(101, 4)}}) ==
              std::vector<outage>{{n(101), n(102)}}));
  // A long one, from before the round to the middle of an interval; another at its end.
  BOOST_TEST((found({{at(0, 0), at(102, 30)}, {at(104, 30), at(200, 0)}}) ==
              std::vector<outage>{{n(100), n(103)}, {n(104), n(105)}}));
}

BOOST_AUTO_TEST_SUITE_END()
