#include "models/forecast/sparse_counts.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace forestage::models {

sparse_counts::sparse_counts(std::size_t season)
    : rate_(1 - std::exp2(-1 / (2 * static_cast<double>(std::max<std::size_t>(1, season))))) {}

void sparse_counts::observe(double count) {
  ++seen_;
  const bool came = count > 0;
  // Plain means until there is enough for averages that forget.
  probability_ += std::max(rate_, 1 / seen_) * ((came ? 1.0 : 0.0) - probability_);
  if (!came) return;
  ++came_;
  constexpr double size_rate = 0.0245; // a half-life of 28
  const double r = std::max(size_rate, 1 / came_);
  size_ += r * (count - size_);
  square_ += r * (count * count - square_);
}

void sparse_counts::quantiles(std::span<const double> qs, std::span<double> out) const {
  assert(qs.size() == out.size());
  const double p = probability_;
  const double mean = std::max(0.0, size_ - 1);
  const double variance = std::max(mean, square_ - size_ * size_); // Poisson at least
  constexpr double most_for_counts = 1'000;
  // Negative binomial: P(0) = (1 + mean / r)^-r, P(k + 1) = P(k) (k + r) / (k + 1) * (1 - success).
  const double r = variance > mean * (1 + 1e-9) && mean > 0 ? mean * mean / (variance - mean) : 1e9;
  const double failure = mean / (mean + r);
  double at = std::exp(-r * std::log1p(mean / r)), below = at, k = 0;
  for (std::size_t i = 0; i < qs.size(); ++i) {
    if (p <= 0 || qs[i] <= 1 - p) {
      out[i] = 0;
      continue;
    }
    const double level = (qs[i] - (1 - p)) / p;
    if (mean > most_for_counts) { // one by one would take long: a gamma by Wilson and Hilferty (1931)
      const double shape = mean * mean / variance;
      const double t = std::sqrt(-2 * std::log(std::min(level, 1 - level) + 1e-12));
      const double z = t - (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + 0.04481 * t));
      const double c = 1 / (9 * shape);
      const double root = std::max(0.0, 1 - c + (level < 0.5 ? -z : z) * std::sqrt(c));
      out[i] = std::round(1 + mean * root * root * root);
      continue;
    }
    while (below < level && k < 100 * (most_for_counts + 1)) {
      at *= (k + r) / (k + 1) * failure;
      ++k;
      below += at;
      if (at <= 0) break;
    }
    out[i] = 1 + k;
  }
}

} // namespace forestage::models
