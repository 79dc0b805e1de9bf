#include "actors/shard/shard.hpp"

#include "actors/shard/shard_log.hpp"

#include <utility>

namespace forestage::actors {

using models::errc;

namespace {

using self_pointer = shard_actor::stateful_pointer<shard_state>;

constexpr std::uint64_t whole_tail = 1'000'000'000;

// -- folding a round
// --------------------------------------------------------------------------------------------------------------

void forecast(self_pointer self, resource_index i, local<advance_order> order) {
  auto& state = self->state;
  auto at = state.forecasters.find(i);
  if (at == state.forecasters.end()) {
    const auto saved = state.core->activate(i);
    local core{resource_core{}};
    if (!saved.empty()) {
      auto restored = resource_core::read_from(*state.options.settings, saved);
      if (!restored) {
        state.failed = restored.failure();
        --state.waiting_for;
        return;
      }
      core = local{std::move(*restored)};
    }
    auto actor = state.options.spawn_forecaster(state.options.settings, i, core, forecaster_listener{self});
    at = state.forecasters.emplace(i, std::move(actor)).first;
  }
  self->send(at->second, atom::advance::value, std::move(order));
}

void fold(self_pointer self, round_context_ptr round, std::function<void()> then) {
  auto& state = self->state;
  auto due = state.core->begin_round(*round);
  state.waiting_for = due.size();
  state.when_folded = std::move(then);
  for (auto& d : due)
    forecast(self, d.index, local{advance_order{round, std::move(d.cells)}});
  if (state.waiting_for == 0) std::exchange(state.when_folded, {})();
}

// Without budgets there is nothing to wait for: the wishes are the plan.
void settle_if_unpriced(self_pointer self) {
  if (!self->state.options.settings->budgeted) self->state.core->settle({}, {});
}

void on_advanced(self_pointer self, std::uint32_t i, const local<advance_answer>& answer) {
  auto& state = self->state;
  state.core->absorb(i, std::move(answer->result));
  if (!answer->state.empty()) {
    state.core->passivate(i, std::move(answer->state));
    state.forecasters.erase(i);
  }
  if (--state.waiting_for == 0) std::exchange(state.when_folded, {})();
}

// -- rounds
// -----------------------------------------------------------------------------------------------------------------------

template <class Promise>
void fold_and_report(self_pointer self, const local<round_order>& order, Promise promise) {
  self->state.core->fold_counts(order->counts);
  fold(self, order->round, [self, promise]() mutable {
    auto& state = self->state;
    auto report = state.core->report();
    settle_if_unpriced(self);
    if (state.failed)
      promise.deliver(to_caf(*state.failed));
    else
      promise.deliver(local{std::move(report)});
  });
}

caf::result<local<round_report>> on_round(self_pointer self, const local<round_order>& order) {
  auto& state = self->state;
  auto promise = self->make_response_promise<local<round_report>>();
  const auto number = order->round->number;
  if (number != state.core->round() + 1 || !state.core->settled()) {
    promise.deliver(to_caf({errc::internal, "round " + std::to_string(number) + " follows round " +
                                                std::to_string(state.core->round())}));
    return promise;
  }
  if (number <= state.logged.round) { // a restart: the log has it
    fold_and_report(self, order, promise);
    return promise;
  }
  const bool parameters = order->round->pool.version != state.core->context().pool.version || number == 1 ||
                          order->round->from == state.options.settings->evaluation();
  local append{
      append_order{state.options.id, records_of(*order->round, order->counts, parameters), state.position,
                   state.options.durable ? rollups_of(order->counts) : std::vector<stored_rollup>{}}};
  self->request(state.options.keeper, request_timeout, atom::append::value, append)
      .then(
          [self, order, promise](std::uint64_t position) mutable {
            self->state.position = log_position{position};
            self->state.logged = {order->round->number, !self->state.options.settings->budgeted};
            fold_and_report(self, order, promise);
          },
          [promise](caf::error& failure) mutable { promise.deliver(std::move(failure)); });
  return promise;
}

caf::result<local<region_reply>> on_answer(self_pointer self, const local<region_question>& question) {
  region_reply reply;
  auto answers = self->state.core->answer(question->region, question->requests);
  if (!answers) return to_caf(answers.failure());
  reply.answers = std::move(*answers);
  if (question->offers) reply.offers = self->state.core->offer(question->region);
  return local{std::move(reply)};
}

caf::result<std::uint64_t> on_settle(self_pointer self, const local<settlement>& order) {
  auto& state = self->state;
  if (state.core->settled() || order->round != state.core->round())
    return to_caf(
        {errc::internal, "a settlement of round " + std::to_string(order->round) + ", which is not open"});
  const shard_progress after{order->round, true};
  if (after <= state.logged) {
    state.core->settle(order->prices, order->outcomes);
    return order->round;
  }
  auto promise = self->make_response_promise<std::uint64_t>();
  local append{append_order{state.options.id,
                            {record_of(order->round, order->prices, order->outcomes, interval_number{})},
                            state.position,
                            {}}};
  self->request(state.options.keeper, request_timeout, atom::append::value, append)
      .then(
          [self, order, promise](std::uint64_t position) mutable {
            self->state.position = log_position{position};
            self->state.logged = {order->round, true};
            self->state.core->settle(order->prices, order->outcomes);
            promise.deliver(order->round);
          },
          [promise](caf::error& failure) mutable { promise.deliver(std::move(failure)); });
  return promise;
}

// -- snapshots
// --------------------------------------------------------------------------------------------------------------------

template <class Promise> void save(self_pointer self, Promise promise) {
  auto& state = self->state;
  snapshot_order order{state.options.id, state.position, {}, {}};
  state.core->write_to(order.state, state.states);
  state.states.clear();
  const auto days = static_cast<std::int64_t>(state.options.rollup_days);
  order.retention.rollups_from = state.last_closed - days * state.options.settings->models.settings.per_day();
  self->request(state.options.keeper, request_timeout, atom::save::value, local{std::move(order)})
      .then([promise](std::uint64_t position) mutable { promise.deliver(position); },
            [promise](caf::error& failure) mutable { promise.deliver(std::move(failure)); });
}

caf::result<std::uint64_t> on_snapshot(self_pointer self) {
  auto& state = self->state;
  auto promise = self->make_response_promise<std::uint64_t>();
  state.states.clear();
  state.states_missing = state.forecasters.size();
  state.when_gathered = [self, promise]() mutable { save(self, promise); };
  for (const auto& [i, actor] : state.forecasters)
    self->send(actor, atom::state::value);
  if (state.states_missing == 0) std::exchange(state.when_gathered, {})();
  return promise;
}

void on_state(self_pointer self, std::uint32_t i, std::string& bytes) {
  auto& state = self->state;
  state.states[i] = std::move(bytes);
  if (--state.states_missing == 0) std::exchange(state.when_gathered, {})();
}

// -- restart
// ----------------------------------------------------------------------------------------------------------------------

shard_progress progress_in(const shard_progress& from, const std::vector<v1::LogRecord>& tail,
                           bool budgeted) {
  auto progress = from;
  for (const auto& record : tail) {
    if (record.has_close()) progress = {record.close().round(), !budgeted};
    if (record.has_prices()) progress = {record.prices().round(), true};
  }
  return progress;
}

models::result<std::vector<v1::LogRecord>> decode(const std::vector<stored_record>& stored) {
  std::vector<v1::LogRecord> out;
  out.reserve(stored.size());
  for (const auto& s : stored) {
    auto record = messages::decode_record(s.bytes);
    if (!record) return record.failure();
    out.push_back(std::move(*record));
  }
  return out;
}

models::error gap(const shard_options& options) {
  return {errc::invalid_data,
          "shard " + std::to_string(options.id.value()) +
              " of the data directory has lost records, or the snapshot that stood for them: replay "
              "into an empty one"};
}

// Loads the newest snapshot whose round is at most `most`, and the log's tail behind it; then calls `then`,
// or fails the promise: also when they do not meet, or do not reach the end of the shard's log.
template <class Promise>
void load(self_pointer self, std::uint64_t at_most, std::uint64_t most, Promise promise,
          std::function<void()> then) {
  auto& state = self->state;
  const auto fail = [promise](caf::error& failure) mutable { promise.deliver(std::move(failure)); };
  const auto id = state.options.id.value();
  const auto on_end = [self, promise, then](std::uint64_t last) mutable {
    if (last == self->state.position.value())
      then();
    else
      promise.deliver(to_caf(gap(self->state.options)));
  };
  const auto on_tail = [self, promise, on_end, fail, id](local<std::vector<stored_record>>& stored) mutable {
    auto& s = self->state;
    if (!stored->empty() && stored->front().position.value() != s.position.value() + 1) {
      promise.deliver(to_caf(gap(s.options)));
      return;
    }
    auto tail = decode(*stored);
    if (!tail) {
      promise.deliver(to_caf(tail.failure()));
      return;
    }
    if (!stored->empty()) s.position = stored->back().position;
    s.logged = progress_in({s.core->round(), true}, *tail, s.options.settings->budgeted);
    s.tail.assign(std::make_move_iterator(tail->begin()), std::make_move_iterator(tail->end()));
    self->request(s.options.keeper, request_timeout, atom::progress::value, id).then(on_end, fail);
  };
  const auto on_snapshot_loaded = [self, promise, then, most, fail, on_tail,
                                   id](local<std::optional<stored_snapshot>>& stored) mutable {
    auto& s = self->state;
    s.core.emplace(s.options.settings);
    s.position = {};
    if (stored->has_value()) {
      auto core = shard_core::read_from(s.options.settings, (*stored)->state);
      if (!core) {
        promise.deliver(to_caf(core.failure()));
        return;
      }
      const auto position = (*stored)->position;
      if (core->round() > most) return load(self, position.value() - 1, most, promise, then);
      s.core = std::move(*core);
      s.position = position;
    }
    self->request(s.options.keeper, request_timeout, atom::read::value, id, s.position.value(), whole_tail)
        .then(on_tail, fail);
  };
  self->request(state.options.keeper, request_timeout, atom::load::value, id, at_most)
      .then(on_snapshot_loaded, fail);
}

caf::result<local<shard_progress>> on_progress(self_pointer self) {
  auto promise = self->make_response_promise<local<shard_progress>>();
  load(self, latest.value(), ~std::uint64_t{0}, promise,
       [self, promise]() mutable { promise.deliver(local{shard_progress{self->state.logged}}); });
  return promise;
}

// Folds the tail up to the cut, a round at a time.
template <class Promise>
void refold(self_pointer self, shard_progress cut, std::shared_ptr<round_context> context, Promise promise) {
  auto& state = self->state;
  const auto fail = [&promise](const models::error& failure) { promise.deliver(to_caf(failure)); };
  while (!state.tail.empty()) {
    const shard_progress here{state.core->round(), state.core->settled()};
    if (!(here < cut)) break;
    auto record = std::move(state.tail.front());
    state.tail.pop_front();
    if (record.has_parameters()) {
      if (auto read = read_parameters(record.parameters(), context->pool, context->tuned); !read)
        return fail(read.failure());
    } else if (record.has_counts()) {
      auto counts = messages::from_proto(record.counts().batch());
      if (!counts) return fail(counts.failure());
      state.core->fold_counts(*counts);
    } else if (record.has_prices()) {
      auto prices = read_prices(record.prices());
      auto outcomes = read_outcomes(record.prices());
      if (!prices) return fail(prices.failure());
      if (!outcomes) return fail(outcomes.failure());
      state.core->settle(*prices, *outcomes);
    } else if (record.has_close()) {
      context->number = record.close().round();
      context->from = interval_number{record.close().from_interval()};
      context->to = interval_number{record.close().to_interval()};
      state.last_closed = context->to;
      auto round = std::make_shared<const round_context>(*context);
      fold(self, round, [self, cut, context, promise]() mutable {
        settle_if_unpriced(self);
        refold(self, cut, context, promise);
      });
      return;
    }
  }
  state.tail.clear();
  if (state.failed) return fail(*state.failed);
  promise.deliver(local{shard_standing{
      {state.core->round(), state.core->settled()}, state.core->context(), state.core->report()}});
}

caf::result<local<shard_standing>> on_restore(self_pointer self, const local<shard_progress>& cut) {
  auto promise = self->make_response_promise<local<shard_standing>>();
  load(self, latest.value(), cut->round, promise, [self, cut = *cut, promise]() mutable {
    auto context = std::make_shared<round_context>();
    *context = self->state.core->context();
    refold(self, cut, context, promise);
  });
  return promise;
}

} // namespace

shard_actor::behavior_type shard(self_pointer self, shard_options options) {
  self->state.options = std::move(options);
  self->state.core.emplace(self->state.options.settings);
  // Forecasters hold on to their shard, so they end with it.
  self->set_exit_handler([self](caf::exit_msg& message) {
    for (const auto& [i, actor] : self->state.forecasters)
      self->send_exit(actor, message.reason);
    self->state.forecasters.clear();
    self->quit(message.reason);
  });
  return {
      [self](atom::progress) { return on_progress(self); },
      [self](atom::restore, const local<shard_progress>& cut) { return on_restore(self, cut); },
      [self](atom::round, const local<round_order>& order) {
        self->state.last_closed = order->round->to;
        return on_round(self, order);
      },
      [self](atom::answer, const local<region_question>& question) { return on_answer(self, question); },
      [self](atom::settle, const local<settlement>& order) { return on_settle(self, order); },
      [self](atom::snapshot) { return on_snapshot(self); },
      [self](atom::scores) {
        const auto& core = *self->state.core;
        return local{shard_scores{core.scores(), core.counted(), core.size()}};
      },
      [self](atom::advanced, std::uint32_t i, const local<advance_answer>& answer) {
        on_advanced(self, i, answer);
      },
      [self](atom::state, std::uint32_t i, std::string& bytes) { on_state(self, i, bytes); },
  };
}

} // namespace forestage::actors
