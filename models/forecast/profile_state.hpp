// The state of the base tier for whole paths: level, daily and weekly profile on log1p, residual trackers.
//
//   z = log1p(y);  f0(t) = mu + D(t) + W(t);  e = z - f0
//   D: bins of half an hour (a 48th of the short season), joined by straight lines; W: 28 bins of the long
//   one r_j: exponential averages of e with half-lives of 1/96, 1/24, 1/8, 1/2 and 2 short seasons; s: mean
//   |e| by bin
// O(1) per observation, under 600 bytes. docs/models.md has the constants and how they were chosen.
#pragma once

#include "models/forecast/residual_regression.hpp"
#include "models/forecast/smoother_bank.hpp"
#include "models/result.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace forestage::models {

// How fast a profile learns.
struct profile_rates {
  float level_share = 0.3F; // of the level's rate, after the first season
  float level_seasons = 7;  // half-life of the level's least rate, in short seasons
  float least_day = 0.04F, least_week = 0.3F;
  float week_share = 0.4F; // of what the weekly bins see
  float scale = 0.03F;     // per short season
  friend bool operator==(const profile_rates&, const profile_rates&) = default;
};

class profile_state {
public:
  static constexpr std::size_t day_bins = 48, week_bins = 28, trackers = residual_trackers;

  // Errors: invalid_argument (seasons, nothing to begin with). The constructor asks for what this checks.
  [[nodiscard]] static result<profile_state> make(season_lengths seasons, std::span<const float> first,
                                                  const profile_rates& rates = {});
  // `first`: the observations of about one short season, for level and scale to begin with.
  profile_state(season_lengths seasons, std::span<const float> first, const profile_rates& rates = {});

  void observe(float z);
  // f0 and s of the observation that comes `ahead` steps after the next one (0: the next one).
  [[nodiscard]] float location(std::size_t ahead) const;
  [[nodiscard]] float scale(std::size_t ahead) const;
  // The same for the next `out.size()` observations.
  void locations(std::span<float> out) const;
  void scales(std::span<float> out) const;
  [[nodiscard]] const std::array<float, trackers>& residuals() const noexcept { return residuals_; }
  [[nodiscard]] std::size_t observed() const noexcept { return t_; }
  // What is left of f0 without the seasons.
  [[nodiscard]] float level() const noexcept { return mu_; }

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) {
    archive(seasons_, learning_, t_, mu_, residuals_, day_, scale_, week_, day_sum_, week_sum_, day_count_,
            week_count_);
  }
  [[nodiscard]] bool same_shape(const profile_state& other) const {
    return seasons_ == other.seasons_ && learning_ == other.learning_;
  }

private:
  [[nodiscard]] std::size_t day_bin(std::size_t t) const;
  [[nodiscard]] std::size_t week_bin(std::size_t t) const;
  [[nodiscard]] float day_at(std::size_t t) const;

  season_lengths seasons_;
  profile_rates learning_;
  std::size_t bins_ = day_bins, weeks_ = week_bins; // in use
  std::size_t t_ = 0;
  float mu_ = 0, least_rate_ = 0;
  std::array<float, trackers> rates_{}, residuals_{};
  std::array<float, day_bins> day_{}, scale_{};
  std::array<float, week_bins> week_{};
  float day_sum_ = 0, week_sum_ = 0;
  std::size_t day_count_ = 0, week_count_ = 0;
};

} // namespace forestage::models
