// The router of a run: splits events by shard, and takes every shard, the pool and the allocators through a
// round together.
//
// Owns: the shard table, the parameters in force. Reacts: rounds of events whose intervals are complete.
// Publishes: to shards, rounds and settlements; to the pool, statistics; to allocators, orders to price. A
// round: shards append and fold · the pool learns · allocators price · shards settle. Nobody begins round n +
// 1 before all have settled round n.
#pragma once

#include "actors/caf.hpp"
#include "actors/pool.hpp"
#include "actors/ports/clock.hpp"
#include "actors/region/allocator.hpp"
#include "actors/shard/shard.hpp"
#include "actors/split_by_shard.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace forestage::actors {

struct routed_round {
  std::uint64_t number = 0;
  interval_number from{}, to{};
  messages::event_counts events;         // all of the round, sequence = number
  messages::intent_events intents{};     // declared or kept in the round
  std::vector<models::outage> outages{}; // within it
};

struct round_summary {
  std::uint64_t number = 0;
  std::int64_t key_intervals = 0;
  std::size_t active_resources = 0;
};

struct run_scores {
  scoreboard board;
  models::tuned_choice tuned;
  std::int64_t counted = 0;
  std::size_t resources = 0;
  intake_sums intake{};
};

// Where a run stands between two rounds.
struct run_standing {
  std::uint64_t round = 0; // settled by all shards
  interval_number to{};    // the end of it; as default, when there is none
  // The next round, where some shard has closed it already: it can only be this one, with these intervals.
  std::optional<closed_round> ahead{};
};

using router_actor = caf::typed_actor<
    // Brings all shards to the newest cut that all have reached; answers how far the run has come.
    caf::replies_to<atom::restore>::with<std::uint64_t>,
    // After that.
    caf::replies_to<atom::progress>::with<local<run_standing>>,
    // What outages a round has is what the first shard to close it was told: of a round that a shard has
    // closed before a restart, those are taken, not the order's.
    caf::replies_to<atom::round, local<routed_round>>::with<local<round_summary>>,
    // What is planned from the first open interval on; errors: unavailable, while a round is open.
    caf::replies_to<atom::plan>::with<local<std::vector<interval_plan>>>,
    // Saves a snapshot of every shard.
    caf::replies_to<atom::snapshot>::with<std::uint64_t>,
    caf::replies_to<atom::scores>::with<local<run_scores>>>;

struct router_options {
  run_settings_ptr settings;
  std::shared_ptr<const clock> clock_source; // a round closes when its last interval has ended
  std::vector<shard_actor> shards;
  pool_actor pool;
  std::function<std::int64_t(const models::region_id&)> budget_of; // when settings->budgeted
  std::function<allocator_actor(allocator_options)> spawn_allocator;
};

struct router_state {
  static inline const char* name = "router";
  router_options options;
  models::pool_parameters parameters;
  models::tuned_choice tuned;
  models::yardstick_sums warmup;
  std::vector<models::outage> outages; // of all rounds, as a round_context keeps them
  std::map<models::region_id, allocator_actor> allocators;
  run_standing standing;
  std::uint64_t life = 0; // rises with every restore: a round on its way before it goes no further
};

// @pre the clock is set, and as many shards as settings->shards, in order; the functions are set.
router_actor::behavior_type router(router_actor::stateful_pointer<router_state> self, router_options options);

} // namespace forestage::actors
