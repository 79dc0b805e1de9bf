// Port: the demand log. Facts, appended per shard and never changed; the newest snapshots of each shard's
// fold; roll-ups.
//
// A shard's state is a deterministic fold of its records: newest snapshot + tail. Bytes are opaque here
// (messages/ defines them). Positions count records: the first record of a shard has position 1, and 0 means
// "nothing". Invariants that every implementation keeps (tests/support/demand_log_contract.hpp checks them):
//   1. the records and roll-ups of one shard_append are all or nothing: after a crash either all are readable
//   or none is;
//   2. what was acknowledged is read back, in order, bit for bit, until retention drops it;
//   3. an append whose expected position is not the shard's last one changes nothing (position_conflict);
//   4. retention never renumbers: positions keep growing, and those that are kept have no holes;
//   5. a snapshot is visible whole or not at all; a failed save leaves the ones before it;
//   6. one process at a time holds a data directory (locked).
//
// An append that answers storage_failed was not acknowledged, and its outcome is open: nearly always nothing
// of it is there, but a failure after the commit (a lost answer, a crash) leaves all of it. The caller asks
// last_position before it appends again; retrying with the same expected position is safe, as the second of
// the two is refused with position_conflict. Threading: one keeper owns an instance and calls it from one
// thread at a time.
#pragma once

#include "models/ids.hpp"
#include "models/interval.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forestage::actors {

// Number of a record within its shard's log, from 1.
class log_position {
public:
  constexpr log_position() = default;
  explicit constexpr log_position(std::uint64_t value) noexcept
      : value_(value) {}
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

// The intervals [from, to) from the first roll-up kept to the last one.
struct rollup_span {
  models::interval_number from{}, to{};
  friend bool operator==(const rollup_span&, const rollup_span&) = default;
};

// "The newest there is", where a position bounds a search.
inline constexpr log_position latest{~std::uint64_t{0}};

// What one append adds to one shard. Views: they have to live as long as the call.
struct shard_append {
  models::shard_id shard;
  std::span<const std::string> records;
  log_position expected;                    // the shard's last position, as the writer knows it
  std::span<const stored_rollup> rollups{}; // a roll-up of an interval that is there already is replaced
};

// How much of a shard is kept.
struct retention_rule {
  std::size_t snapshots = 2;                      // the newest ones; at least 1
  bool records_after_oldest_snapshot_only = true; // records at or before the oldest kept snapshot are dropped
  std::optional<models::interval_number> rollups_from{}; // older roll-ups are dropped
};

// Bounds that every implementation keeps. What is larger is refused with limit_exceeded before anything is
// written.
struct demand_log_limits {
  std::uint32_t shards = 65'536;                        // ids 0 to shards - 1
  std::uint64_t record_bytes = std::uint64_t{64} << 20; // of a record, a roll-up and a metadata value
  std::uint64_t snapshot_bytes = std::uint64_t{1} << 30;
};

class demand_log {
public:
  demand_log() = default;
  demand_log(const demand_log&) = delete;
  demand_log& operator=(const demand_log&) = delete;
  virtual ~demand_log() = default;

  // Appends to any number of shards at the price of one wait for the disk; durable on return (power loss
  // included, where the disk keeps its word). One answer per entry, in order: the position of the shard's
  // last record. Entries succeed and fail alone, and a later entry for the same shard follows the earlier
  // one. An entry without records only checks `expected` and stores its roll-ups. Errors: position_conflict
  // and limit_exceeded (nothing of the entry was written), storage_failed (see above).
  [[nodiscard]] virtual std::vector<models::result<log_position>>
  append_group(std::span<const shard_append> group) = 0;

  // The same for one shard.
  [[nodiscard]] models::result<log_position> append(models::shard_id shard,
                                                    std::span<const std::string> records,
                                                    log_position expected,
                                                    std::span<const stored_rollup> rollups = {}) {
    const shard_append only{shard, records, expected, rollups};
    return std::move(append_group({&only, 1}).front());
  }

  // The records after position `after`, in order: `limit` of them, or all when there are fewer; empty at the
  // end. Where retention has dropped the next ones, the answer begins with the first record kept: its
  // position shows the gap. Errors: invalid_argument for a limit of 0; storage_failed.
  [[nodiscard]] virtual models::result<std::vector<stored_record>>
  read(models::shard_id shard, log_position after, std::size_t limit) = 0;

  // The last position ever appended to a shard; 0 when none. Errors: storage_failed.
  [[nodiscard]] virtual models::result<log_position> last_position(models::shard_id shard) = 0;

  // A snapshot at a position that has one already replaces it. Errors: invalid_argument when position is past
  // the last record; limit_exceeded; storage_failed.
  [[nodiscard]] virtual models::status save_snapshot(models::shard_id shard, log_position position,
                                                     std::string_view state) = 0;

  // The newest snapshot at or before `at_most`: whoever cannot use the newest one asks for the one before it.
  // Errors: storage_failed.
  [[nodiscard]] virtual models::result<std::optional<stored_snapshot>>
  load_snapshot(models::shard_id shard, log_position at_most = latest) = 0;

  // Roll-ups of the intervals [from, to), in order. Errors: storage_failed.
  [[nodiscard]] virtual models::result<std::vector<stored_rollup>>
  read_rollups(models::shard_id shard, models::interval_number from, models::interval_number to) = 0;

  // The span that a shard's roll-ups lie in; none when it has none. Errors: storage_failed.
  [[nodiscard]] virtual models::result<std::optional<rollup_span>>
  span_of_rollups(models::shard_id shard) = 0;

  // Drops what the rule does not keep. Errors: invalid_argument for a rule without a snapshot;
  // storage_failed.
  [[nodiscard]] virtual models::status retain(models::shard_id shard, const retention_rule& rule) = 0;
};

} // namespace forestage::actors
