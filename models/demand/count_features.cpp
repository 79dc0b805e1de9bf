#include "models/demand/count_features.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

// Least weights of a new value in each kind of profile; until 1 / seen falls below them, profiles are plain
// means.
constexpr float day_bin_weight = 0.1F;
constexpr float hour_bin_weight = 0.2F;
constexpr float day_slot_weight = 0.1F;
constexpr float week_slot_weight = 0.2F;

// Fading averages end at zero, not in denormal numbers, which cost a hundred times the time.
float settled(float mean) { return mean < 1e-15F ? 0.0F : mean; }

float weight(float least, std::int64_t seen) {
  return std::max(least, 1.0F / static_cast<float>(seen));
}

void learn(float& mean, float value, float least, std::int64_t seen) {
  mean += weight(least, seen) * (value - mean);
}

// What is left of a mean after `count` zeros, the first of which is observation number `seen` (>= 1).
float left_after_zeros(double least, std::int64_t seen, std::int64_t count) {
  double left = 1;
  // While the mean is plain, zeros number n .. m leave (n - 1) / m.
  const auto plain_until = static_cast<std::int64_t>(std::floor(1 / least));
  if (seen <= plain_until && count > 0) {
    const auto last = std::min(plain_until, seen + count - 1);
    left = static_cast<double>(seen - 1) / static_cast<double>(last);
    count -= last - seen + 1;
  }
  return count > 0 ? static_cast<float>(left * std::pow(1 - least, static_cast<double>(count)))
                   : static_cast<float>(left);
}

// How many of the intervals [from, from + length) lie in the cycle's place `place`, when `from` lies in place
// `start`.
std::int64_t visits(std::int64_t place, std::int64_t start, std::int64_t length, std::int64_t cycle) {
  const auto until_first = (place - start + cycle) % cycle;
  return until_first >= length ? 0 : (length - until_first - 1) / cycle + 1;
}

} // namespace

feature_rates::feature_rates(const demand_settings& settings) {
  constexpr std::array<double, 5> half_lives{15 * 60, 3'600, 6 * 3'600, 2 * 86'400, 14 * 86'400};
  for (std::size_t i = 0; i < ewma.size(); ++i)
    ewma[i] = settings.forgetting(half_lives[i]);
  if (settings.grid().seconds() >= 3'600) ewma[0] = 0.9F; // hardly more than the last count
  recent = settings.forgetting(3 * 3'600);
}

count_features::count_features(const demand_settings& settings, interval_number)
    : slots_(slot_count(settings)) {}

bool count_features::fits(const demand_settings& settings) const noexcept {
  return slots_.size() == slot_count(settings);
}

void count_features::observe(const demand_settings& settings, const feature_rates& rates, interval_number t,
                             float count) {
  const auto& slot = settings.slot(t);
  const auto seen = settings.seen(t);
  const float plain = 1.0F / static_cast<float>(seen);
  for (std::size_t i = 0; i < ewma_.size(); ++i)
    ewma_[i] = settled(ewma_[i] + std::max(rates.ewma[i], plain) * (count - ewma_[i]));

  float* const hours = slots_.data() + hour_bins_at(settings);
  const float expected = std::max(1e-4F, hours[slot.hour_bin]);
  recent_count_ = settled(recent_count_ + rates.recent * (count - recent_count_));
  recent_expected_ += rates.recent * (expected - recent_expected_);

  const auto days = settings.days_seen(t);
  const auto weeks = settings.weeks_seen(t);
  learn(slots_[week_slots_at(settings) + slot.week_slot], count, week_slot_weight, weeks);
  learn(slots_[day_slots_at(settings) + slot.day_slot], count, day_slot_weight, days);
  day_bin_sum_ += count;
  if (slot.ends_day_bin) {
    learn(slots_[day_bins_at() + slot.day_bin], day_bin_sum_ / slot.day_bin_length, day_bin_weight, days);
    day_bin_sum_ = 0;
  }
  hour_bin_sum_ += count;
  if (slot.ends_hour_bin) {
    learn(hours[slot.hour_bin], hour_bin_sum_ / slot.hour_bin_length, hour_bin_weight, weeks);
    hour_bin_sum_ = 0;
  }
}

void count_features::skip(const demand_settings& settings, const feature_rates& rates, interval_number from,
                          std::int64_t length) {
  // Up to the end of an hour and a half-hour step by step: their sums are still open.
  while (length > 0 && (day_bin_sum_ != 0 || hour_bin_sum_ != 0)) {
    observe(settings, rates, from, 0);
    ++from;
    --length;
  }
  if (length <= 0) return;
  for (std::size_t i = 0; i < ewma_.size(); ++i)
    ewma_[i] *= left_after_zeros(rates.ewma[i], settings.seen(from), length);

  // The comparison follows the hourly profile as it is before this gap; a long gap leaves nothing of either
  // side.
  const auto kept =
      static_cast<float>(std::pow(1 - static_cast<double>(rates.recent), static_cast<double>(length)));
  float mean = 0;
  const float* const hours_now = slots_.data() + hour_bins_at(settings);
  for (int h = 0; h < settings.hour_bins(); ++h)
    mean += std::max(1e-4F, hours_now[h]);
  mean /= static_cast<float>(settings.hour_bins());
  recent_count_ *= kept;
  recent_expected_ = recent_expected_ * kept + mean * (1 - kept);

  const auto per_day = settings.per_day();
  const auto per_week = settings.per_week();
  const auto day_start = settings.grid().slot_of_day(from);
  const auto week_start = settings.grid().slot_of_week(from);
  // The same few factors serve nearly all slots: remember the last one.
  struct {
    std::int64_t seen = -1, count = -1;
    float factor = 1;
  } last;
  const auto fade = [&](float& mean_of_slot, float least, std::int64_t place, std::int64_t start,
                        std::int64_t cycle) {
    const auto count = visits(place, start, length, cycle);
    if (count == 0 || mean_of_slot == 0) return;
    const auto first_visit = from + (place - start + cycle) % cycle;
    const auto seen = (first_visit - settings.first()) / cycle + 1;
    if (seen != last.seen || count != last.count) last = {seen, count, left_after_zeros(least, seen, count)};
    mean_of_slot *= last.factor;
  };
  for (std::int64_t w = 0; w < per_week; ++w)
    fade(slots_[week_slots_at(settings) + static_cast<std::size_t>(w)], week_slot_weight, w, week_start,
         per_week);
  last = {};
  for (std::int64_t d = 0; d < per_day; ++d)
    fade(slots_[day_slots_at(settings) + static_cast<std::size_t>(d)], day_slot_weight, d, day_start,
         per_day);
  // A bin learns when its last slot passes.
  last = {};
  for (std::int64_t d = 0; d < per_day; ++d) {
    const auto& slot = settings.slot(interval_number{d});
    if (slot.ends_day_bin) fade(slots_[day_bins_at() + slot.day_bin], day_bin_weight, d, day_start, per_day);
  }
  last = {};
  for (std::int64_t w = 0; w < per_week; ++w) {
    const auto& slot = settings.slot(interval_number{w});
    if (slot.ends_hour_bin)
      fade(slots_[hour_bins_at(settings) + slot.hour_bin], hour_bin_weight, w, week_start, per_week);
  }
}

void count_features::predict(const demand_settings& settings, interval_number t, feature_vector& out) const {
  const auto& slot = settings.slot(t);
  const float* const day_bins = slots_.data() + day_bins_at();
  const float* const hours = slots_.data() + hour_bins_at(settings);
  const float* const days = slots_.data() + day_slots_at(settings);
  const float* const weeks = slots_.data() + week_slots_at(settings);
  for (std::size_t i = 0; i < ewma_.size(); ++i)
    out[i] = ewma_[i];
  out[5] = (1 - slot.day_fraction) * day_bins[slot.day_low] + slot.day_fraction * day_bins[slot.day_high];
  out[6] = weeks[slot.week_slot];
  out[7] = 0.25F * weeks[slot.week_before] + 0.5F * weeks[slot.week_slot] + 0.25F * weeks[slot.week_after];
  const float hour =
      (1 - slot.hour_fraction) * hours[slot.hour_low] + slot.hour_fraction * hours[slot.hour_high];
  // The last three hours against what their hours of the week usually bring; the long-run mean steadies small
  // numbers.
  const float ballast = 0.1F * ewma_[4] + 1e-6F;
  const float ratio = (recent_count_ + ballast) / (recent_expected_ + ballast);
  out[8] = hour;
  out[9] = hour * std::min(4.0F, std::max(0.25F, ratio));
  out[10] = days[slot.day_slot];
  out[11] = 0;
}

} // namespace forestage::models
