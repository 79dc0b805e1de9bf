#include "models/demand/base_state.hpp"

#include "models/demand/negative_binomial.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace forestage::models {

namespace {

void move_quantile(float& c, float standardised, float level, float step) {
  c = std::clamp(c + step * (level - (standardised < c ? 1.0F : 0.0F)), -6.0F, 12.0F);
}

// The half-hour whose errors say how wide a forecast is; without history, one for all.
std::size_t scale_bin(const demand_settings& settings, interval_number t) {
  return settings.without().history ? 0U : settings.slot(t).day_bin;
}

} // namespace

base_rates::base_rates(const demand_settings& settings) {
  constexpr std::array<double, 4> half_lives{3 * 300, 12 * 300, 72 * 300, 288 * 300};
  const auto seconds = static_cast<double>(settings.grid().seconds());
  for (std::size_t j = 0; j < tracker.size(); ++j)
    tracker[j] = settings.forgetting(std::max(0.3 * seconds, half_lives[j]));
  level = static_cast<float>(1 - std::exp2(-1.0 / static_cast<double>(settings.per_week())));
  volatility = 0.5F * tracker[1];
  first_quantile = static_cast<float>(normal_quantile(static_cast<double>(settings.fractile())) * 1.25);
}

namespace {

// E log1p(d) of a Poisson d.
float mean_log1p(float mean) {
  if (mean > 30) return std::log1p(mean) - 0.5F / (1 + mean);
  double p = std::exp(-static_cast<double>(mean));
  double sum = 0;
  for (int k = 1; k <= 80; ++k) {
    p *= static_cast<double>(mean) / k;
    sum += p * std::log1p(k);
  }
  return static_cast<float>(sum);
}

} // namespace

void base_state::seed(const demand_settings& settings, std::span<const float, rhythm_hours> expected) {
  rhythm z{};
  std::transform(expected.begin(), expected.end(), z.begin(), mean_log1p);
  const auto day = daily(z);
  mu_ = std::accumulate(day.begin(), day.end(), 0.0F) / day_hours;
  const auto bins = static_cast<std::size_t>(settings.day_bins());
  for (std::size_t b = 0; b < bins; ++b)
    day_[b] = of_day_bin(day, b, bins) - mu_;
  constexpr auto hours = rhythm_hours / week_bins;
  for (std::size_t h = 0; h < rhythm_hours; ++h)
    week_[h / hours] += (z[h] - day[h % day_hours]) / hours;
}

float base_state::profile(const demand_settings& settings, interval_number t) const {
  if (settings.without().history) return 0;
  const auto& slot = settings.slot(t);
  return (1 - slot.day_fraction) * day_[slot.day_low] + slot.day_fraction * day_[slot.day_high] +
         week_[slot.week_bin];
}

base_forecast base_state::predict(const demand_settings& settings, interval_number t) const {
  base_forecast m;
  m.profile = mu_ + profile(settings, t);
  m.trackers = trackers_;
  if (settings.without().live) m.trackers = {0, 0, 0, trackers_[3]};
  m.location = m.profile + theta_[4];
  for (std::size_t j = 0; j < 4; ++j)
    m.location += theta_[j] * m.trackers[j];
  m.scale = std::max(0.02F, scale_[scale_bin(settings, t)]);
  m.mixed_scale = settings.without().live ? m.scale : 0.15F * m.scale + 0.85F * volatility_;
  return m;
}

base_quantities base_state::quantities(const base_forecast& m) const {
  const auto demand = [this](float location) {
    return location <= 0 ? 0.0F : std::expm1(std::min(ceiling_, location));
  };
  return {demand(m.location), demand(m.location + m.scale * c_),
          demand(m.location + m.mixed_scale * c_recent_)};
}

void base_state::observe(const demand_settings& settings, const base_rates& rates, interval_number t,
                         float count, const base_forecast* forecast) {
  if (const auto skipped = settings.clock().skipped_before(t); skipped > 0)
    hold_local(settings, settings.clock().local(t) - skipped, skipped);
  const auto seen = settings.seen(t);
  const float z = count > 0 ? std::log1p(count) : 0.0F;
  if (count > largest_) {
    largest_ = count;
    ceiling_ = std::log1p(3 * largest_ + 3);
  }
  const float e = z - mu_ - profile(settings, t);
  float error_of_scale = e;
  if (forecast != nullptr) {
    const auto& m = *forecast;
    const float error = z - m.location;
    error_of_scale = error;
    const float step = std::max(0.004F, 0.5F / (1 + 0.02F * static_cast<float>(seen)));
    move_quantile(c_, error / m.scale, settings.fractile(), step);
    move_quantile(c_recent_, error / m.mixed_scale, settings.fractile(), step);
    volatility_ = std::max(0.005F, volatility_ + rates.volatility * (std::fabs(error) - volatility_));

    // Recursive least squares (Plackett 1950) on the residual after the profile.
    const std::array<float, 5> x{m.trackers[0], m.trackers[1], m.trackers[2], m.trackers[3], 1};
    const float weight = 1 / std::max(0.1F, m.scale * m.scale);
    std::array<float, 5> px{};
    float denominator = 1;
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t j = 0; j < 5; ++j)
        px[i] += covariance_[i][j] * x[j];
      denominator += weight * x[i] * px[i];
    }
    const float clipped = std::clamp(error, -4 * m.scale, 4 * m.scale);
    const float gain = weight / std::max(1.0F, denominator);
    for (std::size_t i = 0; i < 5; ++i) {
      theta_[i] = std::clamp(theta_[i] + gain * px[i] * clipped, -0.5F, 1.5F);
      for (std::size_t j = 0; j < 5; ++j)
        covariance_[i][j] -= gain * px[i] * px[j];
    }
  }

  const float plain = 1.0F / static_cast<float>(seen + 1);
  mu_ += (seen < settings.per_day() ? plain : 0.3F * std::max(rates.level, plain)) * e;
  for (std::size_t j = 0; j < 4; ++j)
    trackers_[j] += rates.tracker[j] * (e - trackers_[j]);
  auto& scale = scale_[scale_bin(settings, t)];
  scale += 0.02F * (std::fabs(error_of_scale) - scale);

  if (settings.clock().repeated(t)) return;
  day_bin_sum_ += e;
  week_bin_sum_ += e;
  end_bins(settings, settings.clock().local(t));
}

void base_state::end_bins(const demand_settings& settings, interval_number local) {
  const auto& slot = settings.slot_of_local(local);
  const auto seen = settings.since_first(local);
  if (slot.ends_day_bin) {
    const auto days = static_cast<float>(seen / settings.per_day() + 1);
    if (day_bin_missing_ < slot.day_bin_length)
      day_[slot.day_bin] += std::max(0.04F, 1 / (days + 1)) * day_bin_sum_ /
                            static_cast<float>(slot.day_bin_length - day_bin_missing_);
    day_bin_sum_ = 0;
    day_bin_missing_ = 0;
  }
  if (slot.ends_week_bin) {
    const auto weeks = static_cast<float>(seen / settings.per_week() + 1);
    if (week_bin_missing_ < slot.week_bin_length)
      week_[slot.week_bin] += 0.7F * std::max(0.3F, 0.5F / weeks) * week_bin_sum_ /
                              static_cast<float>(slot.week_bin_length - week_bin_missing_);
    week_bin_sum_ = 0;
    week_bin_missing_ = 0;
  }
}

void base_state::hold_local(const demand_settings& settings, interval_number from, std::int64_t length) {
  for (auto local = from; local < from + length; ++local) {
    ++day_bin_missing_;
    ++week_bin_missing_;
    end_bins(settings, local);
  }
}

void base_state::hold(const demand_settings& settings, interval_number t) {
  const auto& clock = settings.clock();
  const auto skipped = clock.skipped_before(t);
  hold_local(settings, clock.local(t) - skipped, skipped + (clock.repeated(t) ? 0 : 1));
}

} // namespace forestage::models
