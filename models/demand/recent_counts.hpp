// The recent past of one count, kept sparsely: what the same time brought on earlier days, and the largest of
// the last few.
//
// Memory follows the non-zero counts of the last 14 days. Times are offsets from the settings' first interval
// (32 bits). The same time is that of the settings' clock; where a day skipped it, the clock is read as it
// ran before the change.
#pragma once

#include "models/demand/settings.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace forestage::models {

inline constexpr std::size_t window_count = 6;
inline constexpr std::array<std::int32_t, window_count> window_lengths{1, 3, 6, 12, 48, 288};
inline constexpr std::int32_t same_time_days = 14;

struct past_count {
  std::int32_t at = 0; // intervals since the first
  float count = 0;
};

// What earlier days brought at the time of one interval. Zero where nothing is known.
struct same_time {
  float last_day = 0;
  float last_week = 0;
  float fractile = 0; // of the last 14 days
};

// [from, until), in intervals since the first.
struct interval_span {
  std::int32_t from = 0, until = 0;
  friend bool operator==(const interval_span&, const interval_span&) = default;
};

class recent_counts {
public:
  // Folds the count of interval `at`, later than all before; zeros may be left out.
  void observe(const demand_settings& settings, std::int32_t at, float count);

  // For the interval `at`, not earlier than the one of the last call.
  [[nodiscard]] same_time at_same_time(const demand_settings& settings, std::int32_t at);

  // Largest count of the last 1, 3, 6, 12, 48, 288 intervals up to and with `at`.
  [[nodiscard]] std::array<float, window_count> window_maxima(std::int32_t at) const;

  // Non-zero intervals among the last `intervals` up to and with `at`; at most those of 14 days.
  [[nodiscard]] std::size_t active_since(std::int32_t at, std::int64_t intervals) const;

  // The first intervals in [from, from + a day + reach] to each of which at least `days` of the last 14 days
  // had a non-zero count at its time of day, give or take `reach`. Nothing when there are none; then, without
  // a new count, there are none later either. Costs a sort of what is kept.
  [[nodiscard]] std::optional<interval_span> next_repeated(const demand_settings& settings, std::int32_t from,
                                                           std::int32_t reach, int days) const;
  [[nodiscard]] std::size_t bytes() const noexcept {
    return (counts_.capacity() + maxima_.capacity()) * sizeof(past_count);
  }

  template <class Archive> void fields(Archive& archive) {
    archive(counts_, maxima_, dropped_, cursors_, next_hit_);
  }
  // Whether restored state makes sense.
  [[nodiscard]] bool consistent() const noexcept;

private:
  std::vector<past_count> counts_; // non-zero, by time
  std::vector<past_count>
      maxima_;                // falling counts, by time: candidates for the largest of a window that ends now
  std::uint32_t dropped_ = 0; // how many have left counts_ at the front
  std::array<std::uint32_t, same_time_days>
      cursors_{};             // per day back: number of the first count not before that day's time
  std::int32_t next_hit_ = 0; // before this interval no earlier day has anything
};

} // namespace forestage::models
