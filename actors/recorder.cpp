#include "actors/recorder.hpp"

#include <utility>

namespace forestage::actors {

namespace {

using self_pointer = recorder_actor::stateful_pointer<recorder_state>;

void send_some(self_pointer self);

void on_failed(self_pointer self, const local<live_batch>& batch) {
  auto& state = self->state;
  --state.on_way;
  state.failing = true;
  ++state.counts.retried;
  state.waiting.push_front(batch);
}

void on_taken(self_pointer self) {
  auto& state = self->state;
  --state.on_way;
  state.failing = false;
  ++state.counts.recorded;
  send_some(self);
}

void send_some(self_pointer self) {
  auto& state = self->state;
  while (!state.failing && !state.waiting.empty() && state.on_way < state.options.on_way) {
    auto batch = std::move(state.waiting.front());
    state.waiting.pop_front();
    ++state.on_way;
    // The intake takes its own parts: what may have to be sent again is kept here.
    self->request(state.options.intake, request_timeout, atom::batch::value, local{live_batch{*batch}})
        .then([self](const local<batch_answer>&) { on_taken(self); },
              [self, batch](const caf::error&) { on_failed(self, batch); });
  }
}

void on_record(self_pointer self, const local<live_batch>& batch) {
  auto& state = self->state;
  if (state.waiting.size() + state.on_way >= state.options.batches) {
    ++state.counts.dropped;
    return;
  }
  state.waiting.push_back(batch);
  send_some(self);
}

} // namespace

recorder_actor::behavior_type recorder(self_pointer self, recorder_options options) {
  self->state.options = std::move(options);
  return {
      [self](atom::record, const local<live_batch>& batch) { on_record(self, batch); },
      [self](atom::retry) {
        self->state.failing = false;
        send_some(self);
      },
      [self](atom::recorded) {
        auto out = self->state.counts;
        out.waiting = self->state.waiting.size() + self->state.on_way;
        return local{recorder_counts{out}};
      },
  };
}

} // namespace forestage::actors
