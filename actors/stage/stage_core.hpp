// What a node has ready: open resource collections, the units planned for them in each region, and a pool of
// peer collections per region that belong to nobody yet. Plans come in, acquisitions are answered,
// collections are opened and closed. No CAF, clock or I/O: times are unix milliseconds, passed in, and never
// go back.
//
// A resource has one collection, wherever its peers are: they meet in it. It is *planned* for an interval
// when the plan gives it units in some region; its collection is opened as soon as that is known, and
// *verified* by on_opened(). A request is *warm* when the collection was verified before it came, one of its
// region's units of the interval was left, and a peer collection was waiting; else it is cold, is served all
// the same, and says so. Invariants (unit tests, and the property test tests/property/actors/stage_test.cpp):
//   1. warm requests of a resource in a region and interval never exceed the units planned for it;
//   2. units of a resource that were planned for a region and interval end in exactly one of: used, late
//      (asked for before the collection was verified), unused;
//   3. at most options.open resource collections are open, options.pool peer collections wait in a region;
//      beyond, the least recently used collection without holders is closed, planned ones last, and if all
//      are held the request is refused;
//   4. a collection with holders is never closed;
//   5. where no plan has come for an interval, because whoever makes plans has failed, the last one holds on;
//   6. only who holds a grant has a right: requesters put where their provider takes, each takes from its own
//      peer collection, and the provider puts there.
#pragma once

#include "actors/collection/access_list.hpp"
#include "actors/stage/plan.hpp"
#include "models/ids.hpp"
#include "models/interval.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace forestage::actors {

struct stage_options {
  models::interval_grid grid = models::interval_grid::make(300).value();
  std::string life; // in the names of peer collections: those of another run of the node are others
  std::uint32_t open = 100'000;       // resource collections
  std::uint32_t pool = 16;            // peer collections of a region that wait for a requester
  std::uint32_t pools = 1'000;        // regions that have one
  std::uint32_t held = 1'000'000;     // grants
  std::uint32_t held_by_peer = 1'000; // of them
  std::uint32_t holders = 50'000;     // of a resource
  std::int64_t keep_ms = 300'000;     // a collection that was used stays open for so long after its last use
  std::int64_t grant_ms = 120'000;    // a grant that nobody renews ends
  std::int64_t hold_on_ms = 86'400'000; // to a plan that no other has followed
};

// -- effects
struct open_collection {
  std::string id; // nobody has a right yet
};
// From now on the peer may do exactly this.
struct set_rights {
  std::string id, peer;
  verbs may;
};
struct close_collection {
  std::string id;
};
using stage_effect = std::variant<open_collection, set_rights, close_collection>;
using stage_effects = std::vector<stage_effect>;

enum class peer_role : std::uint8_t { requester, provider };

struct acquire_order {
  std::string peer;
  models::resource_id resource;
  models::region_id region;
  peer_role role = peer_role::requester;
  std::string session;    // with its need, names the request: repeated, it is the same one
  std::uint64_t need = 0; // 0: a request of its own each time
};

struct acquisition {
  bool warm = false, repeated = false;
  std::string resource_collection, peer_collection; // the latter of a requester
  std::int64_t expires_ms = 0;
  stage_effects effects; // to be carried out before the answer goes out
};

struct stage_counts {
  std::uint64_t requests = 0, warm = 0;
  std::uint64_t planned = 0, used = 0, late = 0, unused = 0; // resources of regions and intervals
  std::uint64_t refused = 0, evicted = 0, expired = 0;
  std::uint64_t held_on = 0; // intervals that an earlier plan stood in for
  friend bool operator==(const stage_counts&, const stage_counts&) = default;
};

class stage_core {
public:
  explicit stage_core(stage_options options)
      : options_(std::move(options)) {}

  // Peer collections until the region's pool is full. To be called when a region is first heard of, and after
  // every acquisition.
  [[nodiscard]] stage_effects fill_pool(const models::region_id& region);
  // What is planned for an interval, whole, what is worth most first; a later plan for the same interval
  // replaces it.
  [[nodiscard]] stage_effects on_plan(models::interval_number interval,
                                      const std::vector<planned_resource>& plan, std::int64_t now_ms);
  // The collection exists and answers.
  void on_opened(const std::string& id);
  // Errors: limit_exceeded.
  [[nodiscard]] models::result<acquisition> acquire(const acquire_order& order, std::int64_t now_ms);
  // The peer no longer needs the resource, in either role.
  [[nodiscard]] stage_effects release(const std::string& peer, const models::resource_id& resource);
  // All that a peer holds: it is gone for good.
  [[nodiscard]] stage_effects release_all(const std::string& peer);
  // The peer is there: its grants hold on.
  void renew(const std::string& peer, std::int64_t now_ms);
  // Ends what has run out. To be called once an interval at least.
  [[nodiscard]] stage_effects tick(std::int64_t now_ms);

  [[nodiscard]] const stage_counts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::size_t open() const noexcept { return resources_.size(); }
  [[nodiscard]] std::size_t pooled() const noexcept;
  [[nodiscard]] std::size_t held() const noexcept { return grants_.size(); }
  // Units of a resource that are planned and not taken.
  [[nodiscard]] std::int64_t units_left(const models::resource_id& resource, const models::region_id& region,
                                        models::interval_number interval) const;

private:
  struct plan_state {
    std::int64_t units = 0, taken = 0;
    bool used = false, late = false;
  };
  using idle_key = std::tuple<bool, std::int64_t, models::resource_id>; // planned, last use, name
  struct resource_state {
    bool verified = false;
    std::int64_t used_ms = 0; // last use; 0: none
    // Of intervals that have not ended.
    std::map<std::pair<models::interval_number, models::region_id>, plan_state> plans;
    std::map<std::string, std::uint8_t> holders; // by peer: its roles, as bits
    std::string provider;                        // the newest one; empty: nobody
    std::optional<idle_key> idle;                // its place in idle_, when it has no holder
  };
  using resource_place = std::unordered_map<models::resource_id, resource_state>::iterator;
  struct held_grant {
    std::string peer_collection; // empty: a provider's
    std::int64_t expires_ms = 0;
    std::string session;
    std::uint64_t need = 0;
    bool warm = false;
  };
  using grant_key = std::tuple<std::string, models::resource_id, peer_role>;
  using grant_place = std::map<grant_key, held_grant>::iterator;
  struct region_pool {
    std::deque<std::string> ready;
    std::size_t filling = 0;
  };

  [[nodiscard]] std::string next_peer_collection();
  [[nodiscard]] models::status has_room(const grant_key& key);
  [[nodiscard]] models::result<resource_place> opened(const models::resource_id& resource,
                                                      stage_effects& effects);
  void hold_on(models::interval_number now);
  void place(resource_place at); // among the idle, or not
  void close(resource_place at, stage_effects& effects);
  void end_grant(grant_place at, stage_effects& effects);
  void end_plans(resource_state& resource, models::interval_number before);
  void rights_of(resource_place at, const std::string& peer, stage_effects& effects) const;
  void set_provider(resource_place at, const std::string& peer, stage_effects& effects);
  // Gives a requester its own collection; true when it was waiting.
  bool give_collection(held_grant& held, const acquire_order& order, const std::string& provider,
                       stage_effects& effects);
  [[nodiscard]] bool take_unit(resource_state& state, const models::region_id& region, bool was_verified,
                               bool pooled, std::int64_t now_ms) const;

  stage_options options_;
  std::unordered_map<models::resource_id, resource_state> resources_;
  std::set<idle_key> idle_; // resources without holders
  std::map<models::region_id, region_pool> pools_;
  std::unordered_map<std::string, models::region_id> filling_; // peer collections asked for, and whose
  std::map<grant_key, held_grant> grants_;
  std::unordered_map<std::string, std::uint32_t> held_by_; // grants of a peer
  std::optional<models::interval_number> planned_;         // the newest interval with a plan
  models::interval_number held_on_from_{};                 // the newest interval that a plan came for
  std::uint64_t made_ = 0;                                 // peer collections, for their names
  stage_counts counts_;
};

// "r/" and the resource.
[[nodiscard]] std::string collection_of(const models::resource_id& resource);

} // namespace forestage::actors
