// Mixtures of two forecasts: their quantiles, in order, between the two, and each alone at its end.
#include "models/forecast/scenario_mixture.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

using namespace forestage::models;

namespace {

using bands = std::vector<std::vector<float>>;
constexpr std::array<double, 5> asked{0.05, 0.25, 0.5, 0.75, 0.95};

// Uniform, of one step.
bands uniform(double from, double to) {
  bands out;
  for (const double level : scenario_levels)
    out.push_back({static_cast<float>(from + (to - from) * level)});
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(what_is_sure_is_said_alone) {
  const auto low = uniform(0, 1), high = uniform(10, 20);
  const auto usual = mixed_quantiles(low, high, 0, asked), other = mixed_quantiles(low, high, 1, asked);
  for (std::size_t q = 0; q < asked.size(); ++q) {
    BOOST_TEST(std::abs(double{usual[q][0]} - asked[q]) < 1e-6);
    BOOST_TEST(std::abs(double{other[q][0]} - (10 + 10 * asked[q])) < 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(a_level_that_is_open_has_quantiles_on_both) {
  const auto mixed = mixed_quantiles(uniform(0, 1), uniform(10, 20), 0.6, asked);
  // .4 of the mass is between 0 and 1, .6 between 10 and 20.
  BOOST_TEST(std::abs(double{mixed[0][0]} - 0.05 / 0.4) < 1e-5);
  BOOST_TEST(std::abs(double{mixed[1][0]} - 0.25 / 0.4) < 1e-5);
  BOOST_TEST(std::abs(double{mixed[2][0]} - (10 + 10 * 0.1 / 0.6)) < 1e-5);
  BOOST_TEST(std::abs(double{mixed[4][0]} - (10 + 10 * 0.55 / 0.6)) < 1e-5);
}

BOOST_AUTO_TEST_CASE(mass_at_a_value_stays_there) {
  const bands zero(scenario_levels.size(), {0.0F}), seven(scenario_levels.size(), {7.0F});
  const auto mixed = mixed_quantiles(zero, seven, 0.3, asked);
  BOOST_TEST(mixed[2][0] == 0);
  BOOST_TEST(mixed[3][0] == 7);
}

BOOST_AUTO_TEST_CASE(quantiles_are_finite_in_order_and_within_both) {
  BOOST_TEST(rc::check("mixtures of any two", [] {
    const auto any = [] {
      auto values = *rc::gen::container<std::vector<int>>(scenario_levels.size(), rc::gen::inRange(0, 40));
      std::sort(values.begin(), values.end());
      const auto unit = *rc::gen::element(0.25F, 1.0F, 1e12F);
      bands out;
      for (const int v : values)
        out.push_back({unit * static_cast<float>(v)});
      return out;
    };
    const auto one = any(), two = any();
    const double p = *rc::gen::inRange(0, 101) / 100.0;
    const auto mixed = mixed_quantiles(one, two, p, asked);
    float before = std::min(one.front()[0], two.front()[0]);
    for (const auto& q : mixed) {
      RC_ASSERT(std::isfinite(q[0]));
      RC_ASSERT(q[0] >= before);
      before = q[0];
    }
    RC_ASSERT(before <= std::max(one.back()[0], two.back()[0]));
    const auto same = mixed_quantiles(one, one, p, asked), alone = mixed_quantiles(one, one, 0, asked);
    for (std::size_t q = 0; q < asked.size(); ++q)
      RC_ASSERT(std::abs(same[q][0] - alone[q][0]) <= 1e-5F * one.back()[0]);
    // A quantile by itself is what it is among others.
    RC_ASSERT((mixed_quantiles(one, two, p, std::array{0.5}).front() == mixed[2]));
  }));
}
