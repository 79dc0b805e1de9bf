// What a key makes of its forecast distributions: the map's invariants, and that shares come out at their
// levels.
#include "models/bytes.hpp"
#include "models/demand/recalibration.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

constexpr float busy = 100, quiet = 0.2F;

// A recalibration that has seen anything: ends of the forecast's probabilities of what came, in any order.
recalibration random_recalibration() {
  recalibration r;
  const auto steps = *rc::gen::inRange(0, 400);
  random_source random{*rc::gen::arbitrary<std::uint64_t>()};
  const double tilt = random.uniform() * 6;
  for (int i = 0; i < steps; ++i) {
    const double a = std::pow(random.uniform(), tilt);
    const double b = random.chance(0.3) ? a : std::pow(random.uniform(), tilt);
    r.observe(random.chance(0.5) ? busy : quiet, std::min(a, b), std::max(a, b));
  }
  return r;
}

// A forecast says the probability integral transform of what comes is uniform; it is distorted(u) instead.
template <class Distorted>
std::array<double, recalibration_levels.size()> coverage(recalibration& r, random_source& random, int warm_up,
                                                         int scored, const Distorted& distorted) {
  std::array<double, recalibration_levels.size()> covered{};
  for (int i = 0; i < warm_up + scored; ++i) {
    const auto map = r.map(busy);
    const auto p = static_cast<double>(map(static_cast<float>(distorted(random.uniform()))));
    if (i >= warm_up)
      for (std::size_t k = 0; k < covered.size(); ++k)
        covered[k] += p <= static_cast<double>(recalibration_levels[k]) ? 1.0 / scored : 0;
    r.observe(busy, p, p);
  }
  return covered;
}

template <class Distorted>
void check_calibrated(recalibration& r, random_source& random, int warm_up, const Distorted& distorted) {
  const auto covered = coverage(r, random, warm_up, 4'000, distorted);
  for (std::size_t k = 0; k < covered.size(); ++k)
    BOOST_TEST(std::fabs(covered[k] - static_cast<double>(recalibration_levels[k])) < 0.02);
}

double too_wide(double u) {
  return 0.5 + (u - 0.5) / 5;
}
double too_narrow(double u) {
  return u < 0.5 ? std::pow(2 * u, 4) / 2 : 1 - std::pow(2 - 2 * u, 4) / 2;
}
double too_low(double u) {
  return std::sqrt(u);
}

} // namespace

BOOST_AUTO_TEST_SUITE(recalibrations)

BOOST_AUTO_TEST_CASE(a_new_one_changes_nothing) {
  const auto map = recalibration{}.map(3);
  for (int i = 0; i <= 1'000; ++i) {
    const float p = static_cast<float>(i) / 1'000;
    BOOST_TEST(std::fabs(map(p) - p) < 1e-6F);
  }
}

RC_BOOST_PROP(the_map_rises_from_zero_to_one_and_its_inverse_is_its_inverse, ()) {
  const auto r = random_recalibration();
  for (const float mean : {quiet, 5.0F, busy}) {
    const auto map = r.map(mean);
    RC_ASSERT(map(1) == 1.0F);
    float before = 0;
    for (int i = 0; i <= 2'000; ++i) {
      const float g = map(static_cast<float>(i) / 2'000);
      RC_ASSERT(g >= before);
      RC_ASSERT(g <= 1.0F);
      before = g;
    }
    double last = 0;
    for (int i = 1; i < 200; ++i) {
      const double level = i / 200.0;
      const double p = map.inverse(level);
      RC_ASSERT(p >= last);
      RC_ASSERT(p <= 1.0);
      last = p;
      // Where the map puts extra mass on zero, every level up to it has the inverse 0.
      RC_ASSERT(std::fabs(static_cast<double>(map(static_cast<float>(p))) - level) < 2e-3 || p == 0 ||
                p > 0.9999);
    }
  }
}

RC_BOOST_PROP(its_bytes_are_the_whole_state, ()) {
  auto r = random_recalibration();
  std::string bytes;
  byte_writer write{bytes};
  write(r);
  recalibration copy;
  byte_reader read{bytes};
  read(copy);
  RC_ASSERT(read.ok());
  RC_ASSERT(read.rest().empty());
  for (const float mean : {quiet, busy}) {
    RC_ASSERT(copy.map(mean) == r.map(mean));
    r.observe(mean, 0.2, 0.4);
    copy.observe(mean, 0.2, 0.4);
    RC_ASSERT(copy.map(mean) == r.map(mean));
  }
}

BOOST_AUTO_TEST_CASE(shares_come_out_at_their_levels_whatever_the_forecast_does) {
  random_source random{forestage::tests::seed("recalibration", 1)};
  recalibration wide;
  check_calibrated(wide, random, 500, too_wide);
  recalibration narrow;
  check_calibrated(narrow, random, 500, too_narrow);
  recalibration low;
  check_calibrated(low, random, 500, too_low);
}

BOOST_AUTO_TEST_CASE(after_a_level_shift_they_do_so_again) {
  random_source random{forestage::tests::seed("recalibration shift", 2)};
  recalibration r;
  check_calibrated(r, random, 500, too_wide);
  check_calibrated(r, random, 300, too_low);
  check_calibrated(r, random, 300, too_narrow);
}

BOOST_AUTO_TEST_CASE(zeros_that_the_forecast_thinks_impossible_get_their_mass) {
  random_source random{forestage::tests::seed("recalibration zeros", 3)};
  recalibration r;
  double at_zero = 0;
  for (int i = 0; i < 6'000; ++i) {
    const auto map = r.map(busy);
    const bool zero = random.chance(0.15);
    const auto p = static_cast<double>(map(zero ? 0.0F : static_cast<float>(random.uniform())));
    if (i >= 2'000) at_zero += static_cast<double>(map(0)) / 4'000;
    r.observe(busy, zero ? 0.0 : p, p);
  }
  // The mass is one of the levels at a time: .1, and .2 now and then.
  BOOST_TEST(at_zero > 0.08);
  BOOST_TEST(at_zero < 0.2);
}

BOOST_AUTO_TEST_CASE(classes_of_the_mean_learn_apart) {
  recalibration r;
  for (int i = 0; i < 500; ++i)
    r.observe(busy, 0.5, 0.5);
  BOOST_TEST((r.map(quiet) == recalibration{}.map(quiet)));
  BOOST_TEST((r.map(9) == recalibration{}.map(9)));
  BOOST_TEST((r.map(10) == r.map(busy)));
  BOOST_TEST(!(r.map(busy) == recalibration{}.map(busy)));
}

BOOST_AUTO_TEST_CASE(new_keys_begin_where_the_others_have_come_to) {
  random_source random{forestage::tests::seed("recalibration pool", 4)};
  recalibration_statistics forwards;
  recalibration_statistics backwards;
  std::vector<recalibration> keys(20);
  for (auto& r : keys)
    coverage(r, random, 0, 400, too_wide);
  for (const auto& r : keys)
    r.report(forwards);
  std::reverse(keys.begin(), keys.end());
  for (const auto& r : keys) {
    recalibration_statistics one;
    r.report(one);
    backwards.merge(one);
  }
  BOOST_TEST((forwards == backwards));

  recalibration fresh{forwards.mean()};
  recalibration ignorant;
  const auto error = [&](recalibration& r) {
    random_source same{5};
    const auto covered = coverage(r, same, 0, 60, too_wide);
    double sum = 0;
    for (std::size_t k = 0; k < covered.size(); ++k)
      sum += std::fabs(covered[k] - static_cast<double>(recalibration_levels[k]));
    return sum;
  };
  BOOST_TEST(error(fresh) < 0.7 * error(ignorant));
  // What has been seen is not overruled.
  const auto learned = keys.front().map(busy);
  keys.front().start_from(recalibration_start{});
  BOOST_TEST((keys.front().map(busy) == learned));
  BOOST_TEST((recalibration{recalibration_statistics{}.mean()}.map(busy) == recalibration{}.map(busy)));
}

BOOST_AUTO_TEST_SUITE_END()
