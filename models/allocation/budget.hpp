// Budgets of the evaluation, and the oracle that knows the demand but has the same budget.
//
// A budget is a number of units that a region may hold in one interval. "1.0x" is the region's mean demand
// per interval over the evaluation part, rounded up: a setting of the experiment, not something that a policy
// knows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace forestage::models {

// max(1, ceil(multiple * demand / intervals - 1e-9)) units. demand: all requests of the region in the
// evaluation part, intervals: their number. Without intervals, and for a multiple that is not above 0: 1.
[[nodiscard]] std::int64_t budget_of_region(double multiple, std::int64_t demand,
                                            std::int64_t intervals) noexcept;

// What the oracle holds in a region: all that will be asked for, as far as the budget goes (none: no limit).
// Its waste is 0 and its cold requests are (demand - budget)+, the least that any allocation under the budget
// can reach.
[[nodiscard]] std::int64_t oracle_units(std::int64_t demand, std::optional<std::int64_t> budget) noexcept;

// One such allocation, by resource: the demand, cut to the budget by largest remainders (every way of giving
// nobody more than its demand costs the same; this one is even-handed and reproducible). Pre: as
// cut_to_budget().
void oracle_allocation(std::span<const std::int64_t> demand, std::span<const std::string_view> ids,
                       std::optional<std::int64_t> budget, std::span<std::int64_t> units);

} // namespace forestage::models
