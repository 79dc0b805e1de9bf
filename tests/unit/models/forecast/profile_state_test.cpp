// The profile: level, times of day and week, residual trackers.
#include "models/forecast/profile_state.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(a_profile_of_a_constant_is_that_constant) {
  auto state = profile_state::make({24, 168}, std::vector<float>(24, 2.5F)).value();
  for (int t = 0; t < 1'000; ++t)
    state.observe(2.5F);
  for (std::size_t k = 0; k < 400; ++k)
    BOOST_TEST(std::abs(state.location(k) - 2.5F) < 1e-5F);
}

BOOST_AUTO_TEST_CASE(a_profile_learns_the_time_of_day) {
  const auto at = [](std::size_t t) { return t % 24 < 12 ? 1.0F : 3.0F; };
  std::vector<float> first;
  for (std::size_t t = 0; t < 24; ++t)
    first.push_back(at(t));
  auto state = profile_state::make({24, 168}, first).value();
  for (std::size_t t = 0; t < 40 * 24; ++t)
    state.observe(at(t));
  for (std::size_t k = 0; k < 48; ++k)
    if (k % 12 != 0 && k % 12 != 11) // straight lines join the bins
      BOOST_TEST(std::abs(state.location(k) - at(k)) < 0.3F);
}

BOOST_AUTO_TEST_CASE(trackers_say_how_residuals_run) {
  auto state = profile_state::make({24, 168}, std::vector<float>(24, 1.0F)).value();
  for (int t = 0; t < 200; ++t)
    state.observe(1.0F);
  state.observe(2.0F);
  BOOST_TEST(state.residuals()[0] > state.residuals()[3]); // the hasty one moves first
  BOOST_TEST(state.residuals()[3] > 0);
}

BOOST_AUTO_TEST_CASE(whatever_comes_a_profile_stays_finite) {
  forestage::tests::random_source random{8};
  for (const season_lengths seasons :
       {season_lengths{1, 1}, season_lengths{1, 7}, season_lengths{5, 10}, season_lengths{288, 2'016}}) {
    auto state = profile_state::make(seasons, std::vector<float>{0}).value();
    for (int t = 0; t < 5'000; ++t) {
      state.observe(random.chance(0.05) ? 34.5F : 0.0F);
      BOOST_REQUIRE(std::isfinite(state.location(3)));
      BOOST_REQUIRE(state.scale(3) > 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_profile_are_refused) {
  BOOST_TEST(!profile_state::make({24, 25}, std::vector<float>{1}).ok());
  BOOST_TEST(!profile_state::make({24, 168}, {}).ok());
}
