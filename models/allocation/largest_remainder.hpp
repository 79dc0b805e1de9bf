// The proportional cut of whole allocations to a budget, by largest remainders (Hamilton's method), in exact
// arithmetic.
//
// Wanted units a_1 .. a_n with the sum S > B have the quotas a_i * B / S. Everyone gets the whole part; the
// units still missing to B go, one each, to the largest remainders. Of equal remainders those come first
// whose turn it is: by resource id (bytes) where a single cut is made, by `turn_of` where interval after
// interval is cut, so that no resource goes without for ever because of its name (docs/adr/0011).
//
// Invariants. The cut sums to min(S, B); each entry is its quota rounded down or up, hence at most a_i;
// nobody with a whole quota gets more. All arithmetic is on integers of 128 bits: the result equals that of
// exact fractions, and does not depend on the order of the entries as long as ids differ.
#pragma once

#include "models/interval.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace forestage::models {

// Cuts `wanted` to `budget`; `cut` receives as many entries and may be the same memory. ids: the resources,
// all different. Entries and budgets below 0 count as 0. O(n) on average, O(n log n) at worst, one allocation
// of n indices. Pre: the three spans are equally long; fewer than 2^32 entries.
void cut_to_budget(std::span<const std::int64_t> wanted, std::span<const std::string_view> ids,
                   std::int64_t budget, std::span<std::int64_t> cut);

// The same with turns: the smaller is served first; of equal turns, the entry that comes first.
void cut_to_budget(std::span<const std::int64_t> wanted, std::span<const std::uint64_t> turns,
                   std::int64_t budget, std::span<std::int64_t> cut);

// When a resource is served among equals in an interval: an order that changes at random with the interval
// and is the same in every process. resource_hash: resource_id::hash().
[[nodiscard]] std::uint64_t turn_of(std::uint64_t resource_hash, interval_number t) noexcept;

} // namespace forestage::models
