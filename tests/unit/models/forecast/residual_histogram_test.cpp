// Quantiles from bins: near the sample's own, ordered, and forgetting.
#include "models/forecast/quantile.hpp"
#include "models/forecast/residual_histogram.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(quantiles_are_those_of_the_sample_within_a_bin) {
  forestage::tests::random_source random{1};
  residual_histogram histogram;
  std::vector<double> sample;
  for (int i = 0; i < 5'000; ++i) {
    const double e = random.uniform() + random.uniform() - random.uniform() - random.uniform();
    sample.push_back(e);
    histogram.add(e);
  }
  std::sort(sample.begin(), sample.end());
  for (const double q : {0.025, 0.1, 0.5, 0.9, 0.975})
    BOOST_TEST(std::abs(histogram.quantile(q) - quantile_of(sample, q)) < 0.06);
}

BOOST_AUTO_TEST_CASE(quantiles_rise_with_their_level) {
  residual_histogram histogram;
  for (const double e : {-100.0, -0.1, 0.0, 0.0, 3.0, 1e9})
    histogram.add(e);
  double last = -1e300;
  for (double q = 0.01; q < 1; q += 0.01) {
    BOOST_TEST(std::isfinite(histogram.quantile(q)));
    BOOST_TEST(histogram.quantile(q) >= last);
    last = histogram.quantile(q);
  }
}

BOOST_AUTO_TEST_CASE(what_was_long_ago_fades) {
  residual_histogram histogram;
  for (int i = 0; i < 100; ++i)
    histogram.add(5);
  for (int i = 0; i < 100; ++i) {
    histogram.decay(0.9);
    histogram.add(-5);
  }
  BOOST_TEST(histogram.quantile(0.9) < -3);
  BOOST_TEST(std::abs(histogram.count() - 10) < 0.1);
}
