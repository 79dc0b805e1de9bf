// Series of values for a backtest: request logs read as series, or files of `id,values`.
//
// In a log each resource (and region, where a column says) is a series, and each of its rows an observation,
// in the order of the file. In `id,values` files (plain or compressed CSV) a row is a series, its values
// separated by blanks, without times. A bad row is an error, as leaving one out would move every row after
// it.
#pragma once

#include "adapters/logs/log_source.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace forestage::adapters::logs {

struct value_series {
  std::string name;
  std::vector<double> values;        // finite; NaN where the log says that nothing was measured
  std::vector<std::int64_t> seconds; // unix seconds of each value; empty without times
};

struct series_set {
  std::vector<value_series> series; // in the order of appearance
  std::vector<std::string> notes;   // what was found, and what is assumed
  std::uint64_t rows = 0;
};

// Errors: those of log_source; invalid_data for a value that is none (file, line, series, remedy).
[[nodiscard]] models::result<series_set> read_series(const read_options& options);

// Steps that differ from `interval_seconds`, and times that come twice or go back.
struct step_report {
  std::uint64_t irregular = 0, duplicate = 0;
};
[[nodiscard]] step_report check_steps(const value_series& series, std::int64_t interval_seconds);

} // namespace forestage::adapters::logs
