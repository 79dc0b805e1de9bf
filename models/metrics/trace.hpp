// What a report shows of a run beyond its scores: demand and warm requests by hour of the week, how often
// counts stayed at or below the forecast quantiles, and the curves of a few keys.
//
// Value type. Sums are integers, so merging is exact in any order; a curve belongs to one shard and is taken
// over whole. Bounded: 168 hours, three classes, `traced_keys` curves of at most `traced_intervals`. A run
// without a report keeps an empty trace, which costs nothing.
#pragma once

#include "models/ids.hpp"
#include "models/interval.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace forestage::models {

inline constexpr std::size_t hours_per_week = 168;
inline constexpr std::size_t traced_keys = 12;          // the busiest
inline constexpr std::int64_t traced_intervals = 4'032; // the last ones: 14 days of five minutes

// 0 is Monday 00:00 UTC.
[[nodiscard]] std::size_t hour_of_week(std::int64_t unix_seconds) noexcept;

struct hour_sums {
  std::int64_t requests = 0, warm = 0;
  hour_sums& operator+=(const hour_sums& other) noexcept {
    requests += other.requests;
    warm += other.warm;
    return *this;
  }
  friend bool operator==(const hour_sums&, const hour_sums&) = default;
};

// Of a count d under a forecast distribution: P(D < d) and P(D <= d).
struct count_probability {
  double below = 0, at_most = 0;
};

// The share of counts at or below each forecast quantile, as the randomised probability integral transform
// has it: a count covers level p with probability (p - P(D < d)) / P(D = d), cut to [0, 1], so that a correct
// forecast of counts covers p of them exactly. Taken as its expectation: nothing is drawn. Source: C. Czado,
// T. Gneiting, L. Held, Predictive model assessment for count data, Biometrics 65, 2009, section 2.
class calibration_sums {
public:
  static constexpr std::array<double, 21> levels{0.05, 0.1,  0.15, 0.2,  0.25, 0.3,   0.35,
                                                 0.4,  0.45, 0.5,  0.55, 0.6,  0.65,  0.7,
                                                 0.75, 0.8,  0.85, 0.9,  0.95, 0.975, 0.99};
  // Classes by forecast mean: below 1, below 10, 10 and more requests an interval.
  static constexpr std::array<double, 2> class_limits{1.0, 10.0};
  static constexpr std::size_t class_count = class_limits.size() + 1;

  // mean: of the forecast, requests an interval.
  void add(double mean, const count_probability& p);
  calibration_sums& operator+=(const calibration_sums& other) noexcept;

  [[nodiscard]] std::int64_t observations(std::size_t cls) const noexcept {
    return classes_[cls].observations;
  }
  // By level; empty without observations.
  [[nodiscard]] std::vector<double> coverage(std::size_t cls) const;

  friend bool operator==(const calibration_sums&, const calibration_sums&) = default;

private:
  static constexpr double unit = 1 << 20; // of what a count covers
  struct sums {
    std::int64_t observations = 0;
    std::array<std::int64_t, levels.size()> covered{};
    friend bool operator==(const sums&, const sums&) = default;
  };
  std::array<sums, class_count> classes_{};
};

struct traced_key {
  resource_id resource;
  region_id region;
  std::int64_t requests = 0; // in the whole log
};

// What a trace is asked to keep. Keys: distinct.
struct trace_settings {
  std::vector<traced_key> keys;
  interval_number from{}, to{}; // of the curves

  [[nodiscard]] std::optional<std::size_t> find(const resource_id& resource, const region_id& region) const;
  [[nodiscard]] bool traces(const resource_id& resource) const;
};

// Of the bands drawn around a curve.
inline constexpr std::array<double, 5> curve_levels{0.025, 0.1, 0.5, 0.9, 0.975};

// What was said about one interval of a traced key.
struct curve_point {
  static constexpr double mean_unit = 100; // means are kept in hundredths of a request
  interval_number interval{};
  std::int64_t mean = 0;
  std::array<std::int64_t, curve_levels.size()> quantiles{};
  friend bool operator==(const curve_point&, const curve_point&) = default;
};

// One entry an interval of [from, to) of the settings.
struct traced_curve {
  static constexpr std::int64_t nothing_said = -1; // as a mean
  std::vector<std::int64_t> actual, units, mean;
  std::array<std::vector<std::int64_t>, curve_levels.size()> quantiles;

  [[nodiscard]] bool empty() const noexcept { return actual.empty(); }
  friend bool operator==(const traced_curve&, const traced_curve&) = default;

  template <class Archive> void fields(Archive& archive) {
    archive(actual, units, mean);
    for (auto& q : quantiles)
      archive(q);
  }
};

class trace {
public:
  trace() = default; // empty
  explicit trace(const trace_settings& settings)
      : week_(hours_per_week)
      , calibration_(1)
      , curves_(settings.keys.size()) {}

  [[nodiscard]] bool fits(const trace_settings& settings) const;

  void add_hour(std::size_t hour, const hour_sums& sums) { week_[hour] += sums; }
  void add(const calibration_sums& sums) { calibration_.front() += sums; }
  // Points and intervals outside [from, to) of the settings are left out.
  void add_forecast(const trace_settings& settings, std::size_t key, const curve_point& point);
  void add_outcome(const trace_settings& settings, std::size_t key, interval_number t, std::int64_t actual,
                   std::int64_t units);
  // Pre: both empty, or of the same settings; or this one is empty.
  void merge(const trace& other);

  [[nodiscard]] bool empty() const noexcept { return week_.empty(); }
  [[nodiscard]] std::span<const hour_sums> week() const noexcept { return week_; }
  // Pre: !empty().
  [[nodiscard]] const calibration_sums& calibration() const { return calibration_.front(); }
  [[nodiscard]] const std::vector<traced_curve>& curves() const noexcept { return curves_; }

  friend bool operator==(const trace&, const trace&) = default;

  template <class Archive> void fields(Archive& archive) { archive(week_, calibration_, curves_); }

private:
  [[nodiscard]] traced_curve* curve(const trace_settings& settings, std::size_t key, interval_number t);

  std::vector<hour_sums> week_;
  std::vector<calibration_sums> calibration_; // one, or none when empty
  std::vector<traced_curve> curves_;          // by key of the settings
};

} // namespace forestage::models
