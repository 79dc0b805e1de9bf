// What declarations for the intervals beside one say about it: the factors, and the loss they are chosen by.
#include "models/intents/burst.hpp"
#include "models/intents/posterior.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace forestage::models;
namespace tests = forestage::tests;

BOOST_AUTO_TEST_CASE(silence_beside_lowers_the_mean_and_what_was_expected_or_more_does_not) {
  const auto expected = burst_factors(2, 1, 0.5F);
  for (const auto f : expected)
    BOOST_TEST(std::fabs(f - 1) < 1e-6F);
  const auto none = burst_factors(2, 0, 0.5F);
  BOOST_TEST(none[0] == 1.0F);
  for (std::size_t i = 1; i < burst_choices; ++i)
    BOOST_TEST(none[i] <= none[i - 1]); // from the widest belief to the narrowest
  BOOST_TEST(none[burst_choices - 1] < 0.3F);
  for (const auto f : burst_factors(2, 6, 0.5F))
    BOOST_TEST(f == 1.0F);
}

BOOST_AUTO_TEST_CASE(factors_are_positive_and_bounded_for_any_input) {
  BOOST_TEST(rc::check("factors", [] {
    tests::random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    const auto mean = static_cast<float>(std::exp(random.uniform() * 30 - 10));
    const auto n = static_cast<float>(random.below(1'000'000'000));
    const auto share = static_cast<float>(random.uniform() * 4);
    for (const auto f : burst_factors(mean, n, share)) {
      RC_ASSERT(f >= 0.2F);
      RC_ASSERT(f <= 1.0F);
    }
    RC_ASSERT(std::isfinite(quasi_loss(mean, 0.3F, n)));
  }));
}

// Counts whose level is gamma distributed with shape a: the choice with the least loss is the nearest to a.
BOOST_AUTO_TEST_CASE(the_loss_finds_the_shape_that_made_the_counts) {
  tests::random_source random{tests::seed("burst shape", 541)};
  const auto chosen = [&](double shape) {
    std::array<double, burst_choices> losses{};
    for (int i = 0; i < 40'000; ++i) {
      // A gamma variable of a small whole shape is a sum of exponential ones; shape 0: no bursts.
      double level = 1;
      if (shape >= 1) {
        level = 0;
        for (int k = 0; k < static_cast<int>(shape); ++k)
          level -= std::log(1 - random.uniform());
        level /= shape;
      }
      const auto y = static_cast<float>(random.poisson(0.5 * level));
      const auto n = static_cast<float>(random.poisson(0.5 * level));
      const auto factors = burst_factors(0.5F, n, 1);
      for (std::size_t c = 0; c < burst_choices; ++c)
        losses[c] += static_cast<double>(quasi_loss(0.5F * factors[c], 0, y));
    }
    return std::min_element(losses.begin(), losses.end()) - losses.begin();
  };
  BOOST_TEST(chosen(0) == 0);
  BOOST_TEST(chosen(1) >= 2); // 1.3 or narrower: only half of the update is taken
  BOOST_TEST(chosen(4) == 1);
}

BOOST_AUTO_TEST_CASE(a_distribution_is_tilted_to_the_mean_that_is_asked_for) {
  BOOST_TEST(rc::check("tilt to a mean", [] {
    tests::random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    std::vector<float> survival;
    float p = 1;
    for (int j = 0; j < 12; ++j)
      survival.push_back(p *= static_cast<float>(0.2 + 0.7 * random.uniform()));
    count_distribution d;
    to_distribution(survival, d);
    const float target = mean_of(d) * static_cast<float>(0.3 + 2 * random.uniform());
    tilt_to_mean(target, d);
    float sum = 0;
    for (const auto q : d) {
      RC_ASSERT(q >= 0);
      sum += q;
    }
    RC_ASSERT(std::fabs(sum - 1) < 1e-4F);
    RC_ASSERT(std::fabs(mean_of(d) - target) < 0.01F * target + 1e-4F);
  }));
}
