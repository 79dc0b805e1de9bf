// Runs of deviations to one side: where they began, when they are sure to be a new level, how likely before.
#include "models/forecast/level_evidence.hpp"
#include "models/forecast/level_watch.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

constexpr std::size_t season = 24, quiet = 14 * season;
constexpr evidence_settings early{1.2, 1, 4.3};

// A series' deviations, of a few weeks of noise within +-1.
struct watched {
  deviation_windows recent{season};
  level_watch watch{quiet};
  level_evidence evidence{season, quiet, early};
  random_source random{3};

  std::optional<std::size_t> observe(double deviation) {
    recent.observe(deviation);
    evidence.observe(recent);
    return watch.observe(recent);
  }
  double noise() { return 2 * random.uniform() - 1; }
  void go(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i)
      BOOST_REQUIRE(!observe(noise()));
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(means_come_when_their_windows_are_full) {
  deviation_windows recent{season};
  recent.observe(2);
  BOOST_TEST(recent.mean(0).value() == 2);
  BOOST_TEST(!recent.mean(1).has_value());
  recent.observe(std::numeric_limits<double>::infinity());
  recent.observe(std::nan(""));
  BOOST_TEST(recent.mean(1).value() == 3);
  BOOST_TEST(std::abs(recent.mean(2).value() - 8.0 / 3) < 1e-12);
  recent.forget();
  BOOST_TEST(!recent.mean(0).has_value());
}

BOOST_AUTO_TEST_CASE(a_run_begins_where_the_deviations_change) {
  // Seen through a window that began before it.
  deviation_windows recent{season};
  for (int i = 0; i < 40; ++i)
    recent.observe(i % 2 == 0 ? 0.7 : -0.3);
  recent.observe(0.7);
  for (int i = 0; i < 2; ++i)
    recent.observe(5);
  BOOST_TEST(recent.run(recent.mean(3).value()) == 2U);
}

BOOST_AUTO_TEST_CASE(nothing_is_told_of_noise_or_before_enough_is_known) {
  watched early;
  early.go(quiet - 10);
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(!early.observe(6).has_value());
    BOOST_TEST(early.evidence.look(early.recent).probability == 0);
  }
  watched late;
  for (std::size_t i = 0; i < 2 * quiet; ++i) {
    BOOST_TEST(!late.observe(late.noise()).has_value());
    BOOST_TEST(late.evidence.look(late.recent).probability == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_new_level_is_likely_before_it_is_sure) {
  watched w;
  w.go(2 * quiet);
  std::size_t likely_after = 0, sure_after = 0;
  for (std::size_t i = 1; i <= 12 && sure_after == 0; ++i) {
    const auto run = w.observe(5.4);
    const auto found = w.evidence.look(w.recent);
    BOOST_TEST(found.probability >= 0);
    BOOST_TEST(found.probability < 1);
    if (found.probability > 0 && likely_after == 0) likely_after = i;
    if (!run) continue;
    sure_after = i;
    BOOST_TEST(*run == i);
  }
  BOOST_TEST(likely_after > 0U);
  BOOST_TEST(sure_after > likely_after);
}

BOOST_AUTO_TEST_CASE(what_came_before_is_evidence_of_nothing_and_sides_count_apart) {
  watched w;
  w.go(2 * quiet);
  const auto surge = [&](double deviation) {
    double most = 0;
    for (int i = 0; i < 4; ++i) {
      (void)w.observe(deviation);
      most = std::max(most, w.evidence.look(w.recent).probability);
    }
    w.recent.forget();
    for (std::size_t i = 0; i < 3 * season; ++i)
      (void)w.observe(w.noise());
    return most;
  };
  BOOST_TEST(surge(5) > 0.2);
  BOOST_TEST(surge(5) == 0);
  BOOST_TEST(surge(-5) > 0.2);
}
