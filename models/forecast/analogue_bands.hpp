// Quantile paths that a series' own past says by itself: what came at this time of day, and a season before.
// Candidates of the last layer (quantile_mixture.hpp). In the unit of the values given.
#pragma once

#include "models/forecast/residual_histogram.hpp"
#include "models/forecast/smoother_bank.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

class analogue_bands {
public:
  // The time of day; seasonal-naive, short and long.
  static constexpr std::size_t count = 3;

  // unit: the mean absolute change over a short season, above 0.
  analogue_bands(season_lengths seasons, double unit)
      : seasons_(seasons)
      , unit_(unit)
      , bins_(std::min(day_bins, seasons.short_season)) {
    scale_.fill(static_cast<float>(unit));
  }

  // What comes next; before: everything that came earlier.
  void observe(std::span<const float> before, float value);
  // out: count x qs x steps. steps: ahead, from 0, ascending; qs: ascending; before: not empty.
  void predict(std::span<const float> before, std::span<const std::size_t> steps, std::span<const double> qs,
               std::span<float> out) const;

  // How much values change from one short season to the next at the time of day `ahead` of observation n.
  [[nodiscard]] float scale(std::size_t n, std::size_t ahead) const {
    return scale_[(n + ahead) % seasons_.short_season * bins_ / seasons_.short_season] + 0.05F * static_cast<float>(unit_);
  }

  [[nodiscard]] double unit() const noexcept { return unit_; }

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) { archive(seasons_, unit_, scale_, changes_); }
  [[nodiscard]] bool same_shape(const analogue_bands& other) const { return seasons_ == other.seasons_; }

private:
  season_lengths seasons_;
  double unit_;
  static constexpr std::size_t day_bins = 48;
  std::size_t bins_;
  std::array<float, day_bins> scale_{};
  std::array<residual_histogram, 2> changes_; // over a short and a long season, in units
};

} // namespace forestage::models
