#include "cluster/replay/intents.hpp"

#include "cluster/replay/round_names.hpp"

#include <algorithm>
#include <utility>

namespace forestage::cluster {

using models::synthetic::intent_simulation;

namespace {

std::vector<double> means_of(const std::vector<busy_key>& keys) {
  std::vector<double> means;
  for (const auto& k : keys)
    means.push_back(k.mean);
  return means;
}

} // namespace

intent_feed::intent_feed(const intent_simulation& simulation, const models::synthetic::simulated_span& span,
                         std::vector<busy_key> keys, std::vector<announcement> calendar, log_survey& survey,
                         round_function on_round)
    : span_(span)
    , keys_(std::move(keys))
    , simulated_(keys_.size())
    , calendar_(std::move(calendar))
    , survey_(survey)
    , on_round_(std::move(on_round))
    , simulator_(simulation, span, means_of(keys_)) {
  for (std::uint32_t i = 0; i < keys_.size(); ++i)
    key_of_.emplace(packed(keys_[i].resource, keys_[i].region), i);
  for (const auto& a : calendar_)
    if (key_of_.emplace(packed(a.resource, a.region), static_cast<std::uint32_t>(keys_.size())).second)
      keys_.push_back({a.resource, a.region, 0});
}

models::status intent_feed::on_round(actors::routed_round round) {
  const auto intervals = static_cast<std::size_t>(round.to - round.from);
  std::vector<std::uint32_t> counts(intervals * keys_.size(), 0);
  for_each_entry(round.events, survey_, [&](std::uint64_t key, models::interval_number t, std::uint32_t n) {
    const auto at = key_of_.find(key);
    if (at != key_of_.end())
      counts[static_cast<std::size_t>(t - round.from) * keys_.size() + at->second] += n;
  });
  for (std::size_t i = 0; i < intervals; ++i)
    simulator_.add(round.from + static_cast<std::int64_t>(i),
                   std::span{counts}.subspan(i * keys_.size(), simulated_));
  const auto added = round.to;
  waiting_.push_back(std::move(round));
  counts_.push_back(std::move(counts));
  while (!waiting_.empty() && waiting_.front().to + simulator_.reach() <= added)
    if (auto released = release(); !released) return released;
  return models::success();
}

models::status intent_feed::finish() {
  while (!waiting_.empty())
    if (auto released = release(); !released) return released;
  return models::success();
}

models::status intent_feed::release() {
  auto round = std::move(waiting_.front());
  waiting_.pop_front();
  add_intents(round);
  counts_.pop_front();
  return on_round_(std::move(round));
}

// What the calendar says is told when it can just be acted on; its outcome is known when the interval has
// closed.
void intent_feed::add_announcements(models::interval_number t, const auto& resource_of, const auto& region_of,
                                    messages::intent_events& intents) {
  constexpr auto source = models::intent_source::operators;
  for (; announced_ < calendar_.size() && calendar_[announced_].target - span_.horizon <= t; ++announced_) {
    const auto& a = calendar_[announced_];
    if (a.target - span_.horizon < t) continue; // the log begins too late for it
    const auto key = key_of_.at(packed(a.resource, a.region));
    const float weight = book_.of(source, a.row);
    if (a.target >= span_.evaluation) totals_.announced += a.expected;
    intents.declarations.push_back(
        {resource_of(key), region_of(key), {t, a.target, a.row, a.expected, weight, source}});
  }
}

bool intent_feed::unknown(std::uint32_t key, models::interval_number t) const {
  const auto is = packed(keys_[key].resource, keys_[key].region);
  return now_(is, t) || before_(is, t);
}

void intent_feed::add_intents(actors::routed_round& round) {
  before_ = std::exchange(now_, unknown_counts{round, survey_});
  auto& intents = round.intents;
  intents.session = "replay-intents";
  intents.sequence = round.number;
  const auto others = intents.declarations.size() + intents.kept.size();
  round_names names{survey_, intents};
  const auto resource_of = [&](std::uint32_t key) { return names.resource(keys_[key].resource); };
  const auto region_of = [&](std::uint32_t key) { return names.region(keys_[key].region); };
  for (auto t = round.from; t < round.to; ++t) {
    auto events = simulator_.take(t);
    // What came to an end in the interval before is known to whoever hears a declaration now.
    for (const auto& o : known_)
      book_.observe(models::intent_source::agent, o.peer, o.declared, o.kept);
    known_ = std::move(events.outcomes);
    std::erase_if(known_, [&](const auto& o) { return o.kept == 0 && unknown(o.key, o.target); });
    add_announcements(t, resource_of, region_of, intents);
    for (; ended_ < calendar_.size() && calendar_[ended_].target <= t; ++ended_) {
      const auto& a = calendar_[ended_];
      const auto row = static_cast<std::size_t>(t - round.from) * keys_.size();
      const auto key = key_of_.at(packed(a.resource, a.region));
      const auto came = counts_.front()[row + key];
      if (came == 0 && unknown(key, t)) continue;
      book_.observe(models::intent_source::operators, a.row, a.expected, std::min(came, a.expected));
    }
    for (auto& [key, d] : events.declarations) {
      d.weight = book_.of(d.source, d.peer);
      if (d.target >= span_.evaluation) {
        totals_.declared += d.expected;
        totals_.weight += static_cast<double>(d.weight) * d.expected;
      }
      intents.declarations.push_back({resource_of(key), region_of(key), d});
    }
    for (const auto& [key, k] : events.kept) {
      if (k.came - k.shift >= span_.evaluation) totals_.kept += k.count;
      intents.kept.push_back({resource_of(key), region_of(key), k});
    }
  }
  if (others == 0) return;
  // Other sources spoke of the round before: all is folded in the order in which it became known.
  std::stable_sort(intents.declarations.begin(), intents.declarations.end(),
                   [](const auto& a, const auto& b) { return a.is.made < b.is.made; });
  std::stable_sort(intents.kept.begin(), intents.kept.end(),
                   [](const auto& a, const auto& b) { return a.is.came < b.is.came; });
}

intent_totals intent_feed::totals() const {
  auto out = totals_;
  out.keys = keys_.size();
  out.forgotten_peers = book_.forgotten();
  out.calendar_credibility = static_cast<double>(book_.of_source(models::intent_source::operators));
  return out;
}

} // namespace forestage::cluster
