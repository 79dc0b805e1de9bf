// The tables of demand.db, their version, and how a file becomes a demand log. Private to this adapter;
// docs/demand-log.md tells operators the same.
#pragma once

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "models/result.hpp"

#include <cstdint>

namespace forestage::adapters {

inline constexpr std::int32_t demand_log_application_id = 0x46737467; // "Fstg"
inline constexpr std::int32_t demand_log_version = 1;

// A record's key is its shard and its position in one integer, so that one b-tree holds a shard's records
// side by side.
inline constexpr int position_bits = 40;
inline constexpr std::uint64_t max_position = (std::uint64_t{1} << position_bits) - 1;
inline constexpr std::uint32_t max_shards = std::uint32_t{1} << 20;
[[nodiscard]] constexpr std::int64_t record_key(std::uint32_t shard, std::uint64_t position) {
  return static_cast<std::int64_t>((std::uint64_t{shard} << position_bits) | position);
}

// States are stored in pieces: SQLite holds a row in memory more than once, and ends at a billion bytes.
inline constexpr std::size_t snapshot_chunk_bytes = std::size_t{8} << 20;

// Checks what the file is, makes the tables where it is new, and sets the connection up. Nothing is written
// to a foreign file. Errors: incompatible, storage_failed.
[[nodiscard]] models::status prepare_demand_log(database& db, const std::filesystem::path& file,
                                                const sqlite_options& options);

} // namespace forestage::adapters
