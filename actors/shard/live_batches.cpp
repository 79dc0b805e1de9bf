#include "actors/shard/live_batches.hpp"

#include "actors/shard/shard_log.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace forestage::actors {

using models::errc;
using models::success;

namespace {

// Of one append: a quarter of a second's worth at full load, and a bound on what a crash leaves unanswered.
constexpr std::size_t batches_at_once = 1'024;

std::size_t entries_of(const live_batch& batch) {
  return batch.counts.entries.size() + batch.counts.missing.size() + batch.intents.declarations.size() +
         batch.intents.kept.size();
}

std::vector<std::string> records_of(const std::vector<waiting_batch>& batches) {
  std::vector<std::string> records;
  for (const auto& each : batches) {
    v1::LogRecord record;
    if (!each.batch->counts.entries.empty() || !each.batch->counts.missing.empty()) {
      *record.mutable_counts()->mutable_batch() = messages::to_proto(each.batch->counts);
      records.push_back(messages::encode(record));
    }
    if (!each.batch->intents.empty()) {
      *record.mutable_intents()->mutable_batch() = messages::to_proto(each.batch->intents);
      records.push_back(messages::encode(record));
    }
  }
  return records;
}

batch_answer accept(shard_core& core, const live_batch& batch) {
  batch_answer out;
  if (!batch.counts.entries.empty() || !batch.counts.missing.empty()) out.counts = core.accept(batch.counts);
  if (!batch.intents.empty()) out.intents = core.accept(batch.intents);
  return out;
}

void refuse(std::vector<waiting_batch>& batches, const models::error& why) {
  for (auto& each : std::exchange(batches, {}))
    each.promise.deliver(to_caf(why));
}

void acknowledge(shard_pointer self, std::vector<waiting_batch>& batches) {
  auto& state = self->state;
  for (auto& each : batches) {
    const auto answer = accept(*state.core, *each.batch);
    // Room was made sure of before the append; a batch that found none all the same comes again.
    if (answer.counts.verdict == inbox_verdict::full || answer.intents.verdict == inbox_verdict::full)
      each.promise.deliver(to_caf({errc::unavailable, "the shard has no room left: send it again later"}));
    else
      each.promise.deliver(local{batch_answer{answer}});
  }
}

void append_now(shard_pointer self) {
  auto& state = self->state;
  auto taken = std::make_shared<std::vector<waiting_batch>>();
  const auto count = std::min(state.batches.size(), batches_at_once);
  const auto end = state.batches.begin() + static_cast<std::ptrdiff_t>(count);
  taken->assign(std::make_move_iterator(state.batches.begin()), std::make_move_iterator(end));
  state.batches.erase(state.batches.begin(), end);
  for (const auto& each : *taken)
    state.batch_entries -= entries_of(*each.batch);
  local append{append_order{state.options.id, records_of(*taken), state.position, {}}};
  self->request(state.options.keeper, request_timeout, atom::append::value, append)
      .then(
          [self, taken, life = state.life](std::uint64_t position) {
            auto& s = self->state;
            if (life != s.life)
              return refuse(*taken, {errc::unavailable, "the shard has been restarted: send it again"});
            s.position = log_position{position};
            acknowledge(self, *taken);
            s.turns.done();
            append_batches(self);
          },
          [self, taken, life = state.life](caf::error& failure) {
            auto& s = self->state;
            const auto why = from_caf(failure);
            refuse(*taken, why);
            if (life != s.life) return;
            stop_appending(self, why);
          });
}

// What may lie between two rounds: batches, and who has taken the shard over.
bool between_rounds(const v1::LogRecord& record) {
  return record.has_counts() || record.has_intents() || record.has_epoch();
}

// Folded again from the log, the round must come to the same.
bool is_close_of(const v1::Close& close, const round_context& round) {
  std::vector<models::outage> own;
  std::copy_if(round.outages.begin(), round.outages.end(), std::back_inserter(own),
               [&](const auto& o) { return o.from >= round.from; });
  return close.round() == round.number && close.from_interval() == round.from.value() &&
         close.to_interval() == round.to.value() && outages_of(close) == own;
}

models::status take(shard_core& core, const v1::LogRecord& record) {
  if (record.has_counts()) {
    auto counts = messages::from_proto(record.counts().batch());
    if (!counts) return counts.failure();
    (void)core.accept(*counts);
  } else if (record.has_intents()) {
    auto intents = messages::from_proto(record.intents().batch());
    if (!intents) return intents.failure();
    (void)core.accept(*intents);
  }
  return success();
}

} // namespace

caf::result<local<batch_answer>> on_batch(shard_pointer self, const local<live_batch>& batch) {
  auto& state = self->state;
  if (!state.options.settings->live)
    return to_caf({errc::unavailable, "a shard that is not live takes no batches"});
  if (state.failed) return to_caf(*state.failed);
  const auto entries = entries_of(*batch);
  if (!state.core->inbox().room_for(state.batch_entries + entries) ||
      state.batches.size() >= state.options.settings->inbox.waiting_batches)
    return to_caf({errc::unavailable, "the shard has no room left: send it again later"});
  if (entries == 0) return local{batch_answer{}};
  auto promise = self->make_response_promise<local<batch_answer>>();
  state.batches.push_back({batch, promise});
  state.batch_entries += entries;
  append_batches(self);
  return promise;
}

void append_batches(shard_pointer self) {
  auto& state = self->state;
  if (state.batches.empty() || state.turns.busy() || !state.tail.empty() || state.failed) return;
  state.turns.take([self] { append_now(self); });
}

void stop_appending(shard_pointer self, const models::error& why) {
  auto& state = self->state;
  state.failed = why;
  refuse_batches(state, why);
  state.turns.done();
}

void refuse_batches(shard_state& state, const models::error& why) {
  state.batch_entries = 0;
  refuse(state.batches, why);
}

models::status take_tail_batches(shard_state& state) {
  while (!state.tail.empty() && between_rounds(state.tail.front())) {
    const auto record = std::move(state.tail.front());
    state.tail.pop_front();
    if (auto taken = take(*state.core, record); !taken) return taken;
  }
  return success();
}

models::status take_tail_close(shard_state& state, const round_context& round) {
  if (auto taken = take_tail_batches(state); !taken) return taken;
  while (!state.tail.empty() && state.tail.front().has_parameters())
    state.tail.pop_front(); // the router gives them with the round
  if (state.tail.empty() || !state.tail.front().has_close() ||
      !is_close_of(state.tail.front().close(), round))
    return {errc::invalid_data, "the log of shard " + std::to_string(state.options.id.value()) +
                                    " has closed other intervals than those of round " +
                                    std::to_string(round.number) + ", or knows of other outages"};
  state.tail.pop_front();
  (void)state.core->fold_gathered(round.to);
  return take_tail_batches(state);
}

models::status take_tail_prices(shard_state& state, std::uint64_t round) {
  if (auto taken = take_tail_batches(state); !taken) return taken;
  if (state.tail.empty() || !state.tail.front().has_prices() || state.tail.front().prices().round() != round)
    return {errc::invalid_data, "the log of shard " + std::to_string(state.options.id.value()) +
                                    " has no prices of round " + std::to_string(round)};
  state.tail.pop_front();
  return take_tail_batches(state);
}

} // namespace forestage::actors
