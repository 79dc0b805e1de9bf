// What residuals say about the horizon: the regression finds how they fade, and says nothing before it
// learned.
#include "models/forecast/residual_regression.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace forestage::models;

namespace {

residual_row row_with(const std::array<float, residual_trackers>& residuals, std::size_t knots) {
  return {residual_features_of(residuals), std::vector<float>(knots, 2.0F), std::vector<float>(knots, 0.5F)};
}

} // namespace

BOOST_AUTO_TEST_CASE(a_regression_that_has_learned_nothing_shifts_nothing) {
  residual_regression regression{horizon_knots{12}};
  regression.solve();
  std::vector<float> path(12, 4.0F);
  regression.shift({1, 1, 1, 1}, path);
  for (const float v : path)
    BOOST_TEST(v == 4.0F);
}

BOOST_AUTO_TEST_CASE(a_regression_finds_how_residuals_fade) {
  // What comes: f0 + r_1 * 0.5^knot. (The ridge of 20 rows holds it back a little.)
  const horizon_knots knots{6};
  residual_regression regression{knots};
  forestage::tests::random_source random{6};
  for (int i = 0; i < 3'000; ++i) {
    std::array<float, residual_trackers> r{};
    for (auto& v : r)
      v = static_cast<float>(2 * random.uniform() - 1);
    const auto row = row_with(r, knots.size());
    for (std::size_t n = 0; n < knots.size(); ++n)
      regression.learn(row, n, 2 + double{r[0]} * std::exp2(-static_cast<double>(n)));
    if (i % 20 == 0) regression.solve();
  }
  regression.solve();
  std::vector<float> path(6, 2.0F);
  regression.shift({0.8F, 0, 0, 0}, path);
  for (std::size_t n = 0; n < knots.size(); ++n)
    BOOST_TEST(std::abs(path[knots.step(n) - 1] - (2 + 0.8F * std::exp2(-static_cast<float>(n)))) < 0.02F);
}

BOOST_AUTO_TEST_CASE(a_few_errors_of_any_size_do_not_carry_a_regression_away) {
  const horizon_knots knots{6};
  residual_regression regression{knots};
  forestage::tests::random_source random{6};
  for (int i = 0; i < 2'000; ++i) {
    const auto r = static_cast<float>(2 * random.uniform() - 1);
    const auto row = row_with({r, 0, 0, 0}, knots.size());
    for (std::size_t n = 0; n < knots.size(); ++n)
      regression.learn(row, n, i % 100 == 0 ? 30.0 : 2 + 0.5 * double{r});
    regression.solve();
  }
  std::vector<float> path(6, 2.0F);
  regression.shift({1, 0, 0, 0}, path);
  for (const float v : path)
    BOOST_TEST(std::abs(v - 2.5F) < 0.1F);
}
