// The simple models: values by hand.
#include "models/forecast/simple_forecasts.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

using namespace forestage::models;

namespace {
constexpr std::array<double, 3> levels{0.1, 0.5, 0.9};
}

BOOST_AUTO_TEST_CASE(seasonal_naive_repeats_the_last_season) {
  const auto said = seasonal_naive(std::vector<double>{9, 9, 9, 1, 2, 3}, 3, 5, levels);
  BOOST_TEST((said.mean == std::vector<float>{1, 2, 3, 1, 2}));
  // Errors of the past: -8, -7, -6. Median -7, quantiles .1 and .9: -7.8, -6.2; centred: -.8, +.8.
  BOOST_TEST(std::abs(said.bands[0][1] - 1.2F) < 1e-6F);
  BOOST_TEST(std::abs(said.bands[2][1] - 2.8F) < 1e-6F);
}

BOOST_AUTO_TEST_CASE(less_than_a_season_is_repeated_by_its_last_value) {
  BOOST_TEST((seasonal_naive(std::vector<double>{4, 5}, 3, 2, levels).mean == std::vector<float>{5, 5}));
  BOOST_TEST((seasonal_naive({}, 3, 2, levels).mean == std::vector<float>{0, 0}));
}

BOOST_AUTO_TEST_CASE(the_level_is_an_exponentially_weighted_mean) {
  // 10, then 10 + .05 * (30 - 10) = 11.
  BOOST_TEST((smoothed_level(std::vector<double>{10, 30}, 4, 2, levels).mean == std::vector<float>{11, 11}));
}

BOOST_AUTO_TEST_CASE(a_time_of_day_has_the_median_of_its_days) {
  const auto said = time_of_season(std::vector<double>{1, 10, 2, 20, 6, 30}, 2, 3, levels);
  BOOST_TEST((said.mean == std::vector<float>{2, 20, 2}));
  BOOST_TEST(std::abs(said.bands[0][0] - 1.2F) < 1e-6F);
  BOOST_TEST(std::abs(said.bands[2][0] - 5.2F) < 1e-6F);
}

BOOST_AUTO_TEST_CASE(the_own_median_is_that_of_all_values) {
  const auto said = own_median(std::vector<double>{5, 1, 3}, 24, 2, levels);
  BOOST_TEST((said.mean == std::vector<float>{3, 3}));
  BOOST_TEST(std::abs(said.bands[2][1] - 4.6F) < 1e-6F);
}

BOOST_AUTO_TEST_CASE(a_time_of_day_that_was_not_seen_has_the_own_median) {
  // A season of 4, of which the last two places were seen: 7 and 9.
  const auto said = time_of_season_or_median(std::vector<double>{7, 9}, 4, 4, levels);
  BOOST_TEST((said.mean == std::vector<float>{8, 8, 7, 9}));
}

BOOST_AUTO_TEST_CASE(what_was_not_measured_counts_as_the_value_before_it) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  BOOST_TEST(
      (seasonal_naive(std::vector<double>{none, 2, none}, 3, 3, levels).mean == std::vector<float>{0, 2, 2}));
}

BOOST_AUTO_TEST_CASE(quantiles_never_cross_and_are_never_negative) {
  const std::vector<double> y{0, 0, 100, 0, 3, 0, 0, 0, 50, 1, 0, 0};
  for (const auto& said :
       {seasonal_naive(y, 3, 6, levels), smoothed_level(y, 3, 6, levels), time_of_season(y, 3, 6, levels),
        own_median(y, 3, 6, levels), time_of_season_or_median(y, 5, 6, levels)})
    for (std::size_t k = 0; k < 6; ++k) {
      BOOST_TEST(said.bands[0][k] >= 0);
      BOOST_TEST(said.bands[0][k] <= said.bands[1][k]);
      BOOST_TEST(said.bands[1][k] <= said.bands[2][k]);
    }
}
