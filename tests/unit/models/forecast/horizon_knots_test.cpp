// Knots of a horizon: they begin at 1, end at the horizon, and between them a value runs straight in
// log(step).
#include "models/forecast/horizon_knots.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(knots_rise_from_1_to_the_horizon) {
  for (const std::size_t horizon : {1U, 2U, 5U, 24U, 48U, 288U, 1'000U}) {
    const horizon_knots knots{horizon};
    BOOST_TEST(knots.step(0) == 1U);
    BOOST_TEST(knots.horizon() == horizon);
    for (std::size_t n = 1; n < knots.size(); ++n)
      BOOST_TEST(knots.step(n) > knots.step(n - 1));
  }
}

BOOST_AUTO_TEST_CASE(a_day_of_five_minutes_has_the_eleven_knots_of_the_notes) {
  const horizon_knots knots{288};
  const std::vector<std::size_t> wanted{1, 2, 3, 6, 12, 24, 48, 96, 144, 216, 288};
  BOOST_REQUIRE(knots.size() == wanted.size());
  for (std::size_t n = 0; n < wanted.size(); ++n)
    BOOST_TEST(knots.step(n) == wanted[n]);
}

BOOST_AUTO_TEST_CASE(at_a_knot_its_own_value_stands_and_between_two_one_between) {
  const horizon_knots knots{288};
  std::vector<double> values;
  for (std::size_t n = 0; n < knots.size(); ++n)
    values.push_back(std::log(static_cast<double>(knots.step(n))));
  for (std::size_t k = 1; k <= 288; ++k)
    BOOST_TEST(std::abs(knots.at(k, values) - std::log(static_cast<double>(k))) < 1e-9);
}
