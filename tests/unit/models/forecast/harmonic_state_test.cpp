// Harmonic regression: it finds the sines that a series is made of, and no input makes it explode.
#include "models/forecast/harmonic_state.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

using namespace forestage::models;

namespace {

float wave(std::size_t t) {
  const auto x = static_cast<double>(t);
  return static_cast<float>(4 + std::sin(2 * std::numbers::pi * x / 24) +
                            0.5 * std::cos(2 * std::numbers::pi * 2 * x / 168));
}

std::vector<float> waves(std::size_t count) {
  std::vector<float> out;
  for (std::size_t t = 0; t < count; ++t)
    out.push_back(wave(t));
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_harmonic_state_finds_the_waves_that_a_series_is_made_of) {
  auto state = harmonic_state::make({24, 168}, waves(24)).value();
  for (std::size_t t = 0; t < 8 * 168; ++t)
    state.observe(wave(t));
  for (std::size_t k = 0; k < 168; ++k)
    BOOST_TEST(std::abs(state.location(k) - wave(8 * 168 + k)) < 0.02F);
}

BOOST_AUTO_TEST_CASE(a_harmonic_state_follows_a_constant) {
  auto state = harmonic_state::make({24, 168}, std::vector<float>(24, 3.0F)).value();
  for (int t = 0; t < 500; ++t)
    state.observe(3.0F);
  for (std::size_t k = 0; k < 200; ++k)
    BOOST_TEST(std::abs(state.location(k) - 3.0F) < 1e-5F);
  for (const float r : state.residuals())
    BOOST_TEST(std::abs(r) < 1e-5F);
}

BOOST_AUTO_TEST_CASE(one_spike_moves_a_harmonic_state_little) {
  auto state = harmonic_state::make({24, 168}, waves(24)).value();
  for (std::size_t t = 0; t < 4 * 168; ++t)
    state.observe(wave(t));
  state.observe(27.6F); // log of 1e12
  for (std::size_t t = 1; t < 24; ++t)
    state.observe(wave(4 * 168 + t));
  for (std::size_t k = 0; k < 168; ++k)
    BOOST_TEST(std::abs(state.location(k) - wave(4 * 168 + 24 + k)) < 0.15F);
}

BOOST_AUTO_TEST_CASE(whatever_comes_a_harmonic_state_stays_finite) {
  forestage::tests::random_source random{9};
  for (const season_lengths seasons : {season_lengths{1, 1}, season_lengths{2, 2}, season_lengths{24, 168}}) {
    auto state = harmonic_state::make(seasons, std::vector<float>{0}).value();
    for (int t = 0; t < 3'000; ++t) {
      state.observe(random.chance(0.05) ? 34.5F : 0.0F);
      BOOST_REQUIRE(std::isfinite(state.location(5)));
      BOOST_REQUIRE(std::isfinite(state.scale(5)) && state.scale(5) > 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_harmonic_state_are_refused) {
  const std::vector<float> first{1};
  BOOST_TEST(!harmonic_state::make({0, 168}, first).ok());
  BOOST_TEST(!harmonic_state::make({24, 100}, first).ok());
  BOOST_TEST(!harmonic_state::make({24, 168}, {}).ok());
  BOOST_TEST(!harmonic_state::make({24, 168}, first, {.short_terms = 30, .long_terms = 2}).ok());
  BOOST_TEST(!harmonic_state::make({24, 168}, first, {.memory = 0}).ok());
  BOOST_TEST(
      !harmonic_state::make({24, 168}, first, {.ridge = std::numeric_limits<double>::quiet_NaN()}).ok());
}
