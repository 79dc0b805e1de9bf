// The score of a policy on capacity: exact sums of what was served warm, served cold and left unused, in all
// and by day.
//
// In an interval with d requests and a units, used = min(d, a), cold = (d - a)+ and waste = (a - d)+.
//
// Invariants. requests = used + cold and allocated = used + waste, by construction: only used, cold and waste
// are stored. Sums are 64-bit integers, so adding and merging is exact, commutative and associative: a score
// does not depend on the order of keys, the number of threads or how a log was split. Costs become
// floating-point numbers only when they are read. Ratios are of sums over all keys and intervals, never means
// of ratios; a ratio whose denominator is 0 does not exist.
#pragma once

#include "models/allocation/benefit.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace forestage::models {

// Sums over keys and intervals, in requests and unit-intervals.
struct unit_sums {
  std::int64_t used = 0;
  std::int64_t cold = 0;
  std::int64_t waste = 0;

  [[nodiscard]] std::int64_t requests() const noexcept { return used + cold; }
  [[nodiscard]] std::int64_t allocated() const noexcept { return used + waste; }
  unit_sums& operator+=(const unit_sums& other) noexcept {
    used += other.used;
    cold += other.cold;
    waste += other.waste;
    return *this;
  }
  friend bool operator==(const unit_sums&, const unit_sums&) = default;
};

// The sums of one interval of one key. Pre: demand >= 0, units >= 0.
[[nodiscard]] unit_sums score_interval(std::int64_t demand, std::int64_t units) noexcept;

// cost_under * cold + cost_over * waste.
[[nodiscard]] double cost(const unit_sums& sums, const unit_costs& costs) noexcept;

struct day_sums {
  std::int64_t day = 0; // Counted from the epoch, as interval_grid::day().
  unit_sums sums;

  friend bool operator==(const day_sums&, const day_sums&) = default;
};

// Value type. Days without an entry are zero.
class policy_score {
public:
  // One interval of one key. O(1) when days come in order. Pre: demand >= 0, units >= 0.
  void add(std::int64_t day, std::int64_t demand, std::int64_t units);
  // Sums of several intervals and keys of one day.
  void add(std::int64_t day, const unit_sums& sums);
  void merge(const policy_score& other);

  [[nodiscard]] const unit_sums& total() const noexcept { return total_; }
  // Days in rising order, those with anything added.
  [[nodiscard]] std::span<const day_sums> days() const noexcept { return days_; }
  [[nodiscard]] unit_sums on(std::int64_t day) const noexcept;

  friend bool operator==(const policy_score&, const policy_score&) = default;

private:
  [[nodiscard]] unit_sums& at(std::int64_t day);

  unit_sums total_;
  std::vector<day_sums> days_;
};

// Per request; none without requests.
[[nodiscard]] std::optional<double> cost_per_request(const unit_sums& sums, const unit_costs& costs) noexcept;
[[nodiscard]] std::optional<double> waste_per_request(const unit_sums& sums) noexcept;
// Requests served warm / requests.
[[nodiscard]] std::optional<double> warm_ratio(const unit_sums& sums) noexcept;
// Used units / allocated units; none when nothing was allocated.
[[nodiscard]] std::optional<double> precision(const unit_sums& sums) noexcept;
// Cold requests removed relative to the policy `none` on the same log / cold requests of `none`.
[[nodiscard]] std::optional<double> coverage(const unit_sums& sums, const unit_sums& none) noexcept;
// Units that were used and ready before the first request / used units: in replay every unit is ready in
// time.
[[nodiscard]] std::optional<double> replay_timeliness(const unit_sums& sums) noexcept;

} // namespace forestage::models
