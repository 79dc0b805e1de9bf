// Bands around a path: quantiles of its past errors by knot of the horizon, in units of the series' own scale
// at that time of day, each series' own shrunk toward those of all series.
#pragma once

#include "models/forecast/horizon_knots.hpp"
#include "models/forecast/residual_histogram.hpp"

#include <cstddef>
#include <vector>

namespace forestage::models {

// How large a series' scaled errors are by knot: their mean absolute value, drawn toward that of all series.
class error_sizes {
public:
  explicit error_sizes(std::size_t knots)
      : sums_(knots, 0)
      , counts_(knots, 0) {}
  void add(std::size_t knot, double scaled_error, double memory = 1);
  [[nodiscard]] double mean(std::size_t knot, double prior, double weight) const {
    return (sums_[knot] + weight * prior) / (counts_[knot] + weight);
  }
  [[nodiscard]] double mean(std::size_t knot) const {
    return counts_[knot] > 0 ? sums_[knot] / counts_[knot] : 1;
  }

private:
  std::vector<double> sums_, counts_;
};

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
