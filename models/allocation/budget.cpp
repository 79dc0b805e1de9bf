#include "models/allocation/budget.hpp"

#include "models/allocation/largest_remainder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace forestage::models {

std::int64_t budget_of_region(double multiple, std::int64_t demand, std::int64_t intervals) noexcept {
  if (intervals <= 0) return 1;
  const auto mean = static_cast<double>(demand) / static_cast<double>(intervals);
  const auto units = std::ceil(multiple * mean - 1e-9);
  if (!(units > 1.0)) return 1;
  constexpr auto most = 9.0e18; // Below 2^63; no real budget comes near it.
  return static_cast<std::int64_t>(std::min(units, most));
}

std::int64_t oracle_units(std::int64_t demand, std::optional<std::int64_t> budget) noexcept {
  return budget ? std::min(demand, std::max(*budget, std::int64_t{0})) : demand;
}

void oracle_allocation(std::span<const std::int64_t> demand, std::span<const std::string_view> ids,
                       std::optional<std::int64_t> budget, std::span<std::int64_t> units) {
  cut_to_budget(demand, ids, budget.value_or(std::numeric_limits<std::int64_t>::max()), units);
}

} // namespace forestage::models
