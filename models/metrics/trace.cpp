#include "models/metrics/trace.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

std::size_t hour_of_week(std::int64_t unix_seconds) noexcept {
  constexpr std::int64_t hour = 3'600;
  constexpr std::int64_t week = 168 * hour;
  constexpr std::int64_t monday = 4 * 24 * hour; // 1970-01-01 was a Thursday
  return static_cast<std::size_t>((((unix_seconds - monday) % week) + week) % week / hour);
}

void calibration_sums::add(double mean, const count_probability& p) {
  std::size_t cls = 0;
  while (cls < class_limits.size() && !(mean < class_limits[cls]))
    ++cls;
  auto& into = classes_[cls];
  ++into.observations;
  const double mass = p.at_most - p.below;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double above = levels[i] - p.below;
    // A count that was given no chance lies wholly above or below the level.
    const double covered = mass > 1e-12 ? std::clamp(above / mass, 0.0, 1.0) : above >= 0 ? 1.0 : 0.0;
    into.covered[i] += std::llround(covered * unit);
  }
}

calibration_sums& calibration_sums::operator+=(const calibration_sums& other) noexcept {
  for (std::size_t c = 0; c < class_count; ++c) {
    classes_[c].observations += other.classes_[c].observations;
    for (std::size_t i = 0; i < levels.size(); ++i)
      classes_[c].covered[i] += other.classes_[c].covered[i];
  }
  return *this;
}

std::vector<double> calibration_sums::coverage(std::size_t cls) const {
  std::vector<double> out;
  const auto& from = classes_[cls];
  if (from.observations == 0) return out;
  for (const auto covered : from.covered)
    out.push_back(static_cast<double>(covered) / unit / static_cast<double>(from.observations));
  return out;
}

std::optional<std::size_t> trace_settings::find(const resource_id& resource, const region_id& region) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].resource == resource && keys[i].region == region) return i;
  return std::nullopt;
}

bool trace_settings::traces(const resource_id& resource) const {
  return std::ranges::any_of(keys, [&](const traced_key& k) { return k.resource == resource; });
}

bool trace::fits(const trace_settings& settings) const {
  const auto length = static_cast<std::size_t>(std::max<std::int64_t>(0, settings.to - settings.from));
  return week_.size() == hours_per_week && calibration_.size() == 1 &&
         curves_.size() == settings.keys.size() &&
         std::ranges::all_of(curves_, [length](const traced_curve& c) {
           return (c.empty() || c.actual.size() == length) && c.units.size() == c.actual.size() &&
                  c.mean.size() == c.actual.size() && std::ranges::all_of(c.quantiles, [&c](const auto& q) {
                    return q.size() == c.actual.size();
                  });
         });
}

traced_curve* trace::curve(const trace_settings& settings, std::size_t key, interval_number t) {
  if (t < settings.from || t >= settings.to) return nullptr;
  auto& out = curves_[key];
  if (out.empty()) {
    const auto length = static_cast<std::size_t>(settings.to - settings.from);
    out.actual.assign(length, 0);
    out.units.assign(length, 0);
    out.mean.assign(length, traced_curve::nothing_said);
    for (auto& q : out.quantiles)
      q.assign(length, 0);
  }
  return &out;
}

void trace::add_forecast(const trace_settings& settings, std::size_t key, const curve_point& point) {
  auto* into = curve(settings, key, point.interval);
  if (into == nullptr) return;
  const auto i = static_cast<std::size_t>(point.interval - settings.from);
  into->mean[i] = point.mean;
  for (std::size_t q = 0; q < curve_levels.size(); ++q)
    into->quantiles[q][i] = point.quantiles[q];
}

void trace::add_outcome(const trace_settings& settings, std::size_t key, interval_number t,
                        std::int64_t actual, std::int64_t units) {
  auto* into = curve(settings, key, t);
  if (into == nullptr) return;
  const auto i = static_cast<std::size_t>(t - settings.from);
  into->actual[i] = actual;
  into->units[i] = units;
}

void trace::merge(const trace& other) {
  if (other.empty()) return;
  if (empty()) {
    *this = other;
    return;
  }
  for (std::size_t i = 0; i < week_.size(); ++i)
    week_[i] += other.week_[i];
  calibration_.front() += other.calibration_.front();
  for (std::size_t i = 0; i < curves_.size(); ++i)
    if (curves_[i].empty()) curves_[i] = other.curves_[i];
}

} // namespace forestage::models
