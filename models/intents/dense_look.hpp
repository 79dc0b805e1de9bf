// The dense form of the forward look: many declared requests of a busy resource as one noisy observation of
// its count. A Kalman filter's measurement step per interval (Kalman 1960) around the forecast without
// intents.
//
//   E = sum of weights x expected requests of the visible declarations; q = ewma(E) / ewma(y);
//   s: rms relative residual of the forecast (2 h), at least Poisson;
//   r^2 = max(ewma((E - q y)^2 / m^2) m^2, q m + 1) + 1e-4 q^2 m^2;
//   K = q s^2 / (q^2 s^2 + r^2);  m' = m + K (E - q m).
// q is learned at two speeds (half-lives 1 d and 3 h); each estimate has a quantile offset of its own,
// tracked by stochastic approximation on the pinball loss. Source: notes on allocation §6.1. Value type.
#pragma once

#include "models/demand/settings.hpp"

#include <array>
#include <cstdint>

namespace forestage::models {

// Per-interval shares that averages forget.
struct dense_rates {
  dense_rates() = default;
  explicit dense_rates(const demand_settings& settings);
  float day = 0, hours_3 = 0, hours_2 = 0;
  float fractile = .9F;
};

inline constexpr std::size_t dense_speeds = 2; // slow, fast

// What was said about an interval, needed again when its count is known.
struct dense_forecast {
  float mean = 0;     // of the forecast without intents
  float declared = 0; // E
  std::array<float, dense_speeds> means{}, deviations{}, units{};
  template <class Archive> void fields(Archive& archive) {
    archive(mean, declared, means, deviations, units);
  }
};

class dense_look {
public:
  [[nodiscard]] dense_forecast predict(float mean, float declared) const;
  // The count of the interval that `said` was about.
  void observe(const dense_rates& rates, const dense_forecast& said, float count);
  [[nodiscard]] float share(std::size_t speed) const noexcept;

  template <class Archive> void fields(Archive& archive) {
    archive(residual_, declared_, counted_, noise_, offset_, volatility_, seen_);
  }

private:
  float residual_ = 0.3F; // rms, relative
  std::array<float, dense_speeds> declared_{1e-6F, 1e-6F}, counted_{1e-3F, 1e-3F}, noise_{1, 1};
  std::array<float, dense_speeds> offset_{1.2816F, 1.2816F}, volatility_{1, 1};
  std::int32_t seen_ = 0;
};

} // namespace forestage::models
