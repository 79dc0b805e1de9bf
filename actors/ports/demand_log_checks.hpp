// What every demand log asks of its callers' arguments, in the same words: the limits, the positions, the
// keys. Pure functions; adapters call them before they touch a disk.
#pragma once

#include "actors/ports/demand_log.hpp"
#include "actors/ports/run_metadata.hpp"
#include "models/ids.hpp"

#include <string>
#include <string_view>

namespace forestage::actors {

[[nodiscard]] inline std::string shard_label(models::shard_id shard) {
  return "shard " + std::to_string(shard.value());
}

// Errors: limit_exceeded.
[[nodiscard]] inline models::status check_size(std::string_view what, std::uint64_t bytes,
                                               std::uint64_t limit) {
  if (bytes <= limit) return models::success();
  return {models::errc::limit_exceeded, std::string{what} + " of " + std::to_string(bytes) +
                                            " bytes; at most " + std::to_string(limit) +
                                            " are allowed: write it in smaller parts"};
}

// Errors: limit_exceeded.
[[nodiscard]] inline models::status check_shard(const demand_log_limits& limits, models::shard_id shard) {
  if (shard.value() < limits.shards) return models::success();
  return {models::errc::limit_exceeded, shard_label(shard) + " is past the last one, " +
                                            std::to_string(limits.shards - 1) + ": use fewer shards"};
}

// Errors: limit_exceeded.
[[nodiscard]] inline models::status check_append(const demand_log_limits& limits, const shard_append& entry) {
  if (auto shard = check_shard(limits, entry.shard); !shard) return shard;
  for (const auto& record : entry.records)
    if (auto size = check_size("a record", record.size(), limits.record_bytes); !size) return size;
  for (const auto& rollup : entry.rollups)
    if (auto size = check_size("a roll-up", rollup.bytes.size(), limits.record_bytes); !size) return size;
  return models::success();
}

// Errors: position_conflict.
[[nodiscard]] inline models::status check_expected(const shard_append& entry, log_position last) {
  if (entry.expected == last) return models::success();
  return {models::errc::position_conflict,
          shard_label(entry.shard) + " is at position " + std::to_string(last.value()) + " and " +
              std::to_string(entry.expected.value()) +
              " was expected: somebody else has written; read what is new before appending"};
}

// Errors: limit_exceeded, invalid_argument.
[[nodiscard]] inline models::status check_snapshot(const demand_log_limits& limits, models::shard_id shard,
                                                   log_position position, log_position last,
                                                   std::uint64_t bytes) {
  if (auto known = check_shard(limits, shard); !known) return known;
  if (auto size = check_size("a snapshot", bytes, limits.snapshot_bytes); !size) return size;
  if (position <= last) return models::success();
  return {models::errc::invalid_argument, "a snapshot of " + shard_label(shard) + " at position " +
                                              std::to_string(position.value()) + ", past its last record, " +
                                              std::to_string(last.value()) + ": append the records first"};
}

// Errors: invalid_argument.
[[nodiscard]] inline models::status check_read_limit(std::size_t limit) {
  if (limit > 0) return models::success();
  return {models::errc::invalid_argument,
          "a read of 0 records, which could not be told from the end: ask for 1 or more"};
}

// Errors: invalid_argument.
[[nodiscard]] inline models::status check_retention(const retention_rule& rule) {
  if (rule.snapshots > 0) return models::success();
  return {models::errc::invalid_argument, "a retention rule that keeps no snapshot: keep 1 or more"};
}

// Errors: invalid_argument.
[[nodiscard]] inline models::status check_metadata_key(std::string_view key) {
  if (!key.empty() && key.size() <= max_metadata_key_bytes && models::is_utf8(key)) return models::success();
  return {models::errc::invalid_argument, "a metadata key of " + std::to_string(key.size()) +
                                              " bytes: give 1 to " + std::to_string(max_metadata_key_bytes) +
                                              " bytes of UTF-8"};
}

} // namespace forestage::actors
