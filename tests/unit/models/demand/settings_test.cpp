// The settings that all demand models share: grids, calendar tables, fractiles, refusals.
#include "models/demand/settings.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace forestage::models;

namespace {

demand_settings settings_of(std::int64_t seconds, std::int64_t first = 0) {
  demand_options options;
  options.interval_seconds = seconds;
  options.first = interval_number{first};
  return demand_settings::make(options).value();
}

const std::vector<std::int64_t> grids{60, 300, 900, 1'800, 2'400, 3'600, 7'200, 21'600, 43'200, 86'400};

} // namespace

BOOST_AUTO_TEST_CASE(every_interval_of_a_week_lies_in_one_bin_of_each_cycle_and_each_bin_ends_once) {
  for (const auto seconds : grids) {
    BOOST_TEST_CONTEXT("interval of " << seconds << " s") {
      const auto s = settings_of(seconds, 5);
      BOOST_TEST(s.day_bins() == std::min<std::int64_t>(48, s.per_day()));
      BOOST_TEST(s.hour_bins() == std::min<std::int64_t>(168, s.per_week()));
      std::vector<int> day_length(max_day_bins), hour_length(max_hour_bins), week_length(week_bins);
      std::vector<int> day_ends(max_day_bins), hour_ends(max_hour_bins), week_ends(week_bins);
      for (std::int64_t w = 0; w < s.per_week(); ++w) {
        const auto& slot = s.slot(interval_number{w});
        BOOST_TEST(slot.week_slot == w);
        BOOST_TEST(slot.day_slot == w % s.per_day());
        BOOST_TEST(slot.ends_day == ((w + 1) % s.per_day() == 0));
        ++hour_length[slot.hour_bin];
        ++week_length[slot.week_bin];
        hour_ends[slot.hour_bin] += slot.ends_hour_bin ? 1 : 0;
        week_ends[slot.week_bin] += slot.ends_week_bin ? 1 : 0;
        if (w < s.per_day()) {
          ++day_length[slot.day_bin];
          day_ends[slot.day_bin] += slot.ends_day_bin ? 1 : 0;
        }
      }
      for (std::int64_t w = 0; w < s.per_week(); ++w) {
        const auto& slot = s.slot(interval_number{w});
        BOOST_TEST(slot.day_bin_length == day_length[slot.day_bin]);
        BOOST_TEST(slot.hour_bin_length == hour_length[slot.hour_bin]);
        BOOST_TEST(slot.week_bin_length == week_length[slot.week_bin]);
        if (slot.ends_day_bin) BOOST_TEST(s.last_slot_of_day_bin(slot.day_bin) == slot.day_slot);
        if (slot.ends_hour_bin) BOOST_TEST(s.last_slot_of_hour_bin(slot.hour_bin) == slot.week_slot);
      }
      for (int b = 0; b < s.day_bins(); ++b)
        BOOST_TEST(day_ends[static_cast<std::size_t>(b)] == 1);
      for (int b = 0; b < s.hour_bins(); ++b)
        BOOST_TEST(hour_ends[static_cast<std::size_t>(b)] == 1);
      for (int b = 0; b < std::min<std::int64_t>(week_bins, s.per_week()); ++b)
        BOOST_TEST(week_ends[static_cast<std::size_t>(b)] == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(profiles_are_read_between_the_centres_of_neighbouring_bins) {
  for (const auto seconds : grids) {
    BOOST_TEST_CONTEXT("interval of " << seconds << " s") {
      const auto s = settings_of(seconds);
      for (std::int64_t w = 0; w < s.per_week(); ++w) {
        const auto& slot = s.slot(interval_number{w});
        BOOST_TEST(slot.day_fraction >= 0);
        BOOST_TEST(slot.day_fraction < 1);
        BOOST_TEST(slot.hour_fraction >= 0);
        BOOST_TEST(slot.hour_fraction < 1);
        BOOST_TEST(slot.day_high == (slot.day_low + 1) % s.day_bins());
        BOOST_TEST(slot.hour_high == (slot.hour_low + 1) % s.hour_bins());
        // The own bin always takes part with at least half.
        const bool own_is_low = slot.day_bin == slot.day_low;
        BOOST_TEST((own_is_low || slot.day_bin == slot.day_high));
        if (s.day_bins() > 1) BOOST_TEST((own_is_low ? 1 - slot.day_fraction : slot.day_fraction) >= 0.499F);
      }
    }
  }
  // One bin a slot: nothing to interpolate.
  const auto hourly = settings_of(3'600);
  for (std::int64_t w = 0; w < hourly.per_week(); ++w) {
    BOOST_TEST(hourly.slot(interval_number{w}).day_low == w % 24);
    BOOST_TEST(hourly.slot(interval_number{w}).day_fraction == 0);
    BOOST_TEST(hourly.slot(interval_number{w}).hour_low == w);
    BOOST_TEST(hourly.slot(interval_number{w}).hour_fraction == 0);
  }
}

BOOST_AUTO_TEST_CASE(an_interval_before_the_epoch_has_the_slot_of_its_week) {
  const auto s = settings_of(3'600);
  BOOST_TEST(s.slot(interval_number{-1}).week_slot == 167);
  BOOST_TEST(s.slot(interval_number{-168}).week_slot == 0);
}

BOOST_AUTO_TEST_CASE(occurrences_count_from_the_first_interval_on) {
  const auto s = settings_of(3'600, 100);
  BOOST_TEST(s.seen(interval_number{100}) == 1);
  BOOST_TEST(s.days_seen(interval_number{100}) == 1);
  BOOST_TEST(s.days_seen(interval_number{123}) == 1);
  BOOST_TEST(s.days_seen(interval_number{124}) == 2);
  BOOST_TEST(s.weeks_seen(interval_number{100 + 167}) == 1);
  BOOST_TEST(s.weeks_seen(interval_number{100 + 168}) == 2);
}

BOOST_AUTO_TEST_CASE(the_fractile_is_that_of_the_cost_ratio_and_its_neighbours_double_and_halve_the_tail) {
  const auto fractiles = [](double under, double over) {
    demand_options options;
    options.cost_under = under;
    options.cost_over = over;
    const auto s = demand_settings::make(options).value();
    return std::vector<float>{s.fractile_low(), s.fractile(), s.fractile_high()};
  };
  const auto nine = fractiles(9, 1);
  BOOST_TEST(nine[0] == 0.8F, boost::test_tools::tolerance(1e-6F));
  BOOST_TEST(nine[1] == 0.9F, boost::test_tools::tolerance(1e-6F));
  BOOST_TEST(nine[2] == 0.95F, boost::test_tools::tolerance(1e-6F));
  const auto cheap = fractiles(1, 9);
  BOOST_TEST(cheap[0] == 0.4F, boost::test_tools::tolerance(1e-6F)); // a tail of 0.6 at most
  BOOST_TEST(cheap[1] == 0.1F, boost::test_tools::tolerance(1e-6F));
  // At the ends of what is allowed, every level is still inside (0, 1).
  for (const auto& [under, over] : {std::pair{1e6, 1.0}, {1.0, 1e6}, {1e-3, 1e3}, {1e3, 1e-3}})
    for (const auto level : fractiles(under, over)) {
      BOOST_TEST(level > 0);
      BOOST_TEST(level < 1);
    }
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_sense_are_refused_with_the_reason) {
  const auto refused = [](auto change) {
    demand_options options;
    change(options);
    const auto made = demand_settings::make(options);
    return !made.ok() && made.failure().code == errc::invalid_argument && !made.failure().text.empty();
  };
  BOOST_TEST(!refused([](demand_options&) {}));
  for (const std::int64_t seconds : {0, -300, 1, 30, 59, 7'000, 86'401, 100'000})
    BOOST_TEST(refused([&](demand_options& o) { o.interval_seconds = seconds; }), seconds << " s");
  for (const std::int64_t lead : {-1, 1'001, 1'000'000})
    BOOST_TEST(refused([&](demand_options& o) { o.lead = lead; }), "lead " << lead);
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double cost : {0.0, -1.0, 1e7, infinity, std::nan("")}) {
    BOOST_TEST(refused([&](demand_options& o) { o.cost_under = cost; }), "cost_under " << cost);
    BOOST_TEST(refused([&](demand_options& o) { o.cost_over = cost; }), "cost_over " << cost);
  }
  // Beyond a million to one a fractile is no longer told from 0 or 1.
  for (const auto& [under, over] : {std::pair{1e6, 0.5}, {0.5, 1e6}, {1.0, 1e-300}, {1e-300, 1.0}})
    BOOST_TEST(refused([&](demand_options& o) {
                 o.cost_under = under;
                 o.cost_over = over;
               }),
               under << ":" << over);
}

BOOST_AUTO_TEST_CASE(half_of_an_average_is_forgotten_after_its_half_life) {
  const auto s = settings_of(300);
  const double kept = 1 - static_cast<double>(s.forgetting(3'600));
  BOOST_TEST(std::pow(kept, 12) == 0.5, boost::test_tools::tolerance(1e-5));
}
