// The base demand state: level + daily and weekly profiles on log1p counts, four residual trackers joined by
// recursive least squares, a scale by half-hour, and two online residual quantiles. O(1) per interval, under
// 1 kB.
//
//   z = log1p(d);  f0 = mu + D(t) + W(t);  e = z - f0;  r_j: exponential averages of e (half-lives 15 min, 1
//   h, 6 h, 24 h) location f = f0 + theta . (r_1..r_4, 1), theta by recursive least squares, rows weighted by
//   1 / s^2, errors clipped at 4 s quantile = expm1(f + s c), c moved by stochastic approximation (Robbins
//   and Monro 1951) towards the wanted level
// Source: notes on forecasting §4a. The ceiling 3 * (largest count seen) + 3 keeps expm1 from exploding.
#pragma once

#include "models/demand/rhythm.hpp"
#include "models/demand/settings.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace forestage::models {

struct base_rates {
  explicit base_rates(const demand_settings& settings);
  std::array<float, 4> tracker{};
  float level = 0;      // of mu, once a day has passed
  float volatility = 0; // of the second scale
  float first_quantile = 0;
};

// What the base state said about one interval, kept until that interval is observed.
struct base_forecast {
  std::array<float, 4> trackers{};
  float location = 0;    // f
  float profile = 0;     // f0
  float scale = 0;       // s of the half-hour
  float mixed_scale = 0; // .15 s + .85 recent absolute error
  template <class Archive> void fields(Archive& archive) {
    archive(trackers, location, profile, scale, mixed_scale);
  }
};

// In units of demand.
struct base_quantities {
  float median = 0;
  float quantile = 0;        // by the half-hour's scale
  float quantile_recent = 0; // by the mixed scale
};

class base_state {
public:
  base_state() = default;
  explicit base_state(const base_rates& rates)
      : c_(rates.first_quantile)
      , c_recent_(rates.first_quantile) {}

  // Before the first count: level and profiles of a series that is expected to be like this. expected:
  // requests an interval, by hour of the week.
  void seed(const demand_settings& settings, std::span<const float, rhythm_hours> expected);
  // Folds the count of interval t. `forecast` is what predict() said of it, null when it said nothing.
  void observe(const demand_settings& settings, const base_rates& rates, interval_number t, float count,
               const base_forecast* forecast);
  // Passes over interval t, whose count is not known.
  void hold(const demand_settings& settings, interval_number t);
  // Speaks about interval t, later than all observed ones.
  [[nodiscard]] base_forecast predict(const demand_settings& settings, interval_number t) const;
  [[nodiscard]] base_quantities quantities(const base_forecast& forecast) const;

  // D(t) + W(t), for seasonal ratios.
  [[nodiscard]] float profile(const demand_settings& settings, interval_number t) const;
  [[nodiscard]] float largest() const noexcept { return largest_; }

  template <class Archive> void fields(Archive& archive) {
    archive(mu_, day_, week_, scale_, trackers_, theta_, covariance_, c_, c_recent_, volatility_, largest_,
            ceiling_, day_bin_sum_, week_bin_sum_, day_bin_missing_, week_bin_missing_);
  }

private:
  float mu_ = 0;
  std::array<float, max_day_bins> day_{};
  std::array<float, week_bins> week_{};
  std::array<float, max_day_bins> scale_ = filled(0.5F);
  std::array<float, 4> trackers_{};
  std::array<float, 5> theta_{.25F, .25F, .2F, .2F, 0};
  std::array<std::array<float, 5>, 5> covariance_ = diagonal(0.05F);
  float c_ = 1.3F, c_recent_ = 1.3F;
  float volatility_ = 0.3F;
  float largest_ = 0, ceiling_ = 1.386294F;                  // log1p(3)
  float day_bin_sum_ = 0, week_bin_sum_ = 0;                 // of the bins that are open,
  std::uint16_t day_bin_missing_ = 0, week_bin_missing_ = 0; // and their intervals without a count

  void hold_local(const demand_settings& settings, interval_number from, std::int64_t length);
  void end_bins(const demand_settings& settings, interval_number local);

  static constexpr std::array<float, max_day_bins> filled(float value) {
    std::array<float, max_day_bins> a{};
    for (auto& x : a)
      x = value;
    return a;
  }
  static constexpr std::array<std::array<float, 5>, 5> diagonal(float value) {
    std::array<std::array<float, 5>, 5> m{};
    for (std::size_t i = 0; i < 5; ++i)
      m[i][i] = value;
    return m;
  }
};

} // namespace forestage::models
