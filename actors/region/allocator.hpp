// The allocator of a region: what one more unit costs there, interval by interval.
//
// Owns: the region's budget. Reacts: the router's order to price a round. Publishes: to the router, prices
// and tie lines, and what the yardsticks came to under the same budget. It asks the shards for histograms of
// marginal benefit, never for curves. Where declarations are folded, the plan without them is priced beside
// the real one, against the same budget.
#pragma once

#include "actors/caf.hpp"
#include "actors/region/region_core.hpp"
#include "actors/shard/shard.hpp"
#include "models/allocation/price.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace forestage::actors {

struct pricing_order {
  round_context_ptr round;
  std::vector<shard_actor> shards; // that have something in the region
};

struct pricing {
  region_prices prices;
  region_outcome outcome; // zero before the evaluation part
};

using allocator_actor = caf::typed_actor<
    // Prices the plans of [from + horizon, to + horizon) and scores the yardsticks of [from, to).
    caf::replies_to<atom::price, local<pricing_order>>::with<local<pricing>>>;

struct allocator_options {
  models::region_id region;
  std::int64_t budget = 1; // units in an interval
  run_settings_ptr settings;
  // For whoever checks decisions: called for every one, from any thread. It costs the shards one more answer,
  // with every unit they want; empty: nobody checks.
  std::function<void(const priced_interval&)> on_priced{};
};

struct allocator_state {
  static inline const char* name = "allocator";
  allocator_options options;
};

// @pre options.settings is set.
allocator_actor::behavior_type allocator(allocator_actor::stateful_pointer<allocator_state> self,
                                         allocator_options options);

} // namespace forestage::actors
