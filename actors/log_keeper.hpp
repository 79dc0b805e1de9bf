// The keeper of the demand log: the one actor that touches the port, on a thread of its own, since the disk
// makes it wait.
//
// Owns: the demand_log. Reacts: appends of shards, which it commits in groups; reads, snapshots, retention.
// Publishes: nothing.
#pragma once

#include "actors/caf.hpp"
#include "actors/ports/demand_log.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace forestage::actors {

struct append_order {
  models::shard_id shard;
  std::vector<std::string> records;
  log_position expected;
  std::vector<stored_rollup> rollups;
};

struct snapshot_order {
  models::shard_id shard;
  log_position position;
  std::string state;
  retention_rule retention;
};

using log_keeper_actor = caf::typed_actor<
    // Appends; answers the position of the last record. Appends that wait together are committed together.
    caf::replies_to<atom::append, local<append_order>>::with<std::uint64_t>,
    // (shard, after, limit): records in order.
    caf::replies_to<atom::read, std::uint32_t, std::uint64_t,
                    std::uint64_t>::with<local<std::vector<stored_record>>>,
    // (shard, at most): the newest snapshot at or before a position.
    caf::replies_to<atom::load, std::uint32_t, std::uint64_t>::with<local<std::optional<stored_snapshot>>>,
    // Saves a snapshot, then drops what retention allows; answers its position.
    caf::replies_to<atom::save, local<snapshot_order>>::with<std::uint64_t>,
    // (shard): the last position.
    caf::replies_to<atom::progress, std::uint32_t>::with<std::uint64_t>>;

// With the private message that commits what has gathered.
using log_keeper_impl = log_keeper_actor::extend<caf::reacts_to<atom::flush>>;

struct log_keeper_state {
  static inline const char* name = "log_keeper";
  std::shared_ptr<demand_log> log;
  struct waiting {
    local<append_order> order;
    caf::typed_response_promise<std::uint64_t> promise;
  };
  std::vector<waiting> queue;
};

// @pre log is not null and nobody else uses it while the actor lives.
log_keeper_impl::behavior_type log_keeper(log_keeper_impl::stateful_pointer<log_keeper_state> self,
                                          std::shared_ptr<demand_log> log);

} // namespace forestage::actors
