// The forecaster of one active resource: its demand state in every region, while it is active.
//
// Owns: a resource_core. Reacts: a shard's orders to fold a round. Publishes: to the shard, what the round
// brought; when nothing is left to do it sends its state along and ends, and the shard keeps the state until
// the next request.
#pragma once

#include "actors/caf.hpp"
#include "actors/resource/resource_core.hpp"
#include "actors/run.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace forestage::actors {

struct advance_order {
  round_context_ptr round;
  std::vector<region_cells> cells;
  bool traced = false; // what is said of it is kept
  std::shared_ptr<const region_table> regions{};
};

struct advance_answer {
  resource_result result;
  std::string state; // when result.idle: the resource's state, and the forecaster has ended
};

// What the shard hears from its forecasters.
using forecaster_listener = caf::typed_actor<
    // (resource, answer): a round has been folded.
    caf::reacts_to<atom::advanced, std::uint32_t, local<advance_answer>>,
    // (resource, state): the state that was asked for.
    caf::reacts_to<atom::state, std::uint32_t, std::string>>;

using forecaster_actor = caf::typed_actor<
    // Folds a round; the answer goes to the listener.
    caf::reacts_to<atom::advance, local<advance_order>>,
    // Sends the state to the listener.
    caf::reacts_to<atom::state>,
    // What it believes: bytes of state, for now.
    caf::replies_to<atom::inspect>::with<std::uint64_t>>;

struct forecaster_state {
  static inline const char* name = "forecaster";
  run_settings_ptr settings;
  resource_core core;
};

// @pre settings outlive nothing: they are shared.
forecaster_actor::behavior_type forecaster(forecaster_actor::stateful_pointer<forecaster_state> self,
                                           run_settings_ptr settings, std::uint32_t resource,
                                           local<resource_core> core, forecaster_listener listener);

} // namespace forestage::actors
