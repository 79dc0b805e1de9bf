#include "actors/region/stage_core.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace forestage::actors {

using models::errc;
using models::interval_number;
using models::resource_id;
using models::result;

namespace {

interval_number interval_at(const models::interval_grid& grid, std::int64_t now_ms) {
  const auto seconds = now_ms / 1'000 - (now_ms % 1'000 < 0 ? 1 : 0);
  return grid.at(seconds);
}

// A resource collection: whoever is let in may put, its provider takes.
access_list access_of_resource(const std::string& provider) {
  access_list access;
  access.allow_everybody(verb::put);
  if (!provider.empty()) (void)access.allow(provider, verb::get | verb::purge);
  return access;
}

// A peer collection: the provider puts, its requester takes.
access_list access_of_peer(const std::string& requester, const std::string& provider) {
  access_list access;
  (void)access.allow(requester, verb::get | verb::purge);
  if (!provider.empty()) (void)access.allow(provider, verb::put);
  return access;
}

} // namespace

std::string stage_core::collection_of(const resource_id& resource) const {
  return "r/" + options_.region + "/" + resource.text();
}

std::vector<stage_effect> stage_core::fill_pool() {
  std::vector<stage_effect> effects;
  while (pool_.size() + filling_.size() < options_.pool) {
    auto id = "p/" + options_.region + "/" + std::to_string(++made_);
    filling_.insert(id);
    effects.push_back(open_collection{std::move(id), {}});
  }
  return effects;
}

void stage_core::on_opened(const std::string& id) {
  if (filling_.erase(id) != 0) {
    pool_.push_back(id);
    return;
  }
  const auto prefix = collection_of({}).size();
  if (id.size() < prefix) return;
  const auto resource = resource_id::make(std::string_view{id}.substr(prefix));
  if (!resource) return;
  const auto at = resources_.find(*resource);
  if (at != resources_.end()) at->second.verified = true;
}

void stage_core::close(std::unordered_map<resource_id, resource_state>::iterator at,
                       std::vector<stage_effect>& effects) {
  end_plans(at->second, interval_number{std::numeric_limits<std::int64_t>::max()});
  effects.push_back(close_collection{collection_of(at->first)});
  resources_.erase(at);
}

// The state of a resource, its collection opened if it is not.
result<stage_core::resource_state*> stage_core::opened(const resource_id& resource,
                                                       std::vector<stage_effect>& effects) {
  const auto at = resources_.find(resource);
  if (at != resources_.end()) return &at->second;
  if (resources_.size() >= options_.open) {
    auto oldest = resources_.end();
    for (auto other = resources_.begin(); other != resources_.end(); ++other) {
      if (!other->second.holders.empty()) continue;
      // Ties by name: the order of a hash table is nobody's business.
      if (oldest == resources_.end() ||
          std::pair{other->second.used_ms, other->first} < std::pair{oldest->second.used_ms, oldest->first})
        oldest = other;
    }
    if (oldest == resources_.end()) {
      ++counts_.refused;
      return models::error{errc::limit_exceeded,
                           "all of the region's " + std::to_string(options_.open) +
                               " collections are in use; raise collections.open, or release some"};
    }
    ++counts_.evicted;
    close(oldest, effects);
  }
  effects.push_back(open_collection{collection_of(resource), access_of_resource({})});
  return &resources_[resource];
}

void stage_core::end_plans(resource_state& resource, interval_number before) {
  auto& plans = resource.plans;
  for (auto at = plans.begin(); at != plans.end() && at->first < before; at = plans.erase(at)) {
    ++counts_.planned;
    if (at->second.used)
      ++counts_.used;
    else if (at->second.late)
      ++counts_.late;
    else
      ++counts_.unused;
  }
}

std::vector<stage_effect> stage_core::on_plan(interval_number interval,
                                              const std::vector<planned_resource>& plan,
                                              std::int64_t now_ms) {
  std::vector<stage_effect> effects;
  if (interval < interval_at(options_.grid, now_ms)) return effects; // it came too late to be of use
  for (auto& [resource, state] : resources_) { // units of an earlier plan for the interval that are gone
    const auto at = state.plans.find(interval);
    if (at == state.plans.end()) continue;
    at->second.units = 0;
    if (!at->second.used && !at->second.late) state.plans.erase(at); // nothing came of it
  }
  for (const auto& planned : plan) {
    if (planned.units <= 0) continue;
    auto state = opened(planned.resource, effects);
    if (!state) break; // counted; what is worth most comes first
    (*state)->plans[interval].units = planned.units;
  }
  return effects;
}

result<acquisition> stage_core::acquire(const std::string& peer, peer_role role, const resource_id& resource,
                                        std::int64_t now_ms) {
  acquisition out;
  const auto known = resources_.find(resource);
  const bool was_open = known != resources_.end();
  const bool verified = was_open && known->second.verified;
  const grant_key key{peer, resource};
  auto held = grants_.find(key);
  if (held == grants_.end() && grants_.size() >= options_.held) {
    ++counts_.refused;
    return models::error{errc::limit_exceeded,
                         "the region's " + std::to_string(options_.held) +
                             " grants are all in use; raise collections.held, or release some"};
  }
  auto found = opened(resource, out.effects);
  if (!found) return found.failure();
  auto& state = **found;
  state.used_ms = now_ms;
  state.holders.insert(peer);
  out.resource_collection = collection_of(resource);
  out.expires_ms = now_ms + options_.grant_ms;
  const bool fresh = held == grants_.end();
  if (fresh) held = grants_.emplace(key, grant{}).first;
  held->second.expires_ms = out.expires_ms;
  held->second.role = role;

  if (role == peer_role::provider) {
    out.warm = verified;
    if (state.provider != peer) {
      state.provider = peer;
      out.effects.push_back(assign_collection{out.resource_collection, access_of_resource(peer)});
      for (const auto& holder : state.holders) {
        const auto other = grants_.find({holder, resource});
        if (other != grants_.end() && !other->second.peer_collection.empty())
          out.effects.push_back(
              assign_collection{other->second.peer_collection, access_of_peer(holder, state.provider)});
      }
    }
    return out;
  }

  ++counts_.requests;
  bool pooled = !held->second.peer_collection.empty(); // it has one from before
  if (!pooled) {
    if (!pool_.empty()) {
      pooled = true;
      held->second.peer_collection = std::move(pool_.front());
      pool_.pop_front();
      out.effects.push_back(
          assign_collection{held->second.peer_collection, access_of_peer(peer, state.provider)});
    } else {
      held->second.peer_collection = "p/" + options_.region + "/" + std::to_string(++made_);
      out.effects.push_back(
          open_collection{held->second.peer_collection, access_of_peer(peer, state.provider)});
    }
  }
  out.peer_collection = held->second.peer_collection;
  const auto plan = state.plans.find(interval_at(options_.grid, now_ms));
  if (plan != state.plans.end() && plan->second.units > 0) {
    if (verified) {
      plan->second.used = true;
      out.warm = pooled && plan->second.taken < plan->second.units;
      if (out.warm) ++plan->second.taken;
    } else {
      plan->second.late = true;
    }
  }
  if (out.warm) ++counts_.warm;
  return out;
}

void stage_core::end_grant(std::map<grant_key, grant>::iterator at, std::vector<stage_effect>& effects) {
  if (!at->second.peer_collection.empty()) effects.push_back(close_collection{at->second.peer_collection});
  const auto state = resources_.find(at->first.second);
  if (state != resources_.end()) {
    state->second.holders.erase(at->first.first);
    if (state->second.provider == at->first.first) {
      state->second.provider.clear();
      effects.push_back(assign_collection{collection_of(at->first.second), access_of_resource({})});
    }
  }
  grants_.erase(at);
}

std::vector<stage_effect> stage_core::release(const std::string& peer, const resource_id& resource) {
  std::vector<stage_effect> effects;
  if (const auto at = grants_.find({peer, resource}); at != grants_.end()) end_grant(at, effects);
  return effects;
}

std::vector<stage_effect> stage_core::release_all(const std::string& peer) {
  std::vector<stage_effect> effects;
  for (auto at = grants_.lower_bound({peer, resource_id{}}); at != grants_.end() && at->first.first == peer;)
    end_grant(at++, effects);
  return effects;
}

std::vector<stage_effect> stage_core::tick(std::int64_t now_ms) {
  std::vector<stage_effect> effects;
  for (auto at = grants_.begin(); at != grants_.end();) {
    const auto held = at++;
    if (held->second.expires_ms > now_ms) continue;
    ++counts_.expired;
    end_grant(held, effects);
  }
  const auto now = interval_at(options_.grid, now_ms);
  std::vector<resource_id> idle;
  for (auto& [resource, state] : resources_) {
    end_plans(state, now);
    const bool kept = state.used_ms != 0 && state.used_ms + options_.keep_ms > now_ms;
    if (state.holders.empty() && state.plans.empty() && !kept) idle.push_back(resource);
  }
  std::sort(idle.begin(), idle.end());
  for (const auto& resource : idle)
    close(resources_.find(resource), effects);
  return effects;
}

} // namespace forestage::actors
