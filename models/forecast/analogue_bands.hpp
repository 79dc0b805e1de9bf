// Quantile paths that a series' own past says by itself: what came at this time of day, what came a season
// before, and, for counts that are mostly zero, how often and how much (sparse_counts.hpp). Candidates of a
// panel's last layer (quantile_mixture.hpp). All in the unit of the values that are observed, which are >= 0.
#pragma once

#include "models/forecast/residual_histogram.hpp"
#include "models/forecast/smoother_bank.hpp"
#include "models/forecast/sparse_counts.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace forestage::models {

class analogue_bands {
public:
  // Quantiles of the time of day (fourteen seasons, half an hour of a day to either side); seasonal-naive
  // paths, short and long, with the quantiles of the changes so far; the long one times half the change (as a
  // ratio) of the last short season's sum against that a long season before, at most doubled; sparse counts.
  static constexpr std::size_t time_of_day = 0, short_naive = 1, long_naive = 2, level_naive = 3, sparse = 4,
                               count = 5;

  // first: about two seasons, for the size of changes to begin with. one: what a count of one is in the
  // values' unit; 0 where they are no counts.
  analogue_bands(season_lengths seasons, std::span<const float> first, double one);

  // The value that comes after `before`: everything that came earlier.
  void observe(std::span<const float> before, float value);
  // out: count x qs x steps. steps: ahead, from 0, ascending; qs ascending; before: not empty. What does not
  // apply (sparse counts of a series that is not) is the time of day once more.
  void predict(std::span<const float> before, std::span<const std::size_t> steps, std::span<const double> qs,
               std::span<float> out) const;

  // How much values change from one short season to the next at the time of day of observation n; above 0.
  [[nodiscard]] float scale(std::size_t n) const {
    constexpr float least = 0.05F; // of the unit
    return scale_[day_bin(n)] + least * static_cast<float>(unit_);
  }
  [[nodiscard]] bool is_sparse() const noexcept { return one_ > 0 && counts_.sparse(); }

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) {
    archive(seasons_, unit_, one_, scale_, changes_, counts_);
  }
  [[nodiscard]] bool same_shape(const analogue_bands& other) const {
    return seasons_ == other.seasons_ && counts_.same_shape(other.counts_);
  }

private:
  static constexpr std::size_t most_bins = 48;
  [[nodiscard]] std::size_t day_bin(std::size_t n) const {
    const auto bins = most_bins < seasons_.short_season ? most_bins : seasons_.short_season;
    return n % seasons_.short_season * bins / seasons_.short_season;
  }
  void predict_time_of_day(std::span<const float> before, std::span<const std::size_t> steps,
                           std::span<const double> qs, std::span<float> out) const;
  void predict_naive(std::size_t which, std::span<const float> before, std::span<const std::size_t> steps,
                     std::span<const double> qs, std::span<float> out) const;

  // What the long seasonal-naive path is multiplied by for `level_naive`.
  [[nodiscard]] float level_ratio(std::span<const float> before) const;

  season_lengths seasons_;
  double unit_; // mean absolute change over a short season, of `first`
  double one_;
  std::array<float, most_bins> scale_{};
  std::array<residual_histogram, 2> changes_; // over a short and a long season, in units
  sparse_counts counts_;
};

} // namespace forestage::models
