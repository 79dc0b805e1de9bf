#include "actors/shard/shard.hpp"

#include "actors/shard/live_batches.hpp"
#include "actors/shard/shard_log.hpp"
#include "actors/shard/tail_fold.hpp"

#include <algorithm>
#include <utility>

namespace forestage::actors {

using models::errc;

namespace {

using self_pointer = shard_actor::stateful_pointer<shard_state>;

constexpr std::uint64_t whole_tail = 1'000'000'000;

using promise_of_round = caf::typed_response_promise<local<round_report>>;

models::error interrupted() {
  return {errc::internal, "the shard has been restarted meanwhile"};
}

// How many forecasters of a shard fold at a time: what they answer is large.
constexpr std::size_t folding_at_once = 64;

// -- folding a round
// --------------------------------------------------------------------------------------------------------------

void forecast(self_pointer self, resource_index i, local<advance_order> order) {
  auto& state = self->state;
  auto at = state.forecasters.find(i);
  if (at == state.forecasters.end()) {
    const auto saved = state.core->activate(i);
    const auto& settings = *state.options.settings;
    const auto kind = state.core->kind(i);
    local core{resource_core{kind}};
    if (!saved.empty()) {
      auto restored = resource_core::read_from(settings, saved, kind);
      if (!restored) {
        state.failed = restored.failure();
        return;
      }
      core = local{std::move(*restored)};
    }
    auto actor = state.options.spawn_forecaster(state.options.settings, i, core, forecaster_listener{self});
    at = state.forecasters.emplace(i, std::move(actor)).first;
  }
  ++state.folding;
  self->send(at->second, atom::advance::value, std::move(order));
}

void forecast_more(self_pointer self) {
  auto& state = self->state;
  while (!state.due.empty() && state.folding < folding_at_once) {
    auto next = std::move(state.due.back());
    state.due.pop_back();
    forecast(
        self, next.index,
        local{advance_order{state.folded_round, std::move(next.cells), next.traced, state.core->regions()}});
  }
}

// Begins a round. False when there is nothing to wait for; else `then` is called with the last answer.
[[nodiscard]] bool fold(self_pointer self, const round_context_ptr& round, std::function<void()> then) {
  auto& state = self->state;
  state.due = state.core->begin_round(*round);
  state.folded_round = round;
  state.folding = 0;
  forecast_more(self);
  if (state.folding == 0) return false;
  state.when_folded = std::move(then);
  return true;
}

// Without budgets there is nothing to wait for: the wishes are the plan.
void settle_if_unpriced(self_pointer self) {
  if (!self->state.options.settings->budgeted) self->state.core->settle({}, {});
}

// Whether the message at hand comes from the resource's forecaster, not from one of an earlier life.
bool from_forecaster(self_pointer self, std::uint32_t i) {
  const auto at = self->state.forecasters.find(i);
  return at != self->state.forecasters.end() &&
         caf::actor_cast<caf::strong_actor_ptr>(at->second) == self->current_sender();
}

void on_advanced(self_pointer self, std::uint32_t i, const local<advance_answer>& answer) {
  if (!from_forecaster(self, i)) return;
  auto& state = self->state;
  state.core->absorb(i, std::move(answer->result));
  if (!answer->state.empty()) {
    state.core->passivate(i, std::move(answer->state));
    state.forecasters.erase(i);
  }
  --state.folding;
  forecast_more(self);
  if (state.folding == 0) std::exchange(state.when_folded, {})();
}

// -- rounds
// -----------------------------------------------------------------------------------------------------------------------

void report(self_pointer self, promise_of_round& promise) {
  auto& state = self->state;
  auto report = state.core->report();
  settle_if_unpriced(self);
  if (state.failed)
    promise.deliver(to_caf(*state.failed));
  else
    promise.deliver(local{std::move(report)});
}

// Pre: the core has the round's counts.
void fold_and_report(self_pointer self, const local<round_order>& order, promise_of_round promise) {
  if (!fold(self, order->round, [self, promise]() mutable { report(self, promise); })) report(self, promise);
}

// Replay: the counts come with their round. (Live, the core has gathered them: shard_core::fold_gathered.)
void fold_counts_of(shard_core& core, const round_order& order) {
  core.fold_counts(order.counts);
  core.fold_intents(order.intents);
}

// A restart: the log has the round.
void fold_again(self_pointer self, const local<round_order>& order, promise_of_round promise) {
  auto& state = self->state;
  if (!state.options.settings->live) {
    fold_counts_of(*state.core, *order);
  } else if (auto taken = take_tail_close(state, *order->round); !taken) {
    state.failed = taken.failure();
    promise.deliver(to_caf(*state.failed));
    return;
  }
  fold_and_report(self, order, std::move(promise));
  append_batches(self);
}

// A turn that comes after an append has failed: nothing of it is done.
template <class Promise> bool refused(self_pointer self, Promise& promise) {
  auto& state = self->state;
  if (!state.options.settings->live || !state.failed) return false;
  promise.deliver(to_caf(*state.failed));
  state.turns.done();
  return true;
}

void append_round(self_pointer self, const local<round_order>& order, promise_of_round promise) {
  if (refused(self, promise)) return;
  auto& state = self->state;
  const auto number = order->round->number;
  const bool live = state.options.settings->live;
  const bool parameters = order->round->pool.version != state.core->context().pool.version || number == 1 ||
                          order->round->from == state.options.settings->evaluation();
  // Live, the log has the batches, and everything up to here is in it: the round may be folded before its
  // close is durable, since a shard whose append has failed does nothing more.
  const auto gathered = live ? state.core->fold_gathered(order->round->to) : messages::event_counts{};
  const auto& counts = live ? gathered : order->counts;
  append_order append{state.options.id,
                      live ? records_of(*order->round, {}, parameters)
                           : records_of(*order->round, order->counts, parameters, order->intents),
                      state.position,
                      state.options.durable ? rollups_of(counts) : std::vector<stored_rollup>{}};
  self->request(state.options.keeper, request_timeout, atom::append::value, local{std::move(append)})
      .then(
          [self, order, promise, live, life = state.life](std::uint64_t position) mutable {
            auto& s = self->state;
            if (life != s.life) {
              promise.deliver(to_caf(interrupted()));
              return;
            }
            s.position = log_position{position};
            s.logged = {order->round->number, !s.options.settings->budgeted};
            if (!live) fold_counts_of(*s.core, *order);
            fold_and_report(self, order, promise);
            s.turns.done();
            append_batches(self);
          },
          [self, promise, live, life = state.life](caf::error& failure) mutable {
            if (life == self->state.life) {
              if (live)
                stop_appending(self, from_caf(failure));
              else
                self->state.turns.done();
            }
            promise.deliver(std::move(failure));
          });
}

caf::result<local<round_report>> on_round(self_pointer self, const local<round_order>& order) {
  auto& state = self->state;
  auto promise = self->make_response_promise<local<round_report>>();
  const auto number = order->round->number;
  if (state.options.settings->live && state.failed) {
    promise.deliver(to_caf(*state.failed));
    return promise;
  }
  if (number != state.core->round() + 1 || !state.core->settled()) {
    promise.deliver(to_caf({errc::internal, "round " + std::to_string(number) + " follows round " +
                                                std::to_string(state.core->round())}));
    return promise;
  }
  if (number <= state.logged.round)
    fold_again(self, order, promise);
  else
    state.turns.take([self, order, promise] { append_round(self, order, promise); });
  return promise;
}

caf::result<local<region_reply>> on_answer(self_pointer self, const local<region_question>& question) {
  const auto& state = self->state;
  if (state.core->settled() || state.folding > 0 || question->round != state.core->round())
    return to_caf(
        {errc::internal, "a question on round " + std::to_string(question->round) + ", which is not open"});
  region_reply reply;
  auto answers = self->state.core->answer(question->region, question->requests);
  if (!answers) return to_caf(answers.failure());
  reply.answers = std::move(*answers);
  if (!question->without_intents.empty()) {
    auto others =
        self->state.core->answer(question->region, question->without_intents, plan_kind::without_intents);
    if (!others) return to_caf(others.failure());
    reply.without_intents = std::move(*others);
  }
  if (question->offers) reply.offers = self->state.core->offer(question->region);
  return local{std::move(reply)};
}

void append_settlement(self_pointer self, const local<settlement>& order,
                       caf::typed_response_promise<std::uint64_t> promise) {
  if (refused(self, promise)) return;
  auto& state = self->state;
  const auto first_priced = state.core->context().from + state.options.settings->models.settings.horizon();
  local append{append_order{state.options.id,
                            {record_of(order->round, order->prices, order->outcomes, first_priced)},
                            state.position,
                            {}}};
  self->request(state.options.keeper, request_timeout, atom::append::value, append)
      .then(
          [self, order, promise, life = state.life](std::uint64_t position) mutable {
            auto& s = self->state;
            if (life != s.life) {
              promise.deliver(to_caf(interrupted()));
              return;
            }
            s.position = log_position{position};
            s.logged = {order->round, true};
            s.core->settle(order->prices, order->outcomes);
            promise.deliver(order->round);
            s.turns.done();
            append_batches(self);
          },
          [self, promise, life = state.life](caf::error& failure) mutable {
            if (life == self->state.life) {
              if (self->state.options.settings->live)
                stop_appending(self, from_caf(failure));
              else
                self->state.turns.done();
            }
            promise.deliver(std::move(failure));
          });
}

caf::result<std::uint64_t> on_settle(self_pointer self, const local<settlement>& order) {
  auto& state = self->state;
  if (state.core->settled() || state.folding > 0 || order->round != state.core->round())
    return to_caf(
        {errc::internal, "a settlement of round " + std::to_string(order->round) + ", which is not open"});
  const shard_progress after{order->round, true};
  if (after <= state.logged) {
    if (state.options.settings->live)
      if (auto taken = take_tail_prices(state, order->round); !taken) return to_caf(taken.failure());
    state.core->settle(order->prices, order->outcomes);
    append_batches(self);
    return order->round;
  }
  auto promise = self->make_response_promise<std::uint64_t>();
  state.turns.take([self, order, promise] { append_settlement(self, order, promise); });
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
  if (!state.core->settled() || state.folding > 0 || state.when_gathered)
    return to_caf({errc::internal,
                   "a snapshot of a shard in the middle of round " + std::to_string(state.core->round())});
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
  if (!from_forecaster(self, i)) return;
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

std::optional<closed_round> newest_close(const std::deque<v1::LogRecord>& tail) {
  for (auto at = tail.rbegin(); at != tail.rend(); ++at)
    if (at->has_close()) {
      const auto& close = at->close();
      return closed_round{close.round(), interval_number{close.from_interval()},
                          interval_number{close.to_interval()}, outages_of(close)};
    }
  return std::nullopt;
}

// Drops everything that is not in the log. Forecasters of this life end; what they still say is not heard.
void start_over(self_pointer self) {
  auto& state = self->state;
  ++state.life;
  state.turns.clear();
  refuse_batches(state, {errc::unavailable, "the shard has been restarted: send it again"});
  for (const auto& [i, actor] : state.forecasters)
    self->send_exit(actor, caf::exit_reason::user_shutdown);
  state.forecasters.clear();
  state.core.emplace(state.options.settings);
  state.position = {};
  state.logged = {};
  state.last_closed = {};
  state.folding = 0;
  state.due.clear();
  state.when_folded = {};
  state.failed.reset();
  state.states_missing = 0;
  state.states.clear();
  state.when_gathered = {};
  state.tail.clear();
}

// What is being loaded: the newest snapshot that is usable and not past `most`, then the log's tail behind
// it.
struct loading {
  shard_progress most;
  std::function<void()> then;
  std::function<void(const models::error&)> fail;
  std::uint64_t life = 0;
  std::optional<models::error> unusable; // what was wrong with a newer snapshot
};

models::error gap(const shard_options& options) {
  return {errc::invalid_data,
          "shard " + std::to_string(options.id.value()) +
              " of the data directory has lost records, or the snapshot that stood for them: "
              "replay the log into an empty one, or replay the data directory itself: its roll-ups keep the "
              "counts"};
}

// False, and the loading has failed, when snapshot and tail do not meet or cannot be read.
[[nodiscard]] bool take_tail(self_pointer self, const loading& l, const std::vector<stored_record>& stored) {
  auto& state = self->state;
  if (!stored.empty() && stored.front().position.value() != state.position.value() + 1) {
    l.fail(l.unusable.value_or(gap(state.options)));
    return false;
  }
  auto tail = decode(stored);
  if (!tail) {
    l.fail(tail.failure());
    return false;
  }
  if (!stored.empty()) state.position = stored.back().position;
  state.logged = progress_in({state.core->round(), true}, *tail, state.options.settings->budgeted);
  state.tail.assign(std::make_move_iterator(tail->begin()), std::make_move_iterator(tail->end()));
  return true;
}

void load(self_pointer self, std::uint64_t at_most, const std::shared_ptr<loading>& l) {
  auto& state = self->state;
  const auto fail = [self, l](caf::error& failure) {
    l->fail(l->life == self->state.life ? from_caf(failure) : interrupted());
  };
  const auto id = state.options.id.value();
  // Nothing may be missing behind the tail either.
  const auto on_end = [self, l](std::uint64_t last) {
    if (l->life != self->state.life) return l->fail(interrupted());
    if (last != self->state.position.value()) return l->fail(l->unusable.value_or(gap(self->state.options)));
    l->then();
  };
  const auto on_tail = [self, l, id, fail, on_end](local<std::vector<stored_record>>& stored) {
    if (l->life != self->state.life) return l->fail(interrupted());
    if (!take_tail(self, *l, *stored)) return;
    self->request(self->state.options.keeper, request_timeout, atom::progress::value, id).then(on_end, fail);
  };
  const auto on_snapshot_loaded = [self, l, id, fail,
                                   on_tail](local<std::optional<stored_snapshot>>& stored) {
    auto& s = self->state;
    if (l->life != s.life) return l->fail(interrupted());
    if (stored->has_value()) {
      const auto position = (*stored)->position;
      auto core = shard_core::read_from(s.options.settings, (*stored)->state);
      if (!core && !l->unusable) l->unusable = core.failure();
      // The one before may be good, and the log goes back to the oldest that is kept.
      if (!core || l->most < shard_progress{core->round(), true}) return load(self, position.value() - 1, l);
      s.core = std::move(*core);
      s.position = position;
    }
    self->request(s.options.keeper, request_timeout, atom::read::value, id, s.position.value(), whole_tail)
        .then(on_tail, fail);
  };
  self->request(state.options.keeper, request_timeout, atom::load::value, id, at_most)
      .then(on_snapshot_loaded, fail);
}

template <class Promise>
void load_up_to(self_pointer self, shard_progress most, Promise promise, std::function<void()> then) {
  start_over(self);
  auto l = std::make_shared<loading>();
  l->most = most;
  l->then = std::move(then);
  l->fail = [promise](const models::error& failure) mutable { promise.deliver(to_caf(failure)); };
  l->life = self->state.life;
  load(self, latest.value(), l);
}

caf::result<local<log_end>> on_progress(self_pointer self) {
  auto promise = self->make_response_promise<local<log_end>>();
  load_up_to(self, {~std::uint64_t{0}, true}, promise, [self, promise]() mutable {
    promise.deliver(local{log_end{self->state.logged, newest_close(self->state.tail)}});
  });
  return promise;
}

// The tail that is being folded again.
struct refolding {
  shard_progress cut;
  tail_fold fold;
  caf::typed_response_promise<local<shard_standing>> promise;
};

// Folds the tail up to the cut, a round at a time. A loop: a long tail of idle rounds must not pile up calls.
void refold(self_pointer self, const std::shared_ptr<refolding>& r) {
  auto& state = self->state;
  auto& core = *state.core;
  while (!state.tail.empty() && !state.failed && shard_progress{core.round(), core.settled()} < r->cut) {
    const auto record = std::move(state.tail.front());
    state.tail.pop_front();
    if (auto read = r->fold.take(core, *state.options.settings, record); !read) {
      state.failed = read.failure();
    } else if (record.has_close()) {
      const auto then = [self, r] {
        settle_if_unpriced(self);
        refold(self, r);
      };
      if (fold(self, std::make_shared<const round_context>(r->fold.context()), then)) return;
      settle_if_unpriced(self);
    }
  }
  if (!state.options.settings->live)
    state.tail.clear();
  else if (auto taken = take_tail_batches(state); !taken && !state.failed)
    state.failed = taken.failure();
  state.last_closed = core.context().to;
  if (state.failed)
    r->promise.deliver(to_caf(*state.failed));
  else
    r->promise.deliver(local{shard_standing{{core.round(), core.settled()}, core.context(), core.report()}});
}

caf::result<local<shard_standing>> on_restore(self_pointer self, const local<shard_progress>& cut) {
  auto promise = self->make_response_promise<local<shard_standing>>();
  auto r = std::make_shared<refolding>();
  r->cut = *cut;
  r->promise = promise;
  load_up_to(self, *cut, promise, [self, r] {
    r->fold = tail_fold{self->state.core->context()};
    refold(self, r);
  });
  return promise;
}

caf::result<local<std::vector<interval_plan>>> on_plan(self_pointer self) {
  const auto& core = *self->state.core;
  if (!core.settled()) return to_caf({models::errc::unavailable, "the shard is in the middle of a round"});
  return local{core.plans()};
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
      [self](atom::batch, const local<live_batch>& batch) { return on_batch(self, batch); },
      [self](atom::answer, const local<region_question>& question) { return on_answer(self, question); },
      [self](atom::settle, const local<settlement>& order) { return on_settle(self, order); },
      [self](atom::plan) { return on_plan(self); },
      [self](atom::snapshot) { return on_snapshot(self); },
      [self](atom::scores) {
        const auto& core = *self->state.core;
        const auto& inbox = core.inbox();
        return local{shard_scores{core.scores(),
                                  core.counted(),
                                  core.size(),
                                  {inbox.waiting_requests(), inbox.late(), inbox.early(), inbox.sessions()}}};
      },
      [self](atom::advanced, std::uint32_t i, const local<advance_answer>& answer) {
        on_advanced(self, i, answer);
      },
      [self](atom::state, std::uint32_t i, std::string& bytes) { on_state(self, i, bytes); },
  };
}

} // namespace forestage::actors
