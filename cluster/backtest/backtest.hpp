// Forecasts of real series from origins in their past, scored against what came.
#pragma once

#include "cluster/backtest/options.hpp"
#include "cluster/report/document.hpp"
#include "models/metrics/forecast_score.hpp"

#include <optional>
#include <string>
#include <vector>

namespace forestage::cluster {

struct model_outcome {
  std::string name;
  std::optional<models::forecast_scores> mean;              // none past the end of the data
  std::vector<std::optional<models::forecast_scores>> each; // by series
  std::vector<std::optional<double>> by_block; // MASE by block of the horizon; empty: not asked for
  double cpu_seconds = 0;                      // of the process, all threads
  std::size_t forecasts = 0;                   // that are scored, of all series and origins
  bool part = false;     // an expert of the default: its seconds and bytes are in those of the default
  std::size_t bytes = 0; // of state per series, beside its history
};

struct backtest_outcome {
  std::vector<std::string> notes, warnings;
  std::vector<std::string> series;
  std::size_t shortest = 0, longest = 0; // observations
  std::size_t horizon = 0, origins = 0, history = 0;
  std::vector<std::size_t> seasons;
  std::string season_note; // what was found; empty when seasons were named
  std::vector<double> quantiles;
  std::vector<model_outcome> models;     // the default first, then simple ones, then its experts
  std::optional<report_document> report; // when asked for
};

// Writes the default's forecasts when asked to. The number of threads changes nothing but cpu_seconds.
// Errors: those of the readers; invalid_data when no series is long enough; invalid_argument; storage_failed;
// interrupted; not_found when a report is asked for and this build has none.
[[nodiscard]] models::result<backtest_outcome> backtest(const backtest_options& options,
                                                        const progress_function& progress);

// Stable keys; cpu_seconds is the only figure that another run may change.
[[nodiscard]] std::string to_json(const backtest_outcome& outcome);
[[nodiscard]] std::string to_text(const backtest_outcome& outcome);

} // namespace forestage::cluster
