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
  double out = 0;
  quantiles({&q, 1}, {&out, 1});
  return out;
}

void residual_histogram::quantiles(std::span<const double> qs, std::span<double> out) const {
  static const auto edges = [] {
    std::array<double, bins + 1> all{};
    for (std::size_t b = 0; b <= bins; ++b)
      all[b] = edge(b);
    return all;
  }();
  // Sums of eight bins first: most are passed over at once.
  constexpr std::size_t block = 8;
  std::array<float, bins / block> sums{};
  for (std::size_t s = 0; s < sums.size(); ++s) {
    const float* c = counts_.data() + s * block;
    sums[s] = ((c[0] + c[1]) + (c[2] + c[3])) + ((c[4] + c[5]) + (c[6] + c[7]));
  }
  for (std::size_t i = 0; i < qs.size(); ++i) {
    double left = qs[i] * count_;
    std::size_t b = 0;
    while (b + block < bins && left > double{sums[b / block]}) {
      left -= double{sums[b / block]};
      b += block;
    }
    out[i] = edges[bins];
    for (; b < bins; ++b) {
      const double here = double{counts_[b]};
      if (left <= here && here > 0) {
        out[i] = edges[b] + (edges[b + 1] - edges[b]) * std::max(0.0, left) / here;
        break;
      }
      left -= here;
    }
  }
}

} // namespace forestage::models
