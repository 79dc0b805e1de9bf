// Simple forecasts that every model has to beat, with bands from their own past errors.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace forestage::models {

struct quantile_paths {
  std::vector<float> mean;               // steps; the median where there is no better one
  std::vector<std::vector<float>> bands; // per quantile, steps; never crossing, never negative
};

// The values one season before, and bands of the seasonal changes so far. Of a series that is shorter than a
// season: its last value. NaN observations count as the ones before them.
[[nodiscard]] quantile_paths seasonal_naive(std::span<const double> before, std::size_t season,
                                            std::size_t horizon, std::span<const double> quantiles);

// An exponentially weighted mean (weight 0.05), and bands of its errors half a season ahead.
[[nodiscard]] quantile_paths smoothed_level(std::span<const double> before, std::size_t season,
                                            std::size_t horizon, std::span<const double> quantiles);

// Quantiles of the last fourteen values around the same place in the season (half an hour of 5-minute steps
// to either side; 2 % of the season in general).
[[nodiscard]] quantile_paths time_of_season(std::span<const double> before, std::size_t season,
                                            std::size_t horizon, std::span<const double> quantiles);

// The median of all values, and their quantiles. What a series that has just begun can say by itself.
[[nodiscard]] quantile_paths own_median(std::span<const double> before, std::size_t season,
                                        std::size_t horizon, std::span<const double> quantiles);

// time_of_season of what there is of a season, own_median at the times of day that were not seen.
[[nodiscard]] quantile_paths time_of_season_or_median(std::span<const double> before, std::size_t season,
                                                      std::size_t horizon, std::span<const double> quantiles);

} // namespace forestage::models
