// What --report shows of a backtest, gathered while forecasts come in, and the document made of it.
#pragma once

#include "cluster/backtest/backtest.hpp"
#include "cluster/backtest/forecasters.hpp"
#include "cluster/backtest/series_input.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace forestage::cluster {

// The quantiles of bands and calibration, ascending: pairs around the median.
[[nodiscard]] const std::vector<double>& report_quantiles();

class report_collector {
public:
  static constexpr std::size_t most_curves = 12, most_origins = 7, classes = 3, hours_per_week = 168;

  // `plan` and `scales` outlive it. scales: of each series, 0 where it has none.
  report_collector(const backtest_options& options, const forecast_plan& plan, const series_input& input,
                   const std::vector<double>& scales);

  // A forecast of a model, in the order in which they come; model 0 is the default.
  void add(std::size_t model, const models::panel_forecast& forecast);
  // MASE of a model by block of the horizon.
  [[nodiscard]] std::vector<std::optional<double>> by_block(std::size_t model) const;
  [[nodiscard]] report_document document(const backtest_outcome& outcome) const;

private:
  struct hour {
    double error = 0, level = 0, observations = 0;
  };
  struct coverage {
    std::vector<double> below; // by quantile
    std::int64_t observations = 0;
  };
  void add_blocks(std::size_t model, const models::panel_forecast& f);
  void add_hours(const models::panel_forecast& f);
  void add_calibration(const models::panel_forecast& f);
  void choose_curves();
  void add_curve(const models::panel_forecast& f);

  const backtest_options options_;
  const forecast_plan& plan_;
  const std::vector<double>& scales_;
  std::vector<std::string> names_;
  std::vector<std::optional<std::int64_t>> starts_;
  std::vector<double> means_;              // of each series before the first origin
  std::vector<std::size_t> block_ends_;    // of the horizon
  std::vector<std::vector<double>> sums_;  // by model: series x blocks, of scaled errors
  std::vector<std::vector<double>> count_; // by model: origins by series
  std::array<hour, hours_per_week> hours_{};
  std::array<coverage, classes> calibration_;
  std::vector<report_curve> curves_;
  std::vector<std::size_t> curve_of_;   // by series: index into curves_, or none
  std::vector<std::size_t> curve_from_; // by curve: the first observation shown
};

} // namespace forestage::cluster
