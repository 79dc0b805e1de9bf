#include "models/forecast/analogue_bands.hpp"

#include "models/forecast/knob.hpp"
#include "models/forecast/quantile.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace forestage::models {

void analogue_bands::observe(std::span<const float> before, float value) {
  const std::array<std::size_t, 2> lags{seasons_.short_season, seasons_.long_season};
  for (std::size_t i = 0; i < lags.size(); ++i)
    if (before.size() >= lags[i])
      changes_[i].add((double{value} - double{before[before.size() - lags[i]]}) / unit_);
  if (before.size() < seasons_.short_season) return;
  const float change = std::abs(value - before[before.size() - seasons_.short_season]);
  auto& here = scale_[before.size() % seasons_.short_season * bins_ / seasons_.short_season];
  const float per_season = static_cast<float>(seasons_.short_season) / static_cast<float>(bins_);
  here += static_cast<float>(KNOB("SRATE", 0.1)) / per_season * (change - here);
}

void analogue_bands::predict(std::span<const float> before, std::span<const std::size_t> steps,
                             std::span<const double> qs, std::span<float> out) const {
  assert(!before.empty() && out.size() == count * qs.size() * steps.size());
  constexpr std::size_t most_seasons = 14;
  const auto season = seasons_.short_season, n = before.size();
  const auto cycles = std::max<std::size_t>(1, std::min(most_seasons, n / season));
  const auto around = static_cast<std::ptrdiff_t>(season / 48);
  std::vector<double> values;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    values.clear();
    for (std::size_t c = 1; c <= cycles; ++c)
      for (auto d = -around; d <= around; ++d) {
        const auto at = static_cast<std::ptrdiff_t>(n + steps[k] % season) -
                        static_cast<std::ptrdiff_t>(c * season) + d;
        if (at >= 0 && at < static_cast<std::ptrdiff_t>(n))
          values.push_back(double{before[static_cast<std::size_t>(at)]});
      }
    if (values.empty()) values.push_back(double{before.back()});
    std::sort(values.begin(), values.end());
    for (std::size_t q = 0; q < qs.size(); ++q)
      out[q * steps.size() + k] = static_cast<float>(quantile_of(values, qs[q]));
  }
  const std::array<std::size_t, 2> lags{season, seasons_.long_season};
  std::vector<double> offsets(qs.size());
  for (std::size_t i = 0; i < lags.size(); ++i) {
    std::fill(offsets.begin(), offsets.end(), 0.0);
    if (changes_[i].count() > 0) {
      changes_[i].quantiles(qs, offsets);
      const double middle = changes_[i].quantile(0.5);
      for (auto& o : offsets)
        o = (o - middle) * unit_;
    }
    const auto distance = std::min(lags[i], n);
    for (std::size_t q = 0; q < qs.size(); ++q)
      for (std::size_t k = 0; k < steps.size(); ++k)
        out[((i + 1) * qs.size() + q) * steps.size() + k] = static_cast<float>(
            std::max(0.0, double{before[n - distance + steps[k] % distance]} + offsets[q]));
  }
}

} // namespace forestage::models
