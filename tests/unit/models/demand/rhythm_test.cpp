// Rhythms of kinds: what is found, what is believed while little is known, and that no order changes
// anything.
#include "models/bytes.hpp"
#include "models/demand/rhythm.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

demand_settings hourly() {
  demand_options options;
  options.interval_seconds = 3'600;
  options.first = interval_number{0};
  return demand_settings::make(options).value();
}

// A day of a key whose count in hour h of the day is count(h).
template <class Count> std::vector<cell> day_of(std::int64_t day, Count count) {
  std::vector<cell> cells;
  for (std::int64_t h = 0; h < 24; ++h)
    if (const auto n = count(h); n > 0)
      cells.push_back({interval_number{24 * day + h}, static_cast<std::uint32_t>(n)});
  return cells;
}

template <class Count>
rhythm_parameters taught(const demand_settings& s, kind_number kind, std::int64_t days, float level,
                         Count count, rhythm_parameters known = {}) {
  for (std::int64_t d = 0; d < days; ++d) {
    rhythm_statistics sums;
    sums.add(s, kind, interval_number{24 * d}, interval_number{24 * (d + 1)}, day_of(d, count), level);
    known.learn(sums);
  }
  return known;
}

std::size_t peak(const rhythm& r) {
  const auto day = daily(r);
  return static_cast<std::size_t>(std::max_element(day.begin(), day.end()) - day.begin());
}

float mean(const rhythm& r) {
  return std::accumulate(r.begin(), r.end(), 0.0F) / static_cast<float>(r.size());
}

std::string bytes_of(const rhythm_parameters& p) {
  std::string bytes;
  byte_writer write{bytes};
  write(p);
  return bytes;
}

constexpr auto in_the_morning = [](std::int64_t h) { return h == 8 ? 96 : 0; };
constexpr auto in_the_evening = [](std::int64_t h) { return h == 20 ? 96 : 0; };

} // namespace

BOOST_AUTO_TEST_CASE(nothing_known_is_even) {
  const rhythm_parameters nothing;
  BOOST_TEST(nothing.empty());
  for (const float share : nothing.of(3))
    BOOST_TEST(share == 1.0F);
}

BOOST_AUTO_TEST_CASE(each_kind_has_its_own_hours_and_one_never_seen_has_those_of_all) {
  const auto s = hourly();
  auto known = taught(s, 1, 28, 4, in_the_morning);
  known = taught(s, 2, 14, 4, in_the_evening, known);
  BOOST_TEST(peak(known.of(1)) == 8U);
  BOOST_TEST(peak(known.of(2)) == 20U);
  // Four weeks that fade are 16 key-hours, and the prior 5 of all kinds, of which half is at 20.
  BOOST_TEST(daily(known.of(1))[8] > 4 * daily(known.of(1))[20]);
  // Of the one there are four weeks, fading; of the other two, and they are the newer ones.
  const auto all = daily(known.of(9));
  BOOST_TEST(all[8] > 3);
  BOOST_TEST(all[20] > 3);
  for (const kind_number kind : {0, 1, 2, 9})
    BOOST_TEST(std::fabs(mean(known.of(kind)) - 1) < 1e-4F);
}

BOOST_AUTO_TEST_CASE(a_kind_of_which_one_day_was_seen_stays_close_to_all) {
  const auto s = hourly();
  const auto known = taught(s, 2, 1, 4, in_the_evening, taught(s, 1, 28, 4, in_the_morning));
  const auto young = daily(known.of(2));
  BOOST_TEST(young[20] > 1);
  BOOST_TEST(young[8] > young[20]);
}

BOOST_AUTO_TEST_CASE(a_weekend_is_told_from_a_weekday) {
  const auto s = hourly();
  rhythm_parameters known;
  for (std::int64_t d = 0; d < 42; ++d) {
    rhythm_statistics sums;
    const bool sunday = d % 7 == 3; // the epoch was a Thursday
    sums.add(s, 0, interval_number{24 * d}, interval_number{24 * (d + 1)},
             day_of(d, [&](std::int64_t h) { return sunday ? 0 : in_the_morning(h); }), 4);
    known.learn(sums);
  }
  const auto found = known.of(0);
  // Six Sundays that fade are 3 key-hours; the prior is 5 of a day like all: at least 5 / 8 of its hour is
  // left.
  BOOST_TEST(found[3 * 24 + 8] < 0.6F * found[4 * 24 + 8]);
}

BOOST_AUTO_TEST_CASE(growth_does_not_tilt_the_week) {
  const auto s = hourly();
  // Four times the level that was known before.
  const auto grown = taught(s, 0, 28, 4, [](std::int64_t) { return 16; }).of(0);
  for (const float share : grown)
    BOOST_TEST(std::fabs(share - 1) < 0.05F);
}

BOOST_AUTO_TEST_CASE(busy_keys_weigh_the_same_and_a_crowd_is_no_rhythm) {
  const auto s = hourly();
  rhythm_statistics sums;
  sums.add(s, 0, interval_number{0}, interval_number{24}, day_of(0, in_the_morning), 4);
  sums.add(s, 0, interval_number{0}, interval_number{24},
           day_of(0, [](std::int64_t h) { return h == 20 ? 9'600 : 0; }), 400);
  const auto& of_all = sums.kinds.front();
  BOOST_TEST(of_all.came[8] == of_all.came[20]);
  rhythm_statistics crowd;
  crowd.add(s, 0, interval_number{0}, interval_number{24},
            day_of(0, [](std::int64_t h) { return h == 3 ? 4'000'000'000 : 0; }), 4);
  BOOST_TEST(crowd.kinds.front().came[3] == 10 * 1'024);
}

BOOST_AUTO_TEST_CASE(what_a_new_key_expects_follows_its_counts_and_its_kind) {
  const auto s = hourly();
  rhythm kind{};
  for (std::size_t h = 0; h < kind.size(); ++h)
    kind[h] = h % 24 < 12 ? 2.0F : 0.0F;
  // First asked for at 6; 2 an hour until 11.
  std::vector<cell> cells;
  for (std::int64_t h = 6; h < 12; ++h)
    cells.push_back({interval_number{h}, h == 6 ? 50U : 2U});
  const auto expected = seed_of(s, kind, cells);
  BOOST_TEST(std::fabs(expected[8] - 2) < 1e-4F);
  BOOST_TEST(expected[14] == 0);
}

BOOST_AUTO_TEST_CASE(sums_in_any_order_over_any_shards_are_the_same) {
  const auto s = hourly();
  random_source random{forestage::tests::seed("rhythm order", 17)};
  struct key {
    kind_number kind;
    float level;
    std::vector<cell> cells;
  };
  std::vector<key> keys;
  for (int i = 0; i < 60; ++i)
    keys.push_back({static_cast<kind_number>(random.below(5)),
                    static_cast<float>(0.01 + 9 * random.uniform()),
                    day_of(0, [&](std::int64_t) { return random.below(4); })});
  rhythm_statistics all;
  for (const auto& k : keys)
    all.add(s, k.kind, interval_number{0}, interval_number{24}, k.cells, k.level);
  for (int order = 0; order < 5; ++order) {
    random.shuffle(keys);
    std::vector<rhythm_statistics> shards(7);
    for (const auto& k : keys)
      shards[static_cast<std::size_t>(random.below(7))].add(s, k.kind, interval_number{0},
                                                            interval_number{24}, k.cells, k.level);
    rhythm_statistics sum;
    for (const auto& shard : shards)
      sum.merge(shard);
    BOOST_TEST((sum == all));
  }
}

BOOST_AUTO_TEST_CASE(for_any_counts_a_rhythm_is_finite_positive_and_of_mean_one_and_restores_bit_for_bit) {
  const auto holds = rc::check([] {
    const auto s = hourly();
    rhythm_parameters known;
    for (int d = *rc::gen::inRange(1, 20); d > 0; --d) {
      rhythm_statistics sums;
      const auto kind = static_cast<kind_number>(*rc::gen::inRange(0, 4));
      const auto size = *rc::gen::element(0, 1, 3, 4'000'000'000LL);
      const float level = *rc::gen::element(1e-6F, 0.1F, 5.0F, 1e9F);
      sums.add(s, kind, interval_number{24 * d}, interval_number{24 * (d + 1)},
               day_of(d, [&](std::int64_t h) { return h % 5 == 0 ? size : 0; }), level);
      known.learn(sums);
    }
    for (const kind_number kind : {0, 1, 3, 63}) {
      const auto r = known.of(kind);
      RC_ASSERT(std::all_of(r.begin(), r.end(), [](float x) { return std::isfinite(x) && x > 0; }));
      RC_ASSERT(std::fabs(mean(r) - 1) < 1e-3F);
    }
    const auto bytes = bytes_of(known);
    byte_reader read{bytes};
    rhythm_parameters restored;
    read(restored);
    RC_ASSERT(read.ok() && restored == known && bytes_of(restored) == bytes);
  });
  BOOST_TEST(holds);
}
