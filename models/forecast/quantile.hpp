// Quantiles of a sample.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace forestage::models {

// Linear interpolation between order statistics (type 7 of Hyndman and Fan, Sample quantiles in statistical
// packages, 1996). @pre sorted, not empty; 0 <= q <= 1.
[[nodiscard]] inline double quantile_of(std::span<const double> sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

} // namespace forestage::models
