// Bands around a path: quantiles of its past errors by knot of the horizon, in units of the series' own scale
// at that time of day, each series' own shrunk toward those of all series.
#pragma once

#include "models/forecast/horizon_knots.hpp"
#include "models/forecast/residual_histogram.hpp"

#include <cstddef>
#include <vector>

namespace forestage::models {

class error_histograms {
public:
  explicit error_histograms(std::size_t knots)
      : by_knot_(knots) {}
  void add(std::size_t knot, double scaled_error, double memory = 1) {
    if (memory < 1) by_knot_[knot].decay(memory);
    by_knot_[knot].add(scaled_error);
  }
  [[nodiscard]] const residual_histogram& at(std::size_t knot) const { return by_knot_[knot]; }

private:
  std::vector<residual_histogram> by_knot_;
};

// By knot: quantile q of the scaled errors. Own: share n / (n + 9.5 * tail^-0.75) of n errors, tail = min(q,
// 1-q).
[[nodiscard]] std::vector<double> band_of(const error_histograms& own, const error_histograms& pooled,
                                          std::size_t knots, double q);

} // namespace forestage::models
