#include "models/forecast/simple_forecasts.hpp"

#include "models/forecast/quantile.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

std::vector<double> filled(std::span<const double> values) {
  std::vector<double> out(values.begin(), values.end());
  double last = 0;
  for (auto& v : out) {
    if (std::isfinite(v)) last = v;
    v = last;
  }
  return out;
}

quantile_paths with_bands(std::vector<float> path, std::vector<double> errors,
                          std::span<const double> quantiles) {
  std::sort(errors.begin(), errors.end());
  quantile_paths out{std::move(path), {}};
  for (const double q : quantiles) {
    // The path is the median: its bands are centred on it.
    const double offset = errors.empty() ? 0 : quantile_of(errors, q) - quantile_of(errors, 0.5);
    std::vector<float> band;
    for (const float v : out.mean)
      band.push_back(static_cast<float>(std::max(0.0, double{v} + offset)));
    out.bands.push_back(std::move(band));
  }
  return out;
}

} // namespace

quantile_paths seasonal_naive(std::span<const double> before, std::size_t season, std::size_t horizon,
                              std::span<const double> quantiles) {
  const auto y = filled(before);
  std::vector<float> path(horizon, 0.0F);
  std::vector<double> errors;
  if (y.empty()) return with_bands(std::move(path), {}, quantiles);
  const auto distance = y.size() >= season ? season : std::size_t{1};
  for (std::size_t k = 0; k < horizon; ++k)
    path[k] = static_cast<float>(y[y.size() - distance + k % distance]);
  for (std::size_t t = distance; t < y.size(); ++t)
    errors.push_back(y[t] - y[t - distance]);
  return with_bands(std::move(path), std::move(errors), quantiles);
}

quantile_paths smoothed_level(std::span<const double> before, std::size_t season, std::size_t horizon,
                              std::span<const double> quantiles) {
  constexpr double weight = 0.05;
  const auto y = filled(before);
  std::vector<double> levels, errors;
  double level = y.empty() ? 0 : y.front();
  for (const double v : y) {
    level += weight * (v - level);
    levels.push_back(level);
  }
  const auto ahead = std::max<std::size_t>(1, season / 2);
  for (std::size_t t = ahead; t < y.size(); ++t)
    errors.push_back(y[t] - levels[t - ahead]);
  return with_bands(std::vector<float>(horizon, static_cast<float>(level)), std::move(errors), quantiles);
}

quantile_paths time_of_season(std::span<const double> before, std::size_t season, std::size_t horizon,
                              std::span<const double> quantiles) {
  if (before.size() < season) return seasonal_naive(before, season, horizon, quantiles);
  return time_of_season_or_median(before, season, horizon, quantiles);
}

quantile_paths own_median(std::span<const double> before, std::size_t, std::size_t horizon,
                          std::span<const double> quantiles) {
  auto y = filled(before);
  if (y.empty()) y.push_back(0);
  std::sort(y.begin(), y.end());
  quantile_paths out{std::vector<float>(horizon, static_cast<float>(quantile_of(y, 0.5))), {}};
  for (const double q : quantiles)
    out.bands.emplace_back(horizon, static_cast<float>(quantile_of(y, q)));
  return out;
}

quantile_paths time_of_season_or_median(std::span<const double> before, std::size_t season,
                                        std::size_t horizon, std::span<const double> quantiles) {
  constexpr std::ptrdiff_t most_seasons = 14;
  const auto y = filled(before);
  const auto n = static_cast<std::ptrdiff_t>(y.size()), length = static_cast<std::ptrdiff_t>(season);
  const auto around = length / 48;
  auto out = own_median(before, season, horizon, quantiles);
  std::vector<double> values;
  for (std::size_t k = 0; k < horizon; ++k) {
    values.clear();
    const auto place = static_cast<std::ptrdiff_t>(k % season);
    const auto whole = std::max<std::ptrdiff_t>(1, std::min(most_seasons, n / length));
    for (std::ptrdiff_t s = 1; s <= whole; ++s)
      for (std::ptrdiff_t d = -around; d <= around; ++d)
        if (const auto at = n - s * length + place + d; at >= 0 && at < n)
          values.push_back(y[static_cast<std::size_t>(at)]);
    if (values.empty()) continue;
    std::sort(values.begin(), values.end());
    out.mean[k] = static_cast<float>(quantile_of(values, 0.5));
    for (std::size_t q = 0; q < quantiles.size(); ++q)
      out.bands[q][k] = static_cast<float>(quantile_of(values, quantiles[q]));
  }
  return out;
}

} // namespace forestage::models
