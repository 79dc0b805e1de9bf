// How scaled errors are spread: counts in bins that widen outward, from which any quantile can be read.
// Additive; a decayed sum when `memory` < 1.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace forestage::models {

class residual_histogram {
public:
  static constexpr std::size_t bins = 64;

  void add(double error, double weight = 1);
  void decay(double memory);
  [[nodiscard]] double count() const noexcept { return count_; }
  // Linear within a bin. @pre count() > 0, 0 < q < 1.
  [[nodiscard]] double quantile(double q) const;
  // The same for several at once, in any order.
  void quantiles(std::span<const double> qs, std::span<double> out) const;

private:
  std::array<float, bins> counts_{};
  double count_ = 0;
};

} // namespace forestage::models
