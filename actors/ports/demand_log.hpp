// Port: the demand log. Facts, appended per shard and never changed; the newest snapshots of each shard's fold; roll-ups.
//
// A shard's state is a deterministic fold of its records: newest snapshot + tail. Bytes are opaque here (messages/ defines
// them). Positions count records: the first record of a shard has position 1, and 0 means "nothing". Invariants that every
// implementation keeps (tests/support/demand_log_contract.hpp checks them):
//   1. append is all or nothing: after a crash either every record of a call is readable or none is;
//   2. what append acknowledged is read back, in order, bit for bit, until retention drops it;
//   3. an append whose expected position is not the shard's last one changes nothing (position_conflict);
//   4. retention never renumbers: positions keep growing;
//   5. a snapshot is visible whole or not at all; a failed save leaves the ones before it;
//   6. one process at a time holds a data directory (locked).
// Threading: one keeper owns an instance and calls it from one thread at a time.
#pragma once

#include "models/ids.hpp"
#include "models/interval.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::actors {

// Number of a record within its shard's log, from 1.
class log_position {
public:
  constexpr log_position() = default;
  explicit constexpr log_position(std::uint64_t value) noexcept : value_(value) {}
  [[nodiscard]] constexpr std::uint64_t value() const noexcept { return value_; }
  friend constexpr auto operator<=>(log_position, log_position) = default;

private:
  std::uint64_t value_ = 0;
};

struct stored_record {
  log_position position;
  std::string bytes;
  friend bool operator==(const stored_record&, const stored_record&) = default;
};

// The state of a shard's fold after the record at `position`.
struct stored_snapshot {
  log_position position;
  std::string state;
  friend bool operator==(const stored_snapshot&, const stored_snapshot&) = default;
};

// The counts of one closed interval: what a fold with other models starts from when the records are gone.
struct stored_rollup {
  models::interval_number interval;
  std::string bytes;
  friend bool operator==(const stored_rollup&, const stored_rollup&) = default;
};

// How much of a shard is kept.
struct retention_rule {
  std::size_t snapshots = 2;                              // the newest ones; at least 1
  bool records_after_oldest_snapshot_only = true;         // records at or before the oldest kept snapshot are dropped
  std::optional<models::interval_number> rollups_from{};  // older roll-ups are dropped
};

class demand_log {
public:
  demand_log() = default;
  demand_log(const demand_log&) = delete;
  demand_log& operator=(const demand_log&) = delete;
  virtual ~demand_log() = default;

  // Appends records and the roll-ups that belong to them in one transaction, durable on return (power loss included, where the
  // disk keeps its word). A roll-up of an interval that is there already is replaced. Returns the position of the last record.
  // Errors: position_conflict, storage_failed (nothing was written).
  [[nodiscard]] virtual models::result<log_position> append(models::shard_id shard, std::span<const std::string> records,
                                                            log_position expected,
                                                            std::span<const stored_rollup> rollups = {}) = 0;

  // At most `limit` records after position `after`, in order; empty at the end. Errors: storage_failed.
  [[nodiscard]] virtual models::result<std::vector<stored_record>> read(models::shard_id shard, log_position after,
                                                                        std::size_t limit) = 0;

  // The last position ever appended to a shard; 0 when none. Errors: storage_failed.
  [[nodiscard]] virtual models::result<log_position> last_position(models::shard_id shard) = 0;

  // Errors: invalid_argument when position is past the last record; storage_failed.
  [[nodiscard]] virtual models::status save_snapshot(models::shard_id shard, log_position position,
                                                     std::string_view state) = 0;

  // The newest snapshot. Errors: storage_failed.
  [[nodiscard]] virtual models::result<std::optional<stored_snapshot>> load_snapshot(models::shard_id shard) = 0;

  // Roll-ups of the intervals [from, to), in order. Errors: storage_failed.
  [[nodiscard]] virtual models::result<std::vector<stored_rollup>> read_rollups(models::shard_id shard,
                                                                                models::interval_number from,
                                                                                models::interval_number to) = 0;

  // Drops what the rule does not keep. Errors: storage_failed.
  [[nodiscard]] virtual models::status retain(models::shard_id shard, const retention_rule& rule) = 0;
};

} // namespace forestage::actors
