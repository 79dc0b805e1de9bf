// The recent past, against looking everything up.
#include "models/bytes.hpp"
#include "models/demand/recent_counts.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

demand_settings settings_of(std::int64_t seconds, std::int64_t lead, double under) {
  demand_options options;
  options.interval_seconds = seconds;
  options.lead = lead;
  options.cost_under = under;
  return demand_settings::make(options).value();
}

float largest_of_last(const std::vector<float>& counts, std::int64_t window) {
  float out = 0;
  const auto size = static_cast<std::int64_t>(counts.size());
  for (auto i = std::max<std::int64_t>(0, size - window); i < size; ++i)
    out = std::max(out, counts[static_cast<std::size_t>(i)]);
  return out;
}

same_time looked_up(const demand_settings& s, const std::vector<float>& counts, std::int64_t at) {
  const auto of = [&](std::int64_t t) {
    return t >= 0 && t < static_cast<std::int64_t>(counts.size()) ? counts[static_cast<std::size_t>(t)]
                                                                  : 0.0F;
  };
  same_time out;
  out.last_day = of(at - s.per_day());
  out.last_week = of(at - 7 * s.per_day());
  std::vector<float> days;
  for (std::int64_t d = 1; d <= same_time_days && at - d * s.per_day() >= 0; ++d)
    days.push_back(of(at - d * s.per_day()));
  if (days.empty()) return out;
  std::sort(days.begin(), days.end());
  const double place = static_cast<double>(s.fractile()) * static_cast<double>(days.size());
  const auto rank = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(place - 1e-6)));
  out.fractile = days[static_cast<std::size_t>(rank - 1)];
  return out;
}

void follow(std::uint64_t seed, std::int64_t seconds, double density, bool skips) {
  random_source random{seed};
  const auto s = settings_of(seconds, random.between(0, 3), random.chance(0.5) ? 9 : 1.5);
  recent_counts recent;
  std::vector<float> counts;
  const auto end = 30 * s.per_day();
  while (static_cast<std::int64_t>(counts.size()) < end) {
    const auto t = static_cast<std::int32_t>(counts.size());
    const auto count = random.chance(density) ? static_cast<float>(random.between(1, 6)) : 0.0F;
    recent.observe(s, t, count);
    counts.push_back(count);
    // A sleeping key asks for nothing for a while.
    if (skips && (t / 100) % 2 == 1) continue;
    const auto maxima = recent.window_maxima(t);
    for (std::size_t i = 0; i < window_count; ++i)
      BOOST_REQUIRE_EQUAL(maxima[i], largest_of_last(counts, window_lengths[i]));
    const auto at = t + s.horizon();
    const auto got = recent.at_same_time(s, static_cast<std::int32_t>(at));
    const auto expected = looked_up(s, counts, at);
    BOOST_REQUIRE_EQUAL(got.last_day, expected.last_day);
    BOOST_REQUIRE_EQUAL(got.last_week, expected.last_week);
    BOOST_REQUIRE_MESSAGE(got.fractile == expected.fractile,
                          "fractile " << got.fractile << " for " << expected.fractile << " at " << at);
    BOOST_REQUIRE(recent.consistent());
    if (t % 37 == 0) {
      const auto span = random.between(1, same_time_days * s.per_day());
      std::size_t active = 0;
      for (auto i = std::max<std::int64_t>(0, t + 1 - span); i <= t; ++i)
        active += counts[static_cast<std::size_t>(i)] > 0 ? 1 : 0;
      BOOST_REQUIRE_EQUAL(recent.active_since(t, span), active);
    }
  }
  // Memory follows the counts of 14 days (twice, with the slack of growing and of pruning by halves).
  const auto kept = density * static_cast<double>(same_time_days * s.per_day());
  BOOST_TEST(static_cast<double>(recent.bytes()) < 8 * (5 * kept + 700));
}

// The same question, asked of every interval.
std::optional<interval_span> searched_for(const demand_settings& s, const std::vector<float>& counts,
                                          std::int32_t from, std::int32_t reach, int days) {
  const auto known = static_cast<std::int64_t>(counts.size());
  const auto repeated = [&](std::int64_t at) {
    int different = 0;
    for (int day = 1; day <= same_time_days; ++day) {
      bool hit = false;
      for (auto t = at - day * s.per_day() - reach; t <= at - day * s.per_day() + reach; ++t)
        hit = hit || (t >= 0 && t < known && counts[static_cast<std::size_t>(t)] > 0);
      different += hit ? 1 : 0;
    }
    return different >= days;
  };
  const auto until = from + static_cast<std::int32_t>(s.per_day()) + reach;
  for (auto at = from; at <= until; ++at) {
    if (!repeated(at)) continue;
    auto end = at + 1;
    while (end <= until && repeated(end))
      ++end;
    return interval_span{at, end};
  }
  return std::nullopt;
}

} // namespace

BOOST_AUTO_TEST_CASE(windows_and_same_times_are_those_of_the_whole_past) {
  const auto seed = forestage::tests::seed("recent counts", 51);
  for (std::uint64_t i = 0; i < 12; ++i)
    follow(seed + i, i % 2 == 0 ? 3'600 : 7'200, i % 3 == 0 ? 0.03 : i % 3 == 1 ? 0.3 : 0.95, false);
}

BOOST_AUTO_TEST_CASE(they_are_so_at_five_minutes) {
  const auto seed = forestage::tests::seed("recent five minutes", 52);
  follow(seed, 300, 0.02, false);
  follow(seed + 1, 300, 0.6, false);
}

BOOST_AUTO_TEST_CASE(they_are_so_on_a_grid_of_days) {
  const auto seed = forestage::tests::seed("recent days", 53);
  for (std::uint64_t i = 0; i < 8; ++i)
    follow(seed + i, 86'400, 0.7, false);
}

BOOST_AUTO_TEST_CASE(asking_now_and_then_gives_the_same_answers) {
  const auto seed = forestage::tests::seed("recent, asleep", 54);
  for (std::uint64_t i = 0; i < 8; ++i)
    follow(seed + i, 3'600, i % 2 == 0 ? 0.05 : 0.5, true);
}

BOOST_AUTO_TEST_CASE(state_out_of_order_or_out_of_range_is_not_consistent) {
  const auto restored = [](const std::vector<past_count>& counts, const std::vector<past_count>& maxima,
                           std::uint32_t cursor) {
    std::array<std::uint32_t, same_time_days> cursors{};
    cursors.fill(cursor);
    std::string bytes;
    byte_writer write{bytes};
    write(counts, maxima, std::uint32_t{0}, cursors, std::int32_t{0});
    recent_counts recent;
    byte_reader read{bytes};
    read(recent);
    BOOST_REQUIRE(read.ok());
    return recent;
  };
  const std::vector<past_count> good{{3, 1}, {7, 2}};
  BOOST_TEST(restored(good, good, 2).consistent());
  BOOST_TEST(!restored(good, good, 3).consistent());
  BOOST_TEST(!restored({{7, 1}, {3, 2}}, good, 0).consistent());
  BOOST_TEST(!restored(good, {{7, 1}, {3, 2}}, 0).consistent());
  BOOST_TEST(!restored({{-1, 1}}, {}, 0).consistent());
  BOOST_TEST(!restored({{0x7ffffff0, 1}}, {}, 0).consistent());
  BOOST_TEST(!restored({{3, std::nanf("")}}, {}, 0).consistent());
}

BOOST_AUTO_TEST_CASE(the_next_repeated_time_of_day_is_what_a_search_of_every_interval_finds) {
  const auto seed = forestage::tests::seed("recent, repeated", 55);
  random_source random{seed};
  int found = 0;
  for (int round = 0; round < 300; ++round) {
    const auto s = settings_of(random.chance(0.5) ? 3'600 : 900, random.between(0, 3), 9);
    recent_counts recent;
    std::vector<float> counts;
    const double density = std::array{0.002, 0.01, 0.05}[static_cast<std::size_t>(round % 3)];
    const auto end = random.between(1, 20 * s.per_day());
    while (static_cast<std::int64_t>(counts.size()) < end) {
      const auto count = random.chance(density) ? 1.0F : 0.0F;
      recent.observe(s, static_cast<std::int32_t>(counts.size()), count);
      counts.push_back(count);
    }
    const auto from = static_cast<std::int32_t>(end + random.between(0, 2 * s.per_day()));
    const auto reach = static_cast<std::int32_t>(random.between(0, 3));
    const auto days = static_cast<int>(random.between(1, 4));
    const auto got = recent.next_repeated(s, from, reach, days);
    const auto expected = searched_for(s, counts, from, reach, days);
    BOOST_TEST_REQUIRE((got == expected), "round " << round << " from " << from);
    if (got) {
      ++found;
    } else { // then none later either
      BOOST_TEST_REQUIRE(
          !searched_for(s, counts, from + static_cast<std::int32_t>(s.per_day()), reach, days));
    }
  }
  BOOST_TEST(found > 50);
}
