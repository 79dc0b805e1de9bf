#include "models/forecast/common_level.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

constexpr std::size_t least_series = 3;
constexpr double beyond = 1.4;

// By chance, a mean is off by less than one series is.
evidence_settings settings_of(std::size_t series) {
  evidence_settings out;
  out.least /= std::sqrt(static_cast<double>(std::max<std::size_t>(1, series)));
  return out;
}

} // namespace

common_level::common_level(const season_lengths& seasons, std::size_t series)
    : recent_(seasons.short_season)
    , evidence_(seasons.short_season, 2 * seasons.long_season, settings_of(series)) {}

void common_level::observe(std::span<const std::optional<double>> deviations) {
  double sum = 0;
  std::size_t n = 0;
  for (const auto& d : deviations)
    if (d) {
      sum += deviation_windows::held(*d);
      ++n;
    }
  if (n < least_series) return recent_.forget(); // a run has no gaps
  recent_.observe(sum / static_cast<double>(n));
  evidence_.observe(recent_);
}

std::optional<std::size_t> common_level::sure() const {
  const auto found = evidence_.look(recent_, deviation_windows::eighth);
  if (found.strength < beyond) return std::nullopt;
  return found.run;
}

std::optional<level_scenario> scenario_of(const panel_member& own, std::size_t seen,
                                          const level_finding& common, const shared_ratio& shared) {
  if (!(common.probability > 0) || common.run >= seen || !shared.agrees()) return std::nullopt;
  const auto from = seen - common.run;
  if (!own.movable(from)) return std::nullopt;
  const level_ratio ratio{drawn_log(own.ratio(from, seen), shared), 0};
  if (!ratio.is_level()) return std::nullopt;
  return level_scenario{common.probability, own.moved(from, seen, shared)};
}

} // namespace forestage::models
