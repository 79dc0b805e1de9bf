// The models that a backtest compares, each as one function over all series.
#pragma once

#include "cluster/backtest/options.hpp"
#include "models/forecast/panel.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::cluster {

// What is forecast and whence.
struct forecast_plan {
  std::vector<std::vector<double>> series;
  std::vector<std::int64_t> ends;   // the step after the last value of each, on one clock
  std::vector<std::size_t> back;    // origins: observations from the end, descending
  std::vector<std::size_t> seasons; // one or two, ascending
  std::size_t horizon = 0;
  std::vector<double> quantiles;      // ascending
  std::vector<double> more_quantiles; // of the default, drawn beside those; ascending
  std::size_t history = 0;            // observations that each forecast series has had; 0: all
  std::uint64_t seed = 1;
  models::executor run = models::in_order;
  std::function<void(std::string_view, models::panel_forecast)> on_expert; // of the default; none: not asked

  // The observations before an origin of a series, none when it has not begun.
  [[nodiscard]] std::size_t origin(std::size_t i, std::size_t from_end) const {
    return series[i].size() > from_end ? series[i].size() - from_end : 0;
  }
};

// Takes the forecasts, in an order that does not depend on the executor.
using forecast_sink = std::function<void(models::panel_forecast)>;
// Pieces done, of how many; false stops.
using forecast_progress = std::function<bool(std::size_t done, std::size_t total)>;

struct forecast_run {
  std::size_t bytes_per_series = 0; // 0: keeps the history and nothing else
  std::size_t cold = 0;             // series that were forecast from a cold start
  bool stopped = false;
};

struct forecaster {
  std::string name;
  std::function<forecast_run(const forecast_plan&, const forecast_progress&, const forecast_sink&)> run;
};

// The default first, then the simple ones that it is compared with.
[[nodiscard]] std::vector<forecaster> forecasters_of(const forecast_plan& plan);

} // namespace forestage::cluster
