#include "actors/region/allocator.hpp"

#include <utility>

namespace forestage::actors {

namespace {

using self_pointer = allocator_actor::stateful_pointer<allocator_state>;

// One pricing on its way: rounds of questions to the shards until every price is known.
struct search {
  // both: the plan without declarations is priced as well.
  search(const local<pricing_order>& order_, std::span<const std::int64_t> budgets, bool both,
         caf::typed_response_promise<local<pricing>> promise_)
      : order(order_)
      , batch(budgets)
      , without_intents(both ? budgets : std::span<const std::int64_t>{})
      , promise(std::move(promise_)) {}
  [[nodiscard]] bool done() const { return batch.done() && without_intents.done(); }
  local<pricing_order> order;
  models::price_batch batch;
  // A second market under the same budget. The two share their messages and nothing else.
  models::price_batch without_intents;
  caf::typed_response_promise<local<pricing>> promise;
  std::vector<models::numbered_answer> sums, sums_without;
  std::vector<offered_resource> offers;
  std::vector<models::numbered_answer> wanted; // every unit, by interval; for on_priced
  std::size_t missing = 0;
  bool listing = false, first = true, failed = false;
};

// Asks for every unit of every interval.
std::vector<models::numbered_request> whole_lists(std::size_t intervals) {
  std::vector<models::numbered_request> out;
  for (std::uint32_t i = 0; i < intervals; ++i) {
    models::price_request all;
    all.form = models::answer_form::runs;
    all.shift = 63; // one bin
    out.push_back({i, all});
  }
  return out;
}

void show(const allocator_options& options, const search& s) {
  const auto first = s.order->round->from + options.settings->models.settings.horizon();
  for (const auto& [i, answer] : s.wanted)
    options.on_priced(
        {options.region, first + std::int64_t{i}, options.budget, answer.runs, s.batch[i].price()});
}

void finish(self_pointer self, search& s) {
  const auto& options = self->state.options;
  pricing out{{options.region, {}, {}}, {options.region, {}}};
  show(options, s);
  for (std::size_t i = 0; i < s.batch.size(); ++i)
    out.prices.prices.push_back(s.batch[i].price());
  for (std::size_t i = 0; i < s.without_intents.size(); ++i)
    out.prices.without_intents.push_back(s.without_intents[i].price());
  const auto& round = *s.order->round;
  if (round.from >= options.settings->evaluation())
    out.outcome = score_under_budget(*options.settings, round, options.region, options.budget, s.offers);
  s.promise.deliver(local{std::move(out)});
}

void ask(self_pointer self, const std::shared_ptr<search>& s);

// The next question, unless there is neither a price to find nor a yardstick to score.
void proceed(self_pointer self, const std::shared_ptr<search>& s) {
  if (s->done() && s->order->round->from < self->state.options.settings->evaluation())
    finish(self, *s);
  else
    ask(self, s);
}

void add(std::vector<models::numbered_answer>& sums, std::vector<models::numbered_answer>& answers) {
  if (sums.empty())
    sums = std::move(answers);
  else
    models::merge(sums, answers);
}

void on_reply(self_pointer self, const std::shared_ptr<search>& s, region_reply& reply) {
  if (s->failed) return;
  add(s->sums, reply.answers);
  add(s->sums_without, reply.without_intents);
  for (auto& o : reply.offers)
    s->offers.push_back(std::move(o));
  if (--s->missing > 0) return;
  if (std::exchange(s->listing, false)) {
    s->wanted = std::move(s->sums);
    return proceed(self, s);
  }
  s->first = false;
  auto stepped = s->batch.step(s->sums);
  if (stepped) stepped = s->without_intents.step(s->sums_without);
  if (!stepped) {
    s->failed = true;
    s->promise.deliver(to_caf(stepped.failure()));
  } else if (s->done()) {
    finish(self, *s);
  } else {
    ask(self, s);
  }
}

void ask(self_pointer self, const std::shared_ptr<search>& s) {
  region_question asked{s->order->round->number, self->state.options.region, {}, {}, false};
  if (s->listing) {
    asked.requests = whole_lists(s->batch.size());
  } else {
    asked.requests = s->batch.requests();
    asked.without_intents = s->without_intents.requests();
    asked.offers = s->first;
  }
  const local question{std::move(asked)};
  s->sums.clear();
  s->sums_without.clear();
  s->missing = s->order->shards.size();
  for (const auto& shard : s->order->shards)
    self->request(shard, request_timeout, atom::answer::value, question)
        .then([self, s](local<region_reply>& reply) { on_reply(self, s, *reply); },
              [s](caf::error& failure) {
                if (!std::exchange(s->failed, true)) s->promise.deliver(std::move(failure));
              });
}

} // namespace

allocator_actor::behavior_type allocator(self_pointer self, allocator_options options) {
  self->state.options = std::move(options);
  return {
      [self](atom::price, const local<pricing_order>& order) -> caf::result<local<pricing>> {
        auto promise = self->make_response_promise<local<pricing>>();
        const std::vector<std::int64_t> budgets(
            static_cast<std::size_t>(order->round->to - order->round->from), self->state.options.budget);
        auto s =
            std::make_shared<search>(order, budgets, self->state.options.settings->prices_both(), promise);
        s->listing = static_cast<bool>(self->state.options.on_priced);
        if (s->listing)
          ask(self, s);
        else
          proceed(self, s);
        return promise;
      },
  };
}

} // namespace forestage::actors
