#include "models/forecast/error_bands.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

// Errors that the size of all series is worth against a series' own; what a pooled size is worth after the
// next one; errors that a series needs before its own quantiles count; the largest error that is told apart,
// in units of the scale.
constexpr double size_prior = 2, pooled_memory = 0.999, least_own = 5, most = 1e6;

double pinball(double error, double q, double at) {
  return error >= at ? q * (error - at) : (1 - q) * (at - error);
}

} // namespace

double error_bands::size(std::size_t knot, const error_bands& pooled) const {
  double ratio = size_prior, count = size_prior;
  for (std::size_t n = 0; n < knots_.size(); ++n) {
    const auto& all = pooled.knots_[n];
    if (all.count <= 0 || all.sum <= 0) continue;
    ratio += knots_[n].sum / (all.sum / all.count);
    count += knots_[n].count;
  }
  const auto& here = pooled.knots_[knot];
  return (here.count > 0 ? here.sum / here.count : 1) * ratio / count;
}

double error_bands::quantile(std::size_t knot, const kind& which, double q, const error_bands& pooled) const {
  const auto& all = pooled.knots_[knot].spread[which.index];
  const auto& own = knots_[knot].spread[which.index];
  if (all.count() <= 0) return 0;
  constexpr double shrinkage = 9.5;
  const double n = own.count();
  const double share = n > least_own ? n / (n + shrinkage * std::pow(std::min(q, 1 - q), -0.75)) : 0;
  return share > 0 ? share * own.quantile(q) + (1 - share) * all.quantile(q) : all.quantile(q);
}

double error_bands::offset(std::size_t knot, const kind& which, double q, const error_bands& pooled) const {
  const double off = quantile(knot, which, q, pooled) - quantile(knot, which, 0.5, pooled);
  return which.sized ? off * size(knot, pooled) : off;
}

void error_bands::learn(std::size_t knot, double scaled_error, error_bands& pooled, double memory) {
  const double error = std::clamp(scaled_error, -most, most);
  const double size_before = std::max(1e-9, size(knot, pooled));
  for (const auto& which : kinds)
    for (const double q : {0.025, 0.1, 0.9, 0.975})
      pooled.losses_[which.index] += pinball(error, q, offset(knot, which, q, pooled)) / size_before;
  auto& own = knots_[knot];
  auto& all = pooled.knots_[knot];
  for (const auto& which : kinds) {
    const double e = which.sized ? error / size_before : error;
    own.spread[which.index].decay(std::pow(memory, which.haste));
    own.spread[which.index].add(e);
    all.spread[which.index].add(e);
  }
  own.sum = own.sum * memory + std::abs(error);
  own.count = own.count * memory + 1;
  all.sum = all.sum * pooled_memory + std::abs(error);
  all.count = all.count * pooled_memory + 1;
}

std::vector<double> error_bands::offsets(double q, const error_bands& pooled) const {
  const auto best = std::min_element(pooled.losses_.begin(), pooled.losses_.end()) - pooled.losses_.begin();
  std::vector<double> out(knots_.size());
  for (std::size_t n = 0; n < out.size(); ++n)
    out[n] = offset(n, kinds[static_cast<std::size_t>(best)], q, pooled);
  return out;
}

} // namespace forestage::models
