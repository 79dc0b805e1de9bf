// The negative binomial distribution against sums of its exact terms.
#include "models/demand/negative_binomial.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

using namespace forestage::models;

namespace {

// P(d = a), in logarithms.
double mass(double mean, double phi, int a) {
  const double n = a;
  if (mean <= 0) return a == 0 ? 1 : 0;
  if (phi <= 0) return std::exp(n * std::log(mean) - mean - std::lgamma(n + 1));
  const double r = 1 / phi;
  return std::exp(std::lgamma(n + r) - std::lgamma(r) - std::lgamma(n + 1) + n * std::log(mean / (r + mean)) +
                  r * std::log(r / (r + mean)));
}

// Smallest a with P(d <= a) >= p, and how close the sums on either side come to p.
struct exact_quantile {
  int at = 0;
  double margin = 1;
};
exact_quantile quantile(double mean, double phi, double p) {
  double below = 0;
  double before = 0;
  for (int a = 0;; ++a) {
    below += mass(mean, phi, a);
    if (below >= p || a > 1'000'000) return {a, std::min(below - p, p - before)};
    before = below;
  }
}

std::array<quantile_level, 3> levels_of(double low, double middle, double high) {
  return {quantile_level{low}, quantile_level{middle}, quantile_level{high}};
}

const std::vector<double> small_means{0.001, 0.04, 0.06, 0.3, 0.9, 1, 2.5, 7, 19, 33, 59.9};
const std::vector<double> dispersions{0, 1e-5, 0.003, 0.1, 0.3, 1, 4, 20};

} // namespace

BOOST_AUTO_TEST_CASE(quantiles_of_the_normal_distribution_are_its_inverse) {
  for (const double p : {1e-9, 1e-4, 0.01, 0.02425, 0.1, 0.5, 0.8, 0.9, 0.97575, 0.999, 1 - 1e-7}) {
    const double z = normal_quantile(p);
    BOOST_TEST(0.5 * std::erfc(-z / std::sqrt(2.0)) == p, boost::test_tools::tolerance(1e-7));
  }
  BOOST_TEST(std::fabs(normal_quantile(0.5)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(quantiles_are_those_of_the_summed_terms) {
  for (const auto& p : {std::array{0.8, 0.9, 0.95}, std::array{0.4, 0.5, 0.75}, std::array{0.98, 0.99, 0.995},
                        std::array{0.4, 0.1, 0.55}}) {
    auto sorted = p;
    std::sort(sorted.begin(), sorted.end());
    const auto levels = levels_of(sorted[0], sorted[1], sorted[2]);
    for (const double mean : small_means)
      for (const double phi : dispersions) {
        const auto got =
            negative_binomial_quantiles(static_cast<float>(mean), static_cast<float>(phi), levels);
        for (std::size_t i = 0; i < 3; ++i) {
          const auto exact = quantile(mean, phi, sorted[i]);
          if (exact.margin > 1e-5 * (1 + 1e-2 * mean)) // floats may fall on either side of a tie
            BOOST_TEST(got[i] == exact.at, "mean " << mean << " phi " << phi << " p " << sorted[i]);
        }
      }
  }
}

BOOST_AUTO_TEST_CASE(quantiles_far_in_the_tail_do_not_run_away) {
  // A ratio of a million to one: levels that sums of floats may never reach.
  const auto levels = levels_of(0.999998, 0.999999, 0.9999995);
  for (const double mean : small_means)
    for (const double phi : {0.0, 0.01, 0.1, 0.3}) {
      const auto got = negative_binomial_quantiles(static_cast<float>(mean), static_cast<float>(phi), levels);
      const auto exact = quantile(mean, phi, 0.9999995);
      BOOST_TEST(got[2] <= 1.5 * exact.at + 3, "mean " << mean << " phi " << phi);
      BOOST_TEST(got[2] >= 0.75 * exact.at - 1, "mean " << mean << " phi " << phi);
    }
}

BOOST_AUTO_TEST_CASE(large_means_are_within_a_few_hundredths_of_the_exact_sums) {
  const auto levels = levels_of(0.8, 0.9, 0.95);
  const std::array p{0.8, 0.9, 0.95};
  for (const double mean : {60.5, 100.0, 250.0, 1'000.0, 20'000.0})
    for (const double phi : {0.0, 0.001, 0.02, 0.1, 0.3, 1.0}) {
      const auto got = negative_binomial_quantiles(static_cast<float>(mean), static_cast<float>(phi), levels);
      for (std::size_t i = 0; i < 3; ++i) {
        const auto exact = quantile(mean, phi, p[i]);
        BOOST_TEST(std::abs(got[i] - exact.at) <= 1 + 0.02 * exact.at,
                   "mean " << mean << " phi " << phi << " p " << p[i] << ": " << got[i] << " for "
                           << exact.at);
      }
    }
}

BOOST_AUTO_TEST_CASE(quantiles_rise_with_the_level_and_huge_or_senseless_means_do_not_break_them) {
  const auto levels = levels_of(0.8, 0.9, 0.95);
  for (const float mean : {0.0F, 1e-30F, 1.0F, 59.0F, 61.0F, 1e4F, 1e9F, 1e20F, 1e30F, std::nanf("")})
    for (const float phi : {0.0F, 0.3F, 20.0F}) {
      const auto got = negative_binomial_quantiles(mean, phi, levels);
      BOOST_TEST(got[0] >= 0);
      BOOST_TEST(got[0] <= got[1]);
      BOOST_TEST(got[1] <= got[2]);
      BOOST_TEST(got[2] <= 1'000'000'000);
    }
}

BOOST_AUTO_TEST_CASE(without_dispersion_it_is_the_poisson_distribution) {
  std::vector<float> poisson(60);
  std::vector<float> nearly(60);
  for (const float mean : {0.2F, 3.0F, 20.0F}) {
    negative_binomial_survival(mean, 0, poisson);
    negative_binomial_survival(mean, 2e-4F, nearly);
    double at_least = 1;
    for (int j = 1; j <= 60; ++j) {
      at_least -= mass(static_cast<double>(mean), 0, j - 1);
      BOOST_TEST(std::fabs(static_cast<double>(poisson[static_cast<std::size_t>(j - 1)]) - at_least) < 1e-5);
      BOOST_TEST(std::fabs(static_cast<double>(nearly[static_cast<std::size_t>(j - 1)]) - at_least) < 2e-3);
    }
  }
}

BOOST_AUTO_TEST_CASE(survival_is_one_minus_the_summed_terms_for_means_of_any_size) {
  for (const double mean : {0.0, 0.05, 1.0, 2.5, 30.0, 59.0, 80.0, 95.0, 110.0, 200.0, 400.0, 700.0})
    for (const double phi : dispersions) {
      std::vector<float> survival(512);
      negative_binomial_survival(static_cast<float>(mean), static_cast<float>(phi), survival);
      double at_least = 1;
      float before = 1;
      for (int j = 1; j <= 512; ++j) {
        at_least -= mass(mean, phi < 1e-4 ? 0 : phi, j - 1); // so small a dispersion is taken as none
        const auto got = survival[static_cast<std::size_t>(j - 1)];
        BOOST_REQUIRE_MESSAGE(std::fabs(static_cast<double>(got) - at_least) < 1e-4,
                              "mean " << mean << " phi " << phi << " unit " << j << ": " << got << " for "
                                      << at_least);
        BOOST_REQUIRE(got <= before);
        BOOST_REQUIRE(got >= 0);
        before = got;
      }
    }
}

BOOST_AUTO_TEST_CASE(survival_and_quantiles_agree) {
  const auto levels = levels_of(0.8, 0.9, 0.95);
  const std::array p{0.8F, 0.9F, 0.95F};
  for (const double mean : small_means)
    for (const double phi : dispersions) {
      std::vector<float> survival(2'000);
      negative_binomial_survival(static_cast<float>(mean), static_cast<float>(phi), survival);
      const auto got = negative_binomial_quantiles(static_cast<float>(mean), static_cast<float>(phi), levels);
      for (std::size_t i = 0; i < 3; ++i) {
        // P(d > q) <= 1 - p < P(d > q - 1).
        const auto q = static_cast<std::size_t>(got[i]);
        BOOST_TEST(survival[q] <= 1 - p[i] + 1e-4F, "mean " << mean << " phi " << phi);
        if (q > 0) BOOST_TEST(survival[q - 1] >= 1 - p[i] - 1e-4F, "mean " << mean << " phi " << phi);
      }
    }
}
