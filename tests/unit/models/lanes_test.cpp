#define BOOST_TEST_MODULE lanes
#include "models/lanes.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <cmath>
#include <numeric>

using namespace forestage::models;

namespace {

std::array<float, 32> any_numbers() {
  std::array<float, 32> out{};
  for (auto& value : out)
    value = static_cast<float>(*rc::gen::inRange(-1'000'000, 1'000'000)) / 64;
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_exponential_is_within_2e_7_of_itself) {
  double worst = 0;
  for (int i = -87'000; i <= 88'000; ++i) {
    const float x = static_cast<float>(i) / 1'000;
    const double exact = std::exp(static_cast<double>(x));
    worst = std::max(worst, std::fabs(static_cast<double>(exponential(x)) - exact) / exact);
  }
  BOOST_TEST(worst < 2e-7);
}

BOOST_AUTO_TEST_CASE(beyond_its_range_the_exponential_stands_still) {
  BOOST_TEST(exponential(0) == 1.0F);
  BOOST_TEST(exponential(-1e30F) == exponential(-87));
  BOOST_TEST(exponential(1e30F) == exponential(88));
  BOOST_TEST(std::isfinite(exponential(1e30F)));
}

BOOST_AUTO_TEST_CASE(sums_and_extremes_are_those_of_the_numbers) {
  BOOST_TEST(rc::check([] {
    const auto values = any_numbers();
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    RC_ASSERT(least_of(values) == *least);
    RC_ASSERT(greatest_of(values) == *greatest);
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    RC_ASSERT(std::fabs(static_cast<double>(sum_of(values)) - sum) < 1);
  }));
}
