#define BOOST_TEST_MODULE synthetic_random
#include "models/synthetic/portable_math.hpp"
#include "models/synthetic/random_stream.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <limits>

using namespace forestage::models::synthetic;

BOOST_AUTO_TEST_CASE(portable_exp_and_log_agree_with_the_standard_library_to_a_few_ulp) {
  for (double x = -690; x < 690; x += 0.37)
    BOOST_TEST(std::abs(portable_exp(x) / std::exp(x) - 1) < 1e-15);
  for (double x = 1e-300; x < 1e300; x *= 1.37)
    BOOST_TEST(std::abs(portable_log(x) - std::log(x)) <= 1e-15 * std::max(1.0, std::abs(std::log(x))));
  BOOST_TEST(portable_exp(0) == 1);
  BOOST_TEST(portable_log(1) == 0);
  BOOST_TEST(portable_exp(-1e9) == 0);
  BOOST_TEST(portable_exp(1e9) == std::numeric_limits<double>::infinity());
}

BOOST_AUTO_TEST_CASE(a_stream_is_the_same_on_every_platform) {
  random_stream random{1, 2, 3};
  BOOST_TEST(random.bits() == 0x185bb40c3c12cf8dULL);
  BOOST_TEST(random.bits() == 0xc038bcd9e9d5e8b4ULL);
  BOOST_TEST(random.uniform() == 0.6782450494979951);
  BOOST_TEST(random.exponential() == 0.95159424767535628);
  BOOST_TEST(random.poisson(1'000) == 970U);
}

BOOST_AUTO_TEST_CASE(streams_of_neighbouring_keys_are_uncorrelated) {
  constexpr int n = 100'000;
  double sum = 0;
  double product = 0;
  for (std::uint64_t key = 0; key < n; ++key) {
    const double a = random_stream{7, key}.uniform() - 0.5;
    const double b = random_stream{7, key + 1}.uniform() - 0.5;
    sum += a;
    product += a * b;
  }
  BOOST_TEST(std::abs(sum / std::sqrt(n / 12.0)) < 4); // z-scores
  BOOST_TEST(std::abs(product / std::sqrt(n / 144.0)) < 4);
}

BOOST_AUTO_TEST_CASE(poisson_counts_have_the_mean_the_variance_and_the_zeros_of_a_poisson) {
  constexpr int n = 200'000;
  for (const double mean : {0.001, 0.2, 1.0, 7.5, 16.0, 40.0, 333.3}) {
    random_stream random{11, static_cast<std::uint64_t>(mean * 1'000)};
    double sum = 0;
    double squares = 0;
    int zeros = 0;
    for (int i = 0; i < n; ++i) {
      const auto count = static_cast<double>(random.poisson(mean));
      sum += count;
      squares += (count - mean) * (count - mean);
      zeros += count == 0 ? 1 : 0;
    }
    BOOST_TEST_CONTEXT("mean " << mean) {
      BOOST_TEST(std::abs(sum - n * mean) / std::sqrt(n * mean) < 4);
      // The variance of (X - mean)^2 is mean + 2 mean^2.
      BOOST_TEST(std::abs(squares - n * mean) / std::sqrt(n * (mean + 2 * mean * mean)) < 4);
      const double p = std::exp(-mean);
      BOOST_TEST(std::abs(zeros - n * p) <= 4 * std::sqrt(n * p * (1 - p)) + 1);
    }
  }
  BOOST_TEST(random_stream{1}.poisson(0) == 0U);
}

BOOST_AUTO_TEST_CASE(below_reaches_every_number_and_no_other) {
  random_stream random{5};
  std::array<int, 7> seen = {};
  for (int i = 0; i < 7'000; ++i)
    ++seen.at(random.below(7));
  for (const int count : seen)
    BOOST_TEST(std::abs(count - 1'000) < 4 * 30);
}
