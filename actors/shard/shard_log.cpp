#include "actors/shard/shard_log.hpp"

#include <map>

namespace forestage::actors {

using models::errc;
using models::result;

std::vector<std::string> records_of(const round_context& round, const messages::event_counts& counts,
                                    bool with_parameters, const messages::intent_events& intents) {
  std::vector<std::string> records;
  if (with_parameters) {
    v1::LogRecord record;
    auto& parameters = *record.mutable_parameters();
    parameters.set_version(round.pool.version);
    models::byte_writer write{*parameters.mutable_pool()};
    write(round.pool);
    parameters.mutable_tuned()->set_window(round.tuned.window);
    parameters.mutable_tuned()->set_headroom(round.tuned.headroom);
    parameters.mutable_tuned()->set_week_headroom(round.tuned.week_headroom);
    records.push_back(messages::encode(record));
  }
  if (!counts.entries.empty() || !counts.missing.empty()) {
    v1::LogRecord record;
    *record.mutable_counts()->mutable_batch() = messages::to_proto(counts);
    records.push_back(messages::encode(record));
  }
  if (!intents.empty()) {
    v1::LogRecord record;
    *record.mutable_intents()->mutable_batch() = messages::to_proto(intents);
    records.push_back(messages::encode(record));
  }
  v1::LogRecord record;
  record.mutable_close()->set_round(round.number);
  record.mutable_close()->set_from_interval(round.from.value());
  record.mutable_close()->set_to_interval(round.to.value());
  for (const auto& o : round.outages) {
    if (o.from < round.from) continue; // the close of an earlier round has it
    auto& to = *record.mutable_close()->add_outages();
    to.set_from_interval(o.from.value());
    to.set_to_interval(o.to.value());
    to.set_everywhere(o.everywhere);
    to.set_region(o.region);
  }
  records.push_back(messages::encode(record));
  return records;
}

std::string record_of(std::uint64_t round, std::span<const region_prices> prices,
                      std::span<const region_outcome> outcomes, interval_number first_priced) {
  v1::LogRecord record;
  auto& out = *record.mutable_prices();
  out.set_round(round);
  for (const auto& region : prices) {
    auto& r = *out.add_regions();
    r.set_region(region.region.text());
    r.set_first_interval(first_priced.value());
    for (const auto& price : region.prices)
      *r.add_prices() = messages::to_proto(price);
    for (const auto& price : region.without_intents)
      *r.add_prices_without_intents() = messages::to_proto(price);
  }
  for (const auto& outcome : outcomes) {
    auto& o = *out.add_outcomes();
    o.set_region(outcome.region.text());
    for (std::size_t i = 0; i < policy_count; ++i) {
      const auto& sums = outcome.policies[i];
      if (sums == models::unit_sums{}) continue;
      auto& p = *o.add_policies();
      p.set_policy(std::string{policy_name(i)});
      p.set_used(sums.used);
      p.set_cold(sums.cold);
      p.set_waste(sums.waste);
    }
  }
  return messages::encode(record);
}

std::string epoch_record(std::uint64_t number, const std::string& owner) {
  v1::LogRecord record;
  record.mutable_epoch()->set_number(number);
  record.mutable_epoch()->set_owner(owner);
  return messages::encode(record);
}

std::vector<stored_rollup> rollups_of(const messages::event_counts& counts) {
  struct part {
    messages::event_counts counts;
    std::map<std::uint32_t, std::uint32_t> resources, regions; // index in the batch -> in the part
  };
  std::map<interval_number, part> parts;
  const auto index_in = [](auto& known, std::uint32_t index, auto& names, const auto& all) {
    const auto [at, fresh] = known.try_emplace(index, static_cast<std::uint32_t>(names.size()));
    if (fresh) names.push_back(all[index]);
    return at->second;
  };
  for (const auto& e : counts.entries) {
    auto& p = parts[e.cell.interval];
    const auto resource = index_in(p.resources, e.resource, p.counts.resources, counts.resources);
    const auto region = index_in(p.regions, e.region, p.counts.regions, counts.regions);
    if (p.counts.entries.empty()) p.counts.segments = counts.segments; // few
    p.counts.entries.push_back({resource, region, e.cell, e.segment});
  }
  for (const auto& m : counts.missing) {
    auto& p = parts[m.interval];
    const auto resource = index_in(p.resources, m.resource, p.counts.resources, counts.resources);
    const auto region = index_in(p.regions, m.region, p.counts.regions, counts.regions);
    p.counts.missing.push_back({resource, region, m.interval});
  }
  std::vector<stored_rollup> out;
  for (const auto& [t, p] : parts)
    out.push_back({t, messages::to_proto(p.counts).SerializeAsString()});
  return out;
}

models::status read_parameters(const v1::Parameters& from, models::pool_parameters& pool,
                               models::tuned_choice& tuned) {
  models::byte_reader read{from.pool()};
  read(pool);
  if (!read.ok() || !read.rest().empty() || from.tuned().window() >= models::tuned_windows.size() ||
      from.tuned().headroom() >= models::tuned_headroom_quarters.size() ||
      from.tuned().week_headroom() >= models::tuned_headroom_quarters.size())
    return {errc::invalid_data,
            "a parameters record that cannot be read: another version of forestage wrote it"};
  tuned = {static_cast<std::uint8_t>(from.tuned().window()),
           static_cast<std::uint8_t>(from.tuned().headroom()),
           static_cast<std::uint8_t>(from.tuned().week_headroom())};
  return models::success();
}

result<std::vector<region_prices>> read_prices(const v1::Prices& from, std::int64_t intervals, bool both) {
  std::vector<region_prices> out;
  for (const auto& r : from.regions()) {
    auto region = models::region_id::make(r.region());
    if (!region) return region.failure();
    region_prices prices{std::move(*region), {}, {}};
    if (r.prices_size() != intervals || r.prices_without_intents_size() != (both ? r.prices_size() : 0))
      return {errc::invalid_data, "a record with " + std::to_string(r.prices_size()) + " and " +
                                      std::to_string(r.prices_without_intents_size()) +
                                      " prices for a round of " + std::to_string(intervals) + " intervals"};
    for (const auto& p : r.prices())
      prices.prices.push_back(messages::from_proto(p));
    for (const auto& p : r.prices_without_intents())
      prices.without_intents.push_back(messages::from_proto(p));
    out.push_back(std::move(prices));
  }
  return out;
}

result<std::vector<region_outcome>> read_outcomes(const v1::Prices& from) {
  std::map<std::string, std::size_t, std::less<>> indices;
  for (std::size_t i = 0; i < policy_count; ++i)
    indices.emplace(policy_name(i), i);
  std::vector<region_outcome> out;
  for (const auto& o : from.outcomes()) {
    auto region = models::region_id::make(o.region());
    if (!region) return region.failure();
    region_outcome outcome{std::move(*region), {}};
    for (const auto& p : o.policies()) {
      const auto at = indices.find(p.policy());
      if (at == indices.end()) return {errc::invalid_data, "an outcome of the unknown policy " + p.policy()};
      outcome.policies[at->second] = {p.used(), p.cold(), p.waste()};
    }
    out.push_back(std::move(outcome));
  }
  return out;
}

result<round_context> read_close(const v1::Close& from, const run_settings& settings,
                                 const round_context& before) {
  auto round = before;
  round.number = from.round();
  round.from = interval_number{from.from_interval()};
  round.to = interval_number{from.to_interval()};
  const auto earliest = before.number == 0 ? settings.models.settings.first() : before.to;
  constexpr std::int64_t most_intervals = std::int64_t{1} << 30; // offsets have 32 bits
  if (round.number != before.number + 1 || round.from < earliest || round.to <= round.from ||
      round.to > settings.models.settings.first() + most_intervals ||
      round.to - round.from > settings.models.settings.per_day())
    return {errc::invalid_data, "the log of a shard closes round " + std::to_string(round.number) +
                                    ", which cannot follow round " + std::to_string(before.number)};
  const auto outages = outages_of(from);
  for (const auto& out : outages)
    if (out.from < round.from || out.to <= out.from || out.to > round.to)
      return {errc::invalid_data, "the log of a shard has an outage outside round " +
                                      std::to_string(round.number) + ", which knows of it"};
  round.add_outages(outages);
  return round;
}

std::vector<models::outage> outages_of(const v1::Close& close) {
  std::vector<models::outage> out;
  for (const auto& o : close.outages())
    out.push_back(
        {interval_number{o.from_interval()}, interval_number{o.to_interval()}, o.everywhere(), o.region()});
  return out;
}

} // namespace forestage::actors
