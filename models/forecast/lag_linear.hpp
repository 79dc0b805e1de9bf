// A linear map from the last observations of a series to its next ones, pooled over a segment of series.
//
//   x = (last `lags` values - mean of the last `level_span`) / their standard deviation
//   path = spread * (x . W) + mean,   W = (X'X + ridge I)^-1 X'Y over the windows of all series of the
//   segment
//
// Direct multi-step ridge regression; windows may carry weights (1 / noise of their series). The statistics
// X'X and X'Y are sums: they can be added up in any grouping. Cost: lags^2 per window, lags^3 / 3 per
// solution, lags * horizon per forecast.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

struct lag_shape {
  std::size_t lags = 336, horizon = 48, level_span = 168;
  friend bool operator==(const lag_shape&, const lag_shape&) = default;
};

struct window_scale {
  double mean = 0, spread = 1;
};

// The scale of a window of shape.lags values.
[[nodiscard]] window_scale scale_of(const lag_shape& shape, std::span<const float> window);

class lag_weights {
public:
  lag_weights() = default;
  lag_weights(const lag_shape& shape, std::vector<double> weights);
  // False before there was anything to learn from.
  [[nodiscard]] bool known() const noexcept { return !weights_.empty(); }
  void predict(std::span<const float> window, std::span<float> path) const;

private:
  lag_shape shape_;
  std::vector<double> weights_; // lags x horizon, column by column
};

class lag_statistics {
public:
  explicit lag_statistics(const lag_shape& shape);

  // A window, what followed it, and what it counts for. Collected, and folded in a batch when there are many.
  void add(std::span<const float> window, std::span<const float> after, double weight);
  [[nodiscard]] lag_weights solve(double ridge);
  [[nodiscard]] double windows() const noexcept { return windows_; }

private:
  void fold();

  lag_shape shape_;
  std::vector<double> gram_, cross_;  // lags x lags, lags x horizon
  std::vector<float> rows_, targets_; // windows not yet folded, scaled by sqrt(weight)
  double windows_ = 0;
};

} // namespace forestage::models
