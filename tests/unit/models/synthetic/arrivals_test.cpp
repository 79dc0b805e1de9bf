#define BOOST_TEST_MODULE synthetic_arrivals
#include "tests/unit/models/synthetic/worlds.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

using namespace forestage::models;
using namespace forestage::models::synthetic;
using forestage::tests::draw_all;
using forestage::tests::one_resource;
using forestage::tests::world;

namespace {

// Every phenomenon at once.
options lively_world() {
  options wanted;
  wanted.events = 200'000;
  wanted.resources = 100;
  wanted.peers = 2'000;
  wanted.births = 0.3;
  wanted.flash = 5;
  wanted.sessions = 8;
  wanted.seed = 17;
  return wanted;
}

// The rates of a (resource, region) over the span, and the counts of the same intervals.
struct cell_counts {
  std::vector<double> rates;
  std::vector<std::uint32_t> counts;
};

std::vector<cell_counts> count_all(const rate_model& model, const std::vector<request>& requests,
                                   std::int64_t seconds) {
  const auto& all = model.truth();
  const auto grid = interval_grid::make(seconds).value();
  const auto length = static_cast<std::size_t>(all.days * grid.per_day());
  std::vector<cell_counts> cells(all.resources.size() * all.regions.size(),
                                 {std::vector<double>(length), std::vector<std::uint32_t>(length)});
  for (std::uint32_t r = 0; r < all.resources.size(); ++r)
    for (std::uint32_t g = 0; g < all.regions.size(); ++g)
      model.rates(grid, r, g, grid.at(all.first_day * seconds_per_day),
                  cells[r * all.regions.size() + g].rates);
  for (const auto& one : requests)
    ++cells[one.resource * all.regions.size() + one.region]
          .counts[one.second / static_cast<std::size_t>(seconds)];
  return cells;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_same_seed_draws_the_same_requests_in_any_order_of_days) {
  const auto model = world(lively_world());
  const auto again = world(lively_world());
  std::vector<request> a;
  std::vector<request> b;
  std::vector<std::vector<request>> backwards(model.truth().days);
  for (std::uint32_t day = model.truth().days; day-- > 0;)
    draw_day(again, day, backwards[day]);
  for (std::uint32_t day = 0; day < model.truth().days; ++day) {
    draw_day(model, day, a);
    BOOST_TEST((a == backwards[day]));
  }
  auto other = lively_world();
  other.seed = 18;
  draw_day(world(other), 0, b);
  draw_day(model, 0, a);
  BOOST_TEST(!(a == b));
}

BOOST_AUTO_TEST_CASE(requests_are_sorted_and_each_day_keeps_to_itself) {
  const auto model = world(lively_world());
  std::vector<request> day;
  for (std::uint32_t d = 0; d < model.truth().days; ++d) {
    draw_day(model, d, day);
    BOOST_TEST(std::is_sorted(day.begin(), day.end()));
    BOOST_TEST(day.front().second >= d * seconds_per_day);
    BOOST_TEST(day.back().second < (d + 1) * seconds_per_day);
  }
}

BOOST_AUTO_TEST_CASE(the_counts_are_poisson_with_the_rates_of_the_truth) {
  const auto model = world(lively_world());
  const auto requests = draw_all(model);
  BOOST_TEST(std::abs(static_cast<double>(requests.size()) - 200'000) / std::sqrt(200'000.0) < 4);
  for (const std::int64_t seconds : {300, 3'600, 86'400}) {
    // Over cells with a rate, the sum of (count - rate)^2 / rate has the mean 1 and the variance 2 + 1 / rate
    // per cell.
    double chi_square = 0;
    double cells = 0;
    double variance = 0;
    double worst = 0;
    std::uint64_t impossible = 0;
    for (const auto& cell : count_all(model, requests, seconds))
      for (std::size_t i = 0; i < cell.rates.size(); ++i) {
        const double rate = cell.rates[i];
        if (rate <= 0) impossible += cell.counts[i];
        if (rate < 0.05) continue;
        const double term = (cell.counts[i] - rate) * (cell.counts[i] - rate) / rate;
        chi_square += term;
        cells += 1;
        variance += 2 + 1 / rate;
        if (rate >= 10) worst = std::max(worst, term);
      }
    BOOST_TEST_CONTEXT(seconds << " s, " << cells << " cells") {
      BOOST_TEST(cells > 1'000);
      BOOST_TEST(std::abs(chi_square - cells) / std::sqrt(variance) < 4);
      BOOST_TEST(worst < 6 * 6); // no single busy cell is off by six standard deviations
      BOOST_TEST(impossible == 0U);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_source_has_the_total_that_the_truth_gives_it) {
  const auto model = world(lively_world());
  const auto& all = model.truth();
  std::array<double, 4> wanted = {};
  for (const auto& item : all.pulses)
    wanted[item.what == pulse::kind::flash ? 1 : 2] +=
        expected(item, all.span_minutes(), 0, all.span_minutes());
  for (const auto& item : all.habits)
    wanted[3] += expected(item, 0, all.span_minutes());
  wanted[0] = model.expected_requests() - wanted[1] - wanted[2] - wanted[3];
  std::array<double, 4> seen = {};
  for (const auto& one : draw_all(model))
    seen[static_cast<std::size_t>(one.source)] += 1;
  for (std::size_t i = 0; i < 4; ++i) {
    BOOST_TEST(wanted[i] > 1'000);
    BOOST_TEST(std::abs(seen[i] - wanted[i]) / std::sqrt(wanted[i]) < 4);
  }
}

BOOST_AUTO_TEST_CASE(popularity_has_the_zipf_slope) {
  options wanted;
  wanted.zipf = 0.8;
  wanted.events = 500'000;
  wanted.resources = 200;
  wanted.births = wanted.habits = 0;
  wanted.flash = wanted.sessions = 0;
  std::map<std::uint32_t, double> counts;
  for (const auto& one : draw_all(world(wanted)))
    counts[one.resource] += 1;
  std::vector<double> sorted;
  for (const auto& [resource, count] : counts)
    sorted.push_back(count);
  std::sort(sorted.rbegin(), sorted.rend());
  // Least squares of log count on log rank.
  double n = 0;
  double sx = 0;
  double sy = 0;
  double sxx = 0;
  double sxy = 0;
  for (std::size_t k = 0; k < sorted.size(); ++k) {
    const double x = std::log(static_cast<double>(k + 1));
    const double y = std::log(sorted[k]);
    n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  BOOST_TEST(std::abs((n * sxy - sx * sy) / (n * sxx - sx * sx) + 0.8) < 0.02);
}

BOOST_AUTO_TEST_CASE(the_busiest_hour_is_the_local_one_in_every_region) {
  auto all = one_resource();
  all.resources[0].rate = 5;
  const auto model = std::move(rate_model::make(all).value());
  std::array<std::array<int, 24>, 2> hours = {};
  for (const auto& one : draw_all(model)) {
    const auto local = (one.second / 60 + 1'440 +
                        static_cast<std::uint32_t>(all.regions[one.region].utc_offset_minutes) + 30) %
                       1'440;
    ++hours[one.region][local / 60]; // hour h is h - 30 min to h + 30 min
  }
  for (const auto& of : hours)
    BOOST_TEST(std::max_element(of.begin(), of.end()) - of.begin() == 10);
}

BOOST_AUTO_TEST_CASE(session_requests_fall_into_their_windows_only_and_nearly_nothing_comes_outside) {
  const auto model = world(lively_world());
  const auto& all = model.truth();
  std::map<std::uint32_t, const pulse*> timetable;
  for (const auto& item : all.pulses)
    if (item.what == pulse::kind::session) timetable[item.resource] = &item;
  std::map<std::uint32_t, std::pair<double, double>> inside_outside;
  for (const auto& one : draw_all(model)) {
    const auto found = timetable.find(one.resource);
    BOOST_TEST((one.source != request_source::session || found != timetable.end()));
    if (found == timetable.end()) continue;
    const auto& session = *found->second;
    const auto since = one.second / 60 - session.first_minute;
    const bool inside =
        since >= 0 && since % session.period_minutes < session.minutes && one.region == session.region;
    if (one.source == request_source::session) BOOST_TEST(inside);
    (inside ? inside_outside[one.resource].first : inside_outside[one.resource].second) += 1;
  }
  BOOST_TEST(inside_outside.size() == 8U);
  for (const auto& [resource, counts] : inside_outside)
    BOOST_TEST(counts.second < 0.05 * counts.first);
}

BOOST_AUTO_TEST_CASE(there_are_no_requests_outside_a_life) {
  const auto model = world(lively_world());
  std::size_t of_mortals = 0;
  for (const auto& one : draw_all(model)) {
    const auto& of = model.truth().resources[one.resource];
    BOOST_TEST_REQUIRE((one.second >= of.born * 60 && one.second < of.dies * 60));
    of_mortals += of.born > 0 || of.dies < model.truth().span_minutes() ? 1 : 0;
  }
  BOOST_TEST(of_mortals > 1'000U);
}

BOOST_AUTO_TEST_CASE(a_flash_crowd_rises_at_once_and_decays) {
  auto all = one_resource(2);
  all.resources[0].rate = 0.01;
  all.pulses = {{pulse::kind::flash, 0, 0, 700, 300, 0, 30, 100}};
  std::array<double, 4> part = {}; // before, and the three half hours from the start on
  for (const auto& one : draw_all(std::move(rate_model::make(all).value())))
    if (one.source == request_source::flash) {
      const auto minute = static_cast<std::int64_t>(one.second) / 60 - 700;
      if (minute < 0)
        part[0] += 1;
      else if (minute < 90)
        part[static_cast<std::size_t>(1 + minute / 30)] += 1;
    }
  BOOST_TEST(part[0] == 0);
  BOOST_TEST(std::abs(part[2] / part[1] - std::exp(-1)) < 0.05);
  BOOST_TEST(std::abs(part[3] / part[2] - std::exp(-1)) < 0.1);
}

BOOST_AUTO_TEST_CASE(a_habit_is_one_peer_near_one_time_on_many_days) {
  auto all = one_resource(60);
  all.habits = {{3, 0, 0, 1'438, 5, 1}};
  std::set<std::uint32_t> days;
  for (const auto& one : draw_all(std::move(rate_model::make(all).value())))
    if (one.source == request_source::habit) {
      BOOST_TEST(one.peer == 3U);
      auto distance = std::abs(static_cast<std::int64_t>(one.second / 60 % 1'440) - 1'438);
      BOOST_TEST(std::min(distance, 1'440 - distance) <= 5);
      days.insert(one.second / 86'400);
    }
  BOOST_TEST(days.size() > 25U); // 60 days, each with probability 1 - 1/e
  BOOST_TEST(days.size() < 50U);
}

BOOST_AUTO_TEST_CASE(peers_ask_from_home_and_have_favourites) {
  const auto model = world(lively_world());
  const auto& all = model.truth();
  std::map<std::uint32_t, std::map<std::uint32_t, int>> of_peer;
  for (const auto& one : draw_all(model)) {
    const auto& home = all.regions[one.region];
    BOOST_TEST_REQUIRE((one.peer >= home.first_peer && one.peer < home.first_peer + home.peers));
    ++of_peer[one.peer][one.resource];
  }
  // Of the requests of a peer with at least 50, most are for its five favourites.
  double favourite = 0;
  double requests = 0;
  for (const auto& [peer, resources] : of_peer) {
    std::vector<int> counts;
    for (const auto& [resource, count] : resources)
      counts.push_back(count);
    std::sort(counts.rbegin(), counts.rend());
    double sum = 0;
    for (const int count : counts)
      sum += count;
    if (sum < 50) continue;
    requests += sum;
    for (std::size_t i = 0; i < std::min<std::size_t>(5, counts.size()); ++i)
      favourite += counts[i];
  }
  BOOST_TEST(requests > 10'000);
  BOOST_TEST(favourite / requests > 0.5);
}
