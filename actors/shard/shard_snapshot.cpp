// A shard's state as bytes. Format: a version byte, then the fields in the order below, then a checksum
// (models/bytes.hpp).
#include "actors/shard/shard_core.hpp"

namespace forestage::actors {

using models::errc;
using models::result;

namespace {

constexpr std::uint8_t format_version =
    10; // 10: batches that wait; 9: what is left out, plans without intents; 8: rhythms, segments; 7:
        // sequence intents, outages, readings; 6: recalibration; 5: declarations; 4: hindsight-mix

} // namespace

void shard_core::write_to(std::string& bytes,
                          const std::unordered_map<resource_index, std::string>& states) const {
  const auto begin = bytes.size();
  models::byte_writer write{bytes};
  write(format_version, context_, counted_, pool_statistics_, round_worked_);
  write(static_cast<std::uint64_t>(sessions_.size()));
  for (const auto& [session, highest] : sessions_)
    write(session, highest);
  write(static_cast<std::uint64_t>(regions_.size()));
  for (const auto& region : regions_)
    write(region.text());
  inbox_.write_to(write);
  write(scores_);
  write(static_cast<std::uint64_t>(resources_.size()));
  for (resource_index i = 0; i < resources_.size(); ++i) {
    const auto& resource = resources_[i];
    const auto state = states.find(i);
    write(resource.id.text(), static_cast<std::uint8_t>(resource.active ? 1 : 0),
          state != states.end() ? state->second : resource.passive,
          static_cast<std::uint64_t>(resource.regions.size()));
    for (const auto& region : resource.regions)
      write(region.region, region.plans[0], region.plans[1]);
  }
  models::seal(bytes, begin);
}

result<shard_core> shard_core::read_from(run_settings_ptr settings, std::string_view bytes) {
  const models::error damaged{
      errc::invalid_data, "a shard's snapshot is damaged: replay the log into an empty data directory, or "
                          "replay the data directory itself: its roll-ups keep the counts"};
  if (!models::unseal(bytes)) return damaged;
  models::byte_reader read{bytes};
  std::uint8_t version = 0;
  read(version);
  if (version != format_version)
    return {errc::incompatible, "a shard's snapshot is of format " + std::to_string(version) + ", not " +
                                    std::to_string(format_version) +
                                    ": another version of forestage wrote it"};
  shard_core core{std::move(settings)};
  read(core.context_, core.counted_, core.pool_statistics_, core.round_worked_);
  std::uint64_t size = 0;
  read(size);
  for (std::uint64_t i = 0; i < size && read.ok(); ++i) {
    std::string session;
    std::uint64_t highest = 0;
    read(session, highest);
    core.sessions_[session] = highest;
  }
  read(size);
  for (std::uint64_t i = 0; i < size && read.ok(); ++i) {
    std::string text;
    read(text);
    auto region = models::region_id::make(text);
    if (!region) return damaged;
    (void)core.number_of(*region);
  }
  if (!batch_inbox::read_from(read, core.settings_->inbox, core.inbox_)) return damaged;
  read(core.scores_);
  if (!read.ok() || core.scores_.segments.of.size() > core.settings_->segments.size()) return damaged;
  if (core.settings_->trace ? !core.scores_.trace.fits(*core.settings_->trace) : !core.scores_.trace.empty())
    return {errc::incompatible,
            "a shard's snapshot is of a run with another --report: resume it as it began"};
  read(size);
  for (std::uint64_t i = 0; i < size && read.ok(); ++i) {
    std::string text;
    std::uint8_t active = 0;
    std::string passive;
    std::uint64_t regions = 0;
    read(text, active, passive, regions);
    auto id = models::resource_id::make(text);
    if (!id) return damaged;
    auto& resource = core.resources_[core.index_of(*id)];
    // An active resource stays so: its forecaster is spawned from this state when the next round begins.
    resource.active = false;
    resource.woken = active != 0;
    resource.passive = std::move(passive);
    for (std::uint64_t k = 0; k < regions && read.ok(); ++k) {
      region_number number{};
      std::array<key_plan, plan_kinds> plans;
      read(number, plans[0], plans[1]);
      if (!read.ok() || number.value() >= core.regions_.size()) return damaged;
      core.region_of(resource, number).plans = std::move(plans);
    }
  }
  if (!read.ok() || !read.rest().empty()) return damaged;
  core.settled_ = true;
  return core;
}

} // namespace forestage::actors
