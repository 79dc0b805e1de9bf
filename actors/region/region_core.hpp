// What a region's yardsticks come to under its budget, in one round. No CAF.
//
// Every policy but our own is cut proportionally: quotas by largest remainder, ties by turns that change with
// the interval (docs/adr/0011; the oracle takes as much of the demand as fits). Our own plan is priced
// instead (models/allocation/price.hpp). Where the log leaves a key's count open, what the key holds takes
// its share of the budget, for so it was decided, and is not scored.
#pragma once

#include "actors/shard/shard_core.hpp"
#include "models/allocation/price.hpp"

#include <span>

namespace forestage::actors {

// A decision as it was taken: what the resources of a region wanted in an interval, and the price it ended
// at.
struct priced_interval {
  const models::region_id& region;
  interval_number interval;
  std::int64_t budget;
  std::span<const models::unit_run> wanted; // in the order of units
  const models::unit_price& price;
};

// offers: of every shard, for the round's closed intervals. budget: units per interval.
[[nodiscard]] region_outcome score_under_budget(const run_settings& settings, const round_context& round,
                                                const models::region_id& region, std::int64_t budget,
                                                std::span<const offered_resource> offers);

} // namespace forestage::actors
