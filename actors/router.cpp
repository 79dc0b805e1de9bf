#include "actors/router.hpp"

#include <utility>

namespace forestage::actors {

namespace {

using self_pointer = router_actor::stateful_pointer<router_state>;

using failure_function = std::function<void(caf::error)>;

// Sends question(shard) to every shard and calls `done` with all answers, in shard order; or `fail`, once.
template <class Answer, class Question>
void ask_all(self_pointer self, Question question, std::function<void(std::vector<Answer>&)> done,
             failure_function fail) {
  struct gathering {
    std::vector<Answer> answers;
    std::size_t missing = 0;
    bool failed = false;
    std::function<void(std::vector<Answer>&)> done;
    failure_function fail;
  };
  const auto& shards = self->state.options.shards;
  auto g = std::make_shared<gathering>();
  g->answers.resize(shards.size());
  g->missing = shards.size();
  g->done = std::move(done);
  g->fail = std::move(fail);
  const auto on_answer = [g](std::size_t i, Answer& answer) {
    g->answers[i] = std::move(answer);
    if (--g->missing == 0 && !g->failed) g->done(g->answers);
  };
  const auto on_failure = [g](caf::error& failure) {
    if (!std::exchange(g->failed, true)) g->fail(std::move(failure));
  };
  for (std::size_t i = 0; i < shards.size(); ++i)
    std::apply(
        [&](const auto&... parts) {
          self->request(shards[i], request_timeout, parts...)
              .then([on_answer, i](Answer& answer) { on_answer(i, answer); }, on_failure);
        },
        question(i));
}

template <class Promise> failure_function failing(Promise promise) {
  return [promise](caf::error failure) mutable { promise.deliver(std::move(failure)); };
}

// -- a round
// ----------------------------------------------------------------------------------------------------------------------

// A round on its way through shards, pool and allocators.
struct passage {
  round_context_ptr round;
  std::uint64_t life = 0;
  round_summary summary;
  std::function<void(round_summary)> done;
  failure_function fail;
  std::vector<std::vector<std::size_t>> regions_of; // by shard: regions with something to price
  std::vector<pricing> pricings;                    // by region
  std::size_t missing = 0;
  bool failed = false;
};
using passage_ptr = std::shared_ptr<passage>;

// False, and the round has failed, when a restore has come in between.
[[nodiscard]] bool goes_on(self_pointer self, const passage_ptr& p) {
  if (p->life == self->state.life) return true;
  p->fail(to_caf({models::errc::internal,
                  "round " + std::to_string(p->round->number) + " was interrupted by a restore"}));
  return false;
}

void finish(self_pointer self, const passage_ptr& p) {
  if (!goes_on(self, p)) return;
  self->request(self->state.options.pool, request_timeout, atom::learn::value)
      .then(
          [self, p](local<models::pool_parameters>& parameters) {
            if (!goes_on(self, p)) return;
            self->state.parameters = *parameters;
            self->state.standing.round = p->round->number;
            self->state.standing.to = p->round->to;
            p->done(p->summary);
          },
          [p](caf::error& failure) { p->fail(std::move(failure)); });
}

void settle(self_pointer self, const passage_ptr& p) {
  if (!goes_on(self, p)) return;
  const auto shards = self->state.options.shards.size();
  const auto order_of = [p, shards](std::size_t shard) {
    settlement s{p->round->number, {}, {}};
    for (const auto region : p->regions_of[shard])
      s.prices.push_back(p->pricings[region].prices);
    // The outcomes of a region are kept by one shard.
    for (const auto& priced : p->pricings)
      if (priced.outcome.region.hash() % shards == shard) s.outcomes.push_back(priced.outcome);
    return std::tuple{atom::settle::value, local{std::move(s)}};
  };
  ask_all<std::uint64_t>(
      self, order_of, [self, p](std::vector<std::uint64_t>&) { finish(self, p); }, p->fail);
}

void price(self_pointer self, const passage_ptr& p,
           const std::vector<std::vector<models::region_id>>& wanted) {
  auto& state = self->state;
  std::map<models::region_id, std::vector<std::size_t>> shards_of;
  for (std::size_t shard = 0; shard < wanted.size(); ++shard)
    for (const auto& region : wanted[shard])
      shards_of[region].push_back(shard);
  p->regions_of.resize(wanted.size());
  p->pricings.resize(shards_of.size());
  p->missing = shards_of.size();
  if (shards_of.empty()) return settle(self, p);
  std::size_t index = 0;
  for (const auto& [region, shards] : shards_of) {
    auto at = state.allocators.find(region);
    if (at == state.allocators.end())
      at = state.allocators
               .emplace(region, state.options.spawn_allocator(
                                    {region, state.options.budget_of(region), state.options.settings}))
               .first;
    pricing_order order{p->round, {}};
    for (const auto shard : shards) {
      order.shards.push_back(state.options.shards[shard]);
      p->regions_of[shard].push_back(index);
    }
    self->request(at->second, request_timeout, atom::price::value, local{std::move(order)})
        .then(
            [self, p, index](local<pricing>& priced) {
              p->pricings[index] = std::move(*priced);
              if (--p->missing == 0 && !p->failed) settle(self, p);
            },
            [p](caf::error& failure) {
              if (!std::exchange(p->failed, true)) p->fail(std::move(failure));
            });
    ++index;
  }
}

// What the shards say of a folded round. `settled`: they have settled it before a restart.
void on_reports(self_pointer self, const passage_ptr& p, const std::vector<const round_report*>& reports,
                bool settled) {
  if (!goes_on(self, p)) return;
  auto& state = self->state;
  state.warmup = {};
  std::vector<std::vector<models::region_id>> wanted;
  for (const auto* report : reports) {
    self->send(state.options.pool, atom::append::value, local{models::pool_statistics{report->pool}});
    state.warmup += report->warmup;
    p->summary.key_intervals += report->key_intervals;
    p->summary.active_resources += report->active_resources;
    wanted.push_back(report->regions);
  }
  if (!settled && state.options.settings->budgeted)
    price(self, p, wanted);
  else
    finish(self, p);
}

caf::result<local<round_summary>> on_round(self_pointer self, const local<routed_round>& order) {
  auto& state = self->state;
  const auto& settings = *state.options.settings;
  const auto ends = order->to.value() * settings.models.settings.grid().seconds();
  if (const auto now = state.options.clock_source->unix_seconds(); now < ends)
    return to_caf({models::errc::invalid_argument, "round " + std::to_string(order->number) + " ends in " +
                                                       std::to_string(ends - now) +
                                                       " s: it cannot be closed before"});
  const auto& ahead = state.standing.ahead;
  const bool closed_before = ahead && order->number == ahead->number;
  if (closed_before && (order->from != ahead->from || order->to != ahead->to))
    return to_caf({models::errc::internal,
                   "a shard has closed other intervals in round " + std::to_string(order->number)});
  auto promise = self->make_response_promise<local<round_summary>>();
  if (order->from == settings.evaluation())
    state.tuned = models::choose_tuned(state.warmup, settings.yardsticks);
  auto p = std::make_shared<passage>();
  p->life = state.life;
  round_context round{order->number, order->from, order->to, state.parameters, state.tuned, state.outages};
  round.add_outages(closed_before ? ahead->outages : order->outages);
  state.outages = round.outages;
  p->round = std::make_shared<const round_context>(std::move(round));
  p->summary.number = order->number;
  p->done = [promise](round_summary summary) mutable { promise.deliver(local{summary}); };
  p->fail = failing(promise);
  auto parts =
      std::make_shared<std::vector<messages::event_counts>>(split_by_shard(order->events, settings.shards));
  auto intents =
      std::make_shared<std::vector<messages::intent_events>>(split_intents(order->intents, settings.shards));
  const auto order_of = [p, parts, intents](std::size_t shard) {
    return std::tuple{atom::round::value,
                      local{round_order{p->round, std::move((*parts)[shard]), std::move((*intents)[shard])}}};
  };
  ask_all<local<round_report>>(
      self, order_of,
      [self, p](std::vector<local<round_report>>& answers) {
        std::vector<const round_report*> reports;
        for (const auto& a : answers)
          reports.push_back(&*a);
        on_reports(self, p, reports, false);
      },
      p->fail);
  return promise;
}

// -- restart
// ----------------------------------------------------------------------------------------------------------------------

using restore_promise = caf::typed_response_promise<std::uint64_t>;

// Takes up the round at which all shards stand where it was left: pooled and, if need be, priced and settled.
void resume(self_pointer self, restore_promise promise, const std::vector<local<shard_standing>>& standings) {
  auto& state = self->state;
  const auto& first = *standings.front();
  for (const auto& s : standings)
    if (s->progress != first.progress) {
      promise.deliver(to_caf({models::errc::invalid_data,
                              "the shards' logs do not reach a common round: the data directory is "
                              "damaged; replay the log into an empty one, or replay the data directory "
                              "itself: its roll-ups keep the counts"}));
      return;
    }
  state.parameters = first.context.pool;
  state.tuned = first.context.tuned;
  state.outages = first.context.outages;
  state.warmup = {};
  state.standing.round = 0;
  state.standing.to = {};
  self->send(state.options.pool, atom::restore::value, local{models::pool_parameters{state.parameters}});
  if (first.progress.round == 0) {
    promise.deliver(std::uint64_t{0});
    return;
  }
  auto p = std::make_shared<passage>();
  p->life = state.life;
  p->round = std::make_shared<const round_context>(first.context);
  p->done = [promise](round_summary summary) mutable { promise.deliver(summary.number); };
  p->fail = failing(promise);
  p->summary.number = first.progress.round;
  std::vector<const round_report*> reports;
  for (const auto& s : standings)
    reports.push_back(&s->report);
  on_reports(self, p, reports, first.progress.settled);
}

caf::result<std::uint64_t> on_restore(self_pointer self) {
  ++self->state.life;
  auto promise = self->make_response_promise<std::uint64_t>();
  const auto restore_to = [self, promise](shard_progress cut) {
    ask_all<local<shard_standing>>(
        self,
        [cut](std::size_t) {
          return std::tuple{atom::restore::value, local{shard_progress{cut}}};
        },
        [self, promise](std::vector<local<shard_standing>>& standings) { resume(self, promise, standings); },
        failing(promise));
  };
  ask_all<local<log_end>>(
      self, [](std::size_t) { return std::tuple{atom::progress::value}; },
      [self, restore_to](std::vector<local<log_end>>& all) {
        shard_progress cut = all.front()->progress;
        for (const auto& end : all)
          cut = std::min(cut, end->progress);
        auto& ahead = self->state.standing.ahead;
        ahead.reset();
        for (const auto& end : all)
          if (end->closed && end->closed->number > cut.round) ahead = end->closed;
        restore_to(cut);
      },
      failing(promise));
  return promise;
}

// -- what is planned

caf::result<local<std::vector<interval_plan>>> on_plan(self_pointer self) {
  auto promise = self->make_response_promise<local<std::vector<interval_plan>>>();
  using part = local<std::vector<interval_plan>>;
  ask_all<part>(
      self, [](std::size_t) { return std::tuple{atom::plan::value}; },
      [self, promise](std::vector<part>& answers) mutable {
        std::vector<const std::vector<interval_plan>*> parts;
        for (const auto& a : answers)
          parts.push_back(&*a);
        const auto from = self->state.standing.to;
        const auto& models = self->state.options.settings->models;
        promise.deliver(local{merge_plans(parts, from, from + models.settings.horizon())});
      },
      failing(promise));
  return promise;
}

} // namespace

router_actor::behavior_type router(self_pointer self, router_options options) {
  self->state.options = std::move(options);
  self->set_exit_handler([self](caf::exit_msg& message) {
    for (const auto& [region, actor] : self->state.allocators)
      self->send_exit(actor, message.reason);
    self->state.allocators.clear();
    self->quit(message.reason);
  });
  return {
      [self](atom::restore) { return on_restore(self); },
      [self](atom::progress) { return local{run_standing{self->state.standing}}; },
      [self](atom::round, const local<routed_round>& order) { return on_round(self, order); },
      [self](atom::plan) { return on_plan(self); },
      [self](atom::snapshot) -> caf::result<std::uint64_t> {
        auto promise = self->make_response_promise<std::uint64_t>();
        ask_all<std::uint64_t>(
            self, [](std::size_t) { return std::tuple{atom::snapshot::value}; },
            [self, promise](std::vector<std::uint64_t>&) mutable {
              promise.deliver(self->state.standing.round);
            },
            failing(promise));
        return promise;
      },
      [self](atom::scores) -> caf::result<local<run_scores>> {
        auto promise = self->make_response_promise<local<run_scores>>();
        ask_all<local<shard_scores>>(
            self, [](std::size_t) { return std::tuple{atom::scores::value}; },
            [self, promise](std::vector<local<shard_scores>>& all) mutable {
              run_scores sum;
              sum.tuned = self->state.tuned;
              for (const auto& s : all) {
                sum.board.merge(s->board);
                sum.counted += s->counted;
                sum.resources += s->resources;
                sum.intake += s->intake;
              }
              promise.deliver(local{std::move(sum)});
            },
            failing(promise));
        return promise;
      },
  };
}

} // namespace forestage::actors
