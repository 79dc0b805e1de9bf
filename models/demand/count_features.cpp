#include "models/demand/count_features.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace forestage::models {

namespace {

// Least weights of a new value in each kind of profile; until 1 / seen falls below them, profiles are plain
// means.
constexpr float day_bin_weight = 0.1F;
constexpr float hour_bin_weight = 0.2F;
constexpr float day_slot_weight = 0.1F;
constexpr float week_slot_weight = 0.2F;

// Fading averages end at zero, not in denormal numbers, which cost a hundred times the time.
float settled(float mean) {
  return mean < 1e-15F ? 0.0F : mean;
}

void learn(float& mean, float value, float least, std::int64_t seen) {
  mean += visit_weight(least, seen) * (value - mean);
}

// Lanes add up side by side.
float mean_of(std::span<const float> hours) {
  constexpr std::size_t lanes = 8;
  std::array<float, lanes> sums{};
  std::size_t i = 0;
  for (; i + lanes <= hours.size(); i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      sums[lane] += std::max(1e-4F, hours[i + lane]);
  for (; i < hours.size(); ++i)
    sums[0] += std::max(1e-4F, hours[i]);
  return std::accumulate(sums.begin(), sums.end(), 0.0F) / static_cast<float>(hours.size());
}

// Folds `length` zeros, the first at `from`, into the bins whose last slot they pass; `bin` is the one that
// `from` lies in. Bins lie in the order of their last slots, so a short gap looks at few.
template <class LastSlot>
void fade_bins(std::span<float> bins, float least, const cycle_time& from, std::size_t bin,
               std::int64_t length, const LastSlot& last_slot) {
  std::int64_t last_seen = -1;
  std::int64_t last_count = -1;
  float factor = 1; // the same few serve nearly all bins
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const auto ahead = (last_slot(static_cast<int>(bin)) - from.place + from.cycle) % from.cycle;
    if (ahead >= length) return;
    if (bins[bin] != 0) {
      const auto count = (length - ahead - 1) / from.cycle + 1;
      const auto seen = (from.since_first + ahead) / from.cycle + 1;
      if (seen != last_seen || count != last_count) {
        factor = left_after_zeros(least, seen, count);
        last_seen = seen;
        last_count = count;
      }
      bins[bin] *= factor;
    }
    if (++bin == bins.size()) bin = 0;
  }
}

cycle_time day_time(const demand_settings& s, interval_number local) {
  return {s.slot_of_local(local).day_slot, s.since_first(local), s.per_day()};
}
cycle_time week_time(const demand_settings& s, interval_number local) {
  return {s.slot_of_local(local).week_slot, s.since_first(local), s.per_week()};
}

// Learns what a bin came to, per interval whose count is known.
void close_bin(float& mean, float& sum, std::uint16_t& missing, std::uint16_t length, float least,
               std::int64_t seen) {
  if (missing < length) learn(mean, sum / static_cast<float>(length - missing), least, seen);
  sum = 0;
  missing = 0;
}

} // namespace

feature_rates::feature_rates(const demand_settings& settings) {
  constexpr std::array<double, 5> half_lives{15 * 60, 3'600, 6 * 3'600, 2 * 86'400, 14 * 86'400};
  for (std::size_t i = 0; i < ewma.size(); ++i)
    ewma[i] = settings.forgetting(half_lives[i]);
  if (settings.grid().seconds() >= 3'600) ewma[0] = 0.9F; // hardly more than the last count
  recent = settings.forgetting(3 * 3'600);
}

count_features::count_features(const demand_settings& settings)
    : bins_(static_cast<std::size_t>(settings.day_bins() + settings.hour_bins())) {}

bool count_features::fits(const demand_settings& settings) const noexcept {
  return bins_.size() == static_cast<std::size_t>(settings.day_bins() + settings.hour_bins()) &&
         day_slots_.fits(static_cast<std::size_t>(settings.per_day())) &&
         week_slots_.fits(static_cast<std::size_t>(settings.per_week()));
}

void count_features::seed(const demand_settings& settings, interval_number t,
                          std::span<const float, rhythm_hours> expected) {
  const auto days = static_cast<std::size_t>(settings.day_bins());
  const auto hours = static_cast<std::size_t>(settings.hour_bins());
  const auto day = daily(expected);
  for (std::size_t b = 0; b < days; ++b)
    bins_[b] = of_day_bin(day, b, days);
  for (std::size_t b = 0; b < hours; ++b)
    bins_[days + b] = expected[b * rhythm_hours / hours];
  const float now = expected[rhythm_hour(settings, t)];
  const float mean = std::accumulate(day.begin(), day.end(), 0.0F) / day_hours;
  ewma_ = {now, now, now, mean, mean};
  recent_count_ = recent_expected_ = now;
}

void count_features::observe(const demand_settings& settings, const feature_rates& rates, interval_number t,
                             float count) {
  hold_skipped(settings, t);
  fold(settings, rates, t, count);
}

void count_features::fold(const demand_settings& settings, const feature_rates& rates, interval_number t,
                          float count) {
  const auto& slot = settings.slot(t);
  const float plain = 1.0F / static_cast<float>(settings.seen(t));
  for (std::size_t i = 0; i < ewma_.size(); ++i)
    ewma_[i] = settled(ewma_[i] + std::max(rates.ewma[i], plain) * (count - ewma_[i]));

  const float expected =
      std::max(1e-4F, bins_[static_cast<std::size_t>(settings.day_bins()) + slot.hour_bin]);
  recent_count_ = settled(recent_count_ + rates.recent * (count - recent_count_));
  recent_expected_ += rates.recent * (expected - recent_expected_);
  if (settings.clock().repeated(t)) return;

  const auto local = settings.clock().local(t);
  week_slots_.observe(week_time(settings, local), count, week_slot_weight);
  day_slots_.observe(day_time(settings, local), count, day_slot_weight);
  day_bin_sum_ += count;
  hour_bin_sum_ += count;
  end_bins(settings, local);
}

void count_features::end_bins(const demand_settings& settings, interval_number local) {
  const auto& slot = settings.slot_of_local(local);
  const auto seen = settings.since_first(local);
  if (slot.ends_day_bin)
    close_bin(bins_[slot.day_bin], day_bin_sum_, day_bin_missing_, slot.day_bin_length, day_bin_weight,
              seen / settings.per_day() + 1);
  if (slot.ends_hour_bin)
    close_bin(bins_[static_cast<std::size_t>(settings.day_bins()) + slot.hour_bin], hour_bin_sum_,
              hour_bin_missing_, slot.hour_bin_length, hour_bin_weight, seen / settings.per_week() + 1);
}

void count_features::hold(const demand_settings& settings, interval_number t) {
  hold_skipped(settings, t);
  if (!settings.clock().repeated(t)) hold_local(settings, settings.clock().local(t), 1);
}

void count_features::hold_skipped(const demand_settings& settings, interval_number t) {
  if (const auto skipped = settings.clock().skipped_before(t); skipped > 0)
    hold_local(settings, settings.clock().local(t) - skipped, skipped);
}

void count_features::hold_local(const demand_settings& settings, interval_number from, std::int64_t length) {
  for (auto local = from; local < from + length; ++local) {
    week_slots_.hold(week_time(settings, local), week_slot_weight);
    day_slots_.hold(day_time(settings, local), day_slot_weight);
    ++day_bin_missing_;
    ++hour_bin_missing_;
    end_bins(settings, local);
  }
}

void count_features::skip(const demand_settings& settings, const feature_rates& rates, interval_number from,
                          std::int64_t length) {
  const auto& clock = settings.clock();
  const auto until = from + length;
  while (from < until) {
    hold_skipped(settings, from);
    const bool repeated = clock.repeated(from);
    const auto end = std::min({until, clock.next_change(from), repeated ? clock.repeats_until(from) : until});
    if (repeated)
      fade(settings, rates, from, end - from);
    else
      skip_plain(settings, rates, from, end - from);
    from = end;
  }
}

void count_features::fade(const demand_settings& settings, const feature_rates& rates, interval_number from,
                          std::int64_t length) {
  for (std::size_t i = 0; i < ewma_.size(); ++i)
    ewma_[i] = settled(ewma_[i] * left_after_zeros(rates.ewma[i], settings.seen(from), length));
  // The comparison follows the hourly profile as it is before this gap; a long gap leaves nothing of either
  // side.
  const float kept = left_after_zeros(rates.recent, std::int64_t{1} << 40, length);
  const float mean =
      mean_of(std::span<const float>{bins_}.subspan(static_cast<std::size_t>(settings.day_bins())));
  recent_count_ = settled(recent_count_ * kept);
  recent_expected_ = recent_expected_ * kept + mean * (1 - kept);
}

void count_features::skip_plain(const demand_settings& settings, const feature_rates& rates,
                                interval_number from, std::int64_t length) {
  // Up to the end of an hour and a half-hour step by step: their sums are still open.
  while (length > 0 &&
         (day_bin_sum_ != 0 || hour_bin_sum_ != 0 || day_bin_missing_ != 0 || hour_bin_missing_ != 0)) {
    fold(settings, rates, from, 0);
    ++from;
    --length;
  }
  if (length <= 0) return;
  fade(settings, rates, from, length);

  const auto local = settings.clock().local(from);
  const auto day = day_time(settings, local);
  const auto week = week_time(settings, local);
  day_slots_.skip(day, length, day_slot_weight);
  week_slots_.skip(week, length, week_slot_weight);

  // A bin learns when its last slot passes.
  const auto& start = settings.slot(from);
  const auto days = static_cast<std::size_t>(settings.day_bins());
  fade_bins(std::span{bins_}.first(days), day_bin_weight, day, start.day_bin, length,
            [&](int bin) { return settings.last_slot_of_day_bin(bin); });
  fade_bins(std::span{bins_}.subspan(days), hour_bin_weight, week, start.hour_bin, length,
            [&](int bin) { return settings.last_slot_of_hour_bin(bin); });
}

void count_features::predict(const demand_settings& settings, interval_number t, feature_vector& out) const {
  const auto& slot = settings.slot(t);
  const auto newest = settings.clock().local(t - settings.horizon());
  const float* const hours = bins_.data() + settings.day_bins();
  const auto week = week_time(settings, newest);
  const auto weeks = week_slots_.means_around(slot.week_slot, week, week_slot_weight);
  for (std::size_t i = 0; i < ewma_.size(); ++i)
    out[i] = ewma_[i];
  out[5] = (1 - slot.day_fraction) * bins_[slot.day_low] + slot.day_fraction * bins_[slot.day_high];
  out[6] = weeks[1];
  out[7] = 0.25F * weeks[0] + 0.5F * weeks[1] + 0.25F * weeks[2];
  const float hour =
      (1 - slot.hour_fraction) * hours[slot.hour_low] + slot.hour_fraction * hours[slot.hour_high];
  // The last three hours against what their hours of the week usually bring; the long-run mean steadies small
  // numbers.
  const float ballast = 0.1F * ewma_[4] + 1e-6F;
  const float ratio = (recent_count_ + ballast) / (recent_expected_ + ballast);
  out[8] = hour;
  out[9] = hour * std::min(4.0F, std::max(0.25F, ratio));
  out[10] = day_slots_.mean(slot.day_slot, day_time(settings, newest), day_slot_weight);
  out[11] = out[7] * std::min(4.0F, std::max(0.25F, ratio));
  const auto& without = settings.without();
  if (!without.history && !without.live) return;
  for (std::size_t i = 0; i < feature_count; ++i) {
    const bool of_profiles = i >= ewma_.size();
    const bool of_hours = i < 3 || i == 9 || i == 11; // short averages, and what is compared with them
    if ((without.history && of_profiles) || (without.live && of_hours)) out[i] = 0;
  }
}

} // namespace forestage::models
