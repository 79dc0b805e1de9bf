#include "models/metrics/forecast_score.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

double seasonal_scale(std::span<const double> before, std::size_t season) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t t = season; t < before.size(); ++t) {
    const double change = std::abs(before[t] - before[t - season]);
    if (!std::isfinite(change)) continue;
    sum += change;
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : 0;
}

forecast_scorer::forecast_scorer(double scale, std::vector<double> quantiles, std::size_t first_steps)
    : scale_(scale)
    , quantiles_(std::move(quantiles))
    , first_steps_(first_steps)
    , sums_(4 + quantiles_.size(), 0) {}

void forecast_scorer::add(std::span<const double> actual, std::span<const float> median,
                          std::span<const std::vector<float>> bands) {
  std::vector<double> sums(sums_.size(), 0);
  double steps = 0, first = 0;
  for (std::size_t k = 0; k < actual.size(); ++k) {
    if (!std::isfinite(actual[k])) continue;
    const bool early = k < first_steps_;
    ++steps;
    if (early) ++first;
    const double error = std::abs(actual[k] - double{median[k]});
    sums[0] += error;
    if (early) sums[1] += error;
    for (std::size_t q = 0; q < quantiles_.size(); ++q) {
      const double d = actual[k] - double{bands[q][k]};
      const double loss = 2 * std::max(quantiles_[q] * d, (quantiles_[q] - 1) * d);
      sums[2] += loss;
      if (early) sums[3] += loss;
      if (d <= 0) ++sums[4 + q];
    }
  }
  if (steps == 0) return;
  ++origins_;
  const auto n = std::max<std::size_t>(1, quantiles_.size());
  const double per_quantile = static_cast<double>(n);
  sums_[0] += sums[0] / steps;
  sums_[1] += first > 0 ? sums[1] / first : 0;
  sums_[2] += sums[2] / steps / per_quantile;
  sums_[3] += first > 0 ? sums[3] / first / per_quantile : 0;
  for (std::size_t q = 0; q < quantiles_.size(); ++q)
    sums_[4 + q] += sums[4 + q] / steps;
}

std::optional<forecast_scores> forecast_scorer::scores() const {
  if (origins_ == 0 || scale_ <= 0) return std::nullopt;
  const auto n = static_cast<double>(origins_);
  forecast_scores out;
  out.mase = sums_[0] / n / scale_;
  out.mase_first = sums_[1] / n / scale_;
  if (!quantiles_.empty()) {
    out.spl = sums_[2] / n / scale_;
    out.spl_first = sums_[3] / n / scale_;
  }
  for (std::size_t q = 0; q < quantiles_.size(); ++q)
    out.coverage.push_back(sums_[4 + q] / n);
  out.series = 1;
  out.origins = origins_;
  return out;
}

std::optional<forecast_scores> mean_of(std::span<const forecast_scores> scores) {
  if (scores.empty()) return std::nullopt;
  forecast_scores out;
  out.coverage.assign(scores.front().coverage.size(), 0);
  const auto n = static_cast<double>(scores.size());
  if (scores.front().spl) out.spl = out.spl_first = 0;
  for (const auto& s : scores) {
    out.mase += s.mase / n;
    out.mase_first += s.mase_first / n;
    if (out.spl) {
      *out.spl += *s.spl / n;
      *out.spl_first += *s.spl_first / n;
    }
    for (std::size_t q = 0; q < out.coverage.size(); ++q)
      out.coverage[q] += s.coverage[q] / n;
    out.series += s.series;
    out.origins += s.origins;
  }
  return out;
}

} // namespace forestage::models
