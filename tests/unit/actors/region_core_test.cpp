// What yardsticks come to under a budget, against cutting and scoring interval by interval.
#include "actors/region/region_core.hpp"
#include "models/allocation/largest_remainder.hpp"
#include "tests/support/hand_driver.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::random_source;
using models::yardstick;

namespace {

// The share of each resource by largest remainder, ties to the smaller turn; written with fractions.
std::vector<std::int64_t> cut(const std::vector<std::int64_t>& wanted,
                              const std::vector<std::uint64_t>& turns, std::int64_t budget) {
  const auto total = std::accumulate(wanted.begin(), wanted.end(), std::int64_t{0});
  if (total <= budget) return wanted;
  std::vector<std::int64_t> out;
  std::vector<std::tuple<std::int64_t, std::uint64_t, std::size_t>> rests; // (-remainder, turn, place)
  std::int64_t given = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    out.push_back(wanted[i] * budget / total);
    rests.emplace_back(-(wanted[i] * budget % total), turns[i], i);
    given += out.back();
  }
  std::sort(rests.begin(), rests.end());
  for (std::size_t i = 0; given < budget; ++i, ++given)
    ++out[std::get<2>(rests[i])];
  return out;
}

struct random_offers {
  round_context round;
  std::vector<offered_resource> offers;
  std::map<yardstick, std::vector<std::vector<std::int64_t>>>
      held;                                                 // by resource (in the order of names), interval
  std::vector<std::vector<std::int64_t>> threshold, demand; // demand: -1 where nobody knows
  std::vector<std::vector<std::uint64_t>> turns;            // by interval, resource
};

random_offers make_offers(random_source& random, const run_settings& settings) {
  random_offers out;
  out.round.number = 9;
  out.round.from = settings.evaluation() + 5;
  const auto length = static_cast<std::size_t>(random.between(1, 12));
  out.round.to = out.round.from + static_cast<std::int64_t>(length);
  const auto resources = static_cast<std::size_t>(random.between(0, 6));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < resources; ++i)
    names.push_back((random.chance(0.5) ? "a/" : "b/") + std::to_string(i));
  std::sort(names.begin(), names.end());
  for (std::size_t y = 0; y < models::yardstick_count; ++y)
    out.held[static_cast<yardstick>(y)].assign(resources, std::vector<std::int64_t>(length));
  out.threshold.assign(resources, std::vector<std::int64_t>(length));
  out.demand.assign(resources, std::vector<std::int64_t>(length));
  const auto runs = [&](yardstick policy, std::vector<std::int64_t>& held,
                        std::vector<models::allocation_run>& into) {
    for (std::size_t i = 0; i < length;) {
      const auto span = static_cast<std::size_t>(random.between(1, 4));
      const auto to = std::min(length, i + span);
      if (random.chance(0.5)) {
        const auto units = random.between(1, 7);
        into.push_back({policy, out.round.from + static_cast<std::int64_t>(i),
                        out.round.from + static_cast<std::int64_t>(to), units});
        for (auto k = i; k < to; ++k)
          held[k] = units;
      }
      i = to;
    }
  };
  for (std::size_t r = 0; r < resources; ++r) {
    offered_resource offer{models::resource_id::make(names[r]).value(), {}, {}, {}, {}};
    for (std::size_t y = 0; y < models::yardstick_count; ++y) {
      const auto policy = static_cast<yardstick>(y);
      if (policy == yardstick::none || policy == yardstick::oracle || random.chance(0.2)) continue;
      runs(policy, out.held[policy][r], offer.runs);
    }
    runs(yardstick::none, out.threshold[r], offer.threshold_runs);
    for (std::size_t i = 0; i < length; ++i)
      if (random.chance(0.1)) {
        out.demand[r][i] = -1;
        offer.missing.push_back(out.round.from + static_cast<std::int64_t>(i));
      } else if (random.chance(0.5)) {
        out.demand[r][i] = random.between(1, 6);
        offer.cells.push_back(
            {out.round.from + static_cast<std::int64_t>(i), static_cast<std::uint32_t>(out.demand[r][i])});
      }
    out.offers.push_back(std::move(offer));
  }
  for (std::size_t i = 0; i < length; ++i) {
    out.turns.emplace_back();
    for (const auto& name : names)
      out.turns.back().push_back(
          models::turn_of(models::stable_hash(name), out.round.from + static_cast<std::int64_t>(i)));
  }
  random.shuffle(out.offers); // they come from shards, in any order
  return out;
}

models::unit_sums scored(const std::vector<std::vector<std::int64_t>>& held,
                         const std::vector<std::vector<std::int64_t>>& demand,
                         const std::vector<std::vector<std::uint64_t>>& turns, std::int64_t budget) {
  models::unit_sums sums;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    std::vector<std::int64_t> wanted;
    for (const auto& row : held)
      wanted.push_back(row[i]);
    const auto units = cut(wanted, turns[i], budget);
    for (std::size_t r = 0; r < held.size(); ++r) {
      if (demand[r][i] < 0) continue;
      sums.used += std::min(units[r], demand[r][i]);
      sums.cold += std::max<std::int64_t>(0, demand[r][i] - units[r]);
      sums.waste += std::max<std::int64_t>(0, units[r] - demand[r][i]);
    }
  }
  return sums;
}

} // namespace

BOOST_AUTO_TEST_CASE(yardsticks_under_a_budget_are_cut_and_scored_interval_by_interval) {
  random_source random{tests::seed("budgeted yardsticks", 111)};
  const auto run = tests::make_small_run({.days = 10, .budgeted = true, .threshold = true});
  const auto region = models::region_id::make("somewhere").value();
  for (int trial = 0; trial < 300; ++trial) {
    const auto given = make_offers(random, *run.settings);
    const auto budget = random.between(1, 14);
    const auto got = score_under_budget(*run.settings, given.round, region, budget, given.offers);
    const auto length = static_cast<std::size_t>(given.round.to - given.round.from);
    BOOST_TEST((got.region == region));
    for (const auto& [policy, held] : given.held) {
      if (policy == yardstick::oracle) continue;
      BOOST_TEST_CONTEXT("trial " << trial << ", " << models::to_string(policy))
      BOOST_TEST((got.policies[first_yardstick + static_cast<std::size_t>(policy)] ==
                  scored(held, given.demand, given.turns, budget)));
    }
    BOOST_TEST((got.policies[threshold_index] == scored(given.threshold, given.demand, given.turns, budget)));

    // The oracle holds what is asked for, as far as it fits: nothing in vain, and no policy serves more.
    models::unit_sums oracle;
    for (std::size_t i = 0; i < length; ++i) {
      std::int64_t total = 0;
      for (const auto& row : given.demand)
        total += std::max<std::int64_t>(0, row[i]);
      oracle += models::unit_sums{std::min(total, budget), total - std::min(total, budget), 0};
    }
    const auto& best = got.policies[first_yardstick + static_cast<std::size_t>(yardstick::oracle)];
    BOOST_TEST((best == oracle));
    for (const auto& sums : got.policies) {
      BOOST_TEST(sums.used <= best.used);
      BOOST_TEST(sums.waste >= 0);
    }
    BOOST_TEST((got.policies[cost_policy] == models::unit_sums{}));
  }
}

BOOST_AUTO_TEST_CASE(without_a_threshold_nothing_is_said_about_it) {
  random_source random{112};
  const auto run = tests::make_small_run({.days = 10, .budgeted = true});
  const auto given = make_offers(random, *run.settings);
  const auto got = score_under_budget(*run.settings, given.round, models::region_id{}, 5, given.offers);
  BOOST_TEST((got.policies[threshold_index] == models::unit_sums{}));
}
