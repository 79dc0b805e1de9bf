// New levels of a whole panel: found at once, by a ratio that all share; nothing changes while nothing does.
#include "models/forecast/common_level.hpp"
#include "models/forecast/panel.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

constexpr std::size_t day = 12, week = 48, weeks = 8, members = 8, shift_at = weeks * week;

double gaussian(random_source& random) {
  return std::sqrt(-2 * std::log(1 - random.uniform())) * std::cos(6.283185307 * random.uniform());
}

// A rhythm with noise; `moved` series at `factor` times their level from shift_at on.
std::vector<std::vector<double>> rhythms(double factor, std::size_t moved, std::size_t length) {
  random_source random{11};
  std::vector<std::vector<double>> out(members);
  for (std::size_t i = 0; i < members; ++i)
    for (std::size_t t = 0; t < length; ++t) {
      const double rhythm = 1 + 0.4 * std::sin(6.283185307 * static_cast<double>(t % day) / day);
      const double level = t >= shift_at && i < moved ? factor : 1;
      out[i].push_back(1000 * level * rhythm * std::max(0.1, 1 + 0.1 * gaussian(random)));
    }
  return out;
}

std::vector<panel_forecast> forecasts(const std::vector<std::vector<double>>& series,
                                      std::span<const double> qs) {
  panel_settings settings;
  settings.seasons = {day, week};
  settings.horizon = day;
  std::vector<panel_forecast> out;
  panel_hooks hooks;
  hooks.on_forecast = [&](panel_forecast f) { out.push_back(std::move(f)); };
  (void)forecast_panel(series, settings, std::vector<std::size_t>{0}, qs, hooks);
  return out;
}

double sum_of(const std::vector<float>& path) {
  double sum = 0;
  for (const float v : path)
    sum += double{v};
  return sum;
}

constexpr std::array<double, 3> asked{0.05, 0.5, 0.95};

} // namespace

BOOST_AUTO_TEST_CASE(ratios_that_agree_are_drawn_together) {
  const std::vector<level_ratio> alike{{0.6, 0.04}, {0.7, 0.01}, {0.75, 0.04}, {0.69, 0.02}};
  const auto shared = shared_of(alike);
  BOOST_TEST(shared.known);
  BOOST_TEST(shared.agrees());
  BOOST_TEST(shared.between == 0);
  BOOST_TEST(std::abs(shared.log - 0.69) < 0.01);
  BOOST_TEST(drawn_log({0.2, 0.04}, shared) == shared.log);
  BOOST_TEST(drawn_log({0.2, 0.04}, {}) == 0.2);
}

BOOST_AUTO_TEST_CASE(ratios_that_differ_stay_apart) {
  const std::vector<level_ratio> apart{{1.2, 0.01}, {-0.8, 0.01}, {0.1, 0.01}};
  const auto shared = shared_of(apart);
  BOOST_TEST(!shared.agrees());
  BOOST_TEST(shared.between > 0.5);
  BOOST_TEST(std::abs(drawn_log({1.2, 0.01}, shared) - 1.2) < 0.05);
}

BOOST_AUTO_TEST_CASE(what_is_no_level_does_not_count) {
  const double none = -std::numeric_limits<double>::infinity();
  BOOST_TEST(!shared_of(std::vector<level_ratio>{{none, 0.01}, {0.5, 0}, {std::nan(""), 1}, {0.4, 1}}).known);
  const auto shared = shared_of(std::vector<level_ratio>{{none, 0.01}, {0.5, 0.1}, {0.5, 0.1}});
  BOOST_TEST(std::abs(shared.log - 0.5) < 1e-12);
  BOOST_TEST(drawn_log({none, 0.01}, shared) == shared.log);
}

BOOST_AUTO_TEST_CASE(few_series_tell_nothing_together) {
  common_level two{{day, week}, 2};
  for (int t = 0; t < 400; ++t)
    two.observe(std::array<std::optional<double>, 2>{t < 390 ? 0.1 : 6, t < 390 ? -0.1 : 6});
  BOOST_TEST(two.look().probability == 0);
  BOOST_TEST(!two.sure().has_value());
}

BOOST_AUTO_TEST_CASE(series_without_evidence_have_no_scenario) {
  const auto series = rhythms(1, 0, shift_at);
  panel_settings settings;
  settings.seasons = {day, week};
  settings.horizon = day;
  panel_member own{0, 0, series.front(), 2 * week, settings, horizon_knots{day}};
  for (std::size_t t = 0; t < shift_at; ++t)
    (void)own.observe(t);
  BOOST_TEST(!scenario_of(own, shift_at, {}, {}).has_value());
}

BOOST_AUTO_TEST_CASE(a_panel_is_at_its_new_level_after_two_observations) {
  for (const double factor : {2.0, 0.5}) {
    const auto before = forecasts(rhythms(1, 0, shift_at + 2), asked);
    const auto after = forecasts(rhythms(factor, members, shift_at + 2), asked);
    BOOST_REQUIRE(after.size() == members);
    for (std::size_t i = 0; i < members; ++i) {
      const double ratio = sum_of(after[i].mean) / sum_of(before[i].mean) / factor;
      BOOST_TEST(ratio > 0.75);
      BOOST_TEST(ratio < 1.33);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_likely_level_is_tried_on_a_copy) {
  const auto series = rhythms(0.5, members, shift_at + 2);
  panel_settings settings;
  settings.seasons = {day, week};
  settings.horizon = day;
  panel_member own{0, 0, series.front(), 2 * week, settings, horizon_knots{day}};
  for (std::size_t t = 0; t < shift_at + 2; ++t)
    (void)own.observe(t);
  const float before = own.values()[0];
  const auto other = scenario_of(own, shift_at + 2, {0.3, 1.1, 2}, {true, std::log(0.5), 1e-3, 0});
  BOOST_REQUIRE(other.has_value());
  BOOST_TEST(other->probability == 0.3);
  BOOST_TEST(own.values()[0] == before);
  BOOST_TEST(std::abs(double{before - other->own.values()[0]} - std::log(2.0)) < 0.01);
  // What has been moved is not moved again by the same observations.
  BOOST_TEST(!scenario_of(other->own, shift_at + 2, {0.3, 1.1, 2}, {true, std::log(0.5), 1e-3, 0}));
  // Ratios that differ between series are no common level.
  BOOST_TEST(!scenario_of(own, shift_at + 2, {0.3, 1.1, 2}, {true, std::log(0.5), 1e-3, 0.2}));
  BOOST_TEST(!scenario_of(own, shift_at + 2, {0.3, 1.1, 2}, {}));
}
