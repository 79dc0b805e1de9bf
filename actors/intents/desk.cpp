#include "actors/intents/desk.hpp"

#include <algorithm>
#include <utility>

namespace forestage::actors {

namespace {

using self_pointer = desk_actor::stateful_pointer<desk_state>;

std::int64_t now_of(desk_state& state) {
  state.now_ms = std::max(state.now_ms, state.options.unix_ms());
  return state.now_ms;
}

void record(self_pointer self) {
  auto& state = self->state;
  auto events = state.core->take(now_of(state));
  if (events.empty()) return;
  live_batch batch;
  batch.intents = std::move(events);
  batch.intents.session = state.options.session;
  batch.intents.sequence = ++state.batches;
  self->send(state.options.recorder, atom::record::value, local{std::move(batch)});
}

void on_asked(self_pointer self, const local<asked_order>& order) {
  auto& state = self->state;
  if (!state.core->knows(order->peer)) return; // it declares nothing
  const auto now = now_of(state);
  const auto& counts = order->counts;
  for (const auto& e : counts.entries)
    state.core->asked(order->peer, counts.regions[e.region], counts.resources[e.resource], e.cell.interval,
                      e.cell.count, now);
  record(self);
}

} // namespace

desk_actor::behavior_type desk(self_pointer self, desk_actor_options options) {
  auto& state = self->state;
  state.core.emplace(options.desk);
  if (!options.book.empty()) (void)state.core->read_book(options.book);
  state.options = std::move(options);
  return {
      [self](atom::declare, const local<declare_order>& order) {
        auto& s = self->state;
        auto answer = s.core->declare(order->peer, order->region, order->intents, now_of(s));
        record(self);
        return local{std::move(answer)};
      },
      [self](atom::revoke, const local<revoke_order>& order) {
        auto& s = self->state;
        s.core->revoke(order->peer, order->ids, now_of(s));
        record(self);
      },
      [self](atom::asked, const local<asked_order>& order) { on_asked(self, order); },
      [self](atom::tick) { record(self); },
      [self](atom::intents) { return local{self->state.core->counts()}; },
      [self](atom::save) {
        std::string bytes;
        self->state.core->write_to(bytes);
        return bytes;
      },
  };
}

} // namespace forestage::actors
