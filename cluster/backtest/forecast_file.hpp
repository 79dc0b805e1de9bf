// The CSV file of --forecasts: series,origin,step,mean,q… (a row per step). Whole or not at all.
#pragma once

#include "adapters/files/output.hpp"
#include "models/forecast/panel.hpp"
#include "models/result.hpp"

#include <span>
#include <string>

namespace forestage::cluster {

class forecast_file {
public:
  // path: as files::output takes it. Errors: storage_failed and those of files::output.
  [[nodiscard]] static models::result<forecast_file> open(const std::string& path,
                                                          std::span<const double> quantiles);
  [[nodiscard]] models::status add(const std::string& name, const models::panel_forecast& forecast);
  [[nodiscard]] models::status commit() { return file_.commit(); }

private:
  explicit forecast_file(files::output file)
      : file_(std::move(file)) {}
  files::output file_;
};

} // namespace forestage::cluster
