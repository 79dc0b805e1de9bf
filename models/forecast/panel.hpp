// Many series of one interval and one pair of seasons, forecast together: the richer tier, as backtests and
// pools run it.
//
// Each series has a bank of smoothers on the log scale and one on its own scale, and the two seasonal-naive
// forecasts; each segmentation of the series adds a pooled lag-linear forecast. The experts' realised paths
// weigh them, per series and block of the horizon. Bands: quantiles of the mixture's own past errors, shrunk
// toward those of all series.
//
// Series are aligned at their ends: step 0 is the first observation of the longest one. At step t nothing is
// used that comes at t or later (tests/property/models/forecast holds it). Values are >= 0.
#pragma once

#include "models/forecast/lag_linear.hpp"
#include "models/forecast/path_mixture.hpp"
#include "models/forecast/smoother_bank.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace forestage::models {

struct panel_settings {
  season_lengths seasons;
  std::size_t horizon = 48;
  std::vector<std::size_t> block_ends{6, 24, 48};
  std::size_t stride = 12;       // between two realised paths
  std::size_t scored_span = 384; // paths are scored over this long before the first origin
  mixture_settings mixture{.rate = 15, .floor = 0.02};
  std::vector<std::size_t> segmentations{8, 14, 24, 40, 8, 14, 24, 40}; // numbers of segments
  double ridge = 25;
  std::size_t errors_kept = 16; // realised paths whose errors make the bands
  double own_share = 0.5;       // of a series' own error quantiles in its bands
  double widening = 1.25;       // of the bands
  std::uint64_t seed = 1;
};

struct panel_forecast {
  std::size_t series = 0, origin = 0;    // origin: observations of the series that were seen
  std::vector<float> mean;               // horizon
  std::vector<std::vector<float>> bands; // per quantile asked for, horizon; never crossing
};

// Forecasts every series at every origin. origins: steps from the end (0: after the last observation), in
// descending order. on_forecast is called in order of time. Series shorter than a scored path are left to the
// cold-start tier: their indices are returned.
[[nodiscard]] std::vector<std::size_t> forecast_panel(const std::vector<std::vector<double>>& series,
                                                      const panel_settings& settings,
                                                      std::span<const std::size_t> origins,
                                                      std::span<const double> quantiles,
                                                      const std::function<void(panel_forecast)>& on_forecast);

} // namespace forestage::models
