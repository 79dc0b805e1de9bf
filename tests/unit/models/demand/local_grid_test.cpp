// Local time on the grid: what a clock shows, what a change skips and repeats; and that models which follow
// it see a series that repeats in local time as one that repeats.
#include "models/demand/count_features.hpp"
#include "models/demand/key_model.hpp"
#include "models/demand/local_grid.hpp"
#include "models/demand/recent_counts.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <cmath>
#include <map>
#include <set>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

// Europe/Berlin in 2024.
constexpr std::int64_t spring = 1'711'846'800, autumn = 1'729'990'800;
const std::vector<utc_offset> berlin{{1'700'000'000, 3'600}, {spring, 7'200}, {autumn, 3'600}};

local_grid clock_of(std::int64_t seconds, const std::vector<utc_offset>& offsets) {
  return local_grid::make(interval_grid::make(seconds).value(), offsets).value();
}

demand_settings settings_of(std::int64_t seconds, std::int64_t first_second,
                            const std::vector<utc_offset>& offsets) {
  demand_options options;
  options.interval_seconds = seconds;
  options.first = interval_grid::make(seconds).value().at(first_second);
  options.offsets = offsets;
  return demand_settings::make(options).value();
}

// A count that depends on the local time alone.
float local_count(const demand_settings& s, interval_number t) {
  const auto slot = s.slot(t).week_slot;
  const auto hour = static_cast<double>(slot % s.per_day()) * static_cast<double>(s.grid().seconds()) / 3'600;
  const double day = 20 + 18 * std::sin((hour - 8) * 3.14159265 / 12);
  return static_cast<float>(std::floor(slot / s.per_day() >= 2 && slot / s.per_day() < 4 ? day / 4 : day));
}

} // namespace

BOOST_AUTO_TEST_CASE(a_clock_set_forward_skips_and_one_set_back_repeats) {
  const auto clock = clock_of(300, berlin);
  const interval_number change{spring / 300};
  BOOST_TEST((clock.local(change - 1) - (change - 1)) == 12);
  BOOST_TEST((clock.local(change) - change) == 24);
  BOOST_TEST(clock.skipped_before(change) == 12);
  BOOST_TEST(clock.skipped_before(change + 1) == 0);
  BOOST_TEST(!clock.repeated(change));
  const interval_number back{autumn / 300};
  BOOST_TEST((clock.local(back) - clock.local(back - 1)) == -11);
  BOOST_TEST(clock.repeated(back));
  BOOST_TEST(clock.repeated(back + 11));
  BOOST_TEST(!clock.repeated(back + 12));
  BOOST_TEST(!clock.repeated(back - 1));
  BOOST_TEST((clock.next_change(change - 1) == change));
  BOOST_TEST((clock.next_change(change) == back));
  BOOST_TEST((clock.changed(back - 1) == change));
}

BOOST_AUTO_TEST_CASE(offsets_that_are_no_multiple_of_the_interval_count_by_its_begin) {
  const auto india = clock_of(3'600, {{0, 19'800}});
  BOOST_TEST((india.local(interval_number{100}) - interval_number{100}) == 5);
  const auto west = clock_of(3'600, {{0, -12'600}}); // St. John's
  BOOST_TEST((west.local(interval_number{100}) - interval_number{100}) == -4);
  // A change of less than an interval that moves no begin is none.
  BOOST_TEST(clock_of(10'800, {{0, 3'600}, {spring, 7'200}}).constant());
}

BOOST_AUTO_TEST_CASE(tables_out_of_order_or_out_of_this_world_are_refused) {
  const auto grid = interval_grid::make(300).value();
  BOOST_TEST(!local_grid::make(grid, {{10, 0}, {10, 3'600}}).ok());
  BOOST_TEST(!local_grid::make(grid, {{10, 100'000}}).ok());
}

BOOST_AUTO_TEST_CASE(every_local_interval_is_skipped_or_shown_first_exactly_once) {
  const bool ok = rc::check([] {
    const auto seconds = *rc::gen::element<std::int64_t>(60, 300, 900, 1'800, 3'600, 7'200);
    std::vector<utc_offset> offsets{{0, *rc::gen::element(0, 3'600, 19'800, -12'600, -36'000)}};
    std::int64_t at = 0;
    for (auto n = *rc::gen::inRange(0, 6); n > 0; --n) {
      at += *rc::gen::inRange<std::int64_t>(3 * 86'400, 20 * 86'400);
      offsets.push_back(
          {at, offsets.back().seconds + *rc::gen::element(3'600, -3'600, 1'800, -1'800, 7'200)});
    }
    const auto clock = clock_of(seconds, offsets);
    const auto end = interval_number{(at + 10 * 86'400) / seconds};
    std::map<std::int64_t, int> shown;
    for (auto t = interval_number{0}; t < end; ++t) {
      for (std::int64_t i = 1; i <= clock.skipped_before(t); ++i)
        ++shown[clock.local(t).value() - i];
      if (!clock.repeated(t)) {
        ++shown[clock.local(t).value()];
        RC_ASSERT(clock.first_with(clock.local(t)) == t);
      } else {
        RC_ASSERT(shown.count(clock.local(t).value()) == 1U);
        RC_ASSERT(clock.first_with(clock.local(t)) < t);
      }
    }
    for (const auto& [local, times] : shown)
      RC_ASSERT(times == 1);
    RC_ASSERT(static_cast<std::int64_t>(shown.size()) == shown.rbegin()->first - shown.begin()->first + 1);
  });
  BOOST_TEST(ok);
}

// The profiles of a series that repeats in local time do not notice a change: they say what every local slot
// brings, the hour that comes twice and the one that does not come at all included.
BOOST_AUTO_TEST_CASE(profiles_of_a_series_that_repeats_in_local_time_are_exact_through_changes) {
  for (const auto change : {spring, autumn})
    for (const auto seconds : {300, 900, 3'600}) {
      BOOST_TEST_CONTEXT("change at " << change << ", interval " << seconds) {
        const auto s = settings_of(seconds, change - 30 * 86'400 - 5 * 3'600, berlin);
        const feature_rates rates{s};
        count_features dense{s};
        auto t = s.first();
        const auto end = s.grid().at(change + 9 * 86'400);
        for (; t < end; ++t) {
          if (t - s.first() > 16 * s.per_day()) {
            feature_vector x{};
            dense.predict(s, t + s.horizon() - 1, x);
            const auto expected = local_count(s, t + s.horizon() - 1);
            BOOST_REQUIRE_SMALL(x[6] - expected, 0.01F);
          }
          dense.observe(s, rates, t, local_count(s, t));
        }
      }
    }
}

// Sparse profiles read zeros lazily: they must neither count a skipped slot as a zero nor a repeated one
// twice.
BOOST_AUTO_TEST_CASE(gaps_over_a_change_fold_as_their_zeros_do) {
  random_source random{forestage::tests::seed("gaps_over_a_change", 1)};
  for (const auto change : {spring, autumn})
    for (int repeat = 0; repeat < 20; ++repeat) {
      const std::int64_t seconds = random.chance(0.5) ? 300 : 900;
      const auto s = settings_of(seconds, change - random.between(1, 20 * 86'400), berlin);
      const feature_rates rates{s};
      count_features stepped{s};
      count_features skipped{s};
      auto t = s.first();
      const auto end = s.grid().at(change) + 10 * s.per_day();
      const double density = random.chance(0.5) ? 0.02 : 0.5; // sparse and dense profiles
      while (t < end) {
        const auto gap = std::min(end - t, random.between(0, static_cast<std::int64_t>(4 / density)));
        skipped.skip(s, rates, t, gap);
        for (std::int64_t i = 0; i < gap; ++i)
          stepped.observe(s, rates, t + i, 0);
        t = t + gap;
        if (t >= end) break;
        const auto count = static_cast<float>(random.between(1, 9));
        stepped.observe(s, rates, t, count);
        skipped.observe(s, rates, t, count);
        t = t + 1;
        feature_vector a{}, b{};
        stepped.predict(s, t - 1 + s.horizon(), a);
        skipped.predict(s, t - 1 + s.horizon(), b);
        for (const std::size_t i : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 10U})
          BOOST_REQUIRE_SMALL(a[i] - b[i], 1e-3F * (1 + b[i]));
      }
    }
}

// The same time of earlier days, against a table of what every local slot brought.
BOOST_AUTO_TEST_CASE(the_same_time_of_earlier_days_is_that_of_the_clock) {
  for (const auto change : {spring, autumn}) {
    const auto s = settings_of(900, change - 20 * 86'400, berlin);
    random_source random{forestage::tests::seed("the_same_time", 2)};
    recent_counts recent;
    std::map<std::int64_t, float> first_shown; // by local number
    const auto end = s.grid().at(change + 20 * 86'400);
    for (auto t = s.first(); t < end; ++t) {
      const auto count = static_cast<float>(random.chance(0.2) ? random.between(1, 9) : 0);
      recent.observe(s, static_cast<std::int32_t>(t - s.first()), count);
      if (!s.clock().repeated(t)) first_shown[s.clock().local(t).value()] = count;
      const auto wanted = t + s.horizon();
      const auto found = recent.at_same_time(s, static_cast<std::int32_t>(wanted - s.first()));
      const auto day = first_shown.find(s.clock().local(wanted).value() - s.per_day());
      const auto week = first_shown.find(s.clock().local(wanted).value() - s.per_week());
      if (day != first_shown.end()) BOOST_REQUIRE_EQUAL(found.last_day, day->second);
      if (week != first_shown.end()) BOOST_REQUIRE_EQUAL(found.last_week, week->second);
    }
  }
}

// The capability: a series that repeats exactly in local time is forecast through a change as on other days.
// Without the zone it is not.
BOOST_AUTO_TEST_CASE(a_series_of_local_days_is_forecast_through_a_change_as_on_other_days) {
  for (const auto change : {spring, autumn})
    for (const auto seconds : {900, 3'600}) {
      const auto local = settings_of(seconds, change - 35 * 86'400, berlin);
      const auto cost_of = [&](const std::vector<utc_offset>& offsets) {
        const model_context context{settings_of(seconds, change - 35 * 86'400, offsets)};
        key_model model{context, pool_parameters{}, local.first()};
        std::map<std::int64_t, std::int64_t> decided;
        double before = 0, after = 0;
        for (auto t = local.first(); t < local.grid().at(change + 7 * 86'400); ++t) {
          const auto count = local_count(local, t);
          if (const auto d = decided.find(t.value()); d != decided.end()) {
            const auto off = static_cast<double>(count) - static_cast<double>(d->second);
            const auto cost = off > 0 ? 9 * off : -off;
            const auto week = local.grid().start(t) - change;
            if (week >= 0) after += cost;
            if (week >= -7 * 86'400 && week < 0) before += cost;
          }
          if (model.refit_due(context)) model.refit(context, pool_parameters{});
          model.observe(context, count);
          const auto d = model.predict(context);
          decided[d.interval.value()] = d.allocation;
        }
        return std::pair{before, after};
      };
      const auto [local_before, local_after] = cost_of(berlin);
      const auto [utc_before, utc_after] = cost_of({});
      BOOST_TEST_MESSAGE("interval " << seconds << ": week before and after, local " << local_before << " "
                                     << local_after << ", UTC " << utc_before << " " << utc_after);
      BOOST_TEST(local_after <= 1.25 * local_before + 20);
      BOOST_TEST(utc_after > 1.4 * local_after);
    }
}
