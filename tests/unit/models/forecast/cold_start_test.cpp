// A series that has just begun takes its shape from the others and its level from its own few values.
#include "models/forecast/cold_start.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>
#include <vector>

using namespace forestage::models;

namespace {

constexpr std::size_t day = 24, week = 168, length = 6 * week;

double shape(std::size_t t) {
  return std::exp(0.8 * std::sin(2 * std::numbers::pi * static_cast<double>(t % day) / day));
}

std::vector<std::vector<double>> alike(std::size_t count) {
  std::vector<std::vector<double>> out(count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t t = 0; t < length; ++t)
      out[i].push_back(200.0 * static_cast<double>(i + 1) * shape(t));
  return out;
}

cold_start_settings hourly() {
  cold_start_settings settings;
  settings.seasons = {day, week};
  settings.horizon = day;
  return settings;
}

constexpr std::array<double, 3> levels{0.1, 0.5, 0.9};

double mean_error(const std::vector<float>& path, const std::vector<double>& y, std::size_t origin) {
  double sum = 0;
  for (std::size_t k = 0; k < path.size(); ++k)
    sum += std::abs(double{path[k]} - y[origin + k]) / y[origin + k] / static_cast<double>(path.size());
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(six_hours_are_enough_when_the_others_have_the_shape) {
  const auto series = alike(5);
  const std::vector<std::int64_t> ends(series.size(), 0);
  const cold_start_case one{2, length - day, 6};
  const cold_start model{series, ends, hourly(), std::vector{one}};
  const auto said = model.predict(one, levels);
  BOOST_TEST(mean_error(said.mean, series[2], one.origin) < 0.1);
  BOOST_TEST(mean_error(own_median(std::span{series[2]}.subspan(one.origin - 6, 6), day, day, levels).mean,
                        series[2], one.origin) > 0.4);
}

BOOST_AUTO_TEST_CASE(where_the_others_are_unlike_each_other_the_own_shape_is_taken) {
  // Each has its peak at another hour, and a level of another size.
  std::vector<std::vector<double>> series(8);
  for (std::size_t i = 0; i < series.size(); ++i)
    for (std::size_t t = 0; t < length; ++t)
      series[i].push_back(std::pow(5.0, static_cast<double>(i)) * 20 * shape(t + 3 * i));
  const std::vector<std::int64_t> ends(series.size(), 0);
  for (const std::size_t i : {0U, 7U}) {
    const cold_start_case one{i, length - day, 2 * day};
    const cold_start model{series, ends, hourly(), std::vector{one}};
    BOOST_TEST(mean_error(model.predict(one, levels).mean, series[i], one.origin) < 0.05);
  }
}

BOOST_AUTO_TEST_CASE(clocks_are_those_of_the_ends) {
  // The target is the same series, seen five hours less long: its end lies five steps earlier.
  auto series = alike(4);
  series[1].resize(length - 5);
  const std::vector<std::int64_t> ends{1'000, 995, 1'000, 1'000};
  const cold_start_case one{1, length - 5 - day, 8};
  const cold_start model{series, ends, hourly(), std::vector{one}};
  BOOST_TEST(mean_error(model.predict(one, levels).mean, series[1], one.origin) < 0.1);
}

BOOST_AUTO_TEST_CASE(without_others_there_is_a_level) {
  const std::vector<std::vector<double>> series{{20, 20, 20, 20}};
  const std::vector<std::int64_t> ends{0};
  const cold_start_case one{0, 4, 4};
  const cold_start model{series, ends, hourly(), std::vector{one}};
  for (const float v : model.predict(one, levels).mean)
    BOOST_TEST(std::abs(v - 20) < 0.01F);
}

BOOST_AUTO_TEST_CASE(what_the_series_itself_had_before_its_history_is_not_used) {
  auto series = alike(4);
  const std::vector<std::int64_t> ends(series.size(), 0);
  const cold_start_case one{0, length - day, 6};
  const auto said = cold_start{series, ends, hourly(), std::vector{one}}.predict(one, levels);
  for (std::size_t t = 0; t < one.origin - 6; ++t)
    series[0][t] = 1e6;
  const auto there = cold_start{series, ends, hourly(), std::vector{one}}.predict(one, levels);
  BOOST_TEST((said.mean == there.mean));
  BOOST_TEST((said.bands == there.bands));
}

BOOST_AUTO_TEST_CASE(bands_are_as_wide_as_the_others_were_off) {
  forestage::tests::random_source random{3};
  auto series = alike(8);
  for (auto& y : series)
    for (auto& v : y)
      v *= std::exp(0.6 * (random.uniform() - 0.5));
  const std::vector<std::int64_t> ends(series.size(), 0);
  std::vector<cold_start_case> cases;
  for (std::size_t i = 0; i < series.size(); ++i)
    for (std::size_t back = day; back < 8 * day; back += day)
      cases.push_back({i, length - back, 12});
  const cold_start model{series, ends, hourly(), cases};
  double inside = 0, all = 0;
  for (const auto& c : cases) {
    const auto said = model.predict(c, levels);
    for (std::size_t k = 0; k < day; ++k) {
      const double y = series[c.series][c.origin + k];
      inside += y >= double{said.bands[0][k]} && y <= double{said.bands[2][k]} ? 1 : 0;
      ++all;
    }
  }
  BOOST_TEST(std::abs(inside / all - 0.8) < 0.08);
}
