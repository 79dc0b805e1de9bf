// A bank of double-seasonal exponential smoothers over one series: the experts of the richer tier.
//
//   u = z - (level + day[t] + week[t]),  e = u - ar * u_before
//   level += a * e,  day[t] += g * e,  week[t] += o * e;   forecast of step k: level + day + week + ar^k * u
//
// (Taylor, Short-term electricity demand forecasting using double seasonal exponential smoothing, 2003; as
// innovations state space: De Livera, Hyndman and Snyder, 2011.) Linear in z, so a bank on another scale
// gives the same forecasts on that scale. O(1) per smoother and observation. A short season may be 1 (none)
// and the long one 1 (none) too.
//
// Up to a long season of `longest_exact`, day and week have a value for every place. Beyond, as at 5 minutes,
// that would be 9 kB a smoother, and each value would rest on one noisy observation a season: there they have
// bins (season_bins.hpp), which learn the mean e of their observations when time leaves them.
// 4 * (values of day and week + 4) bytes each.
#pragma once

#include "models/forecast/season_bins.hpp"
#include "models/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace forestage::models {

// Lengths in observations; the long one is a multiple of the short one.
struct season_lengths {
  std::size_t short_season = 24, long_season = 168;
  friend bool operator==(const season_lengths&, const season_lengths&) = default;
};

struct smoother_weights {
  float level = 0, day = 0, week = 0, ar = 0;
  friend bool operator==(const smoother_weights&, const smoother_weights&) = default;
};

// Errors: invalid_argument, when the long season is no multiple of the short one, or either is 0 or above
// 100,000.
[[nodiscard]] status validate(const season_lengths& seasons);

// Twelve that complement each other, chosen on the validation part of M4's hourly series.
[[nodiscard]] std::span<const smoother_weights> default_smoothers() noexcept;

class smoother_bank {
public:
  static constexpr std::size_t longest_exact = 400; // half-hours of a week, 336, have no bins
  [[nodiscard]] static bool coarse(const season_lengths& seasons) {
    return seasons.long_season > longest_exact;
  }

  // `first`: observations 0 to first.size(), at least one short season, whole long seasons where there are
  // any: what level and seasons begin with. They are not observed yet.
  // Errors of make: invalid_argument. The constructor asks for what make checks.
  [[nodiscard]] static result<smoother_bank> make(std::span<const smoother_weights> weights,
                                                  season_lengths seasons, std::span<const float> first);
  smoother_bank(std::span<const smoother_weights> weights, season_lengths seasons,
                std::span<const float> first);

  void observe(float z);
  // The next path.size() values, as this smoother sees them.
  void predict(std::size_t smoother, std::span<float> path) const;
  [[nodiscard]] std::size_t size() const noexcept { return weights_.size(); }

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) {
    archive(weights_, seasons_, states_, seasonal_, short_at_, long_at_, short_seen_, long_seen_);
  }
  [[nodiscard]] bool same_shape(const smoother_bank& other) const;

private:
  struct smoother_state {
    float level = 0, error = 0;
    float day_sum = 0, week_sum = 0; // of e in the bins that time is in
  };
  [[nodiscard]] float* day_of(std::size_t smoother) { return seasonal_.data() + smoother * per_smoother(); }
  [[nodiscard]] const float* day_of(std::size_t smoother) const {
    return seasonal_.data() + smoother * per_smoother();
  }
  [[nodiscard]] std::size_t per_smoother() const { return day_.size() + week_.size(); }

  std::vector<smoother_weights> weights_;
  season_lengths seasons_;
  season_bins day_, week_; // follow from the seasons
  std::vector<smoother_state> states_;
  std::vector<float> seasonal_; // per smoother: the short season, then the long one
  std::size_t short_at_ = 0, long_at_ = 0;
  std::uint32_t short_seen_ = 0, long_seen_ = 0; // observations in the bins that time is in
};

} // namespace forestage::models
