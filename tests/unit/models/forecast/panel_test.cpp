// The panel's order of business: who is left out, when it stops, what it refuses.
#include "models/forecast/panel.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

using namespace forestage::models;

namespace {

panel_settings small_settings() {
  panel_settings settings;
  settings.seasons = {6, 12};
  settings.horizon = 6;
  return settings;
}

std::vector<double> seasonal(std::size_t length) {
  std::vector<double> out;
  for (std::size_t t = 0; t < length; ++t)
    out.push_back(t % 6 < 3 ? 100 : 20);
  return out;
}

constexpr std::array<double, 1> median{0.5};

} // namespace

BOOST_AUTO_TEST_CASE(series_that_are_too_short_are_left_and_the_others_forecast) {
  std::vector<panel_forecast> said;
  panel_hooks hooks;
  hooks.on_forecast = [&](panel_forecast f) { said.push_back(std::move(f)); };
  const std::vector<std::vector<double>> series{seasonal(90), seasonal(5), seasonal(90)};
  const auto done = forecast_panel(series, small_settings(), std::vector<std::size_t>{6, 0}, median, hooks);
  BOOST_TEST((done.left == std::vector<std::size_t>{1}));
  BOOST_TEST(!done.stopped);
  BOOST_TEST(done.bytes_per_series > 1'000U);
  BOOST_REQUIRE(said.size() == 4U);
  BOOST_TEST(said[0].origin == 84U);
  BOOST_TEST(said[2].origin == 90U);
  for (const auto& f : said)
    for (std::size_t k = 0; k < 6; ++k)
      BOOST_TEST(std::abs(f.mean[k] - (k < 3 ? 100.0F : 20.0F)) < 1);
}

BOOST_AUTO_TEST_CASE(experts_are_told_by_name_and_change_nothing) {
  std::vector<panel_forecast> alone, beside;
  std::map<std::string, std::size_t, std::less<>> experts;
  panel_hooks hooks;
  const std::vector<std::vector<double>> series{seasonal(90), seasonal(80)};
  const std::vector<std::size_t> origins{6, 0};
  hooks.on_forecast = [&](panel_forecast f) { alone.push_back(std::move(f)); };
  (void)forecast_panel(series, small_settings(), origins, median, hooks);
  hooks.on_forecast = [&](panel_forecast f) { beside.push_back(std::move(f)); };
  hooks.on_expert = [&](std::string_view name, const panel_forecast& f) {
    ++experts[std::string{name}];
    BOOST_TEST(f.mean.size() == 6U);
  };
  (void)forecast_panel(series, small_settings(), origins, median, hooks);
  const auto names = expert_names();
  for (const auto& [name, times] : experts) {
    BOOST_TEST((std::find(names.begin(), names.end(), name) != names.end()));
    BOOST_TEST(times == 4U);
  }
  for (const char* name : {"mixture", "profile", "smoother-log-12", "smoother-value-1", "bands-value"})
    BOOST_TEST(experts.contains(name));
  BOOST_REQUIRE(alone.size() == beside.size());
  for (std::size_t i = 0; i < alone.size(); ++i)
    BOOST_TEST((alone[i].mean == beside[i].mean && alone[i].bands == beside[i].bands));
}

BOOST_AUTO_TEST_CASE(a_panel_of_which_all_are_too_short_forecasts_nothing) {
  panel_hooks hooks;
  hooks.on_forecast = [](const panel_forecast&) { BOOST_ERROR("nothing can be said"); };
  const std::vector<std::vector<double>> series{seasonal(5), {}, seasonal(1)};
  const auto done = forecast_panel(series, small_settings(), std::vector<std::size_t>{0}, median, hooks);
  BOOST_TEST(done.left.size() == 3U);
  BOOST_TEST(done.bytes_per_series == 0U);
}

BOOST_AUTO_TEST_CASE(a_panel_stops_when_it_is_told) {
  panel_hooks hooks;
  int forecasts = 0, calls = 0;
  hooks.on_forecast = [&](const panel_forecast&) { ++forecasts; };
  hooks.on_progress = [&](std::size_t done, std::size_t total) {
    BOOST_TEST(done <= total);
    return ++calls < 3;
  };
  const std::vector<std::vector<double>> series{seasonal(400)};
  BOOST_TEST(forecast_panel(series, small_settings(), std::vector<std::size_t>{0}, median, hooks).stopped);
  BOOST_TEST(forecasts == 0);
  BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_panel_are_refused_in_words) {
  BOOST_TEST(validate(panel_settings{}).ok());
  const auto refused = [](auto change) {
    auto settings = small_settings();
    change(settings);
    const auto valid = validate(settings);
    return !valid.ok() && valid.failure().code == errc::invalid_argument && !valid.failure().text.empty();
  };
  BOOST_TEST(refused([](panel_settings& s) { s.seasons = {6, 13}; }));
  BOOST_TEST(refused([](panel_settings& s) { s.seasons = {0, 0}; }));
  BOOST_TEST(refused([](panel_settings& s) { s.horizon = 0; }));
  BOOST_TEST(refused([](panel_settings& s) { s.stride = 0; }));
  BOOST_TEST(refused([](panel_settings& s) { s.rows = 0; }));
  BOOST_TEST(refused([](panel_settings& s) { s.segmentations = {0}; }));
  BOOST_TEST(refused([](panel_settings& s) { s.ridge = std::numeric_limits<double>::quiet_NaN(); }));
  BOOST_TEST(refused([](panel_settings& s) { s.memory = 0; }));
  BOOST_TEST(refused([](panel_settings& s) { s.mixture.memory = 2; }));
}
