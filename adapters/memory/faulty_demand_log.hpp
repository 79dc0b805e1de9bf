// A demand log that fails on purpose, around any other one: what the port allows to go wrong goes wrong where
// a plan says so.
//
// It shows callers the faults that matter: a call that did nothing, a call that did everything and lost its
// answer, and the end of the process before or after the work. It never answers with less than was asked for:
// the port does not allow that. Threading: as the port says. Deterministic: the same plan and the same calls
// give the same faults.
#pragma once

#include "actors/ports/demand_log.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace forestage::adapters {

enum class log_operation : std::uint8_t {
  append,
  read,
  last_position,
  save_snapshot,
  load_snapshot,
  read_rollups,
  span_of_rollups,
  retain
};

enum class log_fault : std::uint8_t {
  none = 0,
  refused = 1,      // nothing is done; storage_failed
  lost_answer = 2,  // everything is done; storage_failed (a reader's answer is lost, and it asks again)
  crash_before = 3, // nothing is done, and every later call fails: reopen the log inside
  crash_after = 4,  // everything is done, and every later call fails
};

// Asked before every call: which one it is, and how many of its kind there were before it.
using log_fault_plan = std::function<log_fault(log_operation operation, std::uint64_t earlier)>;

struct scripted_fault {
  log_operation operation;
  std::uint64_t nth; // from 1
  log_fault fault;
};
[[nodiscard]] log_fault_plan scripted_faults(std::vector<scripted_fault> script);

// Every call fails with probability per_mille / 1000, either way that leaves the log alive.
[[nodiscard]] log_fault_plan seeded_faults(std::uint64_t seed, std::uint32_t per_mille);

class faulty_demand_log final : public actors::demand_log {
public:
  faulty_demand_log(std::unique_ptr<actors::demand_log> inside, log_fault_plan plan);

  [[nodiscard]] bool crashed() const { return crashed_; }

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

private:
  [[nodiscard]] log_fault next(log_operation operation);
  template <class Call> [[nodiscard]] auto run(log_operation operation, Call call) -> decltype(call());

  std::unique_ptr<actors::demand_log> inside_;
  log_fault_plan plan_;
  std::vector<std::uint64_t> calls_;
  bool crashed_ = false;
};

} // namespace forestage::adapters
