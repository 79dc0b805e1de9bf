// Outages: a busy source that falls silent is noticed at once and let go in time; whatever closes, sleeps or
// has no history is not; and what is said of an interval depends on no later one.
#include "models/demand/outage_watch.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

using rate_function = std::function<double(std::int64_t)>; // requests in interval i

// The intervals that are held.
std::vector<std::int64_t> held(std::int64_t seconds, std::int64_t intervals, const rate_function& rate,
                               std::uint64_t seed) {
  random_source random{seed};
  silence_watch watch{interval_grid::make(seconds).value()};
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < intervals; ++i) {
    // About Poisson: a sum of many rare ones.
    std::int64_t count = 0;
    for (int k = 0; k < 200; ++k)
      count += random.chance(rate(i) / 200) ? 1 : 0;
    if (watch.observe(count)) out.push_back(i);
  }
  return out;
}

constexpr std::int64_t day = 288, week = 2'016;

} // namespace

BOOST_AUTO_TEST_CASE(a_gap_in_a_busy_log_is_held_from_when_it_is_sure_to_its_end) {
  const auto seed = forestage::tests::seed("gap", 1);
  const auto gap = 2 * week + 100;
  for (const double requests : {100.0, 40.0, 8.0}) {
    const auto out = held(
        300, 3 * week, [&](std::int64_t i) { return i >= gap && i < gap + 72 ? 0 : requests; }, seed);
    BOOST_REQUIRE(!out.empty());
    // The busier, the sooner; nothing after it.
    BOOST_TEST(out.front() <= gap + static_cast<std::int64_t>(surely_heard * 1.5 / requests) + 1);
    BOOST_TEST(out.front() >= gap);
    BOOST_TEST(out.back() == gap + 71);
    BOOST_TEST(static_cast<std::int64_t>(out.size()) == out.back() - out.front() + 1);
  }
}

BOOST_AUTO_TEST_CASE(a_silence_of_more_than_a_day_is_believed) {
  const auto gap = 2 * week + 50;
  const auto out = held(
      300, 4 * week, [&](std::int64_t i) { return i >= gap ? 0 : 50.0; }, forestage::tests::seed("end", 2));
  BOOST_TEST(static_cast<std::int64_t>(out.size()) == day);
  BOOST_TEST(out.front() == gap);
}

BOOST_AUTO_TEST_CASE(nothing_is_noticed_in_a_first_week_or_of_a_quiet_log) {
  BOOST_TEST(held(
                 300, 2 * week, [](std::int64_t i) { return i > 1'500 && i < 1'600 ? 0 : 50.0; }, 3)
                 .empty());
  const auto quiet = [](std::int64_t i) { return i > 2 * week && i < 2 * week + 72 ? 0 : 2.0; }; // 24 an hour
  BOOST_TEST(held(300, 3 * week, quiet, 4).empty());
}

BOOST_AUTO_TEST_CASE(logs_that_close_are_not_out) {
  random_source random{forestage::tests::seed("closing", 5)};
  for (int repeat = 0; repeat < 5; ++repeat) {
    const auto opens = random.between(5, 9), closes = random.between(17, 23);
    const auto early = random.between(0, 34) * day; // this day closes an hour and a half earlier
    const auto holiday = random.between(20, 60) * day;
    const auto rate = [&](std::int64_t i) {
      const auto d = i / day * day;
      const bool weekend = i / day % 7 >= 5;
      const auto until = closes * 12 - (d == early ? 18 : 0);
      // From the tenth week on all is an hour earlier: the clocks changed.
      const auto at = (i + (i > 5 * week ? 12 : 0)) % day;
      return weekend || d == holiday || at < opens * 12 || at >= until ? 0 : 60.0;
    };
    const auto out = held(300, 9 * week, rate, 6 + static_cast<std::uint64_t>(repeat));
    BOOST_TEST(out.empty(), "held from day " << (out.empty() ? -1 : out.front() / day) << " on; early "
                                             << early / day << ", holiday " << holiday / day << ", open "
                                             << opens << " to " << closes);
  }
}

// Conversations come and go: their silences are long for so many requests, and are no outages.
BOOST_AUTO_TEST_CASE(a_source_that_is_used_to_silences_is_rarely_held) {
  random_source random{forestage::tests::seed("bursts", 8)};
  silence_watch watch{interval_grid::make(300).value()};
  std::int64_t held_at_first = 0, held_later = 0, left = 0;
  bool talking = true;
  for (std::int64_t i = 0; i < 40 * week; ++i) {
    if (left-- == 0) {
      talking = !talking;
      left = talking ? random.between(2, 12) : random.between(1, 9);
    }
    (i < 6 * week ? held_at_first : held_later) += watch.observe(talking ? random.between(1, 20) : 0) ? 1 : 0;
  }
  BOOST_TEST(held_at_first <= 30);
  BOOST_TEST(held_later == 0);
}

BOOST_AUTO_TEST_CASE(what_is_held_depends_on_no_later_interval) {
  random_source random{forestage::tests::seed("causal", 7)};
  const interval_grid grid = interval_grid::make(900).value();
  const auto length = 4 * grid.per_week();
  std::vector<std::int64_t> totals(static_cast<std::size_t>(length));
  for (std::int64_t i = 0; i < length; ++i)
    totals[static_cast<std::size_t>(i)] = random.between(10, 60);
  for (int gaps = 0; gaps < 12; ++gaps)
    for (auto from = random.between(0, length - 40), n = random.between(1, 40); n > 0; --n)
      totals[static_cast<std::size_t>(from++)] = 0;
  silence_watch whole{grid};
  std::vector<bool> said;
  for (const auto total : totals)
    said.push_back(whole.observe(total));
  BOOST_TEST(std::count(said.begin(), said.end(), true) > 20);
  for (const auto cut : {length / 3, length / 2, length - 7}) {
    silence_watch part{grid};
    for (std::int64_t i = 0; i < length; ++i) {
      const bool now = part.observe(i < cut ? totals[static_cast<std::size_t>(i)] : random.between(0, 3));
      if (i < cut) BOOST_REQUIRE_EQUAL(now, said[static_cast<std::size_t>(i)]);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_region_is_out_alone_or_with_the_whole_log_and_rounds_may_be_cut_anywhere) {
  const auto grid = interval_grid::make(300).value();
  const auto silent = [](std::int64_t i, int region) {
    const auto from = 2 * week + 500;
    const bool all = i >= from && i < from + 30;
    return all || (region == 1 && i >= from + 400 && i < from + 420);
  };
  std::vector<std::vector<outage>> found;
  for (const std::int64_t round : {day, std::int64_t{7}}) {
    outage_watch watch{grid};
    std::vector<outage> all;
    for (std::int64_t from = 0; from < 3 * week; from += round) {
      outage_watch::totals totals;
      for (auto i = from; i < from + round; ++i) {
        std::int64_t sum = 0;
        for (int r = 0; r < 3; ++r) {
          const std::int64_t count = silent(i, r) ? 0 : 40;
          totals.regions["region" + std::to_string(r)].push_back(count);
          sum += count;
        }
        totals.all.push_back(sum);
      }
      for (auto& o : watch.fold(interval_number{from}, totals)) {
        // As rounds cut them.
        const auto before = std::find_if(all.begin(), all.end(), [&](const outage& a) {
          return a.to == o.from && a.everywhere == o.everywhere && a.region == o.region;
        });
        if (before != all.end())
          before->to = o.to;
        else
          all.push_back(o);
      }
    }
    found.push_back(all);
  }
  BOOST_TEST((found[0] == found[1]));
  const interval_number gap{2 * week + 500};
  BOOST_REQUIRE_EQUAL(found[0].size(), 2U);
  BOOST_TEST((found[0][0] == outage{gap, gap + 30, true, ""}));
  BOOST_TEST((found[0][1] == outage{gap + 400, gap + 420, false, "region1"}));
}
