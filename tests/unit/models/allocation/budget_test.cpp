// Budgets, and the oracle's cost against every allocation that fits.
#include "models/allocation/budget.hpp"
#include "models/metrics/score.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

using namespace forestage::models;

namespace {

const std::vector<std::string_view> all_ids{"a", "b", "c", "d"};

double cost_of(const std::vector<std::int64_t>& demand, const std::vector<std::int64_t>& units,
               const unit_costs& costs) {
  unit_sums sums;
  for (std::size_t i = 0; i < demand.size(); ++i)
    sums += score_interval(demand[i], units[i]);
  return cost(sums, costs);
}

// Tries every allocation of at most `budget` units.
double least_cost(const std::vector<std::int64_t>& demand, std::int64_t budget, const unit_costs& costs,
                  std::vector<std::int64_t>& units, std::size_t from = 0) {
  if (from == demand.size()) return cost_of(demand, units, costs);
  auto least = std::numeric_limits<double>::infinity();
  for (units[from] = 0; units[from] <= budget; ++units[from])
    least = std::min(least, least_cost(demand, budget - units[from], costs, units, from + 1));
  return least;
}

} // namespace

BOOST_AUTO_TEST_SUITE(budgets)

BOOST_AUTO_TEST_CASE(a_budget_is_a_multiple_of_the_mean_rounded_up_and_at_least_one) {
  BOOST_TEST(budget_of_region(1.0, 1'000, 100) == 10);
  BOOST_TEST(budget_of_region(1.0, 1'001, 100) == 11);
  BOOST_TEST(budget_of_region(0.5, 1'001, 100) == 6);
  BOOST_TEST(budget_of_region(2.2, 250, 10) == 55); // 2.2 * 25 is a little above 55 in binary.
  BOOST_TEST(budget_of_region(1.0, 3, 100) == 1);
  BOOST_TEST(budget_of_region(1.0, 0, 100) == 1);
  BOOST_TEST(budget_of_region(1.0, 5, 0) == 1);
  BOOST_TEST(budget_of_region(0.0, 500, 1) == 1);
  BOOST_TEST(budget_of_region(-2.0, 500, 1) == 1);
  BOOST_TEST(budget_of_region(1e30, 500, 1) == 9'000'000'000'000'000'000);
}

BOOST_AUTO_TEST_CASE(the_oracle_without_a_budget_holds_the_demand) {
  BOOST_TEST(oracle_units(17, std::nullopt) == 17);
  BOOST_TEST(oracle_units(17, 20) == 17);
  BOOST_TEST(oracle_units(17, 5) == 5);
  BOOST_TEST(oracle_units(17, -5) == 0);
  std::vector<std::int64_t> units(2);
  oracle_allocation(std::vector<std::int64_t>{3, 4}, std::span{all_ids}.first(2), std::nullopt, units);
  BOOST_TEST((units == std::vector<std::int64_t>{3, 4}));
}

RC_BOOST_PROP(the_oracle_reaches_the_least_cost_under_a_budget, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 5);
  std::vector<std::int64_t> demand(count);
  for (auto& d : demand)
    d = *rc::gen::inRange<std::int64_t>(0, 6);
  const auto budget = *rc::gen::inRange<std::int64_t>(0, 10);
  const unit_costs costs{*rc::gen::inRange(1, 10) / 1.0, *rc::gen::inRange(1, 10) / 1.0};
  std::vector<std::int64_t> trial(count);
  const auto least = least_cost(demand, budget, costs, trial);

  std::vector<std::int64_t> units(count);
  oracle_allocation(demand, std::span{all_ids}.first(count), budget, units);
  RC_ASSERT(cost_of(demand, units, costs) == least);

  const auto total = std::accumulate(demand.begin(), demand.end(), std::int64_t{0});
  const auto pooled = score_interval(total, oracle_units(total, budget));
  RC_ASSERT(pooled.cold == std::max<std::int64_t>(0, total - budget));
  RC_ASSERT(pooled.waste == 0);
  RC_ASSERT(cost(pooled, costs) == least);
}

BOOST_AUTO_TEST_SUITE_END()
