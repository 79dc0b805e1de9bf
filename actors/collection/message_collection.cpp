#include "actors/collection/message_collection.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace forestage::actors {

namespace {

using models::errc;
using self_pointer = collection_actor::stateful_pointer<message_collection_state>;

std::int64_t now_of(const message_collection_state& state) {
  return state.options.steady_ms();
}

// Wakes the actor when the next reader has waited long enough or a lease runs out: not before, and not while
// nobody waits.
void arm(self_pointer self) {
  auto& state = self->state;
  if (state.readers.empty()) return;
  const auto now = now_of(state);
  auto at = state.queue->tick(now);
  for (const auto& r : state.readers)
    at = std::min(at, r.until_ms);
  at = std::max(at, now + 1);
  if (state.wakes_ms != 0 && state.wakes_ms <= at) return;
  state.wakes_ms = at;
  self->delayed_send(self, std::chrono::milliseconds{at - now}, atom::wake::value, ++state.timer);
}

// Hands out what readers wait for, and lets those go that have waited long enough.
void serve(self_pointer self) {
  auto& state = self->state;
  const auto now = now_of(state);
  for (auto r = state.readers.begin(); r != state.readers.end();) {
    auto messages =
        state.queue->next(r->order.peer, r->order.incarnation, r->order.most, now, r->order.most_bytes);
    if (messages && messages->empty() && r->until_ms > now) {
      ++r;
      continue;
    }
    if (messages)
      r->promise.deliver(local{handed_out{state.queue->incarnation(), std::move(*messages)}});
    else
      r->promise.deliver(to_caf(messages.failure()));
    r = state.readers.erase(r);
  }
  arm(self);
}

caf::result<std::uint64_t> on_put(self_pointer self, const local<put_order>& order) {
  auto& state = self->state;
  auto number = state.queue->put(order->peer, order->key, std::move(order->payload), now_of(state));
  if (!number) return to_caf(number.failure());
  serve(self);
  return *number;
}

caf::result<local<handed_out>> on_next(self_pointer self, const local<next_order>& order) {
  auto& state = self->state;
  const auto now = now_of(state);
  auto messages =
      state.queue->next(order->peer, order->incarnation, std::max(1U, order->most), now, order->most_bytes);
  if (!messages) return to_caf(messages.failure());
  if (!messages->empty() || order->wait_ms == 0)
    return local{handed_out{state.queue->incarnation(), std::move(*messages)}};
  if (state.readers.size() >= state.options.readers)
    return to_caf({errc::limit_exceeded, "too many wait for messages of this collection: ask again later"});
  auto promise = self->make_response_promise<local<handed_out>>();
  auto waiting = *order;
  waiting.most = std::max(1U, waiting.most);
  state.readers.push_back({std::move(waiting), now + order->wait_ms, promise});
  arm(self);
  return promise;
}

caf::result<std::uint64_t> on_done(self_pointer self, const local<done_order>& order) {
  std::uint64_t there = 0;
  for (const auto number : order->numbers) {
    auto was_there = self->state.queue->acknowledge(order->peer, order->incarnation, number);
    if (!was_there) return to_caf(was_there.failure());
    there += *was_there ? 1 : 0;
  }
  serve(self);
  return there;
}

caf::result<std::uint64_t> on_purge(self_pointer self, const std::string& peer) {
  auto gone = self->state.queue->purge(peer);
  if (!gone) return to_caf(gone.failure());
  return *gone;
}

void on_rights(self_pointer self, const local<rights_order>& order) {
  auto& access = self->state.queue->access();
  access.forbid(order->peer);
  if (order->may != verbs{}) (void)access.allow(order->peer, order->may); // beyond the bound: stays denied
  serve(self);                                                            // who may no longer read is told
}

void on_leave(self_pointer self, const std::string& peer, std::uint64_t reader) {
  auto& state = self->state;
  std::erase_if(state.readers, [&](waiting_reader& r) {
    if (r.order.peer != peer || r.order.reader != reader) return false;
    r.promise.deliver(to_caf({errc::unavailable, "the connection has ended"}));
    return true;
  });
  state.queue->release(peer);
  serve(self);
}

void on_end(self_pointer self) {
  for (auto& r : self->state.readers)
    r.promise.deliver(
        to_caf({errc::unavailable, "the collection has been closed: acquire the resource again"}));
  self->state.readers.clear();
  self->quit();
}

} // namespace

collection_actor::behavior_type message_collection(self_pointer self, message_collection_options options) {
  auto& state = self->state;
  state.queue.emplace(options.limits, access_list{}, options.incarnation);
  state.options = std::move(options);
  return {
      [self](atom::put, const local<put_order>& order) { return on_put(self, order); },
      [self](atom::next, const local<next_order>& order) { return on_next(self, order); },
      [self](atom::done, const local<done_order>& order) { return on_done(self, order); },
      [self](atom::purge, const std::string& peer) { return on_purge(self, peer); },
      [self](atom::rights, const local<rights_order>& order) { on_rights(self, order); },
      [self](atom::leave, const std::string& peer, std::uint64_t reader) { on_leave(self, peer, reader); },
      [self](atom::verify) { return self->state.queue->incarnation(); },
      [self](atom::wake, std::uint64_t timer) {
        if (timer != self->state.timer) return;
        self->state.wakes_ms = 0;
        serve(self);
      },
      [self](atom::end) { on_end(self); },
  };
}

} // namespace forestage::actors
