#include "models/demand/settings.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

// Bins of a cycle of `length` slots: which bin a slot is in, whether it is the bin's last, and the bin's
// length.
struct bin_place {
  int bin = 0;
  int length = 0;
  bool ends = false;
};

bin_place place_in_bins(std::int64_t slot, std::int64_t length, std::int64_t bins) {
  const auto bin = slot * bins / length;
  // The first slot of bin b is ceil(b * length / bins).
  const auto begin = (bin * length + bins - 1) / bins;
  const auto end = ((bin + 1) * length + bins - 1) / bins;
  return {static_cast<int>(bin), static_cast<int>(end - begin), slot + 1 == end};
}

// Linear interpolation between bin centres at a slot's centre.
void interpolate(std::int64_t slot, std::int64_t length, int bins, std::uint16_t& low, std::uint16_t& high,
                 float& fraction) {
  const double at = (static_cast<double>(slot) + 0.5) * bins / static_cast<double>(length) - 0.5;
  const double below = std::floor(at);
  const int index = static_cast<int>(below);
  low = static_cast<std::uint16_t>((index + bins) % bins);
  high = static_cast<std::uint16_t>((index + 1) % bins);
  fraction = static_cast<float>(at - below);
}

} // namespace

result<demand_settings> demand_settings::make(const demand_options& options) {
  auto grid = interval_grid::make(options.interval_seconds);
  if (!grid) return grid.failure();
  if (options.interval_seconds < 60)
    return {errc::invalid_argument, "the models learn from intervals of a minute to a day; " +
                                        std::to_string(options.interval_seconds) +
                                        " s is too short, try 1m or 5m"};
  if (options.lead < 0 || options.lead > 1'000)
    return {errc::invalid_argument,
            "the lead time must be 0 to 1000 intervals, not " + std::to_string(options.lead)};
  const auto positive = [](double x) { return std::isfinite(x) && x > 0 && x <= 1e6; };
  if (!positive(options.cost_under) || !positive(options.cost_over))
    return {errc::invalid_argument,
            "both sides of the cost ratio must be positive numbers of at most a million, for instance 9:1"};
  // Beyond that a float cannot tell the fractile from 0 or 1, and no count has such a quantile.
  constexpr double most_uneven = 1e6;
  if (options.cost_under > most_uneven * options.cost_over ||
      options.cost_over > most_uneven * options.cost_under)
    return {errc::invalid_argument,
            "neither side of the cost ratio may be more than a million times the other, for instance 9:1"};

  auto clock = local_grid::make(*grid, options.offsets);
  if (!clock) return clock.failure();
  demand_settings s{*grid, std::move(*clock)};
  s.first_ = options.first;
  s.local_first_ = s.clock_.local(s.first_);
  s.horizon_ = options.lead + 1;
  s.without_ = options.without;
  s.cost_under_ = static_cast<float>(options.cost_under);
  s.cost_over_ = static_cast<float>(options.cost_over);
  const double tau = options.cost_under / (options.cost_under + options.cost_over);
  s.fractile_ = static_cast<float>(tau);
  s.fractile_low_ = static_cast<float>(1 - std::min(0.6, 2 * (1 - tau)));
  s.fractile_high_ = static_cast<float>(1 - 0.5 * (1 - tau));

  const auto per_day = s.per_day();
  const auto per_week = s.per_week();
  s.day_bins_ = static_cast<int>(std::min<std::int64_t>(max_day_bins, per_day));
  s.hour_bins_ = static_cast<int>(std::min<std::int64_t>(max_hour_bins, per_week));
  const auto six_hour_bins = std::min<std::int64_t>(week_bins, per_week);
  s.calendar_.resize(static_cast<std::size_t>(per_week));
  for (std::int64_t w = 0; w < per_week; ++w) {
    auto& slot = s.calendar_[static_cast<std::size_t>(w)];
    const auto d = w % per_day;
    slot.day_slot = static_cast<std::uint16_t>(d);
    slot.week_slot = static_cast<std::uint16_t>(w);
    const auto day = place_in_bins(d, per_day, s.day_bins_);
    const auto hour = place_in_bins(w, per_week, s.hour_bins_);
    const auto week = place_in_bins(w, per_week, six_hour_bins);
    slot.day_bin = static_cast<std::uint16_t>(day.bin);
    slot.hour_bin = static_cast<std::uint16_t>(hour.bin);
    slot.week_bin = static_cast<std::uint16_t>(week.bin);
    slot.day_bin_length = static_cast<std::uint16_t>(day.length);
    slot.hour_bin_length = static_cast<std::uint16_t>(hour.length);
    slot.week_bin_length = static_cast<std::uint16_t>(week.length);
    slot.ends_day_bin = day.ends;
    slot.ends_hour_bin = hour.ends;
    slot.ends_week_bin = week.ends;
    slot.ends_day = d + 1 == per_day;
    interpolate(d, per_day, s.day_bins_, slot.day_low, slot.day_high, slot.day_fraction);
    interpolate(w, per_week, s.hour_bins_, slot.hour_low, slot.hour_high, slot.hour_fraction);
  }
  return s;
}

float demand_settings::forgetting(double half_life_seconds) const noexcept {
  return static_cast<float>(1 - std::exp2(-static_cast<double>(grid_.seconds()) / half_life_seconds));
}

} // namespace forestage::models
