// The demand log in memory: for replays that need no resume, for tests, and as the plainest reading of the
// port's contract.
//
// What is stored lives in a memory_disk, which outlives the logs opened on it as a directory outlives
// processes: closing a log and opening the disk again is a restart. A disk is held by one log at a time.
// Threading: as the port says.
#pragma once

#include "actors/ports/demand_log.hpp"
#include "actors/ports/run_metadata.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace forestage::adapters {

// One shard as it is stored.
struct memory_shard {
  std::uint64_t dropped =
      0; // records that retention has taken away: the first one kept has position dropped + 1
  std::deque<std::string> records;
  std::map<actors::log_position, std::string> snapshots;
  std::map<models::interval_number, std::string> rollups;

  [[nodiscard]] actors::log_position last() const { return actors::log_position{dropped + records.size()}; }
};

struct memory_disk {
  std::map<models::shard_id, memory_shard> shards;
  std::map<std::string, std::string, std::less<>> metadata;
  bool held = false;
};

class memory_demand_log final : public actors::demand_log, public actors::run_metadata {
public:
  // Errors: locked when a log is open on the disk.
  [[nodiscard]] static models::result<std::unique_ptr<memory_demand_log>>
  open(std::shared_ptr<memory_disk> disk, const actors::demand_log_limits& limits = {});
  ~memory_demand_log() override;

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
  memory_demand_log(std::shared_ptr<memory_disk> disk, const actors::demand_log_limits& limits);
  [[nodiscard]] models::result<actors::log_position> append_one(const actors::shard_append& entry);
  // An empty shard where nothing was ever written.
  [[nodiscard]] const memory_shard& find(models::shard_id shard) const;

  std::shared_ptr<memory_disk> disk_;
  actors::demand_log_limits limits_;
};

} // namespace forestage::adapters
