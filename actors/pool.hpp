// The pool: what keys of all shards learn from each other.
//
// Owns: the parameters in force and the statistics of the round that is closing. Reacts: statistics of
// shards, in any order. Publishes: new parameters, which go through every shard's log before they are in
// force.
#pragma once

#include "actors/caf.hpp"
#include "models/demand/pool.hpp"

#include <cstdint>

namespace forestage::actors {

using pool_actor = caf::typed_actor<
    // Adds a shard's statistics of the round.
    caf::reacts_to<atom::append, local<models::pool_statistics>>,
    // Parameters from everything added since the last time; nobody active: the old ones.
    caf::replies_to<atom::learn>::with<local<models::pool_parameters>>,
    // After a restart: the parameters in force.
    caf::reacts_to<atom::restore, local<models::pool_parameters>>>;

struct pool_state {
  static inline const char* name = "pool";
  models::pool_statistics sum;
  models::pool_parameters parameters;
};

// initial: in force to begin with. (An actor without any argument makes CAF 0.17 bind a reference to
// null.)
pool_actor::behavior_type pool(pool_actor::stateful_pointer<pool_state> self,
                               const models::pool_parameters& initial);

} // namespace forestage::actors
