// Many series of one interval and one pair of seasons, forecast together, as backtests and pools run it.
//
// Every series has experts: its profile and its harmonics, each with a pooled residual regression, the two
// seasonal-naive paths, the median of its time of day, and, where they are affordable, a bank of smoothers on
// the log scale, one on its own scale and pooled lag-linear maps of several segmentations. Their realised
// paths weigh them, per series and block of the horizon (path_mixture.hpp). Quantiles: of the mixture's own
// past errors by knot of the horizon (error_bands.hpp), weighed against those of the time of day, a season
// before and sparse counts (last_layer.hpp). Where a series, or all of them, may have left their level, a
// mixture of that and the usual (common_level.hpp).
//
// Series are aligned at their ends: step 0 is the first observation of the longest one. At step t nothing is
// used that comes at t or later. Values are finite and >= 0.
#pragma once

#include "models/forecast/executor.hpp"
#include "models/forecast/harmonic_state.hpp"
#include "models/forecast/path_mixture.hpp"
#include "models/forecast/profile_state.hpp"
#include "models/forecast/smoother_bank.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::models {

struct panel_settings {
  season_lengths seasons;
  std::size_t horizon = 48;
  std::size_t stride = 24;         // steps between two scored paths; at most half a short season
  std::size_t rows = 48;           // rows of the profile regression per short season
  std::size_t scored_seasons = 16; // short seasons before the first origin in which paths are scored
  mixture_settings mixture;
  profile_rates profile;
  harmonic_settings harmonics;
  std::size_t longest_bank = 2'500; // long seasons beyond this have no smoothers
  std::size_t longest_lags = 400;   // … no lag-linear maps
  std::vector<std::size_t> segmentations{8, 14, 24, 40, 8, 14, 24, 40}; // numbers of segments
  double ridge = 25;
  double memory = 0.95; // of error counts, per short season
  std::uint64_t seed = 1;
};

struct panel_forecast {
  std::size_t series = 0, origin = 0;         // origin: observations of the series that were seen
  std::vector<float> mean;                    // horizon; the median
  std::vector<std::vector<float>> bands;      // per quantile asked for, horizon; never crossing
  std::vector<std::vector<float>> more_bands; // of panel_hooks::more_quantiles; none from simple models
};

// Errors: invalid_argument, naming what is out of range.
[[nodiscard]] status validate(const panel_settings& settings);

struct panel_hooks {
  std::function<void(panel_forecast)> on_forecast; // in order of time, on the caller's thread
  executor run = in_order;                         // the forecasts are the same for any
  std::span<const double> more_quantiles; // ascending; drawn beside the others, which they do not change
  // What each expert says at an origin, before the forecast made of all; those that have no quantiles of
  // their own come without bands. None: not asked for.
  std::function<void(std::string_view expert, panel_forecast)> on_expert;
  // Steps done, of how many; false stops. Now and then.
  std::function<bool(std::size_t done, std::size_t total)> on_progress;
};

// The names of all experts that a panel can have: "mixture" is their weighted path alone; "bands-log",
// "bands-value" and "sparse-counts" are candidates of the last layer, with quantiles. The seasonal-naive
// paths and the time of day are those of simple_forecasts.hpp and have no name here.
[[nodiscard]] std::vector<std::string> expert_names();

struct panel_outcome {
  std::vector<std::size_t> left;    // too short: left to the cold-start tier
  std::size_t bytes_per_series = 0; // of the experts' states and weights, the history not counted
  bool stopped = false;
};

// Forecasts every series at every origin. origins: steps from the end (0: after the last observation), in
// descending order, at least one. quantiles: ascending. Series with less than two short seasons and a horizon
// before the first origin are left to the cold-start tier. @pre validate(settings); values are 0 to 1e15.
[[nodiscard]] panel_outcome forecast_panel(const std::vector<std::vector<double>>& series,
                                           const panel_settings& settings,
                                           std::span<const std::size_t> origins,
                                           std::span<const double> quantiles, const panel_hooks& hooks);

} // namespace forestage::models
