// What every demand model of a replay or node shares: the grid, the lead time, the prices of being cold or
// wasteful, and the calendar table, which follows the local time of a zone. Immutable after make(); shared by
// reference.
#pragma once

#include "models/demand/ablation.hpp"
#include "models/demand/local_grid.hpp"
#include "models/interval.hpp"
#include "models/result.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace forestage::models {

// Numbers of profile bins: half-hours of a day, hours of a week, six-hour spans of a week.
inline constexpr int max_day_bins = 48;
inline constexpr int max_hour_bins = 168;
inline constexpr int week_bins = 28;

// Where an interval lies in its day and week, and how a profile is read there. Indexes are into a profile's
// own array.
struct calendar_slot {
  std::uint16_t day_slot = 0;  // of per_day
  std::uint16_t week_slot = 0; // of per_week
  std::uint16_t day_bin = 0, hour_bin = 0, week_bin = 0;
  std::uint16_t day_low = 0, day_high = 0;   // bins to interpolate between, centre to centre
  std::uint16_t hour_low = 0, hour_high = 0; // the same for hours of the week
  float day_fraction = 0;                    // weight of day_high
  float hour_fraction = 0;
  std::uint16_t day_bin_length = 0, hour_bin_length = 0, week_bin_length = 0; // intervals in the bin
  bool ends_day_bin = false, ends_hour_bin = false, ends_week_bin = false, ends_day = false;
};

struct demand_options {
  std::int64_t interval_seconds = 300;
  std::int64_t lead = 1;             // whole intervals from deciding to verified ready
  double cost_under = 9;             // of a request that found nothing ready
  double cost_over = 1;              // of a unit that stood ready for nothing, per interval
  interval_number first{};           // the first interval that was watched; counts before it do not exist
  std::vector<utc_offset> offsets{}; // of the time zone whose days and weeks repeat; none: UTC
  ablation without{};                // for measurements of what a source is worth
};

class demand_settings {
public:
  // Errors: invalid_argument (interval under a minute or that does not divide a day, lead < 0 or > 1,000,
  // prices not positive and at most a million, or one more than a million times the other, offsets out of
  // order).
  [[nodiscard]] static result<demand_settings> make(const demand_options& options);

  [[nodiscard]] const interval_grid& grid() const noexcept { return grid_; }
  // What follows days and weeks asks this one, never grid() itself.
  [[nodiscard]] const local_grid& clock() const noexcept { return clock_; }
  [[nodiscard]] std::int64_t per_day() const noexcept { return grid_.per_day(); }
  [[nodiscard]] std::int64_t per_week() const noexcept { return grid_.per_week(); }
  [[nodiscard]] interval_number first() const noexcept { return first_; }
  // Intervals from the newest known count to the one decided for: L + 1.
  [[nodiscard]] std::int64_t horizon() const noexcept { return horizon_; }
  [[nodiscard]] float cost_under() const noexcept { return cost_under_; }
  [[nodiscard]] float cost_over() const noexcept { return cost_over_; }
  // The critical fractile cost_under / (cost_under + cost_over) of the newsvendor problem (Arrow, Harris,
  // Marschak 1951).
  [[nodiscard]] float fractile() const noexcept { return fractile_; }
  [[nodiscard]] float fractile_low() const noexcept { return fractile_low_; }   // twice the upper tail
  [[nodiscard]] float fractile_high() const noexcept { return fractile_high_; } // half the upper tail
  [[nodiscard]] int day_bins() const noexcept { return day_bins_; }
  [[nodiscard]] int hour_bins() const noexcept { return hour_bins_; }

  // What the models do without.
  [[nodiscard]] const ablation& without() const noexcept { return without_; }

  // The slot with which a bin is complete.
  [[nodiscard]] std::int64_t last_slot_of_day_bin(int bin) const noexcept {
    return (std::int64_t{bin + 1} * per_day() + day_bins_ - 1) / day_bins_ - 1;
  }
  [[nodiscard]] std::int64_t last_slot_of_hour_bin(int bin) const noexcept {
    return (std::int64_t{bin + 1} * per_week() + hour_bins_ - 1) / hour_bins_ - 1;
  }

  [[nodiscard]] const calendar_slot& slot(interval_number t) const noexcept {
    return slot_of_local(clock_.local(t));
  }
  [[nodiscard]] const calendar_slot& slot_of_local(interval_number local) const noexcept {
    return calendar_[static_cast<std::size_t>(grid_.slot_of_week(local))];
  }
  // The local day (counted from the epoch) that holds an interval.
  [[nodiscard]] std::int64_t local_day(interval_number t) const noexcept {
    return grid_.day(clock_.local(t));
  }
  // Local intervals from the first one to `local`.
  [[nodiscard]] std::int64_t since_first(interval_number local) const noexcept {
    return std::max<std::int64_t>(0, local - local_first_);
  }
  // Occurrences of a slot since the first interval, t's own included: 1 on its first day (week).
  [[nodiscard]] std::int64_t days_seen(interval_number t) const noexcept {
    return since_first(clock_.local(t)) / per_day() + 1;
  }
  [[nodiscard]] std::int64_t weeks_seen(interval_number t) const noexcept {
    return since_first(clock_.local(t)) / per_week() + 1;
  }
  [[nodiscard]] std::int64_t seen(interval_number t) const noexcept { return t - first_ + 1; }

  // Share of the old value that an exponential average with this half-life forgets in one interval.
  [[nodiscard]] float forgetting(double half_life_seconds) const noexcept;

private:
  demand_settings(interval_grid grid, local_grid clock)
      : grid_(grid)
      , clock_(std::move(clock)) {}
  interval_grid grid_;
  local_grid clock_;
  interval_number first_{}, local_first_{};
  std::int64_t horizon_ = 2;
  float cost_under_ = 9, cost_over_ = 1, fractile_ = .9F, fractile_low_ = .8F, fractile_high_ = .95F;
  int day_bins_ = 0, hour_bins_ = 0;
  ablation without_;
  std::vector<calendar_slot> calendar_;
};

} // namespace forestage::models
