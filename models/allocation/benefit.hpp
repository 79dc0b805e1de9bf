// What one more unit is worth: fixed-point marginal benefits, and the candidates of a region and an interval.
//
// The j-th unit of a resource serves a request when the demand d reaches j, and is waste otherwise. Its
// expected benefit is
//   cost_under * P(d >= j) - cost_over * (1 - P(d >= j))
// in cost per unit and interval. Everything that is compared or added across shards is an integer, so that
// the result does not depend on how many shards, threads or messages took part.
//
// Invariants. A benefit is the benefit above divided by (cost_under + cost_over), in units of 2^-30: it lies
// in
// [-2^30, 2^30] and never falls when P rises. Benefits compare only under the same costs (one region, one
// kind of unit). The steps of a candidate rise strictly in last_unit and fall strictly in worth: a resource's
// unit j is never worth less than its unit j + 1, so a greedy choice takes units in order.
#pragma once

#include "models/result.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace forestage::models {

// Costs of one request that is served cold, and of one unit that stands unused for one interval. Any unit of
// money.
struct unit_costs {
  double cost_under = 9.0;
  double cost_over = 1.0;

  friend bool operator==(const unit_costs&, const unit_costs&) = default;
};

// Both costs finite and not negative, their sum above zero. Errors: invalid_argument.
[[nodiscard]] status validate(const unit_costs& costs);

// The critical fractile of the newsvendor problem, cost_under / (cost_under + cost_over), in [0, 1].
[[nodiscard]] double critical_fractile(const unit_costs& costs) noexcept;

// A marginal benefit in units of 2^-30 of (cost_under + cost_over).
struct benefit {
  std::int32_t fixed = 0;

  friend constexpr auto operator<=>(benefit, benefit) = default;
};

inline constexpr int benefit_bits = 30;
inline constexpr benefit least_benefit{-(std::int32_t{1} << benefit_bits)};
inline constexpr benefit greatest_benefit{std::int32_t{1} << benefit_bits};

// A probability in units of 2^-30, rounded to nearest. Below 0 and not-a-number count as 0, above 1 as 1.
[[nodiscard]] std::int32_t fixed_probability(double probability) noexcept;

// The benefit of a unit that is needed with probability P(d >= j). Pre: validate(costs).
[[nodiscard]] benefit benefit_of(double probability, const unit_costs& costs) noexcept;

// A benefit in the money of the costs, for people: cost per unit and interval.
[[nodiscard]] double money(benefit worth, const unit_costs& costs) noexcept;

// A run of units that are worth the same: those after the previous step's last unit, up to and with last_unit
// (from 1).
struct benefit_step {
  std::uint32_t last_unit = 0;
  benefit worth{};

  friend bool operator==(const benefit_step&, const benefit_step&) = default;
};

// A curve with more distinct benefits than this is rounded to multiples of 2^-10 (error at most 2^-11 of
// cost_under + cost_over, a property of the curve alone): at most 1,025 steps however many units a busy
// resource has.
inline constexpr std::size_t max_exact_steps = 1'024;

// The steps of a survival sequence P(d >= 1), P(d >= 2), … of `cap` entries. A value above its predecessor
// counts as the predecessor. O(cap). Pre: validate(costs); fewer than 2^32 entries.
[[nodiscard]] std::vector<benefit_step> steps_of(std::span<const float> survival, const unit_costs& costs);

namespace detail {

// The benefit of a probability, rounded to `grain` (a power of two) units of 2^-30.
[[nodiscard]] benefit rounded_benefit(double probability, const unit_costs& costs,
                                      std::int32_t grain) noexcept;
inline constexpr std::int32_t exact_grain = 1;
inline constexpr std::int32_t coarse_grain = std::int32_t{1} << (benefit_bits - 10);

// Appends the steps of a curve; false when there are more than `limit`.
template <class Survival>
[[nodiscard]] bool find_steps(std::uint32_t cap, const Survival& survival, const unit_costs& costs,
                              std::int32_t grain, std::size_t limit, std::vector<benefit_step>& steps) {
  const auto worth = [&](std::uint32_t unit) { return rounded_benefit(survival(unit), costs, grain); };
  for (std::uint32_t begin = 1; begin <= cap && begin != 0;) {
    if (steps.size() == limit) return false;
    const auto here = worth(begin);
    // Galloping: `same` is worth as much as `begin`, `less` is not (or lies behind the cap).
    std::uint64_t same = begin;
    std::uint64_t less = std::uint64_t{cap} + 1;
    for (std::uint64_t stride = 1; same + stride < less; stride *= 2) {
      if (worth(static_cast<std::uint32_t>(same + stride)) < here)
        less = same + stride;
      else
        same += stride;
    }
    while (less - same > 1) {
      const auto middle = same + (less - same) / 2;
      if (worth(static_cast<std::uint32_t>(middle)) < here)
        less = middle;
      else
        same = middle;
    }
    steps.push_back({static_cast<std::uint32_t>(same), here});
    begin = static_cast<std::uint32_t>(less);
  }
  return true;
}

} // namespace detail

// The steps of a parametric curve: survival(j) = P(d >= j), never rising, for j = 1 .. cap. Evaluates the
// curve O(steps * log cap) times. Pre: validate(costs).
template <class Survival>
[[nodiscard]] std::vector<benefit_step> steps_of(std::uint32_t cap, const Survival& survival,
                                                 const unit_costs& costs) {
  std::vector<benefit_step> steps;
  if (!detail::find_steps(cap, survival, costs, detail::exact_grain, max_exact_steps, steps)) {
    steps.clear();
    // 2^10 + 1 multiples of the coarse grain exist: this one always ends within the limit.
    (void)detail::find_steps(cap, survival, costs, detail::coarse_grain, max_exact_steps + 1, steps);
  }
  return steps;
}

// What a resource could get in one interval. A view: whoever owns the set, owns what it points to.
struct candidate {
  std::string_view resource;
  std::uint64_t hash = 0;
  std::span<const benefit_step> steps;

  // The most units it may get: the forecast's own allocation.
  [[nodiscard]] std::uint32_t cap() const noexcept { return steps.empty() ? 0 : steps.back().last_unit; }
};

// The candidates of one region and interval in one shard. It owns the steps and borrows the names: these must
// outlive it. Value type.
class candidate_set {
public:
  // hash: of the resource, the same in every shard (resource_id::hash()); it decides ties. A resource occurs
  // once. Pre: the steps rise strictly in last_unit and fall strictly in worth.
  void add(std::string_view resource, std::uint64_t hash, std::span<const benefit_step> steps);
  void clear() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] candidate operator[](std::size_t i) const noexcept {
    const auto& [resource, hash, begin, count] = entries_[i];
    return {resource, hash, std::span{steps_}.subspan(begin, count)};
  }

private:
  struct entry {
    std::string_view resource;
    std::uint64_t hash;
    std::size_t begin;
    std::size_t count;
  };
  std::vector<entry> entries_;
  std::vector<benefit_step> steps_;
};

} // namespace forestage::models
