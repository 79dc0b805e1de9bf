// Random candidates for the price search, and the exact greedy choice that it must equal, written as simply
// as possible. RapidCheck prints its seed at the start; RC_PARAMS="seed=…" sets it.
#pragma once

#include "models/allocation/price.hpp"
#include "models/ids.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace forestage::test {

using models::benefit;
using models::benefit_step;
using models::candidate_set;

// A resource and what it wants: the benefit of each unit, never rising.
struct wanted {
  std::string resource;
  std::uint64_t hash = 0;
  std::vector<benefit> units;
};

inline std::vector<benefit_step> steps_of_units(const std::vector<benefit>& units) {
  std::vector<benefit_step> steps;
  for (std::uint32_t j = 1; j <= units.size(); ++j) {
    if (!steps.empty() && steps.back().worth == units[j - 1])
      steps.back().last_unit = j;
    else
      steps.push_back({j, units[j - 1]});
  }
  return steps;
}

// How alike the candidates are.
enum class alike { nothing, benefits, benefits_and_hashes, everything };

inline std::vector<wanted> random_wanted(alike how) {
  const auto count = *rc::gen::inRange<std::size_t>(0, 25);
  std::vector<wanted> all;
  for (std::size_t i = 0; i < count; ++i) {
    wanted one;
    one.resource = (i % 3 == 0 ? "\xc3\xa9/" : "r/") + std::to_string(i);
    const auto few_hashes = how == alike::benefits_and_hashes || how == alike::everything;
    one.hash = few_hashes ? *rc::gen::inRange<std::uint64_t>(0, 3) * 0x7fffffffffffffffULL
                          : models::stable_hash(one.resource);
    const auto units = *rc::gen::inRange<std::size_t>(0, 12);
    for (std::size_t j = 0; j < units; ++j) {
      if (how == alike::everything)
        one.units.push_back({5});
      else if (how == alike::nothing)
        one.units.push_back({*rc::gen::inRange<std::int32_t>(models::least_benefit.fixed,
                                                             models::greatest_benefit.fixed + 1)});
      else
        one.units.push_back({*rc::gen::inRange<std::int32_t>(-2, 3) * (models::greatest_benefit.fixed / 2)});
    }
    std::ranges::sort(one.units, std::greater<>{});
    all.push_back(std::move(one));
  }
  return all;
}

inline std::vector<wanted> random_wanted() {
  return random_wanted(
      *rc::gen::element(alike::nothing, alike::benefits, alike::benefits_and_hashes, alike::everything));
}

inline std::int64_t total_of(const std::vector<wanted>& all) {
  std::int64_t total = 0;
  for (const auto& one : all)
    total += static_cast<std::int64_t>(one.units.size());
  return total;
}

using allocation = std::map<std::string, std::uint32_t>;

// Sort all units, take the first `budget`.
inline allocation greedy(const std::vector<wanted>& all, std::int64_t budget) {
  std::vector<std::tuple<std::int64_t, std::uint64_t, std::string, std::uint32_t>> units;
  for (const auto& one : all)
    for (std::uint32_t j = 1; j <= one.units.size(); ++j)
      units.emplace_back(-std::int64_t{one.units[j - 1].fixed}, one.hash, one.resource, j);
  std::sort(units.begin(), units.end());
  allocation chosen;
  for (const auto& one : all)
    chosen[one.resource] = 0;
  for (std::size_t i = 0; i < units.size() && static_cast<std::int64_t>(i) < budget; ++i)
    ++chosen[std::get<2>(units[i])];
  return chosen;
}

inline candidate_set set_of(const std::vector<wanted>& all) {
  candidate_set set;
  for (const auto& one : all)
    set.add(one.resource, one.hash, steps_of_units(one.units));
  return set;
}

// Scatters the resources over shards at random. The names stay where they are.
inline std::vector<candidate_set> random_split(const std::vector<wanted>& all, std::size_t shards) {
  std::vector<candidate_set> sets(shards);
  for (const auto& one : all)
    sets[*rc::gen::inRange<std::size_t>(0, shards)].add(one.resource, one.hash, steps_of_units(one.units));
  return sets;
}

inline allocation allocate(const models::unit_price& price, const std::vector<candidate_set>& shards) {
  allocation chosen;
  for (const auto& shard : shards)
    for (std::size_t i = 0; i < shard.size(); ++i)
      chosen[std::string{shard[i].resource}] = allocation_at(price, shard[i]);
  return chosen;
}

} // namespace forestage::test
