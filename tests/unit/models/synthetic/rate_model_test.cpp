#define BOOST_TEST_MODULE synthetic_rate_model
#include "tests/unit/models/synthetic/worlds.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

using namespace forestage::models;
using namespace forestage::models::synthetic;
using forestage::tests::one_resource;
using forestage::tests::world;

namespace {

interval_grid grid(std::int64_t seconds) {
  return interval_grid::make(seconds).value();
}

options mixed_world() {
  options wanted;
  wanted.days = 9;
  wanted.events = 50'000;
  wanted.resources = 60;
  wanted.peers = 300;
  wanted.sessions = 6;
  wanted.births = 0.4;
  wanted.flash = 8;
  wanted.seed = 3;
  return wanted;
}

// All rates of the whole span.
std::vector<double> rates_of(const rate_model& model, std::int64_t seconds, std::uint32_t resource,
                             std::uint32_t region) {
  const auto g = grid(seconds);
  std::vector<double> out(static_cast<std::size_t>(model.truth().days * g.per_day()));
  model.rates(g, resource, region, g.at(model.truth().first_day * seconds_per_day), out);
  return out;
}

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

} // namespace

BOOST_AUTO_TEST_CASE(the_rates_of_a_coarse_grid_are_sums_of_those_of_a_fine_grid) {
  const auto model = world(mixed_world());
  for (std::uint32_t r = 0; r < model.truth().resources.size(); ++r)
    for (std::uint32_t g = 0; g < model.truth().regions.size(); ++g) {
      const auto fine = rates_of(model, 300, r, g);
      for (const std::int64_t seconds : {900, 3'600, 86'400}) {
        const auto coarse = rates_of(model, seconds, r, g);
        const auto ratio = static_cast<std::size_t>(seconds / 300);
        double worst = 0;
        for (std::size_t i = 0; i < coarse.size(); ++i)
          worst = std::max(
              worst,
              std::abs(coarse[i] -
                       std::accumulate(fine.begin() + static_cast<std::ptrdiff_t>(i * ratio),
                                       fine.begin() + static_cast<std::ptrdiff_t>((i + 1) * ratio), 0.0)));
        BOOST_TEST(worst < 1e-9);
      }
    }
}

BOOST_AUTO_TEST_CASE(all_rates_together_are_the_expected_requests) {
  const auto model = world(mixed_world());
  double sum = 0;
  for (std::uint32_t r = 0; r < model.truth().resources.size(); ++r)
    for (std::uint32_t g = 0; g < model.truth().regions.size(); ++g)
      sum += sum_of(rates_of(model, 60, r, g));
  BOOST_TEST(sum == 50'000, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(model.expected_requests() == 50'000, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(rates_are_the_background_plus_all_pulses_and_habits) {
  auto all = one_resource(3);
  all.pulses = {{pulse::kind::session, 0, 0, 1'430, 50, 1'440, 20, 3},
                {pulse::kind::flash, 0, 0, 77, 4'000, 0, 900, 1}};
  all.habits = {{1, 0, 0, 1'437, 5, 2.5}, {1, 0, 0, 0, 240, 1}, {1, 0, 1, 700, 0, 1}};
  const auto model = std::move(rate_model::make(all).value());
  const cycle_table cycles{all.classes};
  for (const std::int64_t seconds : {60, 900, 1'920, 7'200, 43'200, 86'400}) {
    for (std::uint32_t g = 0; g < 2; ++g) {
      const auto rates = rates_of(model, seconds, 0, g);
      for (std::size_t i = 0; i < rates.size(); ++i) {
        const auto from = static_cast<std::int64_t>(i) * seconds / 60;
        const auto to = from + seconds / 60;
        double sum = 0.25 * all.resources[0].shares[g] / share_whole *
                     cycles.integral(0, all.regions[g].utc_offset_minutes,
                                     all.first_day * minutes_per_day + from, to - from);
        for (const auto& item : all.pulses)
          if (item.region == g) sum += expected(item, all.span_minutes(), from, to);
        for (const auto& item : all.habits)
          if (item.region == g) sum += expected(item, from, to);
        BOOST_TEST(std::abs(rates[i] - sum) < 1e-9);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(rates_may_begin_anywhere_and_are_zero_outside_the_span) {
  const auto model = std::move(rate_model::make(one_resource(3)).value());
  const auto g = grid(900);
  const auto first = g.at(model.truth().first_day * seconds_per_day);
  const auto whole = rates_of(model, 900, 0, 1);
  std::vector<double> out(whole.size() + 20, -1);
  BOOST_TEST(model.rates(g, "room/1", "there", first - 7, out).ok());
  for (std::size_t i = 0; i < out.size(); ++i)
    BOOST_TEST(out[i] == (i < 7 || i >= 7 + whole.size() ? 0 : whole[i - 7]));
}

BOOST_AUTO_TEST_CASE(the_daily_peak_is_at_its_local_time_in_every_region) {
  const auto model = std::move(rate_model::make(one_resource()).value());
  for (std::uint32_t g = 0; g < 2; ++g) {
    const auto minutes = rates_of(model, 60, 0, g);
    const auto offset = model.truth().regions[g].utc_offset_minutes;
    for (std::int64_t day = 1; day < 13; ++day) { // whole local days
      const auto begin = minutes.begin() + day * minutes_per_day - offset;
      BOOST_TEST(std::distance(begin, std::max_element(begin, begin + minutes_per_day)) == 600);
    }
  }
}

BOOST_AUTO_TEST_CASE(local_weekends_have_the_weekend_factor) {
  const auto model = std::move(rate_model::make(one_resource()).value());
  for (std::uint32_t g = 0; g < 2; ++g) {
    const auto minutes = rates_of(model, 60, 0, g);
    const auto offset = model.truth().regions[g].utc_offset_minutes;
    const auto local_day = [&](std::int64_t day) {
      const auto begin = minutes.begin() + day * minutes_per_day - offset;
      return std::accumulate(begin, begin + minutes_per_day, 0.0);
    };
    // The span begins on a Thursday: day 1 is a Friday, days 2 and 3 the weekend.
    for (const std::int64_t weekend : {2, 3, 9, 10})
      BOOST_TEST(local_day(weekend) == 0.5 * local_day(1), boost::test_tools::tolerance(1e-9));
    BOOST_TEST(local_day(4) == local_day(1), boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_CASE(the_cycle_has_the_mean_one_over_a_week) {
  const auto model = std::move(rate_model::make(one_resource()).value());
  // 14 days at 0.25 requests a minute, 70 % of them here.
  BOOST_TEST(sum_of(rates_of(model, 300, 0, 0)) == 14 * 1'440 * 0.25 * 0.7,
             boost::test_tools::tolerance(1e-9));
  BOOST_TEST(sum_of(rates_of(model, 300, 0, 1)) == 14 * 1'440 * 0.25 * 0.3,
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(there_are_no_rates_outside_a_life) {
  auto all = one_resource(4);
  all.resources[0].born = 1'447; // within an interval of every grid
  all.resources[0].dies = 3'001;
  all.pulses = {{pulse::kind::session, 0, 0, 100, 60, 1'440, 20, 3}};
  all.habits = {{1, 0, 0, 700, 5, 2}};
  const auto model = std::move(rate_model::make(all).value());
  const auto minutes = rates_of(model, 60, 0, 0);
  for (std::size_t m = 0; m < minutes.size(); ++m)
    BOOST_TEST((minutes[m] > 0) == (m >= 1'447 && m < 3'001));
  BOOST_TEST(sum_of(rates_of(model, 3'600, 0, 0)) == sum_of(minutes), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_pulse_decays_by_the_minute_and_recurs) {
  const pulse once{pulse::kind::flash, 0, 0, 100, 50, 0, 20, 3};
  const pulse daily{pulse::kind::session, 0, 0, 1'430, 50, 1'440, 20, 3};
  const std::int64_t span = 3 * minutes_per_day;
  const auto by_definition = [&](const pulse& of, std::int64_t m) {
    double sum = 0;
    for (std::int64_t start = of.first_minute; start < span; start += of.period_minutes) {
      if (m >= start && m < start + of.minutes && m < span)
        sum += of.height * std::exp(-static_cast<double>(m - start) / of.decay_minutes);
      if (of.period_minutes == 0) break;
    }
    return sum;
  };
  for (const auto& of : {once, daily}) {
    double running = 0;
    for (std::int64_t m = -10; m < span + 100; ++m) {
      const double one = expected(of, span, m, m + 1);
      BOOST_TEST(std::abs(one - by_definition(of, m)) < 1e-12);
      running += one;
      BOOST_TEST(std::abs(expected(of, span, -10, m + 1) - running) < 1e-9);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_habit_is_a_triangle_of_its_strength_on_every_day_also_across_midnight) {
  for (const std::uint32_t minute : {0U, 3U, 700U, 1'439U}) {
    const habit of{1, 0, 0, minute, 5, 2.5};
    for (std::int64_t day = -1; day < 3; ++day)
      BOOST_TEST(expected(of, day * minutes_per_day, (day + 1) * minutes_per_day) == 2.5,
                 boost::test_tools::tolerance(1e-12));
    double running = 0;
    for (std::int64_t m = 0; m < 2 * minutes_per_day; ++m) {
      auto distance = std::abs(m % minutes_per_day - static_cast<std::int64_t>(minute));
      distance = std::min(distance, minutes_per_day - distance);
      const double wanted = distance > 5 ? 0 : 2.5 * static_cast<double>(6 - distance) / 36;
      BOOST_TEST(std::abs(expected(of, m, m + 1) - wanted) < 1e-12);
      running += wanted;
      BOOST_TEST(std::abs(expected(of, 0, m + 1) - running) < 1e-9);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_truth_does_not_know_is_an_error_with_a_remedy) {
  const auto model = std::move(rate_model::make(one_resource()).value());
  std::vector<double> out(4);
  BOOST_TEST(
      model.rates(grid(300), "room/2", "here", interval_number{0}, out).failure().text.find("room/2") !=
      std::string::npos);
  BOOST_TEST((model.rates(grid(300), "room/1", "nowhere", interval_number{0}, out).failure().code ==
              errc::not_found));
  BOOST_TEST((model.rates(grid(90), "room/1", "here", interval_number{0}, out).failure().code ==
              errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_truth_that_makes_no_sense_is_refused) {
  using change = std::function<void(parameters&)>;
  const std::vector<change> changes = {[](auto& p) { p.days = 0; },
                                       [](auto& p) { p.regions.clear(); },
                                       [](auto& p) { p.regions[1].name = p.regions[0].name; },
                                       [](auto& p) { p.regions[0].utc_offset_minutes = 900; },
                                       [](auto& p) { p.regions[0].peers = 0; },
                                       [](auto& p) { p.regions[0].first_peer = 0xffffffffU; },
                                       [](auto& p) { p.classes.clear(); },
                                       [](auto& p) { p.classes[0].name = "\xff"; },
                                       [](auto& p) { p.classes[0].floor = 0; },
                                       [](auto& p) { p.classes[0].weekend_factor = -1; },
                                       [](auto& p) { p.classes[0].peaks[1].width_minutes = std::nan(""); },
                                       [](auto& p) { p.classes[0].peaks[0].minute = 1'440; },
                                       [](auto& p) { p.resources.push_back(p.resources[0]); },
                                       [](auto& p) { p.resources[0].class_number = 1; },
                                       [](auto& p) { p.resources[0].rate = -1; },
                                       [](auto& p) { p.resources[0].dies = 0; },
                                       [](auto& p) { p.resources[0].dies += 1; },
                                       [](auto& p) { p.resources[0].shares[0] = 1; },
                                       [](auto& p) { p.resources[0].shares.pop_back(); },
                                       [](auto& p) {
                                         p.pulses = {{pulse::kind::flash, 1, 0, 0, 1, 0, 1, 1}};
                                       },
                                       [](auto& p) {
                                         p.pulses = {{pulse::kind::flash, 0, 2, 0, 1, 0, 1, 1}};
                                       },
                                       [](auto& p) {
                                         p.pulses = {{pulse::kind::flash, 0, 0, -1, 1, 0, 1, 1}};
                                       },
                                       [](auto& p) {
                                         p.pulses = {{pulse::kind::flash, 0, 0, 0, 0, 0, 1, 1}};
                                       },
                                       [](auto& p) {
                                         p.pulses = {{pulse::kind::session, 0, 0, 0, 100, 99, 1, 1}};
                                       },
                                       [](auto& p) {
                                         p.pulses = {{pulse::kind::session, 0, 0, 0, 1, 0, 0, 1}};
                                       },
                                       [](auto& p) {
                                         p.pulses = {{pulse::kind::session, 0, 0, 0, 1, 0, 1, -1}};
                                       },
                                       [](auto& p) {
                                         p.habits = {{0, 1, 0, 0, 1, 1}};
                                       },
                                       [](auto& p) {
                                         p.habits = {{0, 0, 2, 0, 1, 1}};
                                       },
                                       [](auto& p) {
                                         p.habits = {{0, 0, 0, 1'440, 1, 1}};
                                       },
                                       [](auto& p) {
                                         p.habits = {{0, 0, 0, 0, 241, 1}};
                                       },
                                       [](auto& p) {
                                         p.habits = {{0, 0, 0, 0, 1, -1}};
                                       }};
  BOOST_TEST(rate_model::make(one_resource()).ok());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto all = one_resource();
    changes[i](all);
    BOOST_TEST(!rate_model::make(all).ok(), "change " << i << " went unnoticed");
  }
}
