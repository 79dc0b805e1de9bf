#include "models/forecast/analogue_bands.hpp"

#include "models/forecast/quantile.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

namespace forestage::models {

namespace {

double mean_change(std::span<const float> values, std::size_t season) {
  season = std::min(season, values.size() / 2);
  double change = 0, level = 0;
  for (std::size_t i = season; i < values.size(); ++i) {
    change += std::abs(double{values[i]} - double{values[i - season]});
    level += std::abs(double{values[i]});
  }
  // Where nothing changes: a thousandth of the level.
  const double sum = std::max(change, 1e-3 * level);
  return sum > 0 ? sum / static_cast<double>(values.size() - season) : 1;
}

} // namespace

analogue_bands::analogue_bands(season_lengths seasons, std::span<const float> first, double one)
    : seasons_(seasons)
    , unit_(first.empty() ? 1 : mean_change(first, seasons.short_season))
    , one_(one)
    , counts_(seasons.short_season) {
  scale_.fill(static_cast<float>(unit_));
}

void analogue_bands::observe(std::span<const float> before, float value) {
  const std::array<std::size_t, 2> lags{seasons_.short_season, seasons_.long_season};
  const auto n = before.size();
  for (std::size_t i = 0; i < lags.size(); ++i)
    if (n >= lags[i]) changes_[i].add((double{value} - double{before[n - lags[i]]}) / unit_);
  if (one_ > 0) counts_.observe(double{value} / one_);
  if (n < seasons_.short_season) return;
  constexpr float per_season = 0.1F; // how much of a scale is new after a season
  const auto bins = std::min(most_bins, seasons_.short_season);
  const float rate = per_season * static_cast<float>(bins) / static_cast<float>(seasons_.short_season);
  auto& here = scale_[day_bin(n)];
  here += rate * (std::abs(value - before[n - seasons_.short_season]) - here);
}

void analogue_bands::predict_time_of_day(std::span<const float> before, std::span<const std::size_t> steps,
                                         std::span<const double> qs, std::span<float> out) const {
  constexpr std::size_t most_seasons = 14;
  const auto season = seasons_.short_season, n = before.size();
  const auto cycles = std::max<std::size_t>(1, std::min(most_seasons, n / season));
  const auto around = static_cast<std::ptrdiff_t>(season / 48), end = static_cast<std::ptrdiff_t>(n);
  std::vector<float> values;
  std::vector<double> sorted;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    values.clear();
    for (std::size_t c = 1; c <= cycles; ++c) {
      const auto middle =
          end + static_cast<std::ptrdiff_t>(steps[k] % season) - static_cast<std::ptrdiff_t>(c * season);
      const auto from = std::max<std::ptrdiff_t>(0, middle - around);
      const auto until = std::min(end, middle + around + 1);
      if (from < until) values.insert(values.end(), before.begin() + from, before.begin() + until);
    }
    if (values.empty()) values.push_back(before.back());
    std::sort(values.begin(), values.end());
    sorted.assign(values.begin(), values.end());
    for (std::size_t q = 0; q < qs.size(); ++q)
      out[q * steps.size() + k] = static_cast<float>(quantile_of(sorted, qs[q]));
  }
}

void analogue_bands::predict_naive(std::size_t which, std::span<const float> before,
                                   std::span<const std::size_t> steps, std::span<const double> qs,
                                   std::span<float> out) const {
  std::vector<double> offsets(qs.size(), 0);
  const auto& changes = changes_[which];
  if (changes.count() > 0) {
    changes.quantiles(qs, offsets);
    const double middle = changes.quantile(0.5);
    for (auto& o : offsets)
      o = (o - middle) * unit_;
  }
  const auto lag = which == 0 ? seasons_.short_season : seasons_.long_season;
  const auto n = before.size(), distance = std::min(lag, n);
  for (std::size_t q = 0; q < qs.size(); ++q)
    for (std::size_t k = 0; k < steps.size(); ++k)
      out[q * steps.size() + k] =
          static_cast<float>(std::max(0.0, double{before[n - distance + steps[k] % distance]} + offsets[q]));
}

float analogue_bands::level_ratio(std::span<const float> before) const {
  const auto day = seasons_.short_season, lag = seasons_.long_season, n = before.size();
  if (n < day + lag) return 1;
  const auto now = before.last(day), then = before.subspan(n - lag - day, day);
  const double is = std::accumulate(now.begin(), now.end(), 0.0);
  const double was = std::accumulate(then.begin(), then.end(), 0.0);
  // Half of the change, on the log scale: the rest will have gone by then. Held, as a day can have been none.
  constexpr double most = 2;
  return was > 0 ? static_cast<float>(std::sqrt(std::clamp(is / was, 1 / most, most))) : 1.0F;
}

void analogue_bands::predict(std::span<const float> before, std::span<const std::size_t> steps,
                             std::span<const double> qs, std::span<float> out) const {
  const auto each = qs.size() * steps.size();
  assert(!before.empty() && out.size() == count * each);
  predict_time_of_day(before, steps, qs, out.subspan(time_of_day * each, each));
  predict_naive(0, before, steps, qs, out.subspan(short_naive * each, each));
  predict_naive(1, before, steps, qs, out.subspan(long_naive * each, each));
  const float ratio = level_ratio(before);
  for (std::size_t i = 0; i < each; ++i)
    out[level_naive * each + i] = ratio * out[long_naive * each + i];
  const auto last = out.subspan(sparse * each, each);
  if (!is_sparse()) {
    std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(time_of_day * each), each, last.begin());
    return;
  }
  std::vector<double> values(qs.size());
  counts_.quantiles(qs, values);
  for (std::size_t q = 0; q < qs.size(); ++q)
    std::fill_n(last.begin() + static_cast<std::ptrdiff_t>(q * steps.size()), steps.size(),
                static_cast<float>(values[q] * one_));
}

} // namespace forestage::models
