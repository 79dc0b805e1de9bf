// The panel of forecasts: whatever the series hold, curves are finite, ordered and no larger than three times
// what was seen; they scale with their series and do not depend on who did the work.
#define BOOST_TEST_MODULE property_models_forecast
#include "models/forecast/cold_start.hpp"
#include "models/forecast/panel.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <thread>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

using many_series = std::vector<std::vector<double>>;

constexpr std::array<double, 7> levels{0.025, 0.1, 0.5, 0.8, 0.9, 0.95, 0.99};

panel_settings small_settings() {
  panel_settings settings;
  settings.seasons = {6, 12};
  settings.horizon = 6;
  settings.stride = 3;
  settings.rows = 6;
  return settings;
}

std::vector<panel_forecast> forecasts(const many_series& series, const panel_settings& settings,
                                      std::vector<std::size_t> origins, const executor& run = in_order) {
  std::vector<panel_forecast> out;
  panel_hooks hooks;
  hooks.on_forecast = [&](panel_forecast f) { out.push_back(std::move(f)); };
  hooks.run = run;
  (void)forecast_panel(series, settings, origins, levels, hooks);
  return out;
}

// Series of unlike kinds: smooth, noisy, zeros, spikes of 1e12, dead for long, one late value, one point.
std::vector<double> wild_series(random_source& random, std::size_t length) {
  std::vector<double> out(length, 0);
  const auto kind = random.below(9);
  const double level = std::exp(12 * random.uniform() - 2);
  for (std::size_t t = 0; t < length; ++t) {
    const double season = 1 + 0.8 * std::sin(2 * 3.14159265 * static_cast<double>(t) / 6);
    switch (kind) {
    case 0: // smooth
      out[t] = level * season;
      break;
    case 1: // noisy
      out[t] = level * season * std::exp(random.uniform() - 0.5);
      break;
    case 2: // counts, mostly zero
      out[t] = static_cast<double>(random.poisson(0.2));
      break;
    case 3: // spikes
      out[t] = random.chance(0.02) ? 1e12 : level;
      break;
    case 4: // dead, then alive
      out[t] = t + 9 > length ? level : 0;
      break;
    case 5: // one late value
      out[t] = t + 2 == length ? 1e12 : 0;
      break;
    case 6: // a gap of zeros in the middle
      out[t] = t > length / 3 && t < 2 * length / 3 ? 0 : level * season;
      break;
    case 7: // constant
      out[t] = level;
      break;
    default: // tiny, then huge
      out[t] = t < length / 2 ? 1e-9 : 1e12 * random.uniform();
    }
  }
  return out;
}

many_series wild_panel(std::uint64_t seed, std::size_t count) {
  random_source random{seed};
  many_series out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto shortest = random.chance(0.2) ? 1 : 40;
    out.push_back(wild_series(random, static_cast<std::size_t>(random.between(shortest, 90))));
  }
  out.push_back(wild_series(random, 90)); // the longest one
  return out;
}

bool in_order_of_levels(const panel_forecast& f) {
  for (std::size_t q = 1; q < f.bands.size(); ++q)
    for (std::size_t k = 0; k < f.bands[q].size(); ++k)
      if (f.bands[q][k] < f.bands[q - 1][k]) return false;
  return true;
}

} // namespace

BOOST_AUTO_TEST_CASE(no_input_gives_nan_a_negative_value_an_explosion_or_crossing_quantiles) {
  BOOST_TEST(rc::check("any panel", [] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto count = *rc::gen::element<std::size_t>(0, 3, 18);
    const auto series = wild_panel(seed, count);
    const auto said = forecasts(series, small_settings(), {24, 7, 6, 0});
    RC_ASSERT(!said.empty());
    for (const auto& f : said) {
      const auto& y = series[f.series];
      const auto largest = *std::max_element(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(f.origin));
      // On the log scale: three times the largest value, and what log(1 + y) adds.
      const double most = (3 * largest + 2) * 1.001;
      RC_ASSERT(f.mean.size() == 6U && f.bands.size() == levels.size());
      RC_ASSERT(in_order_of_levels(f));
      for (const auto& path : f.bands)
        for (const float v : path)
          RC_ASSERT(std::isfinite(v) && v >= 0 && double{v} <= most);
      for (const float v : f.mean)
        RC_ASSERT(std::isfinite(v) && v >= 0 && double{v} <= most);
    }
  }));
}

BOOST_AUTO_TEST_CASE(the_median_is_the_path_and_lies_between_the_quantiles_around_it) {
  BOOST_TEST(rc::check("any panel", [] {
    const auto series = wild_panel(*rc::gen::arbitrary<std::uint64_t>(), 4);
    for (const auto& f : forecasts(series, small_settings(), {12, 0}))
      for (std::size_t k = 0; k < f.mean.size(); ++k) {
        RC_ASSERT(f.bands[1][k] <= f.mean[k]);
        RC_ASSERT(f.bands[3][k] >= f.mean[k]);
      }
  }));
}

BOOST_AUTO_TEST_CASE(a_panel_that_once_had_its_tenth_above_its_median_has_it_no_more) {
  for (const auto& f : forecasts(wild_panel(61545012626ULL, 4), small_settings(), {12, 0}))
    for (std::size_t k = 0; k < f.mean.size(); ++k)
      BOOST_TEST(f.bands[1][k] <= f.mean[k]);
}

BOOST_AUTO_TEST_CASE(a_constant_series_gives_a_constant_curve) {
  for (const double value : {0.0, 1.0, 12.0, 3'000.0, 1e9}) {
    const many_series series(3, std::vector<double>(90, value));
    for (const auto& f : forecasts(series, small_settings(), {12, 0}))
      for (const float v : f.mean)
        BOOST_TEST(std::abs(double{v} - value) <= 1e-4 * value);
  }
}

BOOST_AUTO_TEST_CASE(forecasts_of_a_series_times_a_power_of_two_are_the_same_times_it_bit_for_bit) {
  BOOST_TEST(rc::check("series of at least 10", [] {
    random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    const auto count = *rc::gen::element<std::size_t>(2, 18);
    const double factor = std::exp2(*rc::gen::inRange(0, 20));
    many_series series, larger;
    for (std::size_t i = 0; i < count; ++i) {
      series.emplace_back();
      for (std::size_t t = 0; t < 90; ++t)
        series.back().push_back(12 + 100 * random.uniform() * (t % 6 < 3 ? 1 : 4));
      auto& scaled = larger.emplace_back();
      for (const double v : series.back())
        scaled.push_back(v * factor);
    }
    const auto said = forecasts(series, small_settings(), {12, 0});
    const auto there = forecasts(larger, small_settings(), {12, 0});
    RC_ASSERT(said.size() == there.size());
    for (std::size_t i = 0; i < said.size(); ++i)
      for (std::size_t q = 0; q < levels.size(); ++q)
        for (std::size_t k = 0; k < said[i].mean.size(); ++k)
          RC_ASSERT(there[i].bands[q][k] == said[i].bands[q][k] * static_cast<float>(factor));
  }));
}

BOOST_AUTO_TEST_CASE(forecasts_scale_with_their_series) {
  // Factors that are no power of two round each number anew. An error that lies at the edge of a bin of a
  // histogram of errors then falls to the other side now and then, and a quantile moves by a part of the bin.
  double worst = 0;
  int cases = 0;
  int tipped = 0;
  BOOST_TEST(rc::check("series of at least 10", [&] {
    random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    const double factor = std::exp(10 * random.uniform());
    many_series series(3), larger(3);
    for (std::size_t i = 0; i < series.size(); ++i)
      for (std::size_t t = 0; t < 90; ++t) {
        series[i].push_back(12 + 100 * random.uniform() * (t % 6 < 3 ? 1 : 4));
        larger[i].push_back(series[i].back() * factor);
      }
    const auto said = forecasts(series, small_settings(), {12, 0});
    const auto there = forecasts(larger, small_settings(), {12, 0});
    double most = 0;
    for (std::size_t i = 0; i < said.size(); ++i)
      for (std::size_t k = 0; k < said[i].mean.size(); ++k)
        most = std::max(most, std::abs(double{there[i].mean[k]} / factor - double{said[i].mean[k]}) /
                                  double{said[i].mean[k]});
    worst = std::max(worst, most);
    ++cases;
    tipped += most < 1e-5 ? 0 : 1;
    RC_ASSERT(most < 0.05);
  }));
  BOOST_TEST(tipped * 20 <= cases, tipped << " of " << cases << " panels, by at most " << worst);
  BOOST_TEST_MESSAGE("largest relative difference: " << worst);
}

BOOST_AUTO_TEST_CASE(who_does_the_work_changes_nothing) {
  // Backwards, and on as many threads as there are pieces.
  const executor backwards = [](std::size_t count, const std::function<void(std::size_t)>& piece) {
    for (auto i = count; i-- > 0;)
      piece(i);
  };
  const executor threads = [](std::size_t count, const std::function<void(std::size_t)>& piece) {
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < count; ++i)
      all.emplace_back([&piece, i] { piece(i); });
    for (auto& one : all)
      one.join();
  };
  random_source random{7};
  for (const std::size_t count : {3U, 20U}) {
    const auto series = wild_panel(random.next(), count);
    const auto said = forecasts(series, small_settings(), {24, 6, 0});
    for (const auto& run : {backwards, threads}) {
      const auto there = forecasts(series, small_settings(), {24, 6, 0}, run);
      BOOST_REQUIRE(there.size() == said.size());
      for (std::size_t i = 0; i < said.size(); ++i) {
        BOOST_TEST(there[i].series == said[i].series);
        BOOST_TEST(there[i].origin == said[i].origin);
        BOOST_TEST((there[i].mean == said[i].mean));
        BOOST_TEST((there[i].bands == said[i].bands));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_forecast_does_not_know_what_comes_after_its_origin) {
  BOOST_TEST(rc::check("any panel", [] {
    random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    many_series series;
    for (std::size_t i = 0; i < 4; ++i)
      series.push_back(wild_series(random, 90));
    auto other = series;
    for (auto& y : other)
      for (std::size_t t = 78; t < 90; ++t)
        y[t] = 1e6 * random.uniform();
    const auto said = forecasts(series, small_settings(), {12});
    const auto there = forecasts(other, small_settings(), {12});
    RC_ASSERT(said.size() == there.size());
    for (std::size_t i = 0; i < said.size(); ++i)
      RC_ASSERT(said[i].mean == there[i].mean && said[i].bands == there[i].bands);
  }));
}

BOOST_AUTO_TEST_CASE(more_quantiles_do_not_change_the_others) {
  const auto series = wild_panel(11, 5);
  const std::vector<std::size_t> origins{12, 0};
  const auto said = forecasts(series, small_settings(), origins);
  std::size_t at = 0;
  panel_hooks hooks;
  constexpr std::array<double, 3> more{0.01, 0.3, 0.7};
  hooks.more_quantiles = more;
  hooks.on_forecast = [&](const panel_forecast& f) {
    BOOST_TEST((f.bands == said[at].bands));
    BOOST_TEST(f.more_bands.size() == more.size());
    ++at;
  };
  (void)forecast_panel(series, small_settings(), origins, levels, hooks);
  BOOST_TEST(at == said.size());
}

BOOST_AUTO_TEST_CASE(a_cold_start_is_finite_ordered_and_ignorant_of_the_future) {
  BOOST_TEST(rc::check("any panel", [] {
    random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    const auto series = wild_panel(random.next(), *rc::gen::element<std::size_t>(0, 4));
    cold_start_settings settings;
    settings.seasons = {6, 12};
    settings.horizon = 6;
    std::vector<cold_start_case> cases;
    for (std::size_t i = 0; i < series.size(); ++i) {
      const auto origin = series[i].size() > 6 ? series[i].size() - 6 : series[i].size();
      cases.push_back(
          {i, origin, static_cast<std::size_t>(1 + random.below(static_cast<std::int64_t>(origin)))});
    }
    const std::vector<std::int64_t> ends(series.size(), 0);
    const cold_start model{series, ends, settings, cases};
    auto other = series;
    for (auto& y : other)
      for (auto t = y.size() > 6 ? y.size() - 6 : y.size(); t < y.size(); ++t)
        y[t] = 1e6 * random.uniform();
    const cold_start elsewhere{other, ends, settings, cases};
    for (const auto& c : cases) {
      const auto said = model.predict(c, levels);
      for (std::size_t q = 0; q < levels.size(); ++q)
        for (std::size_t k = 0; k < 6; ++k) {
          RC_ASSERT(std::isfinite(said.bands[q][k]) && said.bands[q][k] >= 0 && said.bands[q][k] <= 3.1e12F);
          if (q > 0) RC_ASSERT(said.bands[q][k] >= said.bands[q - 1][k]);
        }
      if (series[c.series].size() <= 6) continue; // its own values are the future of the others
      const auto there = elsewhere.predict(c, levels);
      RC_ASSERT(there.mean == said.mean && there.bands == said.bands);
    }
  }));
}
