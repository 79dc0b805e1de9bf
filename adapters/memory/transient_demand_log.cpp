#include "adapters/memory/transient_demand_log.hpp"

namespace forestage::adapters {

using actors::log_position;
using models::result;

std::vector<result<log_position>>
transient_demand_log::append_group(std::span<const actors::shard_append> group) {
  std::vector<result<log_position>> out;
  for (const auto& entry : group) {
    auto& position = positions_[entry.shard];
    if (entry.expected.value() != position) {
      out.emplace_back(models::errc::position_conflict, "somebody else has appended to the shard");
      continue;
    }
    position += entry.records.size();
    out.emplace_back(log_position{position});
  }
  return out;
}

result<std::vector<actors::stored_record>> transient_demand_log::read(models::shard_id, log_position,
                                                                      std::size_t) {
  return std::vector<actors::stored_record>{};
}

result<log_position> transient_demand_log::last_position(models::shard_id shard) {
  return log_position{positions_[shard]};
}

models::status transient_demand_log::save_snapshot(models::shard_id, log_position, std::string_view) {
  return models::success();
}

result<std::optional<actors::stored_snapshot>> transient_demand_log::load_snapshot(models::shard_id,
                                                                                   log_position) {
  return std::optional<actors::stored_snapshot>{};
}

result<std::vector<actors::stored_rollup>>
transient_demand_log::read_rollups(models::shard_id, models::interval_number, models::interval_number) {
  return std::vector<actors::stored_rollup>{};
}

models::result<std::optional<actors::rollup_span>> transient_demand_log::span_of_rollups(models::shard_id) {
  return std::optional<actors::rollup_span>{};
}

models::status transient_demand_log::retain(models::shard_id, const actors::retention_rule&) {
  return models::success();
}

} // namespace forestage::adapters
