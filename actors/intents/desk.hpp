// The desk at which a node hears what its peers are going to need: one for a node.
//
// Owns: an intent_desk. Reacts: declarations, revocations, what peers ask for, ticks. Publishes: to the
// recorder, what shards are to know. What stands is lost with the process: agents say it again when they come
// back; what their words have been worth is saved by whoever asks for it.
#pragma once

#include "actors/caf.hpp"
#include "actors/intents/intent_desk.hpp"
#include "actors/recorder.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace forestage::actors {

namespace atom {
using declare = caf::atom_constant<caf::atom("declare")>;
using revoke = caf::atom_constant<caf::atom("revoke")>;
using asked = caf::atom_constant<caf::atom("asked")>;
using intents = caf::atom_constant<caf::atom("intents")>;
} // namespace atom

struct declare_order {
  std::string peer;
  models::region_id region;
  std::vector<declared_intent> intents;
};
struct revoke_order {
  std::string peer;
  std::vector<std::uint64_t> ids;
};
// Requests of one peer, by resource and interval.
struct asked_order {
  std::string peer;
  messages::event_counts counts;
};

using desk_actor =
    caf::typed_actor<caf::replies_to<atom::declare, local<declare_order>>::with<local<desk_answer>>,
                     caf::reacts_to<atom::revoke, local<revoke_order>>,
                     caf::reacts_to<atom::asked, local<asked_order>>,
                     caf::reacts_to<atom::tick>, // about once a second
                     caf::replies_to<atom::intents>::with<local<desk_counts>>,
                     // What words have been worth, as bytes for desk_actor_options::book.
                     caf::replies_to<atom::save>::with<std::string>>;

struct desk_actor_options {
  desk_options desk;
  std::string book; // of an earlier run; one that cannot be read is left
  recorder_actor recorder;
  std::string session; // of what is recorded; of this run of the node alone
  std::function<std::int64_t()> unix_ms;
};

struct desk_state {
  static inline const char* name = "desk";
  desk_actor_options options;
  std::optional<intent_desk> core;
  std::uint64_t batches = 0;
  std::int64_t now_ms = 0; // never goes back
};

// @pre options.recorder and options.unix_ms are set.
desk_actor::behavior_type desk(desk_actor::stateful_pointer<desk_state> self, desk_actor_options options);

} // namespace forestage::actors
