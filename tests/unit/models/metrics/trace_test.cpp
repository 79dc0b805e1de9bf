// What a report shows beyond scores: the hour of a week, the calibration of counts, curves within their
// bounds.
#include "models/bytes.hpp"
#include "models/metrics/trace.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <string>
#include <vector>

using namespace forestage::models;

namespace {

std::string bytes_of(const trace& t) {
  std::string bytes;
  byte_writer write{bytes};
  write(t);
  return bytes;
}

trace_settings two_keys() {
  const auto region = region_id::make("eu").value();
  return {{{resource_id::make("a").value(), region, 5}, {resource_id::make("b").value(), region, 3}},
          interval_number{100},
          interval_number{110}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(trace_of_a_run)

BOOST_AUTO_TEST_CASE(a_week_begins_on_monday_at_midnight) {
  constexpr std::int64_t monday = 1'767'571'200; // 2026-01-05 00:00 UTC
  BOOST_TEST(hour_of_week(monday) == 0U);
  BOOST_TEST(hour_of_week(monday - 1) == 167U);
  BOOST_TEST(hour_of_week(monday + 3'599) == 0U);
  BOOST_TEST(hour_of_week(monday + 86'400 + 3'600) == 25U);
  BOOST_TEST(hour_of_week(0) == 72U); // a Thursday
  BOOST_TEST(hour_of_week(-1) == 71U);
}

RC_BOOST_PROP(a_correct_forecast_of_counts_covers_every_level_exactly, ()) {
  // A distribution of counts by whole weights, and each count as often as it says.
  const auto weights = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 20)));
  double sum = 0;
  for (const auto w : weights)
    sum += w;
  calibration_sums sums;
  double below = 0;
  for (const auto w : weights) {
    for (int i = 0; i < w; ++i)
      sums.add(0.5, {below / sum, (below + w) / sum});
    below += w;
  }
  const auto coverage = sums.coverage(0);
  for (std::size_t i = 0; i < coverage.size(); ++i)
    RC_ASSERT(std::abs(coverage[i] - calibration_sums::levels[i]) < 1e-4);
}

BOOST_AUTO_TEST_CASE(forecasts_that_are_too_low_or_too_wide_show) {
  calibration_sums low, wide;
  for (int i = 0; i < 100; ++i) {
    low.add(20, {0.95, 0.96});  // always far above what was thought likely
    wide.add(20, {0.49, 0.51}); // always in the very middle
  }
  BOOST_TEST(low.observations(2) == 100);
  BOOST_TEST(low.coverage(2)[9] == 0.0);   // of the median
  BOOST_TEST(wide.coverage(2)[3] == 0.0);  // of 20 %
  BOOST_TEST(wide.coverage(2)[15] == 1.0); // of 80 %
  BOOST_TEST(low.coverage(0).empty());
}

BOOST_AUTO_TEST_CASE(classes_go_by_what_was_expected) {
  calibration_sums sums;
  for (const double mean : {0.0, 0.99, 1.0, 9.99, 10.0, 1e9})
    sums.add(mean, {0, 1});
  for (std::size_t c = 0; c < calibration_sums::class_count; ++c)
    BOOST_TEST(sums.observations(c) == 2);
}

BOOST_AUTO_TEST_CASE(an_impossible_count_is_above_or_below_a_level_and_no_number_is_lost) {
  calibration_sums sums;
  sums.add(5, {1.0, 1.0});
  sums.add(5, {0.0, 0.0});
  for (const double c : sums.coverage(1))
    BOOST_TEST(c == 0.5);
}

BOOST_AUTO_TEST_CASE(curves_keep_their_window_only) {
  const auto settings = two_keys();
  trace t{settings};
  for (const std::int64_t at : {99, 100, 109, 110}) {
    t.add_outcome(settings, 0, interval_number{at}, at, 1);
    t.add_forecast(settings, 0, {interval_number{at}, at * 100, {1, 2, 3, 4, 5}});
  }
  BOOST_TEST(t.curves()[1].empty());
  const auto& curve = t.curves()[0];
  BOOST_TEST(curve.actual.size() == 10U);
  BOOST_TEST(curve.actual.front() == 100);
  BOOST_TEST(curve.actual.back() == 109);
  BOOST_TEST(curve.mean[1] == traced_curve::nothing_said);
  BOOST_TEST(curve.quantiles[4].back() == 5);
  BOOST_TEST(t.fits(settings));
  BOOST_TEST(!trace{}.fits(settings));
  auto other = settings;
  other.to = interval_number{111};
  BOOST_TEST(!t.fits(other));
}

BOOST_AUTO_TEST_CASE(traces_merge_to_the_same_in_any_order_and_survive_their_bytes) {
  const auto settings = two_keys();
  std::vector<trace> parts(3, trace{settings});
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i].add_hour(i, {10, 4});
    parts[i].add_hour(7, {1, 1});
    calibration_sums sums;
    sums.add(static_cast<double>(i), {0.3, 0.4});
    parts[i].add(sums);
    if (i < 2) parts[i].add_outcome(settings, i, interval_number{101}, 3, 2);
  }
  trace forward, backward;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    forward.merge(parts[i]);
    backward.merge(parts[parts.size() - 1 - i]);
  }
  BOOST_TEST((forward == backward));
  BOOST_TEST(forward.week()[7].requests == 3);
  const auto bytes = bytes_of(forward);
  trace restored;
  byte_reader read{bytes};
  read(restored);
  BOOST_TEST(read.ok());
  BOOST_TEST((restored == forward));
}

BOOST_AUTO_TEST_SUITE_END()
