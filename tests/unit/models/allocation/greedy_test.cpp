// What the greedy choice is good for: with benefits that never rise it reaches the least expected cost under
// the budget. The truth here is found by trying every allocation.
#include "tests/unit/models/allocation/world.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <functional>
#include <limits>

using namespace forestage::models;
using namespace forestage::test;

namespace {

struct tiny_world {
  unit_costs costs;
  std::vector<std::vector<float>> survival; // [resource][j - 1] = P(d >= j), never rising.
};

tiny_world random_tiny_world() {
  tiny_world world{{*rc::gen::inRange(1, 20) / 1.0, *rc::gen::inRange(1, 20) / 1.0}, {}};
  const auto resources = *rc::gen::inRange<std::size_t>(1, 5);
  for (std::size_t i = 0; i < resources; ++i) {
    std::vector<float> survival(*rc::gen::inRange<std::size_t>(0, 5));
    for (auto& p : survival)
      p = static_cast<float>(*rc::gen::inRange(0, 17)) / 16.0F;
    std::ranges::sort(survival, std::greater<>{});
    world.survival.push_back(survival);
  }
  return world;
}

// Expected cost_under * (d - a)+ + cost_over * (a - d)+, with demand that stops at the length of its
// survival: E(d - a)+ = sum over j > a of P(d >= j), E(a - d)+ = sum over j <= a of P(d < j).
double expected_cost(const tiny_world& world, const std::vector<std::uint32_t>& units) {
  double cost = 0.0;
  for (std::size_t i = 0; i < units.size(); ++i)
    for (std::uint32_t j = 1; j <= world.survival[i].size(); ++j) {
      const double p = world.survival[i][j - 1];
      cost += j > units[i] ? world.costs.cost_under * p : world.costs.cost_over * (1.0 - p);
    }
  return cost;
}

// The least expected cost over all allocations within the caps that `fits` allows.
double least_cost(const tiny_world& world, const std::function<bool(std::uint32_t)>& fits) {
  std::vector<std::uint32_t> units(world.survival.size(), 0);
  auto least = std::numeric_limits<double>::infinity();
  for (;;) {
    std::uint32_t total = 0;
    for (const auto a : units)
      total += a;
    if (fits(total)) least = std::min(least, expected_cost(world, units));
    std::size_t i = 0;
    while (i < units.size() && units[i] == world.survival[i].size())
      units[i++] = 0;
    if (i == units.size()) return least;
    ++units[i];
  }
}

// Allocates through the price; caps: how many units of each resource are wanted.
std::vector<std::uint32_t> priced(const tiny_world& world, const std::vector<std::size_t>& caps,
                                  std::int64_t budget) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < caps.size(); ++i)
    names.push_back(std::to_string(i));
  std::vector<candidate_set> shards(2);
  for (std::size_t i = 0; i < caps.size(); ++i)
    shards[i % 2].add(names[i], stable_hash(names[i]),
                      steps_of(std::span{world.survival[i]}.first(caps[i]), world.costs));
  const auto price = find_price(budget, shards, {.bin_bits = 4, .run_limit = 1});
  RC_ASSERT(price.ok());
  std::vector<std::uint32_t> units;
  for (std::size_t i = 0; i < caps.size(); ++i)
    units.push_back(allocation_at(*price, shards[i % 2][i / 2]));
  return units;
}

constexpr double rounding = 1e-6; // Benefits are rounded to 2^-30 of at most 40, over at most 16 units.

} // namespace

BOOST_AUTO_TEST_SUITE(greedy_choice)

RC_BOOST_PROP(the_price_spends_a_budget_at_the_least_expected_cost, ()) {
  const auto world = random_tiny_world();
  std::vector<std::size_t> caps;
  std::size_t all = 0;
  for (const auto& survival : world.survival) {
    caps.push_back(survival.size());
    all += survival.size();
  }
  const auto budget = *rc::gen::inRange<std::int64_t>(0, 18);
  const auto spent =
      static_cast<std::uint32_t>(std::min<std::int64_t>(budget, static_cast<std::int64_t>(all)));
  const auto cost = expected_cost(world, priced(world, caps, budget));
  RC_ASSERT(cost <= least_cost(world, [&](std::uint32_t total) { return total == spent; }) + rounding);
}

RC_BOOST_PROP(with_the_critical_fractile_as_cap_it_is_the_least_of_all_allocations_within_the_budget, ()) {
  const auto world = random_tiny_world();
  std::vector<std::size_t> caps;
  for (const auto& survival : world.survival)
    caps.push_back(static_cast<std::size_t>(
        std::ranges::count_if(survival, [&](float p) { return benefit_of(p, world.costs) >= benefit{0}; })));
  const auto budget = *rc::gen::inRange<std::int64_t>(0, 18);
  const auto units = priced(world, caps, budget);
  RC_ASSERT(expected_cost(world, units) <=
            least_cost(world, [&](std::uint32_t total) { return total <= budget; }) + rounding);
}

BOOST_AUTO_TEST_SUITE_END()
