// What a region's yardsticks come to under its budget, in one round. No CAF.
//
// Every policy but our own is cut proportionally: quotas by largest remainder, ties by resource id (design of
// the evaluation; the oracle takes as much of the demand as fits). Our own plan is priced instead
// (models/allocation/price.hpp).
#pragma once

#include "actors/shard/shard_core.hpp"

#include <span>

namespace forestage::actors {

// offers: of every shard, for the round's closed intervals. budget: units per interval.
[[nodiscard]] region_outcome score_under_budget(const run_settings& settings, const round_context& round,
                                                const models::region_id& region, std::int64_t budget,
                                                std::span<const offered_resource> offers);

} // namespace forestage::actors
