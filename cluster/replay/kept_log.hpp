// What a data directory remembers, as a log to replay: the roll-ups of its demand log, one per interval and
// shard. With other models, policies, budgets or a coarser interval, after snapshots and records are gone.
//
// Invariants (tests/integration/replay/refold_test.py):
//   1. a run's roll-ups, replayed, give the policies of the scorecard that its log gave, to the last digit,
//   where retention has dropped none of them; of a longer log they give the exact counts of the days kept;
//   2. nothing in the directory changes; it is held (locked) for the length of the replay.
// Memory: the counts of a day.
#pragma once

#include "cluster/replay/request_log.hpp"

#include <filesystem>

namespace forestage::cluster {

// How a run cuts its demand log, kept in the metadata of its data directory.
struct log_shape {
  std::int64_t interval_seconds = 300;
  std::uint32_t shards = 1;
  friend bool operator==(const log_shape&, const log_shape&) = default;
};
inline constexpr auto log_shape_key = "log.shape";
[[nodiscard]] std::string to_json(const log_shape& shape);
// Errors: invalid_data.
[[nodiscard]] models::result<log_shape> parse_log_shape(const std::string& text);

// Errors: invalid_argument when the directory keeps no demand log; locked; incompatible; invalid_data when no
// roll-up is left; storage_failed.
[[nodiscard]] models::result<std::unique_ptr<request_log>>
open_kept_log(const std::filesystem::path& directory);

} // namespace forestage::cluster
