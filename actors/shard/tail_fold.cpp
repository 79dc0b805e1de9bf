#include "actors/shard/tail_fold.hpp"

#include "actors/shard/shard_log.hpp"

#include <algorithm>
#include <utility>

namespace forestage::actors {

using models::errc;

namespace {

models::status refold_prices(shard_core& core, const run_settings& settings, const v1::Prices& record) {
  if (core.settled() || record.round() != core.round())
    return {errc::invalid_data,
            "the log of a shard prices round " + std::to_string(record.round()) + ", which is not open"};
  auto prices = read_prices(record, core.context().to - core.context().from, settings.prices_both());
  if (!prices) return prices.failure();
  auto outcomes = read_outcomes(record);
  if (!outcomes) return outcomes.failure();
  core.settle(*prices, *outcomes);
  return models::success();
}

bool within(const messages::intent_events& intents, const round_context& round) {
  const auto in = [&](interval_number t) { return round.from <= t && t < round.to; };
  return std::all_of(intents.declarations.begin(), intents.declarations.end(),
                     [&](const auto& d) { return in(d.is.made); }) &&
         std::all_of(intents.kept.begin(), intents.kept.end(), [&](const auto& k) { return in(k.is.came); });
}

} // namespace

models::status tail_fold::close(shard_core& core, const run_settings& settings, const v1::Close& record) {
  auto round = read_close(record, settings, context_);
  if (!round) return round.failure();
  if (!core.settled()) return {errc::invalid_data, "the log of a shard closes a round while another is open"};
  for (const auto& counts : counts_) {
    for (const auto& e : counts.entries)
      if (e.cell.interval < round->from || e.cell.interval >= round->to)
        return {errc::invalid_data, "the log of a shard has counts outside the round that they belong to"};
    for (const auto& m : counts.missing)
      if (m.interval < round->from || m.interval >= round->to)
        return {errc::invalid_data, "the log of a shard has counts outside the round that they belong to"};
    core.fold_counts(counts);
  }
  counts_.clear();
  if (settings.live) (void)core.fold_gathered(round->to);
  for (const auto& intents : intents_) {
    if (!within(intents, *round))
      return {errc::invalid_data, "the log of a shard has intents outside the round that they belong to"};
    core.fold_intents(intents);
  }
  intents_.clear();
  context_ = std::move(*round);
  return models::success();
}

models::status tail_fold::take(shard_core& core, const run_settings& settings, const v1::LogRecord& record) {
  if (record.has_parameters()) return read_parameters(record.parameters(), context_.pool, context_.tuned);
  if (record.has_prices()) return refold_prices(core, settings, record.prices());
  if (record.has_close()) return close(core, settings, record.close());
  if (record.has_counts()) {
    auto counts = messages::from_proto(record.counts().batch());
    if (!counts) return counts.failure();
    if (settings.live)
      (void)core.accept(*counts);
    else
      counts_.push_back(std::move(*counts));
  }
  if (record.has_intents()) {
    auto intents = messages::from_proto(record.intents().batch());
    if (!intents) return intents.failure();
    if (settings.live)
      (void)core.accept(*intents);
    else
      intents_.push_back(std::move(*intents));
  }
  return models::success();
}

} // namespace forestage::actors
