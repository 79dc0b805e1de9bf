// A demand log that keeps positions and nothing else: for runs that are never resumed. Memory does not grow
// with what is appended.
//
// Not a full demand log: read() answers nothing, so invariant 2 of the port does not hold, and its contract
// suite is not run on it. Appends still check positions, and records are still made: a run does the same work
// as one that is kept.
#pragma once

#include "actors/ports/demand_log.hpp"

#include <unordered_map>

namespace forestage::adapters {

class transient_demand_log final : public actors::demand_log {
public:
  [[nodiscard]] std::vector<models::result<actors::log_position>>
  append_group(std::span<const actors::shard_append> group) override;
  [[nodiscard]] models::result<std::vector<actors::stored_record>>
      read(models::shard_id, actors::log_position, std::size_t) override;
  [[nodiscard]] models::result<actors::log_position> last_position(models::shard_id shard) override;
  [[nodiscard]] models::status save_snapshot(models::shard_id, actors::log_position,
                                             std::string_view) override;
  [[nodiscard]] models::result<std::optional<actors::stored_snapshot>>
      load_snapshot(models::shard_id, actors::log_position) override;
  [[nodiscard]] models::result<std::vector<actors::stored_rollup>>
      read_rollups(models::shard_id, models::interval_number, models::interval_number) override;
  [[nodiscard]] models::result<std::optional<actors::rollup_span>> span_of_rollups(models::shard_id) override;
  [[nodiscard]] models::status retain(models::shard_id, const actors::retention_rule&) override;

private:
  std::unordered_map<models::shard_id, std::uint64_t> positions_;
};

} // namespace forestage::adapters
