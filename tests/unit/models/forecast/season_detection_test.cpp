// Seasons found in what has them, and none in noise.
#include "models/forecast/season_detection.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <cmath>
#include <numbers>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

using panel = std::vector<std::vector<double>>;

std::vector<std::size_t> lengths(const panel& series) {
  const std::vector<std::span<const double>> spans(series.begin(), series.end());
  return detect_seasons(spans).lengths;
}

double gauss(random_source& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i)
    sum += random.uniform();
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_pure_season_is_found) {
  BOOST_TEST(rc::check("any pattern, repeated", [] {
    const auto season = *rc::gen::inRange<std::size_t>(3, 200);
    random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    std::vector<double> pattern, y;
    for (std::size_t i = 0; i < season; ++i)
      pattern.push_back(100 * std::exp(gauss(random)));
    for (std::size_t t = 0; t < 10 * season; ++t)
      y.push_back(pattern[t % season]);
    // A pattern whose half is like its other half has that as its short season.
    const auto found = lengths({y});
    RC_ASSERT(!found.empty());
    RC_ASSERT(found.back() == season);
  }));
}

BOOST_AUTO_TEST_CASE(a_smooth_season_under_noise_is_found) {
  BOOST_TEST(rc::check("a wave", [] {
    const auto season = *rc::gen::inRange<std::size_t>(8, 300);
    random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    panel series(4);
    for (auto& y : series)
      for (std::size_t t = 0; t < 20 * season; ++t)
        y.push_back(100 * std::exp(std::sin(2 * std::numbers::pi * static_cast<double>(t) /
                                            static_cast<double>(season)) +
                                   0.3 * gauss(random)));
    const auto found = lengths(series);
    RC_ASSERT(found.size() >= 1U);
    // A wave is nearly as high a little beside its top.
    RC_ASSERT(std::abs(static_cast<double>(found[0]) - static_cast<double>(season)) <=
              0.5 + 0.01 * static_cast<double>(season));
  }));
}

BOOST_AUTO_TEST_CASE(noise_and_a_level_that_wanders_have_none) {
  BOOST_TEST(rc::check("noise that remembers", [] {
    const double memory = *rc::gen::element(0.0, 0.5, 0.9, 1.0);
    const auto length = *rc::gen::inRange<std::size_t>(50, 3'000);
    random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    std::vector<double> y;
    double level = 0;
    for (std::size_t t = 0; t < length; ++t) {
      level = memory * level + gauss(random);
      y.push_back(std::exp(5 + 0.05 * level));
    }
    RC_ASSERT(lengths({y}).empty());
  }));
}

BOOST_AUTO_TEST_CASE(a_week_of_days_has_two_seasons) {
  BOOST_TEST(rc::check("days, the last of a week quiet", [] {
    const auto day = *rc::gen::inRange<std::size_t>(6, 60);
    const auto days = *rc::gen::inRange<std::size_t>(3, 8);
    random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    std::vector<double> y;
    for (std::size_t t = 0; t < 16 * day * days; ++t)
      y.push_back(
          100 * std::exp(std::sin(2 * std::numbers::pi * static_cast<double>(t) / static_cast<double>(day)) -
                         (t / day % days == days - 1 ? 0.7 : 0) + 0.1 * gauss(random)));
    const auto found = lengths({y});
    RC_ASSERT(found.size() == 2U);
    RC_ASSERT(found[0] == day);
    RC_ASSERT(found[1] == day * days);
  }));
}

BOOST_AUTO_TEST_CASE(what_is_short_empty_or_constant_has_none) {
  BOOST_TEST(lengths({}).empty());
  BOOST_TEST(lengths({{}, {1}, {1, 2, 1}}).empty());
  BOOST_TEST(lengths({std::vector<double>(500, 7.0)}).empty());
  BOOST_TEST(lengths({std::vector<double>(500, 0.0)}).empty());
  std::vector<double> spike(500, 0.0);
  spike[250] = 1e12;
  BOOST_TEST(lengths({spike}).empty());
}
