#include "models/allocation/benefit.hpp"

#include <cassert>
#include <cmath>

namespace forestage::models {

namespace {

bool append_steps(std::span<const float> survival, const unit_costs& costs, std::int32_t grain,
                  std::size_t limit, std::vector<benefit_step>& steps) {
  for (std::size_t i = 0; i < survival.size(); ++i) {
    const auto unit = static_cast<std::uint32_t>(i + 1);
    const auto worth = detail::rounded_benefit(survival[i], costs, grain);
    if (!steps.empty() && worth >= steps.back().worth) {
      steps.back().last_unit = unit;
    } else {
      if (steps.size() == limit) return false;
      steps.push_back({unit, worth});
    }
  }
  return true;
}

[[maybe_unused]] bool well_formed(std::span<const benefit_step> steps) {
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].last_unit <= before || (i > 0 && steps[i].worth >= steps[i - 1].worth)) return false;
    before = steps[i].last_unit;
  }
  return true;
}

} // namespace

status validate(const unit_costs& costs) {
  const auto sum = costs.cost_under + costs.cost_over;
  if (!(costs.cost_under >= 0.0) || !(costs.cost_over >= 0.0) || !(sum > 0.0) || !std::isfinite(sum))
    return {errc::invalid_argument, "costs must be finite, not negative and not both zero"};
  return success();
}

double critical_fractile(const unit_costs& costs) noexcept {
  return costs.cost_under / (costs.cost_under + costs.cost_over);
}

std::int32_t fixed_probability(double probability) noexcept {
  if (!(probability > 0.0)) return 0;
  if (probability >= 1.0) return std::int32_t{1} << benefit_bits;
  return static_cast<std::int32_t>(std::floor(std::ldexp(probability, benefit_bits) + 0.5));
}

benefit benefit_of(double probability, const unit_costs& costs) noexcept {
  return detail::rounded_benefit(probability, costs, detail::exact_grain);
}

benefit detail::rounded_benefit(double probability, const unit_costs& costs, std::int32_t grain) noexcept {
  // (cu * P - co * (1 - P)) / (cu + co) = P - co / (cu + co): one rounding of P, one constant.
  const auto fixed = (fixed_probability(probability) + grain / 2) & ~(grain - 1);
  return {fixed - fixed_probability(costs.cost_over / (costs.cost_under + costs.cost_over))};
}

double money(benefit worth, const unit_costs& costs) noexcept {
  return std::ldexp(static_cast<double>(worth.fixed), -benefit_bits) * (costs.cost_under + costs.cost_over);
}

std::vector<benefit_step> steps_of(std::span<const float> survival, const unit_costs& costs) {
  std::vector<benefit_step> steps;
  if (!append_steps(survival, costs, detail::exact_grain, max_exact_steps, steps)) {
    steps.clear();
    (void)append_steps(survival, costs, detail::coarse_grain, max_exact_steps + 1, steps);
  }
  return steps;
}

void candidate_set::add(std::string_view resource, std::uint64_t hash, std::span<const benefit_step> steps) {
  assert(well_formed(steps));
  entries_.push_back({resource, hash, steps_.size(), steps.size()});
  steps_.insert(steps_.end(), steps.begin(), steps.end());
}

void candidate_set::clear() noexcept {
  entries_.clear();
  steps_.clear();
}

} // namespace forestage::models
