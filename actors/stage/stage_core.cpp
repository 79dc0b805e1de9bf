#include "actors/stage/stage_core.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace forestage::actors {

using models::errc;
using models::interval_number;
using models::region_id;
using models::resource_id;
using models::result;

namespace {

constexpr std::string_view resource_prefix = "r/", peer_prefix = "p/";

constexpr std::uint8_t bit(peer_role role) {
  return role == peer_role::requester ? 1 : 2;
}

interval_number interval_at(const models::interval_grid& grid, std::int64_t now_ms) {
  const auto seconds = now_ms / 1'000 - (now_ms % 1'000 < 0 ? 1 : 0);
  return grid.at(seconds);
}

} // namespace

std::string collection_of(const resource_id& resource) {
  std::string out{resource_prefix};
  out += resource.text();
  return out;
}

std::string stage_core::next_peer_collection() {
  std::string out{peer_prefix};
  out += options_.life;
  out += '/';
  out += std::to_string(++made_);
  return out;
}

stage_effects stage_core::fill_pool(const region_id& region) {
  stage_effects effects;
  auto at = pools_.find(region);
  if (at == pools_.end()) {
    if (pools_.size() >= options_.pools) return effects;
    at = pools_.emplace(region, region_pool{}).first;
  }
  auto& pool = at->second;
  while (pool.ready.size() + pool.filling < options_.pool) {
    auto id = next_peer_collection();
    ++pool.filling;
    filling_.emplace(id, region);
    effects.push_back(open_collection{std::move(id)});
  }
  return effects;
}

std::size_t stage_core::pooled() const noexcept {
  std::size_t out = 0;
  for (const auto& [region, pool] : pools_)
    out += pool.ready.size();
  return out;
}

void stage_core::on_opened(const std::string& id) {
  if (const auto filled = filling_.find(id); filled != filling_.end()) {
    auto& pool = pools_[filled->second];
    --pool.filling;
    pool.ready.push_back(id);
    filling_.erase(filled);
    return;
  }
  if (!id.starts_with(resource_prefix)) return;
  const auto resource = resource_id::make(std::string_view{id}.substr(resource_prefix.size()));
  if (!resource) return;
  const auto at = resources_.find(*resource);
  if (at != resources_.end()) at->second.verified = true;
}

void stage_core::place(resource_place at) {
  auto& state = at->second;
  if (state.idle) idle_.erase(*state.idle);
  state.idle.reset();
  if (!state.holders.empty()) return;
  state.idle = idle_key{!state.plans.empty(), state.used_ms, at->first};
  idle_.insert(*state.idle);
}

void stage_core::close(resource_place at, stage_effects& effects) {
  end_plans(at->second, interval_number{std::numeric_limits<std::int64_t>::max()});
  effects.push_back(close_collection{collection_of(at->first)});
  if (at->second.idle) idle_.erase(*at->second.idle);
  resources_.erase(at);
}

// The state of a resource, its collection opened if it is not.
result<stage_core::resource_place> stage_core::opened(const resource_id& resource, stage_effects& effects) {
  if (const auto at = resources_.find(resource); at != resources_.end()) return at;
  if (resources_.size() >= options_.open) {
    if (idle_.empty()) {
      ++counts_.refused;
      return models::error{errc::limit_exceeded,
                           "all of the node's " + std::to_string(options_.open) +
                               " resource collections are in use; try again when some have been released"};
    }
    ++counts_.evicted;
    close(resources_.find(std::get<2>(*idle_.begin())), effects);
  }
  effects.push_back(open_collection{collection_of(resource)});
  const auto at = resources_.emplace(resource, resource_state{}).first;
  place(at);
  return at;
}

void stage_core::end_plans(resource_state& resource, interval_number before) {
  auto& plans = resource.plans;
  for (auto at = plans.begin(); at != plans.end() && at->first.first < before; at = plans.erase(at)) {
    ++counts_.planned;
    if (at->second.used)
      ++counts_.used;
    else if (at->second.late)
      ++counts_.late;
    else
      ++counts_.unused;
  }
}

// No plan has come for the interval that begins: the newest one goes on.
void stage_core::hold_on(interval_number now) {
  if (!planned_ || now <= *planned_) return;
  const auto since_ms = (now - held_on_from_) * options_.grid.seconds() * 1'000;
  if (since_ms > options_.hold_on_ms) return;
  for (auto& [resource, state] : resources_) {
    std::vector<std::pair<region_id, std::int64_t>> units;
    for (auto at = state.plans.lower_bound({*planned_, region_id{}});
         at != state.plans.end() && at->first.first == *planned_; ++at)
      if (at->second.units > 0) units.emplace_back(at->first.second, at->second.units);
    for (const auto& [region, count] : units)
      state.plans[{now, region}].units = count;
  }
  planned_ = now;
  ++counts_.held_on;
}

stage_effects stage_core::on_plan(interval_number interval, const std::vector<planned_resource>& plan,
                                  std::int64_t now_ms) {
  stage_effects effects;
  if (interval < interval_at(options_.grid, now_ms)) return effects; // it came too late to be of use
  if (!planned_ || *planned_ < interval) planned_ = interval;
  held_on_from_ = std::max(held_on_from_, interval);
  // Units of an earlier plan for the interval are gone.
  for (auto resource = resources_.begin(); resource != resources_.end(); ++resource) {
    auto& plans = resource->second.plans;
    bool changed = false;
    for (auto at = plans.lower_bound({interval, region_id{}});
         at != plans.end() && at->first.first == interval;) {
      at->second.units = 0;
      const bool untouched = !at->second.used && !at->second.late; // nothing came of it
      changed = changed || untouched;
      at = untouched ? plans.erase(at) : std::next(at);
    }
    if (changed) place(resource);
  }
  std::set<region_id> regions;
  for (const auto& planned : plan) {
    if (planned.units <= 0) continue;
    auto at = opened(planned.resource, effects);
    if (!at) break; // counted
    (*at)->second.plans[{interval, planned.region}].units = planned.units;
    place(*at);
    regions.insert(planned.region);
  }
  for (const auto& region : regions) {
    auto filled = fill_pool(region);
    std::move(filled.begin(), filled.end(), std::back_inserter(effects));
  }
  return effects;
}

// -- who may do what

void stage_core::rights_of(resource_place at, const std::string& peer, stage_effects& effects) const {
  const auto held = at->second.holders.find(peer);
  const auto roles = held == at->second.holders.end() ? std::uint8_t{0} : held->second;
  verbs may;
  if ((roles & bit(peer_role::requester)) != 0) may = may | verb::put;
  if (at->second.provider == peer) may = may | verb::get | verb::purge;
  effects.push_back(set_rights{collection_of(at->first), peer, may});
}

void stage_core::set_provider(resource_place at, const std::string& peer, stage_effects& effects) {
  const auto before = std::exchange(at->second.provider, peer);
  if (!before.empty()) rights_of(at, before, effects);
  if (!peer.empty()) rights_of(at, peer, effects);
  for (const auto& [holder, roles] : at->second.holders) {
    const auto held = grants_.find({holder, at->first, peer_role::requester});
    if (held == grants_.end() || held->second.peer_collection.empty()) continue;
    const auto& own = held->second.peer_collection;
    const auto rights_in = [&, &holder = holder](const std::string& who, verbs may) {
      if (who == holder) may = may | verb::get | verb::purge;
      effects.push_back(set_rights{own, who, may});
    };
    if (!before.empty()) rights_in(before, {});
    if (!peer.empty()) rights_in(peer, verb::put);
  }
}

bool stage_core::give_collection(held_grant& held, const acquire_order& order, const std::string& provider,
                                 stage_effects& effects) {
  if (!held.peer_collection.empty()) return true; // it has one from before
  const auto at = pools_.find(order.region);
  const bool waiting = at != pools_.end() && !at->second.ready.empty();
  if (waiting) {
    held.peer_collection = std::move(at->second.ready.front());
    at->second.ready.pop_front();
  } else {
    held.peer_collection = next_peer_collection();
    effects.push_back(open_collection{held.peer_collection});
  }
  verbs own = verb::get | verb::purge;
  if (provider == order.peer)
    own = own | verb::put;
  else if (!provider.empty())
    effects.push_back(set_rights{held.peer_collection, provider, verb::put});
  effects.push_back(set_rights{held.peer_collection, order.peer, own});
  return waiting;
}

// -- acquisitions

models::status stage_core::has_room(const grant_key& key) {
  const auto refused = [this](const std::string& why) -> models::status {
    ++counts_.refused;
    return {errc::limit_exceeded, why};
  };
  if (grants_.size() >= options_.held)
    return refused("the node's " + std::to_string(options_.held) +
                   " grants are all in use; try again when some have been released");
  const auto held = held_by_.find(std::get<0>(key));
  if (held != held_by_.end() && held->second >= options_.held_by_peer)
    return refused("this peer holds " + std::to_string(held->second) +
                   " grants, as many as it may; release some");
  const auto state = resources_.find(std::get<1>(key));
  if (state != resources_.end() && state->second.holders.size() >= options_.holders)
    return refused("the resource has " + std::to_string(options_.holders) +
                   " holders, as many as it may have; try again later");
  return models::success();
}

bool stage_core::take_unit(resource_state& state, const region_id& region, bool was_verified, bool pooled,
                           std::int64_t now_ms) const {
  const auto plan = state.plans.find({interval_at(options_.grid, now_ms), region});
  if (plan == state.plans.end() || plan->second.units <= 0) return false;
  if (!was_verified) {
    plan->second.late = true;
    return false;
  }
  plan->second.used = true;
  if (!pooled || plan->second.taken >= plan->second.units) return false;
  ++plan->second.taken;
  return true;
}

result<acquisition> stage_core::acquire(const acquire_order& order, std::int64_t now_ms) {
  hold_on(interval_at(options_.grid, now_ms));
  const grant_key key{order.peer, order.resource, order.role};
  auto held = grants_.find(key);
  const bool fresh = held == grants_.end();
  if (fresh)
    if (auto room = has_room(key); !room) return room.failure();
  acquisition out;
  const auto known = resources_.find(order.resource);
  const bool verified = known != resources_.end() && known->second.verified;
  auto found = opened(order.resource, out.effects);
  if (!found) return found.failure();
  const auto at = *found;
  auto& state = at->second;
  if (fresh) {
    held = grants_.emplace(key, held_grant{}).first;
    ++held_by_[order.peer];
    state.holders[order.peer] |= bit(order.role);
  }
  auto& grant = held->second;
  state.used_ms = now_ms;
  place(at);
  grant.expires_ms = now_ms + options_.grant_ms;
  out.expires_ms = grant.expires_ms;
  out.resource_collection = collection_of(order.resource);
  out.repeated = !fresh && order.need != 0 && grant.need == order.need && grant.session == order.session;
  grant.session = order.session;
  grant.need = order.need;

  if (order.role == peer_role::provider) {
    out.warm = verified;
    if (state.provider != order.peer) set_provider(at, order.peer, out.effects);
    return out;
  }
  const bool pooled = give_collection(grant, order, state.provider, out.effects);
  out.peer_collection = grant.peer_collection;
  if (fresh) rights_of(at, order.peer, out.effects);
  if (out.repeated) {
    out.warm = grant.warm;
    return out;
  }
  ++counts_.requests;
  out.warm = take_unit(state, order.region, verified, pooled, now_ms);
  grant.warm = out.warm;
  if (out.warm) ++counts_.warm;
  return out;
}

void stage_core::end_grant(grant_place at, stage_effects& effects) {
  const auto [peer, resource, role] = at->first;
  if (!at->second.peer_collection.empty()) effects.push_back(close_collection{at->second.peer_collection});
  grants_.erase(at);
  if (const auto by = held_by_.find(peer); by != held_by_.end() && --by->second == 0) held_by_.erase(by);
  const auto state = resources_.find(resource);
  if (state == resources_.end()) return;
  const auto holder = state->second.holders.find(peer);
  if (holder != state->second.holders.end()) {
    holder->second = static_cast<std::uint8_t>(holder->second & ~bit(role));
    if (holder->second == 0) state->second.holders.erase(holder);
  }
  if (role == peer_role::provider && state->second.provider == peer) {
    // Another one that is there takes over.
    const auto& holders = state->second.holders;
    const auto next = std::find_if(holders.begin(), holders.end(),
                                   [](const auto& h) { return (h.second & bit(peer_role::provider)) != 0; });
    set_provider(state, next == holders.end() ? std::string{} : next->first, effects);
  } else {
    rights_of(state, peer, effects);
  }
  place(state);
}

stage_effects stage_core::release(const std::string& peer, const resource_id& resource) {
  stage_effects effects;
  for (const auto role : {peer_role::requester, peer_role::provider})
    if (const auto at = grants_.find({peer, resource, role}); at != grants_.end()) end_grant(at, effects);
  return effects;
}

stage_effects stage_core::release_all(const std::string& peer) {
  stage_effects effects;
  for (auto at = grants_.lower_bound({peer, resource_id{}, peer_role::requester});
       at != grants_.end() && std::get<0>(at->first) == peer;)
    end_grant(at++, effects);
  return effects;
}

void stage_core::renew(const std::string& peer, std::int64_t now_ms) {
  for (auto at = grants_.lower_bound({peer, resource_id{}, peer_role::requester});
       at != grants_.end() && std::get<0>(at->first) == peer; ++at)
    at->second.expires_ms = std::max(at->second.expires_ms, now_ms + options_.grant_ms);
}

stage_effects stage_core::tick(std::int64_t now_ms) {
  stage_effects effects;
  for (auto at = grants_.begin(); at != grants_.end();) {
    const auto held = at++;
    if (held->second.expires_ms > now_ms) continue;
    ++counts_.expired;
    end_grant(held, effects);
  }
  const auto now = interval_at(options_.grid, now_ms);
  hold_on(now);
  std::vector<resource_id> over;
  for (auto at = resources_.begin(); at != resources_.end(); ++at) {
    auto& state = at->second;
    if (!state.plans.empty() && state.plans.begin()->first.first < now) {
      end_plans(state, now);
      place(at);
    }
    const bool kept = state.used_ms != 0 && state.used_ms + options_.keep_ms > now_ms;
    if (state.holders.empty() && state.plans.empty() && !kept) over.push_back(at->first);
  }
  std::sort(over.begin(), over.end());
  for (const auto& resource : over)
    close(resources_.find(resource), effects);
  return effects;
}

std::int64_t stage_core::units_left(const resource_id& resource, const region_id& region,
                                    interval_number interval) const {
  const auto at = resources_.find(resource);
  if (at == resources_.end()) return 0;
  const auto plan = at->second.plans.find({interval, region});
  return plan == at->second.plans.end() ? 0
                                        : std::max<std::int64_t>(0, plan->second.units - plan->second.taken);
}

} // namespace forestage::actors
