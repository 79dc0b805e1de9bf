#include "actors/intake.hpp"

#include "actors/split_by_shard.hpp"

#include <utility>

namespace forestage::actors {

namespace {

using models::errc;
using self_pointer = intake_actor::stateful_pointer<intake_state>;

bool empty(const live_batch& part) {
  return part.counts.entries.empty() && part.counts.missing.empty() && part.intents.empty();
}

void add(inbox_answer& sum, const inbox_answer& part) {
  if (part.verdict == inbox_verdict::accepted) sum.verdict = inbox_verdict::accepted;
  sum.counted += part.counted;
  sum.late += part.late;
  sum.early += part.early;
}

// All parts are heard before anything is said: what an error leaves open is then settled, too.
void one_less(self_pointer self, const std::shared_ptr<gathered_answers>& g) {
  if (--g->missing > 0) return;
  self->state.on_way.erase(g);
  if (g->failure)
    g->promise.deliver(std::move(g->failure));
  else
    g->promise.deliver(local{batch_answer{g->sum}});
}

caf::error explained(const caf::error& failure) {
  if (failure == caf::sec::request_timeout)
    return to_caf({errc::unavailable, "a shard has not answered in time: send it again"});
  return failure;
}

caf::result<local<batch_answer>> on_batch(self_pointer self, const local<live_batch>& batch) {
  auto& state = self->state;
  const auto& shards = state.options.shards;
  if (state.on_way.size() >= state.options.batches)
    return to_caf({errc::unavailable, "too many batches are on their way: send it again later"});
  auto counts = split_by_shard(batch->counts, static_cast<std::uint32_t>(shards.size()));
  auto intents = split_intents(batch->intents, static_cast<std::uint32_t>(shards.size()));
  auto g = std::make_shared<gathered_answers>();
  std::vector<std::pair<std::size_t, local<live_batch>>> parts;
  for (std::size_t i = 0; i < shards.size(); ++i)
    if (live_batch part{std::move(counts[i]), std::move(intents[i])}; !empty(part))
      parts.emplace_back(i, local{std::move(part)});
  if (parts.empty()) return local{batch_answer{}};
  g->missing = parts.size();
  g->promise = self->make_response_promise<local<batch_answer>>();
  state.on_way.insert(g);
  for (const auto& [i, part] : parts)
    self->request(shards[i], state.options.patience, atom::batch::value, part)
        .then(
            [self, g](const local<batch_answer>& answer) {
              add(g->sum.counts, answer->counts);
              add(g->sum.intents, answer->intents);
              one_less(self, g);
            },
            [self, g](const caf::error& failure) {
              if (!g->failure) g->failure = explained(failure);
              one_less(self, g);
            });
  return g->promise;
}

} // namespace

intake_actor::behavior_type intake(self_pointer self, intake_options options) {
  self->state.options = std::move(options);
  self->set_exit_handler([self](caf::exit_msg& message) {
    for (const auto& g : self->state.on_way)
      g->promise.deliver(to_caf({errc::unavailable, "the node is stopping: send it again"}));
    self->state.on_way.clear();
    self->quit(message.reason);
  });
  return {[self](atom::batch, const local<live_batch>& batch) { return on_batch(self, batch); }};
}

} // namespace forestage::actors
