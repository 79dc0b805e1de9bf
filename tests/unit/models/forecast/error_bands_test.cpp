// Bands from past errors: centred, ordered around the median, as wide as the errors were.
#include "models/forecast/error_bands.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

BOOST_AUTO_TEST_CASE(bands_know_nothing_before_the_first_error) {
  const error_bands own{3}, pooled{3};
  for (const double q : {0.01, 0.5, 0.99})
    for (const double offset : own.offsets(q, pooled))
      BOOST_TEST(offset == 0);
}

BOOST_AUTO_TEST_CASE(the_median_stays_and_quantiles_lie_on_their_side_of_it) {
  random_source random{2};
  error_bands own{4}, pooled{4};
  for (int i = 0; i < 400; ++i) {
    const double error = i % 50 == 0 ? 1e12 : std::exp(6 * random.uniform() - 3) - 1;
    own.learn(static_cast<std::size_t>(i % 4), error, pooled, 0.99);
    for (const double q : {0.025, 0.3, 0.5, 0.7, 0.99})
      for (const double offset : own.offsets(q, pooled)) {
        BOOST_REQUIRE(std::isfinite(offset));
        if (q == 0.5) BOOST_TEST(offset == 0);
        if (q < 0.5) BOOST_TEST(offset <= 0);
        if (q > 0.5) BOOST_TEST(offset >= 0);
      }
  }
}

BOOST_AUTO_TEST_CASE(a_series_unlike_its_pool_keeps_its_quantiles_on_their_side) {
  // Own errors all low, the pool's spread wide: the shrunken median falls faster than the shrunken tenth.
  random_source random{6};
  error_bands own{1}, others{1}, pooled{1};
  for (int i = 0; i < 300; ++i)
    others.learn(0, 4 * random.uniform() - 1, pooled, 1);
  for (int i = 0; i < 12; ++i)
    own.learn(0, -3, pooled, 1);
  for (const double q : {0.01, 0.1, 0.3, 0.45, 0.55, 0.7, 0.9, 0.99})
    BOOST_TEST((q < 0.5 ? own.offsets(q, pooled)[0] <= 0 : own.offsets(q, pooled)[0] >= 0));
}

BOOST_AUTO_TEST_CASE(bands_hold_the_share_of_errors_that_they_say) {
  random_source random{4};
  std::vector<error_bands> own(6, error_bands{2});
  error_bands pooled{2};
  int inside = 0, all = 0;
  for (int i = 0; i < 4'000; ++i) {
    auto& bands = own[static_cast<std::size_t>(i % 6)];
    const double error = (i % 6 + 1) * (random.uniform() - 0.5);
    if (i > 1'000) {
      const double low = bands.offsets(0.1, pooled)[0], high = bands.offsets(0.9, pooled)[0];
      inside += error >= low && error <= high;
      ++all;
    }
    bands.learn(0, error, pooled, 0.999);
  }
  BOOST_TEST(std::abs(static_cast<double>(inside) / all - 0.8) < 0.03);
}

BOOST_AUTO_TEST_CASE(bands_of_a_series_with_small_errors_are_narrower_than_those_of_one_with_large_ones) {
  random_source random{5};
  error_bands calm{1}, wild{1}, pooled{1};
  for (int i = 0; i < 500; ++i) {
    const double e = random.uniform() - 0.5;
    calm.learn(0, 0.1 * e, pooled, 0.99);
    wild.learn(0, 3 * e, pooled, 0.99);
  }
  BOOST_TEST(calm.offsets(0.95, pooled)[0] < 0.3 * wild.offsets(0.95, pooled)[0]);
}
