// What a region has ready: open resource collections and their units, and a pool of peer collections that
// belong to nobody yet. Plans come in, acquisitions are answered, collections are opened and closed. No CAF,
// clock or I/O: times are unix milliseconds, passed in, and never go back.
//
// A resource is *planned* for an interval when the plan gives it units; its collection is opened as soon as
// that is known, at most `lead` intervals early, and *verified* by on_opened(). A request is *warm* when its
// collection was verified before it came, one of the interval's units was left, and a peer collection was
// ready; else it is cold, is served all the same, and says so. Invariants (unit tests, and the property test
// tests/property/actors/stage_test.cpp):
//   1. warm requests of a resource in an interval never exceed the units planned for it;
//   2. what was opened ahead ends in exactly one of: used, late (asked for before it was verified), unused;
//   3. at most options.open collections are open, options.pool peer collections wait; beyond, the least
//   recently
//      used collection without holders is closed, and if all are held the request is refused;
//   4. a collection with holders is never closed.
#pragma once

#include "actors/collection/collection_queue.hpp"
#include "models/ids.hpp"
#include "models/interval.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace forestage::actors {

struct stage_options {
  models::interval_grid grid;
  std::string region;
  std::uint32_t open = 100'000;    // resource collections
  std::uint32_t pool = 64;         // peer collections that wait for a requester
  std::uint32_t held = 1'000'000;  // peer collections in use
  std::int64_t keep_ms = 300'000;  // a collection that was used stays open for so long after its last use
  std::int64_t grant_ms = 600'000; // an acquisition that is neither used again nor released ends
};

// -- effects
struct open_collection {
  std::string id;
  access_list access; // of a pooled one: nobody
};
// A pooled collection gets its owner.
struct assign_collection {
  std::string id;
  access_list access;
};
struct close_collection {
  std::string id;
};
using stage_effect = std::variant<open_collection, assign_collection, close_collection>;

struct planned_resource {
  models::resource_id resource;
  std::int64_t units = 0;
};

enum class peer_role : std::uint8_t { requester, provider };

struct acquisition {
  bool warm = false;
  std::string resource_collection, peer_collection; // the latter of a requester
  std::int64_t expires_ms = 0;
  std::vector<stage_effect> effects; // to be carried out before the answer goes out
};

struct stage_counts {
  std::uint64_t requests = 0, warm = 0;
  std::uint64_t planned = 0, used = 0, late = 0, unused = 0; // resources of intervals, opened ahead
  std::uint64_t refused = 0, evicted = 0, expired = 0;
  friend bool operator==(const stage_counts&, const stage_counts&) = default;
};

class stage_core {
public:
  explicit stage_core(stage_options options)
      : options_(std::move(options)) {}

  // Peer collections until the pool is full. To be called once, and after every change.
  [[nodiscard]] std::vector<stage_effect> fill_pool();
  // What is planned for an interval, whole; a later plan for the same interval replaces it.
  [[nodiscard]] std::vector<stage_effect>
  on_plan(models::interval_number interval, const std::vector<planned_resource>& plan, std::int64_t now_ms);
  // The collection exists and answers.
  void on_opened(const std::string& id);
  // Errors: limit_exceeded.
  [[nodiscard]] models::result<acquisition> acquire(const std::string& peer, peer_role role,
                                                    const models::resource_id& resource, std::int64_t now_ms);
  // The peer no longer needs the resource.
  [[nodiscard]] std::vector<stage_effect> release(const std::string& peer,
                                                  const models::resource_id& resource);
  // All that a peer holds: it is gone for good.
  [[nodiscard]] std::vector<stage_effect> release_all(const std::string& peer);
  // Ends what has run out. To be called once an interval at least.
  [[nodiscard]] std::vector<stage_effect> tick(std::int64_t now_ms);

  [[nodiscard]] const stage_counts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::size_t open() const noexcept { return resources_.size(); }
  [[nodiscard]] std::size_t pooled() const noexcept { return pool_.size(); }
  [[nodiscard]] std::size_t held() const noexcept { return grants_.size(); }

private:
  struct plan_state {
    std::int64_t units = 0, taken = 0;
    bool used = false, late = false;
  };
  struct resource_state {
    bool verified = false;
    std::int64_t used_ms = 0;                            // last use; 0: none
    std::map<models::interval_number, plan_state> plans; // of intervals that have not ended
    std::set<std::string> holders;                       // peers
    std::string provider;                                // the newest one; empty: nobody
  };
  struct grant {
    std::string peer_collection; // empty: a provider's
    std::int64_t expires_ms = 0;
    peer_role role = peer_role::requester;
  };
  using grant_key = std::pair<std::string, models::resource_id>; // peer, resource

  [[nodiscard]] std::string collection_of(const models::resource_id& resource) const;
  [[nodiscard]] models::result<resource_state*> opened(const models::resource_id& resource,
                                                       std::vector<stage_effect>& effects);
  void close(std::unordered_map<models::resource_id, resource_state>::iterator at,
             std::vector<stage_effect>& effects);
  void end_grant(std::map<grant_key, grant>::iterator at, std::vector<stage_effect>& effects);
  void end_plans(resource_state& resource, models::interval_number before);

  stage_options options_;
  std::unordered_map<models::resource_id, resource_state> resources_;
  std::deque<std::string> pool_;  // verified
  std::set<std::string> filling_; // asked for
  std::map<grant_key, grant> grants_;
  std::uint64_t made_ = 0; // peer collections, for their names
  stage_counts counts_;
};

} // namespace forestage::actors
