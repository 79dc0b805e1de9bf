#include "actors/region/allocator.hpp"

#include <utility>

namespace forestage::actors {

namespace {

using self_pointer = allocator_actor::stateful_pointer<allocator_state>;

// One pricing on its way: rounds of questions to the shards until every price is known.
struct search {
  search(const local<pricing_order>& order_, std::span<const std::int64_t> budgets,
         caf::typed_response_promise<local<pricing>> promise_)
      : order(order_)
      , batch(budgets)
      , promise(std::move(promise_)) {}
  local<pricing_order> order;
  models::price_batch batch;
  caf::typed_response_promise<local<pricing>> promise;
  std::vector<models::numbered_answer> sums;
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
  pricing out{{options.region, {}}, {options.region, {}}};
  show(options, s);
  for (std::size_t i = 0; i < s.batch.size(); ++i)
    out.prices.prices.push_back(s.batch[i].price());
  const auto& round = *s.order->round;
  if (round.from >= options.settings->evaluation())
    out.outcome = score_under_budget(*options.settings, round, options.region, options.budget, s.offers);
  s.promise.deliver(local{std::move(out)});
}

void ask(self_pointer self, const std::shared_ptr<search>& s);

// The next question, unless there is neither a price to find nor a yardstick to score.
void proceed(self_pointer self, const std::shared_ptr<search>& s) {
  if (s->batch.done() && s->order->round->from < self->state.options.settings->evaluation())
    finish(self, *s);
  else
    ask(self, s);
}

void on_reply(self_pointer self, const std::shared_ptr<search>& s, region_reply& reply) {
  if (s->failed) return;
  if (s->sums.empty())
    s->sums = std::move(reply.answers);
  else
    models::merge(s->sums, reply.answers);
  for (auto& o : reply.offers)
    s->offers.push_back(std::move(o));
  if (--s->missing > 0) return;
  if (std::exchange(s->listing, false)) {
    s->wanted = std::move(s->sums);
    return proceed(self, s);
  }
  s->first = false;
  if (auto stepped = s->batch.step(s->sums); !stepped) {
    s->failed = true;
    s->promise.deliver(to_caf(stepped.failure()));
  } else if (s->batch.done()) {
    finish(self, *s);
  } else {
    ask(self, s);
  }
}

void ask(self_pointer self, const std::shared_ptr<search>& s) {
  const local question{region_question{s->order->round->number, self->state.options.region,
                                       s->listing ? whole_lists(s->batch.size()) : s->batch.requests(),
                                       s->first && !s->listing}};
  s->sums.clear();
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
        auto s = std::make_shared<search>(order, budgets, promise);
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
