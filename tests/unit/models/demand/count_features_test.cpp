// Count features: a gap folded in one step is the same as its zeros, and all of them are means.
#include "models/demand/count_features.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <optional>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

demand_settings settings_of(std::int64_t seconds, std::int64_t first) {
  demand_options options;
  options.interval_seconds = seconds;
  options.first = interval_number{first};
  return demand_settings::make(options).value();
}

// The two features that say how the last three hours compare, and what each multiplies.
constexpr std::size_t week_feature = 7, compared_week = 11, hour_feature = 8, compared_hour = 9;
bool compares(std::size_t i) {
  return i == compared_hour || i == compared_week;
}

void check_plausible(const feature_vector& x, float largest) {
  for (std::size_t i = 0; i < feature_count; ++i) {
    BOOST_REQUIRE(std::isfinite(x[i]));
    BOOST_REQUIRE(x[i] >= 0);
    BOOST_REQUIRE(x[i] <= (compares(i) ? 4 : 1) * largest * 1.0001F);
  }
}

// Two series of the same counts, one with its zeros observed one by one, one with gaps skipped.
void compare(std::int64_t seconds, double density, std::int64_t days, std::uint64_t seed) {
  random_source random{seed};
  const auto s = settings_of(seconds, random.between(0, 5'000));
  const feature_rates rates{s};
  count_features stepped{s};
  count_features skipped{s};
  auto t = s.first();
  const auto end = s.first() + days * s.per_day();
  float largest = 0;
  while (t < end) {
    const auto gap = random.chance(0.2)
                         ? std::min(end - t, random.between(1, 2 * s.per_week()))
                         : std::min(end - t, random.between(0, static_cast<std::int64_t>(2 / density)));
    skipped.skip(s, rates, t, gap);
    for (std::int64_t i = 0; i < gap; ++i)
      stepped.observe(s, rates, t + i, 0);
    t = t + gap;
    for (auto n = random.between(1, density > 0.3 ? 60 : 2); n > 0 && t < end; --n, ++t) {
      const auto count = static_cast<float>(random.chance(0.3) ? 0 : random.between(1, 20));
      largest = std::max(largest, count);
      stepped.observe(s, rates, t, count);
      skipped.observe(s, rates, t, count);
    }
    const auto ahead = t - 1 + s.horizon();
    feature_vector a{};
    feature_vector b{};
    stepped.predict(s, ahead, a);
    skipped.predict(s, ahead, b);
    check_plausible(a, largest);
    check_plausible(b, largest);
    for (std::size_t i = 0; i < feature_count; ++i) {
      if (compares(i)) {
        const float base = b[i == compared_hour ? hour_feature : week_feature];
        // The comparison of the last hours follows a coarser profile over a gap; it stays within its bounds.
        BOOST_REQUIRE(b[i] <= 4 * base * 1.0001F);
        BOOST_REQUIRE(b[i] >= 0.25F * base * 0.9999F);
        continue;
      }
      BOOST_REQUIRE_MESSAGE(std::fabs(a[i] - b[i]) <= 1e-5F + 2e-4F * a[i],
                            "feature " << i << " at " << t.value() << ": " << a[i] << " and " << b[i]
                                       << " (interval " << seconds << " s)");
    }
    BOOST_REQUIRE(std::fabs(stepped.long_run_mean() - skipped.long_run_mean()) <=
                  1e-5F + 2e-4F * stepped.long_run_mean());
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(skipping_a_gap_is_observing_its_zeros_on_sparse_series) {
  const auto seed = forestage::tests::seed("sparse features", 21);
  for (std::uint64_t i = 0; i < 6; ++i)
    for (const std::int64_t seconds : {900, 3'600, 86'400})
      compare(seconds, 0.02, seconds == 86'400 ? 400 : 40, seed + i);
}

BOOST_AUTO_TEST_CASE(skipping_a_gap_is_observing_its_zeros_on_dense_series) {
  const auto seed = forestage::tests::seed("dense features", 22);
  for (std::uint64_t i = 0; i < 6; ++i)
    for (const std::int64_t seconds : {900, 3'600, 86'400})
      compare(seconds, 0.7, seconds == 86'400 ? 400 : 40, seed + i);
}

BOOST_AUTO_TEST_CASE(at_five_minutes_a_gap_is_its_zeros_too) {
  const auto seed = forestage::tests::seed("five-minute features", 23);
  compare(300, 0.05, 30, seed);
  compare(300, 0.7, 30, seed + 1);
}

BOOST_AUTO_TEST_CASE(an_empty_skip_changes_nothing) {
  const auto s = settings_of(3'600, 0);
  const feature_rates rates{s};
  count_features series{s};
  for (std::int64_t t = 0; t < 30; ++t)
    series.observe(s, rates, interval_number{t}, 3);
  feature_vector before{};
  feature_vector after{};
  series.predict(s, interval_number{31}, before);
  series.skip(s, rates, interval_number{30}, 0);
  series.predict(s, interval_number{31}, after);
  BOOST_TEST(before == after, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_constant_series_has_that_constant_in_every_feature) {
  for (const std::int64_t seconds : {300, 3'600, 86'400}) {
    const auto s = settings_of(seconds, 0);
    const feature_rates rates{s};
    count_features series{s};
    auto t = s.first();
    for (; t < s.first() + 15 * s.per_day(); ++t)
      series.observe(s, rates, t, 7);
    feature_vector x{};
    series.predict(s, t - 1 + s.horizon(), x);
    for (std::size_t i = 0; i < feature_count; ++i)
      BOOST_TEST(x[i] == 7.0F, boost::test_tools::tolerance(1e-3F));
  }
}

BOOST_AUTO_TEST_CASE(a_request_at_one_time_of_day_shows_in_the_features_of_that_time) {
  const auto s = settings_of(900, 0);
  const feature_rates rates{s};
  count_features series{s};
  constexpr std::int64_t busy = 40;
  for (std::int64_t t = 0; t < 21 * s.per_day(); ++t)
    series.observe(s, rates, interval_number{t}, t % s.per_day() == busy ? 4 : 0);
  // The newest interval is the last of a day; profiles may be read for any slot of the next one.
  feature_vector at_its_time{};
  feature_vector an_hour_later{};
  const auto next_day = interval_number{21 * s.per_day()};
  series.predict(s, next_day + busy, at_its_time);
  series.predict(s, next_day + busy + 4, an_hour_later);
  BOOST_TEST(at_its_time[6] == 4.0F, boost::test_tools::tolerance(1e-3F));
  BOOST_TEST(at_its_time[7] == 2.0F, boost::test_tools::tolerance(1e-3F));
  BOOST_TEST(at_its_time[10] == 4.0F, boost::test_tools::tolerance(1e-3F));
  BOOST_TEST(an_hour_later[6] == 0);
  BOOST_TEST(an_hour_later[10] == 0);
}

BOOST_AUTO_TEST_CASE(features_belong_to_the_grid_they_were_made_for) {
  const auto hourly = settings_of(3'600, 0);
  const auto daily = settings_of(86'400, 0);
  BOOST_TEST(count_features{hourly}.fits(hourly));
  BOOST_TEST(!count_features{hourly}.fits(daily));
  BOOST_TEST(!count_features{}.fits(hourly));
}
