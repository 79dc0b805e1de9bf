#include "models/forecast/error_bands.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

void error_sizes::add(std::size_t knot, double scaled_error, double memory) {
  sums_[knot] = sums_[knot] * memory + std::abs(scaled_error);
  counts_[knot] = counts_[knot] * memory + 1;
}

std::vector<double> band_of(const error_histograms& own, const error_histograms& pooled, std::size_t knots,
                            double q) {
  constexpr double shrinkage = 9.5, least_own = 5;
  std::vector<double> out(knots, 0.0);
  for (std::size_t n = 0; n < knots; ++n) {
    if (pooled.at(n).count() <= 0) continue;
    const double all = pooled.at(n).quantile(q);
    const double count = own.at(n).count();
    const double share =
        count > least_own ? count / (count + shrinkage * std::pow(std::min(q, 1 - q), -0.75)) : 0;
    out[n] = share > 0 ? share * own.at(n).quantile(q) + (1 - share) * all : all;
  }
  return out;
}

} // namespace forestage::models
