// One wrapper around every call: ask the plan, do or do not, answer or fail. See the header.
#include "adapters/memory/faulty_demand_log.hpp"

#include <random>
#include <utility>

namespace forestage::adapters {

using actors::log_position;
using models::result;
using models::shard_id;
using models::status;

namespace {

models::error injected() {
  return {models::errc::storage_failed, "a fault that a test has asked for"};
}

} // namespace

log_fault_plan scripted_faults(std::vector<scripted_fault> script) {
  return [script = std::move(script)](log_operation operation, std::uint64_t earlier) {
    for (const auto& line : script)
      if (line.operation == operation && line.nth == earlier + 1) return line.fault;
    return log_fault::none;
  };
}

log_fault_plan seeded_faults(std::uint64_t seed, std::uint32_t per_mille) {
  return [engine = std::mt19937_64{seed}, per_mille](log_operation, std::uint64_t) mutable {
    if (engine() % 1000 >= per_mille) return log_fault::none;
    return engine() % 2 == 0 ? log_fault::refused : log_fault::lost_answer;
  };
}

faulty_demand_log::faulty_demand_log(std::unique_ptr<actors::demand_log> inside, log_fault_plan plan)
    : inside_(std::move(inside))
    , plan_(std::move(plan))
    , calls_(static_cast<std::size_t>(log_operation::retain) + 1, 0) {}

log_fault faulty_demand_log::next(log_operation operation) {
  if (crashed_) return log_fault::crash_before;
  const auto fault = plan_(operation, calls_[static_cast<std::size_t>(operation)]++);
  crashed_ = fault == log_fault::crash_before || fault == log_fault::crash_after;
  return fault;
}

template <class Call> auto faulty_demand_log::run(log_operation operation, Call call) -> decltype(call()) {
  const auto fault = next(operation);
  if (fault == log_fault::refused || fault == log_fault::crash_before) return injected();
  auto answer = call();
  if (fault != log_fault::none) return injected();
  return answer;
}

std::vector<result<log_position>>
faulty_demand_log::append_group(std::span<const actors::shard_append> group) {
  const auto fault = next(log_operation::append);
  std::vector<result<log_position>> failed(group.size(), injected());
  if (fault == log_fault::refused || fault == log_fault::crash_before) return failed;
  auto answers = inside_->append_group(group);
  return fault == log_fault::none ? answers : failed;
}

result<std::vector<actors::stored_record>> faulty_demand_log::read(shard_id shard, log_position after,
                                                                   std::size_t limit) {
  return run(log_operation::read, [&] { return inside_->read(shard, after, limit); });
}

result<log_position> faulty_demand_log::last_position(shard_id shard) {
  return run(log_operation::last_position, [&] { return inside_->last_position(shard); });
}

status faulty_demand_log::save_snapshot(shard_id shard, log_position position, std::string_view state) {
  return run(log_operation::save_snapshot, [&] { return inside_->save_snapshot(shard, position, state); });
}

result<std::optional<actors::stored_snapshot>> faulty_demand_log::load_snapshot(shard_id shard,
                                                                                log_position at_most) {
  return run(log_operation::load_snapshot, [&] { return inside_->load_snapshot(shard, at_most); });
}

result<std::vector<actors::stored_rollup>>
faulty_demand_log::read_rollups(shard_id shard, models::interval_number from, models::interval_number to) {
  return run(log_operation::read_rollups, [&] { return inside_->read_rollups(shard, from, to); });
}

result<std::optional<actors::rollup_span>> faulty_demand_log::span_of_rollups(shard_id shard) {
  return run(log_operation::span_of_rollups, [&] { return inside_->span_of_rollups(shard); });
}

status faulty_demand_log::retain(shard_id shard, const actors::retention_rule& rule) {
  return run(log_operation::retain, [&] { return inside_->retain(shard, rule); });
}

} // namespace forestage::adapters
