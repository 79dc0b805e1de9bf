// Bands around a path: quantiles of its past errors by knot of the horizon, in units of the series' own scale
// at that time of day, each series' own shrunk toward those of all series, centred on the path.
//
// Two kinds of errors are kept: plain ones, and ones over the series' own mean size of error at that knot
// (which serves panels whose series are unlike each other). The kind whose quantiles have cost less so far, by
// the pinball loss (Koenker and Bassett, Econometrica 46, 1978) over all series, is used.
//
// Invariants: the offsets of a knot do not decrease with q; that of the median is 0; all are finite.
#pragma once

#include "models/forecast/residual_histogram.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace forestage::models {

class error_bands {
public:
  explicit error_bands(std::size_t knots)
      : knots_(knots) {}

  // A realised error at a knot. pooled: of all series; learns too. memory: what earlier errors of this series
  // are worth afterwards.
  void learn(std::size_t knot, double scaled_error, error_bands& pooled, double memory);
  // By knot: what is added to the path, in units of the scale, to get quantile q. 0 where nothing is known.
  [[nodiscard]] std::vector<double> offsets(double q, const error_bands& pooled) const;

private:
  enum kind : std::size_t { plain, sized };
  struct errors {
    std::array<residual_histogram, 2> kinds;
    double sum = 0, count = 0; // of the errors' sizes
  };
  [[nodiscard]] double size(std::size_t knot, const error_bands& pooled) const;
  [[nodiscard]] double quantile(std::size_t knot, kind which, double q, const error_bands& pooled) const;
  [[nodiscard]] double offset(std::size_t knot, kind which, double q, const error_bands& pooled) const;

  std::vector<errors> knots_;
  std::array<double, 2> losses_{}; // of the kinds; the pooled ones decide
};

} // namespace forestage::models
