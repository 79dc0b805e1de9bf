// What a report says: the same page serves replay and backtest; sections that do not apply stay empty. Pure.
//
// web/report/src/document.ts reads what to_json() writes: the two change together, and `format` with them.
// Sums are integers; nothing in a document depends on when, where or how fast it was made, on threads or
// shards.
#pragma once

#include "models/metrics/score.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forestage::cluster {

// Daily sums of a policy. days: of a report, as interval_grid::day().
struct report_policy {
  std::string name;
  std::vector<models::unit_sums> days; // one a day of the report
};

struct report_days {
  std::int64_t first = 0; // day, counted from the epoch
  std::vector<report_policy> policies;
};

// Sums by hour of the week (UTC, Monday 00:00 first), 168 of each.
struct report_week {
  std::string policy;        // whose cold requests
  std::vector<double> hours; // of observation behind each
  std::vector<std::int64_t> requests, cold;
};

// What a forecast said from one origin on. nullopt: it said nothing about that step.
struct report_forecast {
  std::size_t at = 0; // the observation that the first value is for
  std::vector<std::optional<double>> mean;
  std::vector<std::vector<std::optional<double>>> bands; // by level, then step
};

// A figure for each hour of the week (UTC, Monday 00:00 first), 168 of them; nullopt: nothing was seen then.
struct report_measure {
  std::string label;
  std::vector<std::optional<double>> values;
};

// Errors by how far ahead they lie: MASE of each model by block of the horizon.
struct report_horizon {
  std::vector<std::string> blocks; // "1–12"
  std::vector<std::pair<std::string, std::vector<std::optional<double>>>> models;
};

struct report_curve {
  std::string name, region;
  std::optional<std::int64_t> requests;
  std::optional<std::int64_t>
      start_seconds; // unix time of the first observation; none: a series without times
  std::int64_t step_seconds = 0;
  std::vector<double> levels; // rising probabilities of the bands
  std::vector<std::optional<double>> actual;
  std::vector<std::int64_t> allocation; // units held ready; empty: nothing was allocated
  std::vector<report_forecast> forecasts;
};

// The share of observations at or below the forecast quantiles.
struct report_calibration {
  std::string name;
  std::int64_t observations = 0;
  std::vector<double> levels, coverage;
};

// A figure with everything on, and with one source of knowledge switched off.
struct report_ablation {
  std::string name, metric;
  double with = 0, without = 0;
  bool lower_is_better = true;
};

struct report_document {
  std::string command; // "forestage replay"
  std::string title;
  std::vector<std::string> summary; // sentences
  std::vector<std::pair<std::string, std::string>> settings, versions;
  std::string card; // JSON, as --json writes it
  std::optional<report_days> days;
  std::optional<report_week> week;
  std::optional<std::vector<report_measure>> hours; // of a backtest, in the place of the week
  std::optional<report_horizon> horizon;
  std::vector<report_curve> curves;
  std::vector<report_calibration> calibration;
  std::vector<report_ablation> ablations;
};

// The names of files without their folders: where a log lies says nothing about it.
[[nodiscard]] std::string file_names(const std::vector<std::string>& paths);

// One line of JSON, safe inside an HTML script element: it holds no '<', '>' or '&', and only ASCII.
[[nodiscard]] std::string to_json(const report_document& document);

// Whether this forestage has the page. Errors: not_found, with what to install.
[[nodiscard]] models::status report_available();

// The page with the document in it. Errors: those of report_available().
[[nodiscard]] models::result<std::string> to_html(const report_document& document);

} // namespace forestage::cluster
