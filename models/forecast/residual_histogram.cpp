#include "models/forecast/residual_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

// Bin edges at 0.3 sinh(x), x from -4.6 to 4.6: a width of 0.04 in the middle, 2.1 at the ends (+-15).
constexpr double unit = 0.3, reach = 4.6;

double edge(std::size_t bin) {
  return unit * std::sinh((2.0 * static_cast<double>(bin) / residual_histogram::bins - 1) * reach);
}

} // namespace

void residual_histogram::add(double error, double weight) {
  const double x = (std::asinh(error / unit) / reach + 1) / 2 * bins;
  const auto bin = static_cast<std::size_t>(std::clamp(x, 0.0, static_cast<double>(bins - 1)));
  counts_[bin] += static_cast<float>(weight);
  count_ += weight;
}

void residual_histogram::decay(double memory) {
  for (auto& c : counts_)
    c *= static_cast<float>(memory);
  count_ *= memory;
}

double residual_histogram::quantile(double q) const {
  double left = q * count_;
  for (std::size_t b = 0; b < bins; ++b) {
    const double here = double{counts_[b]};
    if (left <= here && here > 0) return edge(b) + (edge(b + 1) - edge(b)) * left / here;
    left -= here;
  }
  return edge(bins);
}

} // namespace forestage::models
