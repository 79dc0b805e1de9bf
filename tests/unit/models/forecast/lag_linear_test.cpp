// The pooled linear map: it finds a linear rule, moves with level and scale, and its sums add up in any
// grouping.
#include "models/forecast/lag_linear.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace forestage::models;

namespace {

const lag_shape shape{.lags = 8, .horizon = 4, .level_span = 4};

// A season of four with noise, of any level.
std::vector<float> seasonal(forestage::tests::random_source& random, std::size_t length) {
  std::vector<float> out;
  const double level = 10 * random.uniform(), size = 1 + 3 * random.uniform();
  std::array<double, 4> season{};
  for (auto& s : season)
    s = random.uniform();
  for (std::size_t t = 0; t < length; ++t)
    out.push_back(static_cast<float>(level + size * season[t % 4]));
  return out;
}

lag_statistics learned(std::uint64_t seed, int windows) {
  forestage::tests::random_source random{seed};
  lag_statistics statistics{shape};
  for (int i = 0; i < windows; ++i) {
    const auto series = seasonal(random, 12);
    statistics.add(std::span{series}.first(8), std::span{series}.subspan(8), 1);
  }
  return statistics;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_map_of_seasonal_series_repeats_the_season_of_a_new_one) {
  auto statistics = learned(1, 400);
  const auto weights = statistics.solve(0.01);
  BOOST_REQUIRE(weights.known());
  forestage::tests::random_source random{99};
  const auto series = seasonal(random, 12);
  std::vector<float> path(4);
  weights.predict(std::span{series}.first(8), path);
  for (std::size_t k = 0; k < 4; ++k)
    BOOST_TEST(std::abs(path[k] - series[8 + k]) < 0.02F);
}

BOOST_AUTO_TEST_CASE(a_forecast_moves_with_the_level_and_the_scale_of_its_window) {
  auto statistics = learned(2, 400);
  const auto weights = statistics.solve(5);
  forestage::tests::random_source random{3};
  const auto series = seasonal(random, 8);
  std::vector<float> path(4), moved(4), window;
  for (const float v : series)
    window.push_back(8 + 4 * v);
  weights.predict(series, path);
  weights.predict(window, moved);
  for (std::size_t k = 0; k < 4; ++k)
    BOOST_TEST(std::abs(moved[k] - (8 + 4 * path[k])) < 1e-3F);
}

BOOST_AUTO_TEST_CASE(a_constant_window_is_forecast_as_it_is) {
  auto statistics = learned(4, 100);
  const auto weights = statistics.solve(25);
  std::vector<float> path(4);
  weights.predict(std::vector<float>(8, 6), path);
  for (const float v : path)
    BOOST_TEST(std::abs(v - 6) < 1e-4F);
}

BOOST_AUTO_TEST_CASE(nothing_is_known_before_the_first_window) {
  lag_statistics statistics{shape};
  BOOST_TEST(!statistics.solve(25).known());
  BOOST_TEST(!lag_weights{}.known());
}

BOOST_AUTO_TEST_CASE(a_window_of_weight_two_counts_as_the_same_window_twice) {
  forestage::tests::random_source random{5};
  lag_statistics once{shape}, twice{shape};
  for (int i = 0; i < 50; ++i) {
    const auto series = seasonal(random, 12);
    const auto window = std::span{series}.first(8), after = std::span{series}.subspan(8);
    once.add(window, after, 2);
    twice.add(window, after, 1);
    twice.add(window, after, 1);
  }
  const auto a = once.solve(1), b = twice.solve(1);
  const auto series = seasonal(random, 8);
  std::vector<float> one(4), two(4);
  a.predict(series, one);
  b.predict(series, two);
  for (std::size_t k = 0; k < 4; ++k)
    BOOST_TEST(std::abs(one[k] - two[k]) < 1e-4F);
}

BOOST_AUTO_TEST_CASE(the_scale_of_a_window_is_the_mean_of_its_last_part_and_its_deviation) {
  const std::vector<float> window{0, 0, 0, 0, 2, 2, 2, 2};
  const auto scale = scale_of(shape, window);
  BOOST_TEST(std::abs(scale.mean - 2) < 1e-9);
  BOOST_TEST(std::abs(scale.spread - 1) < 0.002);
}
