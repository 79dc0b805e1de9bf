// The fold of the port's contract onto maps: see the header.
#include "adapters/memory/memory_demand_log.hpp"

#include "actors/ports/demand_log_checks.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace forestage::adapters {

using actors::log_position;
using models::errc;
using models::result;
using models::shard_id;
using models::status;

result<std::unique_ptr<memory_demand_log>> memory_demand_log::open(std::shared_ptr<memory_disk> disk,
                                                                   const actors::demand_log_limits& limits) {
  if (disk->held)
    return {errc::locked, "the memory disk is held by another demand log: close that one first"};
  disk->held = true;
  return std::unique_ptr<memory_demand_log>{new memory_demand_log{std::move(disk), limits}};
}

memory_demand_log::memory_demand_log(std::shared_ptr<memory_disk> disk,
                                     const actors::demand_log_limits& limits)
    : disk_(std::move(disk))
    , limits_(limits) {}

memory_demand_log::~memory_demand_log() {
  disk_->held = false;
}

const memory_shard& memory_demand_log::find(shard_id shard) const {
  static const memory_shard nothing;
  const auto found = disk_->shards.find(shard);
  return found == disk_->shards.end() ? nothing : found->second;
}

result<log_position> memory_demand_log::append_one(const actors::shard_append& entry) {
  if (auto allowed = check_append(limits_, entry); !allowed) return allowed.failure();
  if (auto same = check_expected(entry, find(entry.shard).last()); !same) return same.failure();
  if (entry.records.empty() && entry.rollups.empty()) return entry.expected;
  auto& shard = disk_->shards[entry.shard];
  shard.records.insert(shard.records.end(), entry.records.begin(), entry.records.end());
  for (const auto& rollup : entry.rollups)
    shard.rollups.insert_or_assign(rollup.interval, rollup.bytes);
  return shard.last();
}

std::vector<result<log_position>>
memory_demand_log::append_group(std::span<const actors::shard_append> group) {
  std::vector<result<log_position>> answers;
  answers.reserve(group.size());
  for (const auto& entry : group)
    answers.push_back(append_one(entry));
  return answers;
}

result<std::vector<actors::stored_record>> memory_demand_log::read(shard_id shard, log_position after,
                                                                   std::size_t limit) {
  if (auto allowed = actors::check_read_limit(limit); !allowed) return allowed.failure();
  const auto& stored = find(shard);
  std::vector<actors::stored_record> records;
  if (after >= stored.last()) return records;
  const auto first = std::max(after.value(), stored.dropped);
  const auto count = std::min<std::uint64_t>(limit, stored.last().value() - first);
  records.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i)
    records.push_back({log_position{first + i + 1}, stored.records[first - stored.dropped + i]});
  return records;
}

result<log_position> memory_demand_log::last_position(shard_id shard) {
  return find(shard).last();
}

status memory_demand_log::save_snapshot(shard_id shard, log_position position, std::string_view state) {
  if (auto allowed = check_snapshot(limits_, shard, position, find(shard).last(), state.size()); !allowed)
    return allowed;
  disk_->shards[shard].snapshots.insert_or_assign(position, std::string{state});
  return models::success();
}

result<std::optional<actors::stored_snapshot>> memory_demand_log::load_snapshot(shard_id shard,
                                                                                log_position at_most) {
  const auto& snapshots = find(shard).snapshots;
  const auto past = snapshots.upper_bound(at_most);
  if (past == snapshots.begin()) return std::optional<actors::stored_snapshot>{};
  const auto& [position, state] = *std::prev(past);
  return std::optional{actors::stored_snapshot{position, state}};
}

result<std::vector<actors::stored_rollup>>
memory_demand_log::read_rollups(shard_id shard, models::interval_number from, models::interval_number to) {
  const auto& rollups = find(shard).rollups;
  std::vector<actors::stored_rollup> found;
  for (auto it = rollups.lower_bound(from); it != rollups.end() && it->first < to; ++it)
    found.push_back({it->first, it->second});
  return found;
}

result<std::optional<actors::rollup_span>> memory_demand_log::span_of_rollups(shard_id shard) {
  const auto& rollups = find(shard).rollups;
  if (rollups.empty()) return std::optional<actors::rollup_span>{};
  return std::optional{actors::rollup_span{rollups.begin()->first, rollups.rbegin()->first + 1}};
}

status memory_demand_log::retain(shard_id shard, const actors::retention_rule& rule) {
  if (auto allowed = check_retention(rule); !allowed) return allowed;
  const auto found = disk_->shards.find(shard);
  if (found == disk_->shards.end()) return models::success();
  auto& [dropped, records, snapshots, rollups] = found->second;
  while (snapshots.size() > rule.snapshots)
    snapshots.erase(snapshots.begin());
  if (rule.records_after_oldest_snapshot_only && !snapshots.empty()) {
    const auto oldest = std::max(dropped, snapshots.begin()->first.value());
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(oldest - dropped));
    dropped = oldest;
  }
  if (rule.rollups_from) rollups.erase(rollups.begin(), rollups.lower_bound(*rule.rollups_from));
  return models::success();
}

status memory_demand_log::put(std::string_view key, std::string_view bytes) {
  if (auto allowed = actors::check_metadata_key(key); !allowed) return allowed;
  if (auto size = actors::check_size("a metadata value", bytes.size(), limits_.record_bytes); !size)
    return size;
  disk_->metadata.insert_or_assign(std::string{key}, std::string{bytes});
  return models::success();
}

result<std::optional<std::string>> memory_demand_log::get(std::string_view key) {
  if (auto allowed = actors::check_metadata_key(key); !allowed) return allowed.failure();
  const auto found = disk_->metadata.find(key);
  return found == disk_->metadata.end() ? std::optional<std::string>{} : std::optional{found->second};
}

} // namespace forestage::adapters
