// The Poisson distribution as the rate oracle takes it, held to itself and to values computed elsewhere.
#define BOOST_TEST_MODULE cluster_rate_oracle
#include "cluster/replay/rate_oracle.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace forestage::cluster;

BOOST_AUTO_TEST_CASE(quantiles_are_those_of_the_tables) {
  BOOST_TEST(poisson_quantile(0, 0.9) == 0);
  BOOST_TEST(poisson_quantile(0.1, 0.9) == 0); // P(0) = 0.9048
  BOOST_TEST(poisson_quantile(0.11, 0.9) == 1);
  BOOST_TEST(poisson_quantile(1, 0.9) == 2);
  BOOST_TEST(poisson_quantile(10, 0.9) == 14);
  BOOST_TEST(poisson_quantile(100, 0.9) == 113);
  BOOST_TEST(poisson_quantile(1'000, 0.9) == 1'041);
}

BOOST_AUTO_TEST_CASE(survival_is_that_of_the_tables) {
  const auto two = poisson_survival(2, 4);
  BOOST_TEST(two[0] == 1 - std::exp(-2.0), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(two[3] == 0.1428765395, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(poisson_survival(1'000, 1'000)[999] == 0.5042052, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(poisson_survival(5, 0).empty());
}

BOOST_AUTO_TEST_CASE(a_quantile_is_the_first_place_where_survival_is_small_enough) {
  for (const double mean : {0.01, 0.2, 1.0, 3.7, 60.0, 499.0, 501.0, 5'000.0})
    for (const double level : {0.1, 0.5, 0.9, 0.99}) {
      const auto a = poisson_quantile(mean, level);
      const auto survival = poisson_survival(mean, a + 1);
      BOOST_TEST(survival[static_cast<std::size_t>(a)] <= 1 - level + 1e-9, mean << " at " << level);
      if (a > 0)
        BOOST_TEST(survival[static_cast<std::size_t>(a - 1)] > 1 - level - 1e-9, mean << " at " << level);
      for (std::size_t j = 1; j < survival.size(); ++j)
        BOOST_REQUIRE(survival[j] <= survival[j - 1]);
    }
}
