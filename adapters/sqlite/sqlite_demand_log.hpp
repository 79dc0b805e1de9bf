// The demand log on SQLite: one file, `demand.db`, in a data directory that this process holds
// (docs/demand-log.md).
//
// Write-ahead log, one transaction per call, durable when the call returns. Reads are one statement each, and
// no read transaction outlives its call, so the write-ahead log can always be folded back into the file.
// Values are views until SQLite has written them; a read copies what it returns. Threading: as the port says;
// calls wait for the disk, so the keeper is an actor with a thread of its own.
#pragma once

#include "actors/ports/demand_log.hpp"
#include "actors/ports/run_metadata.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace forestage::adapters {

// What an acknowledged call survives. A crash of the process never loses anything; neither setting can leave
// a file half-written.
enum class durability : std::uint8_t {
  power_loss =
      0, // also power loss and a crash of the system (synchronous=FULL: one wait for the disk per call)
  process_crash =
      1, // power loss may take the newest calls with it, the latest first (synchronous=NORMAL): for replays
};

struct sqlite_options {
  actors::demand_log_limits limits;
  durability durable = durability::power_loss;
  std::uint64_t max_database_bytes = 0; // bound on demand.db, without its -wal file; 0: the volume's
  std::chrono::milliseconds busy_timeout{
      5000};       // how long to wait for another program that writes in the file
  std::string vfs; // a registered SQLite VFS; empty: the system's. For tests
};

// Errors: invalid_argument.
[[nodiscard]] models::status validate(const sqlite_options& options);

class sqlite_demand_log final : public actors::demand_log, public actors::run_metadata {
public:
  // Makes the directory and the file where they are missing. Errors: invalid_argument, locked, incompatible,
  // storage_failed.
  [[nodiscard]] static models::result<std::unique_ptr<sqlite_demand_log>>
  open(const std::filesystem::path& directory, const sqlite_options& options = {});
  ~sqlite_demand_log() override;

  [[nodiscard]] std::vector<models::result<actors::log_position>>
  append_group(std::span<const actors::shard_append> group) override;
  [[nodiscard]] models::result<std::vector<actors::stored_record>>
  read(models::shard_id shard, actors::log_position after, std::size_t limit) override;
  [[nodiscard]] models::result<actors::log_position> last_position(models::shard_id shard) override;
  [[nodiscard]] models::status save_snapshot(models::shard_id shard, actors::log_position position,
                                             std::string_view state) override;
  [[nodiscard]] models::result<std::optional<actors::stored_snapshot>>
  load_snapshot(models::shard_id shard, actors::log_position at_most = actors::latest) override;
  [[nodiscard]] models::result<std::vector<actors::stored_rollup>>
  read_rollups(models::shard_id shard, models::interval_number from, models::interval_number to) override;
  [[nodiscard]] models::result<std::optional<actors::rollup_span>>
  span_of_rollups(models::shard_id shard) override;
  [[nodiscard]] models::status retain(models::shard_id shard, const actors::retention_rule& rule) override;

  [[nodiscard]] models::status put(std::string_view key, std::string_view bytes) override;
  [[nodiscard]] models::result<std::optional<std::string>> get(std::string_view key) override;

private:
  struct store; // keeps SQLite out of this header
  explicit sqlite_demand_log(std::unique_ptr<store> opened);

  std::unique_ptr<store> store_;
};

} // namespace forestage::adapters
