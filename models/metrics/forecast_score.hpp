// How good a forecast was: scaled absolute errors and scaled quantile losses, as forecasters compare them.
//
//   scale = mean |y_t - y_(t - season)| over the observations before the first origin
//   MASE  = mean over origins and steps of |y - median| / scale    (Hyndman and Koehler, 2006)
//   SPL   = mean over quantiles, origins and steps of 2 * pinball / scale (as in the M5 competition)
// per series, then the mean over series. A constant series has no scale and is left out, and counted.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace forestage::models {

// Zero when nothing repeats at that distance or everything does.
[[nodiscard]] double seasonal_scale(std::span<const double> before, std::size_t season);

struct forecast_scores {
  double mase = 0, mase_first = 0;
  std::optional<double> spl, spl_first; // none without quantiles
  std::vector<double> coverage;         // of each quantile: share of observations at or below it
  std::size_t series = 0, origins = 0;
};

// Scores of one series, collected origin by origin.
class forecast_scorer {
public:
  // first_steps: what the scores *_first are taken over (12: the first hour of 5-minute steps).
  forecast_scorer(double scale, std::vector<double> quantiles, std::size_t first_steps);

  // median: steps. bands: a path per quantile. NaN observations are left out.
  void add(std::span<const double> actual, std::span<const float> median,
           std::span<const std::vector<float>> bands);
  [[nodiscard]] std::optional<forecast_scores> scores() const;

private:
  double scale_;
  std::vector<double> quantiles_;
  std::size_t first_steps_;
  std::vector<double> sums_; // mase, mase_first, spl, spl_first, coverage...
  std::size_t origins_ = 0;
};

// The mean over series.
[[nodiscard]] std::optional<forecast_scores> mean_of(std::span<const forecast_scores> scores);

} // namespace forestage::models
