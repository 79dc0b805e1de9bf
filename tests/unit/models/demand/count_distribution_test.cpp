// The distribution behind a decision: quantiles and probabilities that belong to each other.
#include "models/demand/count_distribution.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>

using namespace forestage::models;

namespace {

decision said(float mean, float dispersion) {
  decision d;
  d.mean = mean;
  d.dispersion = dispersion;
  std::array<float, indicator_count> at_least{};
  negative_binomial_survival(mean, dispersion, at_least);
  d.at_least = at_least;
  return d;
}

std::int64_t quantile(const decision& d, double level) {
  std::int64_t out = -1;
  count_quantiles(d, std::array{level}, std::span{&out, 1});
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(count_quantiles_are_those_of_the_tables) {
  BOOST_TEST(quantile(said(0.1F, 0), 0.9) == 0); // P(0) = 0.9048
  BOOST_TEST(quantile(said(0.11F, 0), 0.9) == 1);
  BOOST_TEST(quantile(said(10, 0), 0.9) == 14);
  BOOST_TEST(quantile(said(100, 0), 0.9) == 113);
  BOOST_TEST(std::abs(quantile(said(1'000, 0), 0.9) - 1'041) <= 1);
  BOOST_TEST(std::abs(quantile(said(1'000, 0), 0.1) - 960) <= 1);
}

BOOST_AUTO_TEST_CASE(a_count_quantile_is_the_first_count_that_reaches_its_level) {
  for (const float mean : {0.02F, 0.4F, 2.0F, 7.5F, 60.0F, 300.0F, 470.0F, 520.0F, 4'000.0F})
    for (const float phi : {0.0F, 0.1F, 0.8F}) {
      const auto d = said(mean, phi);
      std::array<double, 5> levels{0.025, 0.1, 0.5, 0.9, 0.975};
      std::array<std::int64_t, 5> found{};
      count_quantiles(d, levels, found);
      for (std::size_t i = 0; i < levels.size(); ++i) {
        if (i > 0) BOOST_TEST(found[i - 1] <= found[i]);
        BOOST_TEST(found[i] == quantile(d, levels[i]));
        const auto [below, at_most] = distribution_at(d, found[i]);
        BOOST_TEST(below <= at_most);
        // Where the exact stretch and the approximation meet, they differ by as much.
        const double slack = found[i] < 500 || found[i] > 520 ? 2e-3 : 2e-2;
        BOOST_TEST(at_most >= levels[i] - slack, "mean " << mean << " phi " << phi << " level " << levels[i]);
        BOOST_TEST(below <= levels[i] + slack, "mean " << mean << " phi " << phi << " level " << levels[i]);
      }
    }
}

BOOST_AUTO_TEST_CASE(probabilities_of_counts_rise_from_nothing_to_one) {
  for (const float mean : {0.0F, 0.3F, 5.0F, 200.0F, 900.0F}) {
    const auto d = said(mean, 0.2F);
    BOOST_TEST(distribution_at(d, 0).first == 0.0);
    double before = 0;
    for (std::int64_t count = 0; count < 508; ++count) {
      const auto [below, at_most] = distribution_at(d, count);
      BOOST_REQUIRE_LE(std::abs(below - before), 1e-6);
      BOOST_REQUIRE_LE(below, at_most);
      before = at_most;
    }
    BOOST_TEST(distribution_at(d, 1'000'000).second > 0.999);
  }
}
