// What a backtest is asked to do. Plain values, checked once.
#pragma once

#include "cluster/replay/options.hpp"
#include "models/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::cluster {

struct backtest_options {
  std::vector<std::string> paths;
  std::string columns; // empty: detected
  std::vector<std::string> where;
  std::string time_format;
  std::int64_t interval_seconds = 300;
  std::vector<std::size_t> seasons;   // observations, ascending; empty: a day and a week, if they fit
  bool detect_seasons = false;        // take those that are found
  std::vector<std::string> models;    // names to show beside the default; empty: the simple ones
  std::size_t horizon = 0;            // observations; 0: the first season
  std::optional<std::size_t> origins; // none: past the end of the data
  std::size_t every = 0;              // between origins; 0: the horizon
  std::vector<double> quantiles{0.5, 0.8, 0.9, 0.95, 0.99};
  std::int64_t history_seconds = 0; // what each forecast series has had before an origin; 0: all
  std::string forecasts;            // file; empty: none
  bool report = false;              // collect what --report shows
  std::size_t threads = 0;          // 0: one per core; decides nothing but the speed
  std::uint64_t seed = 1;

  [[nodiscard]] std::vector<std::size_t> resolved_seasons() const;
  [[nodiscard]] std::size_t history() const; // observations; 0: all
};

// Errors: invalid_argument, naming the option and the remedy.
[[nodiscard]] models::status validate(const backtest_options& options);

// Whether a model is shown: all are for "all", the simple ones when none is named.
[[nodiscard]] bool is_shown(const backtest_options& options, std::string_view model, bool simple);
// "default,ewma" -> names. Errors: invalid_argument (a name that no model has), with those there are.
[[nodiscard]] models::result<std::vector<std::string>> parse_models(std::string_view text);

// "24,168" -> ascending lengths. Errors: invalid_argument.
[[nodiscard]] models::result<std::vector<std::size_t>> parse_seasons(std::string_view text);
// "0.5,0.9" -> ascending. Errors: invalid_argument.
[[nodiscard]] models::result<std::vector<double>> parse_quantiles(std::string_view text);
// "last" or a number. Errors: invalid_argument.
[[nodiscard]] models::result<std::optional<std::size_t>> parse_origins(std::string_view text);

} // namespace forestage::cluster
