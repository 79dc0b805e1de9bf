// Forecasts of real series from origins in their past, scored against what came.
#pragma once

#include "cluster/backtest/options.hpp"
#include "models/metrics/forecast_score.hpp"

#include <optional>
#include <string>
#include <vector>

namespace forestage::cluster {

struct model_outcome {
  std::string name;
  std::optional<models::forecast_scores> mean;              // none past the end of the data
  std::vector<std::optional<models::forecast_scores>> each; // by series
  double cpu_seconds = 0;
};

struct backtest_outcome {
  std::vector<std::string> notes, warnings;
  std::vector<std::string> series;
  std::size_t shortest = 0, longest = 0; // observations
  std::size_t horizon = 0, origins = 0;
  std::vector<std::size_t> seasons;
  std::vector<double> quantiles;
  std::vector<model_outcome> models; // the default first
};

// Writes the default's forecasts when asked to. Errors: those of the readers; invalid_data when no series is
// long enough; invalid_argument; storage_failed; interrupted.
[[nodiscard]] models::result<backtest_outcome> backtest(const backtest_options& options,
                                                        const progress_function& progress);

[[nodiscard]] std::string to_json(const backtest_outcome& outcome);
[[nodiscard]] std::string to_text(const backtest_outcome& outcome);

} // namespace forestage::cluster
