#include "cluster/replay/sequence_feed.hpp"

#include "cluster/replay/intent_keys.hpp"
#include "cluster/replay/round_names.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace forestage::cluster {

using models::errc;
using models::interval_number;

models::result<models::sequence_settings> sequence_settings_of(const replay_options& options) {
  constexpr std::int64_t farthest = 16;
  models::sequence_settings out;
  out.half_life = std::max<std::int64_t>(1, std::int64_t{7} * 86'400 / options.interval_seconds);
  out.window_from = options.lead + 1;
  // What is said later is better founded: nothing is said earlier than it has to be. Chosen on first halves.
  out.window_to = out.window_from;
  if (out.window_from > farthest)
    return {errc::invalid_argument, "--sequence looks at most " + std::to_string(farthest) +
                                        " intervals ahead: choose a --lead of at most " +
                                        std::to_string(farthest - 1) + " intervals, or longer intervals"};
  if (auto fine = models::validate(out); !fine) return fine.failure();
  return out;
}

sequence_feed::sequence_feed(const models::sequence_settings& settings, log_survey& survey,
                             round_function on_round)
    : settings_(settings)
    , survey_(survey)
    , on_round_(std::move(on_round))
    , model_(models::sequence_model::make(settings).value())
    , promised_(static_cast<std::size_t>(settings.window_to) + 1) {}

void sequence_feed::on_requests(peer_requests requests) {
  requests_ = std::move(requests);
}

models::status sequence_feed::on_round(actors::routed_round round) {
  round.intents.session = "replay-intents";
  round.intents.sequence = round.number;
  round_names names{survey_, round.intents};
  const unknown_counts unknown{round, survey_};
  totals_.left_out += requests_.left_out;
  auto next = requests_.all.begin();
  for (auto t = round.from; t < round.to; ++t) {
    for (; next != requests_.all.end() && next->interval == t; ++next)
      model_.observe(next->peer, next->region, next->resource, t);
    close(t, unknown, round, names);
  }
  requests_ = {};
  return on_round_(std::move(round));
}

void sequence_feed::close(interval_number t, const unknown_counts& unknown, actors::routed_round& round,
                          round_names& names) {
  constexpr auto source = models::intent_source::sequence;
  const auto slots = static_cast<std::int64_t>(promised_.size());
  const auto promised_for = [&](interval_number target) -> std::vector<promise>& {
    return promised_[static_cast<std::size_t>(((target.value() % slots) + slots) % slots)];
  };
  const auto closing = model_.close(t);
  auto& intents = round.intents;
  // What has ended is known before anything new is stamped.
  std::array<std::int64_t, models::promise_record::most_ahead + 1> kept{};
  for (const auto& i : closing.kept) {
    ++kept[static_cast<std::size_t>(t - i.made)];
    if (t >= survey_.evaluation) ++totals_.kept;
    intents.kept.push_back({names.resource(static_cast<std::uint32_t>(i.resource)),
                            names.region(i.segment),
                            {t, 0, true, 1, source}});
  }
  auto& ended = promised_for(t);
  std::array<double, models::promise_record::most_ahead + 1> promised{};
  // What was promised for a count that nobody knows is neither kept nor broken.
  for (const auto& p : ended)
    if (!unknown(p.key, t)) promised[static_cast<std::size_t>(p.ahead)] += p.probability;
  for (std::size_t ahead = 1; ahead < promised.size(); ++ahead)
    record_.observe(static_cast<std::int64_t>(ahead), promised[ahead], kept[ahead]);
  ended.clear();
  for (const auto& i : closing.made) {
    const auto ahead = i.target - i.made;
    const auto weight = static_cast<float>(i.probability) * record_.of(ahead);
    const auto resource = static_cast<std::uint32_t>(i.resource);
    promised_for(i.target).push_back({packed(resource, i.segment), ahead, i.probability});
    keys_.insert(packed(resource, i.segment));
    if (i.target >= survey_.evaluation && i.target < survey_.end) {
      ++totals_.declared;
      totals_.promised += i.probability;
    }
    intents.declarations.push_back({names.resource(resource),
                                    names.region(i.segment),
                                    {i.made, i.target, i.peer, 1, std::min(1.0F, weight), source}});
  }
}

sequence_totals sequence_feed::totals() const {
  auto out = totals_;
  out.credibility = static_cast<double>(record_.of_all());
  out.keys = keys_.size();
  out.left_out += model_.late() + model_.left_out();
  return out;
}

} // namespace forestage::cluster
