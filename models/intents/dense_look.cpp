#include "models/intents/dense_look.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

float scale_of(float mean) {
  return 0.01F * mean + std::sqrt(mean + 1);
}

} // namespace

dense_rates::dense_rates(const demand_settings& settings)
    : day(settings.forgetting(86'400))
    , hours_3(settings.forgetting(3 * 3'600))
    , hours_2(settings.forgetting(2 * 3'600))
    , fractile(settings.fractile()) {}

float dense_look::share(std::size_t speed) const noexcept {
  return std::clamp(declared_[speed] / counted_[speed], 0.0F, 4.0F);
}

dense_forecast dense_look::predict(float mean, float declared) const {
  dense_forecast f;
  f.mean = mean;
  f.declared = declared;
  const float s = std::max(std::sqrt(mean + 1), residual_ * std::max(1.0F, mean));
  for (std::size_t i = 0; i < dense_speeds; ++i) {
    const float q = share(i);
    const float modelled = q * mean;
    const float noise = std::max(noise_[i] * mean * mean, modelled + 1) + 1e-4F * modelled * modelled;
    const float gain = q * s * s / (q * q * s * s + noise);
    f.means[i] = std::max(0.0F, mean + gain * (declared - modelled));
    f.deviations[i] = std::max(1.0F, volatility_[i] * scale_of(f.means[i]));
    f.units[i] = std::max(0.0F, std::floor(f.means[i] + offset_[i] * f.deviations[i] + 0.5F));
  }
  return f;
}

void dense_look::observe(const dense_rates& rates, const dense_forecast& said, float count) {
  const float mean = std::max(1.0F, said.mean);
  const float relative = (count - mean) / mean;
  residual_ = std::sqrt(residual_ * residual_ * (1 - rates.hours_2) +
                        rates.hours_2 * std::min(1.0F, relative * relative));
  const float step = std::max(0.003F, 0.3F / (1 + 0.02F * static_cast<float>(seen_)));
  for (std::size_t i = 0; i < dense_speeds; ++i) {
    const float error = (said.declared - share(i) * count) / mean;
    noise_[i] += rates.hours_2 * (std::min(16.0F, error * error) - noise_[i]);
    const float forgets = i == 0 ? rates.day : rates.hours_3;
    // An average of few observations is their mean.
    const float rate = std::max(forgets, 1 / (1 + static_cast<float>(seen_)));
    declared_[i] += rate * (said.declared - declared_[i]);
    counted_[i] += rate * (count - counted_[i]);
    counted_[i] = std::max(counted_[i], 1e-3F);
    const float off = count - said.means[i];
    if (seen_ > 8)
      offset_[i] = std::clamp(
          offset_[i] + step * (rates.fractile - (off / said.deviations[i] < offset_[i] ? 1.0F : 0.0F)), -4.0F,
          10.0F);
    volatility_[i] +=
        rates.hours_3 *
        (std::min(8.0F, std::fabs(off) / std::max(1.0F, scale_of(said.means[i]))) - volatility_[i]);
  }
  if (seen_ < 1'000'000) ++seen_;
}

} // namespace forestage::models
