// What the past of a count says about one coming interval: twelve non-negative features, each an estimate of
// its mean.
//
// Five exponential averages (half-lives 15 min, 1 h, 6 h, 2 d, 14 d), the half-hour of the day, the exact
// week slot, its (1,2,1)/4 smoothing, the hour of the week, that times how the last three hours compare with
// it, the exact day slot, the smoothed week slot times the same comparison (a slope within the hour, at
// today's level). Averages begin as plain means, so that a young series is not drawn to zero. A series that
// begins after the settings' first interval has seen zeros until then, exactly as if they had been observed.
// Days and weeks are those of the settings' clock (local_grid.hpp). An interval whose count is not known
// moves nothing: averages and profiles hold. O(1) per interval; source: notes on allocation §3.
#pragma once

#include "models/demand/rhythm.hpp"
#include "models/demand/settings.hpp"
#include "models/demand/slot_profile.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace forestage::models {

inline constexpr std::size_t feature_count = 12;
inline constexpr std::size_t feature_lanes = 12; // whole vector registers

using feature_vector = std::array<float, feature_lanes>;

// Half-lives etc. turned into factors, once per settings.
struct feature_rates {
  explicit feature_rates(const demand_settings& settings);
  std::array<float, 5> ewma{};
  float recent = 0; // of the three-hour comparison
};

class count_features {
public:
  count_features() = default;
  // A series whose counts were all zero so far.
  explicit count_features(const demand_settings& settings);

  // A series whose first count comes at `t` and which is expected to be like this: profiles of the half-hours
  // of the day and the hours of the week, and averages, begin with it. expected: requests an interval, by
  // hour of the week. Slots begin empty: most new keys are sparse, and dense slots gained nothing.
  void seed(const demand_settings& settings, interval_number t,
            std::span<const float, rhythm_hours> expected);
  // Folds the count of the next interval, `t`.
  void observe(const demand_settings& settings, const feature_rates& rates, interval_number t, float count);
  // Folds `length` zeros, the next being `from`: the same as as many observe() calls, in O(slots). Only the
  // comparison of the last three hours is coarser: over a gap it follows the mean of all hours.
  void skip(const demand_settings& settings, const feature_rates& rates, interval_number from,
            std::int64_t length);
  // Passes over interval `t`, whose count is not known.
  void hold(const demand_settings& settings, interval_number t);
  // Features for interval `t`, `horizon` after the newest one observed.
  void predict(const demand_settings& settings, interval_number t, feature_vector& out) const;

  // The largest of the exponential averages.
  [[nodiscard]] float highest_mean() const noexcept { return *std::max_element(ewma_.begin(), ewma_.end()); }
  [[nodiscard]] float long_run_mean() const noexcept { return ewma_[4]; }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return sizeof *this + bins_.capacity() * sizeof(float) + day_slots_.bytes() + week_slots_.bytes();
  }

  template <class Archive> void fields(Archive& archive) {
    archive(ewma_, recent_count_, recent_expected_, day_bin_sum_, hour_bin_sum_, day_bin_missing_,
            hour_bin_missing_, bins_, day_slots_, week_slots_);
  }
  // Whether restored bytes fit these settings.
  [[nodiscard]] bool fits(const demand_settings& settings) const noexcept;

private:
  void fold(const demand_settings& settings, const feature_rates& rates, interval_number t, float count);
  // Intervals of one stretch of the clock, none of them skipped or repeated.
  void skip_plain(const demand_settings& settings, const feature_rates& rates, interval_number from,
                  std::int64_t length);
  // Averages of `length` zeros that profiles do not see.
  void fade(const demand_settings& settings, const feature_rates& rates, interval_number from,
            std::int64_t length);
  // Local intervals that are not known.
  void hold_local(const demand_settings& settings, interval_number from, std::int64_t length);
  void hold_skipped(const demand_settings& settings, interval_number t);
  void end_bins(const demand_settings& settings, interval_number local);

  // bins_ holds the half-hours of the day, then the hours of the week.
  std::array<float, 5> ewma_{};
  float recent_count_ = 0, recent_expected_ = 0;
  float day_bin_sum_ = 0, hour_bin_sum_ = 0;                 // of the bins that are open,
  std::uint16_t day_bin_missing_ = 0, hour_bin_missing_ = 0; // and their intervals without a count
  std::vector<float> bins_;
  slot_profile day_slots_, week_slots_;
};

} // namespace forestage::models
