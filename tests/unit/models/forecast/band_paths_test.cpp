// Whole paths at once against one step at a time.
#include "models/forecast/band_paths.hpp"
#include "models/forecast/horizon_knots.hpp"
#include "models/forecast/panel_member.hpp"
#include "models/forecast/profile_state.hpp"
#include "models/forecast/residual_histogram.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

BOOST_AUTO_TEST_CASE(exponentials_are_exact_to_a_few_units_in_the_last_place) {
  std::vector<float> x;
  for (float v = -87; v <= 88; v += 0.0137F)
    x.push_back(v);
  x.insert(x.end(), {0.0F, -0.0F, 1e-7F, -1e-7F});
  auto y = x;
  exponentials(y);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double exact = std::exp(static_cast<double>(x[i]));
    BOOST_TEST(std::abs(static_cast<double>(y[i]) - exact) <= 4e-7 * exact, "e^" << x[i]);
  }
  std::vector<float> wild{1e30F, -1e30F, std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()};
  exponentials(wild);
  for (const float v : wild) {
    BOOST_TEST(std::isfinite(v));
    BOOST_TEST(v > 0);
  }
}

BOOST_AUTO_TEST_CASE(a_band_is_what_each_step_says) {
  random_source random{forestage::tests::seed("band paths", 1)};
  for (const bool plain : {false, true}) {
    const value_scale scale{plain, plain ? 64.0 : 1.0, 6.5};
    std::vector<float> path(301), scales(301), offsets(301), out(301);
    for (std::size_t k = 0; k < path.size(); ++k) {
      path[k] = static_cast<float>(random.uniform() * 8 - 1);
      scales[k] = static_cast<float>(random.uniform());
      offsets[k] = static_cast<float>(random.uniform() * 4 - 2);
    }
    band_path(path, scales, offsets, scale, out);
    for (std::size_t k = 0; k < path.size(); ++k) {
      const double z =
          static_cast<double>(path[k]) + static_cast<double>(scales[k]) * static_cast<double>(offsets[k]);
      const auto one = static_cast<double>(scale.value(z));
      BOOST_TEST(std::abs(static_cast<double>(out[k]) - one) <= 2e-6 * (1 + one));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_known_at_knots_is_spread_as_it_is_read) {
  random_source random{forestage::tests::seed("knots spread", 2)};
  for (const std::size_t horizon : {1, 2, 5, 48, 288, 1'000}) {
    const horizon_knots knots{horizon};
    std::vector<double> values(knots.size());
    for (auto& v : values)
      v = random.uniform() * 10 - 5;
    std::vector<float> out(horizon);
    knots.spread(values, out);
    for (std::size_t k = 1; k <= horizon; ++k)
      BOOST_TEST(std::abs(static_cast<double>(out[k - 1]) - knots.at(k, values)) < 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(a_profile_says_the_same_step_by_step_and_as_a_path) {
  random_source random{forestage::tests::seed("profile paths", 3)};
  for (const season_lengths seasons :
       {season_lengths{24, 168}, season_lengths{288, 2'016}, season_lengths{169, 845}, season_lengths{7, 7},
        season_lengths{50, 333}}) {
    std::vector<float> first(seasons.short_season, 2);
    profile_state state{seasons, first};
    const auto steps = 2 * seasons.long_season + static_cast<std::size_t>(random.below(300));
    for (std::size_t t = 0; t < steps; ++t)
      state.observe(static_cast<float>(random.uniform() * 4 + std::sin(static_cast<double>(t))));
    const auto length = seasons.long_season + 5;
    std::vector<float> locations(length), scales(length);
    state.locations(locations);
    state.scales(scales);
    for (std::size_t k = 0; k < length; ++k) {
      BOOST_TEST(std::abs(locations[k] - state.location(k)) < 2e-5F, seasons.short_season << " ahead " << k);
      BOOST_TEST(scales[k] == state.scale(k));
    }
  }
}

BOOST_AUTO_TEST_CASE(several_quantiles_at_once_are_those_one_by_one) {
  random_source random{forestage::tests::seed("histogram quantiles", 4)};
  residual_histogram histogram;
  for (int i = 0; i < 500; ++i) {
    histogram.decay(0.99);
    histogram.add(random.uniform() * 30 - 15);
  }
  const std::array<double, 5> levels{0.99, 0.01, 0.5, 0.9, 0.500001};
  std::array<double, 5> all{};
  histogram.quantiles(levels, all);
  for (std::size_t i = 0; i < levels.size(); ++i)
    BOOST_TEST(all[i] == histogram.quantile(levels[i]));
}

BOOST_AUTO_TEST_CASE(values_are_rounded_to_what_the_series_can_be) {
  panel_settings settings;
  settings.seasons = {4, 8};
  settings.horizon = 4;
  const horizon_knots knots{4};
  const auto member = [&](const std::vector<double>& y) {
    panel_member m{0, 0, y, 8, settings, knots};
    for (std::size_t t = 0; t < y.size(); ++t)
      (void)m.observe(t);
    return m;
  };
  const auto counts = member({3, 0, 12, 6, 9, 3, 0, 15, 21, 18, 4, 3});
  BOOST_TEST(counts.to_possible(7.4F, 8) == 6.0F);
  BOOST_TEST(counts.to_possible(7.6F, 10) == 9.0F);
  BOOST_TEST(counts.to_possible(7.4F, 11) == 7.4F); // a 4 has been seen
  const auto tenths = member({0.3, 0.1, 1.2, 0.7, 0.9, 0.3, 0.2, 1.5, 2.1});
  BOOST_TEST(std::abs(tenths.to_possible(0.74F, 9) - 0.7F) < 1e-6F);
  const auto measured = member({0.31415926, 0.17, 1.2345678, 0.7654321, 0.9, 0.33333, 0.2, 1.5, 2.1});
  BOOST_TEST(measured.to_possible(0.74321F, 9) == 0.74321F);
  const auto coarse = member({3, 3, 0, 3, 3, 0, 3, 3, 3});
  BOOST_TEST(coarse.to_possible(10.9F, 9) == 9.0F); // 12 would be more than the ceiling, about 11
  const auto nothing = member({0, 0, 0, 0, 0, 0, 0, 0, 5});
  BOOST_TEST(nothing.to_possible(0.3F, 8) == 0.3F);
}
