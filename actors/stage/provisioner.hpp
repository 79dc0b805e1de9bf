// What carries plans out and lets peers in: one for a node, with the embedded backend (a message_collection
// actor for each collection).
//
// Owns: a stage_core, the handles of all open collections. Reacts: plans, acquisitions, releases, ticks.
// Publishes: to collections, who may do what; to a peer's proxy, its grant. A grant needs nothing but this
// actor and its collections: neither log nor shards nor allocators.
#pragma once

#include "actors/caf.hpp"
#include "actors/collection/message_collection.hpp"
#include "actors/stage/stage_core.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace forestage::actors {

namespace atom {
using acquire = caf::atom_constant<caf::atom("acquire")>;
using find = caf::atom_constant<caf::atom("find")>;
using release = caf::atom_constant<caf::atom("release")>;
using renew = caf::atom_constant<caf::atom("renew")>;
using counts = caf::atom_constant<caf::atom("counts")>;
} // namespace atom

struct granted_collection {
  std::string id;
  std::uint64_t incarnation = 0;
  verbs may;
  collection_actor handle;
};
struct grant_answer {
  bool warm = false, repeated = false;
  granted_collection resource;
  granted_collection own; // a requester's; else without a handle
  std::int64_t expires_ms = 0;
};

struct stage_view {
  stage_counts counts;
  std::uint64_t open = 0, pooled = 0, held = 0; // collections, collections, grants
};

using provisioner_actor = caf::typed_actor<
    // Errors: limit_exceeded.
    caf::replies_to<atom::acquire, local<acquire_order>>::with<local<grant_answer>>,
    // A collection by its name, for whoever may know it: it knows itself who may do what. Errors:
    // not_found.
    caf::replies_to<atom::find, std::string>::with<collection_actor>,
    caf::reacts_to<atom::release, std::string, local<models::resource_id>>,
    caf::reacts_to<atom::renew, std::string>, caf::reacts_to<atom::plan, local<std::vector<interval_plan>>>,
    caf::reacts_to<atom::tick>, // every few seconds
    caf::replies_to<atom::counts>::with<local<stage_view>>>;

struct provisioner_options {
  stage_options stage;
  collection_limits limits;            // of each collection; valid
  std::uint64_t first_incarnation = 1; // of this run of the node: above all of earlier ones
  std::function<std::int64_t()> unix_ms;
  std::function<collection_actor(message_collection_options)> spawn_collection;
  std::function<std::int64_t()> steady_ms; // of the collections
};

struct provisioner_state {
  static inline const char* name = "provisioner";
  struct opened {
    collection_actor handle;
    std::uint64_t incarnation = 0;
  };
  provisioner_options options;
  std::optional<stage_core> core;
  std::unordered_map<std::string, opened> collections;
  std::uint64_t incarnations = 0;
  std::int64_t now_ms = 0; // never goes back
};

// @pre every function in options is set.
provisioner_actor::behavior_type provisioner(provisioner_actor::stateful_pointer<provisioner_state> self,
                                             provisioner_options options);

} // namespace forestage::actors
