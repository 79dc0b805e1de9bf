#include "actors/stage/provisioner.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace forestage::actors {

namespace {

using models::errc;
using self_pointer = provisioner_actor::stateful_pointer<provisioner_state>;

constexpr std::chrono::seconds verify_timeout{15};

std::int64_t now_of(provisioner_state& state) {
  state.now_ms = std::max(state.now_ms, state.options.unix_ms());
  return state.now_ms;
}

struct effect_visitor {
  self_pointer self;

  void operator()(const open_collection& order) const {
    auto& state = self->state;
    const auto incarnation = state.options.first_incarnation + state.incarnations++;
    auto handle = state.options.spawn_collection(
        {.limits = state.options.limits, .incarnation = incarnation, .steady_ms = state.options.steady_ms});
    // It counts as there when it answers.
    self->request(handle, verify_timeout, atom::verify::value)
        .then([self = self, id = order.id](std::uint64_t is) {
          const auto at = self->state.collections.find(id);
          if (at != self->state.collections.end() && at->second.incarnation == is)
            self->state.core->on_opened(id);
        });
    state.collections.insert_or_assign(order.id, provisioner_state::opened{std::move(handle), incarnation});
  }
  void operator()(const set_rights& order) const {
    const auto at = self->state.collections.find(order.id);
    if (at == self->state.collections.end()) return; // just closed
    self->send(at->second.handle, atom::rights::value, local{rights_order{order.peer, order.may}});
  }
  void operator()(const close_collection& order) const {
    const auto at = self->state.collections.find(order.id);
    if (at == self->state.collections.end()) return;
    self->send(at->second.handle, atom::end::value);
    self->state.collections.erase(at);
  }
};

void carry_out(self_pointer self, const stage_effects& effects) {
  for (const auto& effect : effects)
    std::visit(effect_visitor{self}, effect);
}

granted_collection granted(const provisioner_state& state, const std::string& id, verbs may) {
  if (id.empty()) return {};
  const auto& opened = state.collections.at(id);
  return {id, opened.incarnation, may, opened.handle};
}

caf::result<local<grant_answer>> on_acquire(self_pointer self, const local<acquire_order>& order) {
  auto& state = self->state;
  auto got = state.core->acquire(*order, now_of(state));
  if (!got) return to_caf(got.failure());
  carry_out(self, got->effects);
  const bool requests = order->role == peer_role::requester;
  grant_answer out;
  out.warm = got->warm;
  out.repeated = got->repeated;
  out.expires_ms = got->expires_ms;
  out.resource =
      granted(state, got->resource_collection, requests ? verbs{verb::put} : verb::get | verb::purge);
  out.own = granted(state, got->peer_collection, verb::get | verb::purge);
  auto promise = self->make_response_promise<local<grant_answer>>();
  promise.deliver(local{std::move(out)});
  carry_out(self, state.core->fill_pool(order->region)); // for whoever comes next
  return promise;
}

caf::result<collection_actor> on_find(self_pointer self, const std::string& id) {
  const auto at = self->state.collections.find(id);
  if (at == self->state.collections.end())
    return to_caf({errc::not_found,
                   "there is no such collection now: acquire its resource, or ask its peer for the name"});
  return at->second.handle;
}

void on_plan(self_pointer self, const local<std::vector<interval_plan>>& plans) {
  for (const auto& plan : *plans)
    carry_out(self, self->state.core->on_plan(plan.interval, plan.resources, now_of(self->state)));
}

} // namespace

provisioner_actor::behavior_type provisioner(self_pointer self, provisioner_options options) {
  self->state.core.emplace(options.stage);
  self->state.options = std::move(options);
  self->set_exit_handler([self](caf::exit_msg& message) {
    for (const auto& [id, opened] : self->state.collections)
      self->send(opened.handle, atom::end::value);
    self->state.collections.clear();
    self->quit(message.reason);
  });
  return {
      [self](atom::acquire, const local<acquire_order>& order) { return on_acquire(self, order); },
      [self](atom::find, const std::string& id) { return on_find(self, id); },
      [self](atom::release, const std::string& peer, const local<models::resource_id>& resource) {
        carry_out(self, self->state.core->release(peer, *resource));
      },
      [self](atom::renew, const std::string& peer) { self->state.core->renew(peer, now_of(self->state)); },
      [self](atom::plan, const local<std::vector<interval_plan>>& plans) { on_plan(self, plans); },
      [self](atom::tick) { carry_out(self, self->state.core->tick(now_of(self->state))); },
      [self](atom::counts) {
        const auto& core = *self->state.core;
        return local{stage_view{core.counts(), core.open(), core.pooled(), core.held()}};
      },
  };
}

} // namespace forestage::actors
