// Forecasts of series that have just begun: the shape from the other ones, the level from their own few
// values.
//
//   z = log(1 + y);  pooled(t): mean over the donors of D(t) + W(t) as their profile_state has them
//   level = (prior * mean of the donors' levels + sum of (z - trust * pooled)) / (prior + n)
//   shape = (1 - own) * trust * pooled + own * (mean of z - level at this place of the short season)
//   path = level + shape + echo^k * (mean residual of the last values)
// Which of a few (trust, prior, own) is taken is decided by rehearsals: what the same forecast would have
// been off by for donors, had they had as little history, on the horizons before. Where donors are alike,
// their shape and level win; where they are not, the own values do. The same rehearsals give the bands:
// quantiles of their errors by knot of the horizon, centred on the path. (Shrinkage toward a group: Duncan,
// Gorr and Szczypula in Armstrong, Principles of Forecasting, 2001.)
//
// Donors are the other series that have two short seasons and a horizon before the origin. Without any, there
// is a level and nothing else. O(donors * rehearsals * long season) per forecast; a donor is followed once,
// whatever the origins.
#pragma once

#include "models/forecast/executor.hpp"
#include "models/forecast/horizon_knots.hpp"
#include "models/forecast/profile_state.hpp"
#include "models/forecast/simple_forecasts.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace forestage::models {

struct cold_start_settings {
  season_lengths seasons;
  std::size_t horizon = 288;
  double echo_seasons = 1.0 / 24;   // in which a residual loses half of itself
  std::size_t rehearsals = 14;      // horizons before an origin
  std::size_t most_rehearsed = 240; // of donors and horizons together: every n-th of more
};

// How own values and the others' are put together.
struct cold_start_blend {
  double trust = 0.9; // of the donors' shape
  double prior = 2;   // values that the donors' level is worth
  double own = 0;     // share of the own shape, once a short season was seen
};
// All that are tried, the usual one first.
[[nodiscard]] std::span<const cold_start_blend> cold_start_blends();

// A forecast that is asked for.
struct cold_start_case {
  std::size_t series = 0;
  std::size_t origin = 0;  // observations of the series before it
  std::size_t history = 0; // how many of them, the last ones, are its own history; at least 1
};

class cold_start {
public:
  // series: finite values >= 0. ends: the step after the last observation of each, on one clock; series of
  // which nothing is known have the same. cases: all that will be asked for. @pre validate(settings.seasons).
  cold_start(const std::vector<std::vector<double>>& series, std::span<const std::int64_t> ends,
             const cold_start_settings& settings, std::span<const cold_start_case> cases,
             const executor& run = in_order);

  // The forecast of a case. Bands never cross and are never negative.
  [[nodiscard]] quantile_paths predict(const cold_start_case& of, std::span<const double> quantiles) const;

private:
  // A donor at a step: its level and what it adds at every place of the long season, from the step on.
  struct donor_state {
    std::int64_t step = 0;
    float level = 0;
    std::vector<float> shape;
  };
  struct path {
    double level = 0;
    std::vector<double> z; // horizon
  };
  // What the donors at a step come to: sums in fixed point, from which one can be taken out without a trace.
  struct pool {
    std::int64_t step = 0;
    std::int64_t count = 0, level = 0;
    std::vector<std::int64_t> shape;
    void add(const donor_state& donor, std::int64_t times);
  };
  struct donor_means {
    bool any = false;
    double level = 0;
    std::vector<double> shape;
  };
  [[nodiscard]] const donor_state* donor_at(std::size_t series, std::int64_t step) const;
  // The mean of all donors at a step without two of them.
  [[nodiscard]] donor_means without(std::int64_t step, std::size_t one, std::size_t other) const;
  // `target`: whose forecast this is about; it is no donor, whoever's path is drawn.
  [[nodiscard]] std::optional<path> path_of(std::size_t series, std::int64_t step, std::size_t history,
                                            std::size_t target, const cold_start_blend& blend) const;
  struct rehearsal {
    std::size_t series = 0;
    std::int64_t step = 0;
  };
  [[nodiscard]] std::vector<rehearsal> rehearsals_of(const cold_start_case& of) const;
  [[nodiscard]] const cold_start_blend& best_blend(const cold_start_case& of,
                                                   std::span<const rehearsal> all) const;
  // By knot, in ascending order.
  [[nodiscard]] std::vector<std::vector<double>> rehearsed_errors(const cold_start_case& of,
                                                                  std::span<const rehearsal> all,
                                                                  const cold_start_blend& blend) const;
  [[nodiscard]] std::int64_t begin(std::size_t series) const {
    return ends_[series] - static_cast<std::int64_t>(z_[series].size());
  }
  [[nodiscard]] std::int64_t step_of(const cold_start_case& c) const {
    return begin(c.series) + static_cast<std::int64_t>(c.origin);
  }
  // Steps at which a forecast like the one at `step` is rehearsed.
  [[nodiscard]] std::vector<std::int64_t> rehearsals_before(std::int64_t step) const;
  void follow(std::size_t series, std::span<const std::int64_t> steps);

  cold_start_settings settings_;
  horizon_knots knots_;
  std::vector<std::vector<float>> z_;
  std::vector<std::vector<float>> largest_; // of each series up to each observation, log scale
  std::vector<std::int64_t> ends_;
  std::vector<std::vector<donor_state>> donors_; // by series, in the order of steps
  std::vector<pool> pools_;                      // in the order of steps
};

} // namespace forestage::models
