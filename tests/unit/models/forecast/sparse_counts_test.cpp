// Counts that are mostly zero: hand values and quantiles against what was drawn.
#include "models/forecast/sparse_counts.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

BOOST_AUTO_TEST_CASE(every_zero_lowers_the_probability_and_leaves_the_size) {
  sparse_counts s{1}; // a half-life of two
  for (const int count : {4, 0, 0, 0})
    s.observe(count);
  // Plain means of two and three, then the half-life.
  BOOST_TEST(s.mean() == 4 * std::exp2(-0.5) / 3, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(s.sparse());
}

BOOST_AUTO_TEST_CASE(what_never_came_is_zero_and_not_sparse) {
  sparse_counts s{24};
  std::array<double, 2> out{7, 7};
  for (int t = 0; t < 50; ++t)
    s.observe(0);
  BOOST_TEST(!s.sparse());
  s.quantiles(std::array<double, 2>{0.5, 0.99}, out);
  BOOST_TEST(out[0] == 0);
  BOOST_TEST(out[1] == 0);
}

BOOST_AUTO_TEST_CASE(quantiles_hold_as_much_as_they_say) {
  random_source random{3};
  const std::array<double, 4> qs{0.5, 0.8, 0.9, 0.99};
  sparse_counts s{200};
  const auto draw = [&random] { // a geometric size, three in ten
    if (random.uniform() > 0.3) return 0.0;
    double k = 1;
    while (random.uniform() < 0.6)
      ++k;
    return k;
  };
  for (int t = 0; t < 5'000; ++t)
    s.observe(draw());
  std::array<double, 4> out{};
  s.quantiles(qs, out);
  BOOST_TEST(out[0] == 0);
  std::array<double, 4> at_most{}, below{};
  constexpr int many = 20'000;
  for (int t = 0; t < many; ++t) {
    const double y = draw();
    for (std::size_t q = 0; q < qs.size(); ++q) {
      at_most[q] += y <= out[q] ? 1.0 / many : 0;
      below[q] += y < out[q] ? 1.0 / many : 0;
    }
  }
  for (std::size_t q = 0; q < qs.size(); ++q) {
    BOOST_TEST(at_most[q] > qs[q] - 0.03);
    BOOST_TEST(below[q] < qs[q] + 0.03);
  }
}

BOOST_AUTO_TEST_CASE(any_counts_give_whole_ordered_finite_quantiles) {
  random_source random{5};
  const std::array<double, 5> qs{0.01, 0.5, 0.9, 0.99, 0.9999};
  for (const double largest : {1.0, 3.0, 500.0, 1e6, 1e12}) {
    sparse_counts s{24};
    for (int t = 0; t < 300; ++t) {
      s.observe(random.uniform() < 0.8 ? 0 : std::floor(1 + largest * random.uniform()));
      std::array<double, 5> out{};
      s.quantiles(qs, out);
      for (std::size_t q = 0; q < qs.size(); ++q) {
        BOOST_REQUIRE(std::isfinite(out[q]) && out[q] >= 0 && out[q] == std::round(out[q]));
        if (q > 0) BOOST_REQUIRE(out[q] >= out[q - 1]);
      }
    }
  }
}
