#include "tools/backtest/backtest.hpp"

#include "adapters/files/atomic_file.hpp"
#include "adapters/files/output.hpp"
#include "cluster/backtest/backtest.hpp"
#include "tools/console/progress.hpp"
#include "tools/console/stop.hpp"
#include "tools/console/streams.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace forestage::tools {

namespace {

using models::errc;

// As typed; parsed in one place, so that every message names its option.
struct backtest_texts {
  std::string interval = "5m", seasons, origins = "7", quantiles = "0.5,0.8,0.9,0.95,0.99", history;
  std::string models;       // empty: the default and the simple ones
  std::string json, report; // files; empty: none
};

template <class Parsed, class Into> models::status take(Parsed parsed, Into& into) {
  if (!parsed) return parsed.failure();
  into = std::move(*parsed);
  return models::success();
}

models::status fill(cluster::backtest_options& options, const backtest_texts& texts) {
  if (auto s = take(cluster::parse_duration(texts.interval), options.interval_seconds); !s)
    return {errc::invalid_argument, "--interval: " + s.failure().text};
  if (texts.seasons == "detect")
    options.detect_seasons = true;
  else if (!texts.seasons.empty())
    if (auto s = take(cluster::parse_seasons(texts.seasons), options.seasons); !s) return s;
  if (auto s = take(cluster::parse_origins(texts.origins), options.origins); !s) return s;
  if (auto s = take(cluster::parse_quantiles(texts.quantiles), options.quantiles); !s) return s;
  if (!texts.models.empty())
    if (auto s = take(cluster::parse_models(texts.models), options.models); !s) return s;
  if (!texts.history.empty()) {
    if (auto s = take(cluster::parse_duration(texts.history), options.history_seconds); !s)
      return {errc::invalid_argument, "--history: " + s.failure().text};
    if (options.history_seconds < options.interval_seconds)
      return {errc::invalid_argument, "--history must be at least one --interval, such as 6h"};
  }
  options.report = !texts.report.empty();
  return cluster::validate(options);
}

int exit_code_of(const models::error& failure) {
  return failure.code == errc::invalid_argument ? 2 : 1;
}

int failed(const models::error& failure) {
  console::say(failure.code == errc::interrupted ? "forestage backtest: stopped"
                                                 : "forestage backtest: " + failure.text);
  return exit_code_of(failure);
}

// Outputs are tried before hours of work, not after, and no two of them are one file.
models::status check_outputs(const cluster::backtest_options& options, const backtest_texts& texts) {
  std::vector<std::pair<std::string, std::string>> outputs;
  for (const auto& [option, path] : {std::pair{"--forecasts", options.forecasts},
                                     std::pair{"--json", texts.json}, std::pair{"--report", texts.report}}) {
    if (path.empty()) continue;
    if (path == "-")
      return {errc::invalid_argument, std::string{option} + " -: standard output has the table; name a file"};
    const auto same_file = [](const std::string& a, const std::string& b) {
      std::error_code none;
      return std::filesystem::weakly_canonical(a, none) == std::filesystem::weakly_canonical(b, none);
    };
    for (const auto& [other, there] : outputs)
      if (same_file(path, there))
        return {errc::invalid_argument,
                std::string{option} + " and " + other + " name the same file; give each its own"};
    for (const auto& input : options.paths)
      if (same_file(path, input))
        return {errc::invalid_argument, std::string{option} + " names a file that is read; give another one"};
    if (auto file = files::atomic_file::open(path); !file) return file.failure();
    outputs.emplace_back(option, path);
  }
  return models::success();
}

models::status write_file(const std::string& path, const std::string& content) {
  auto file = files::output::open(path);
  if (!file) return file.failure();
  if (auto written = file->write(content); !written) return written;
  return file->commit();
}

// Scores, page and table: one that cannot be written does not take the others along.
int publish(const cluster::backtest_outcome& outcome, const backtest_texts& texts) {
  int code = 0;
  const auto note = [&code](const models::status& written) {
    if (!written) code = failed(written.failure());
  };
  if (!texts.json.empty()) note(write_file(texts.json, to_json(outcome)));
  if (outcome.report) {
    auto page = cluster::to_html(*outcome.report);
    note(page ? write_file(texts.report, *page) : models::status{page.failure()});
  }
  note(console::print(to_text(outcome)));
  return code;
}

int run_backtest(cluster::backtest_options options, const backtest_texts& texts) {
  if (auto filled = fill(options, texts); !filled) return failed(filled.failure());
  if (auto writable = check_outputs(options, texts); !writable) return failed(writable.failure());
  auto outcome = cluster::backtest(options, console::phase_bars({"steps", 1}));
  if (!outcome)
    return failed(console::stop_requested() ? models::error{errc::interrupted, {}} : outcome.failure());
  for (const auto& note : outcome->notes)
    console::say("note: " + note);
  for (const auto& warning : outcome->warnings)
    console::say("warning: " + warning);
  return publish(*outcome, texts);
}

} // namespace

void add_backtest(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<cluster::backtest_options>();
  auto texts = std::make_shared<backtest_texts>();
  auto& command = *app.add_subcommand("backtest", "Forecasts of series from origins in their past, scored");
  command.add_option("SERIES", options->paths, "logs read as series, or files of id,values")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--columns", options->columns, "time=…,resource=…,count=… (default: detected, and said)")
      ->type_name("MAP")
      ->group("The series");
  command
      .add_option("--where", options->where,
                  "only rows whose column matches, such as series=web* (repeatable)")
      ->type_name("COLUMN=GLOB")
      ->group("The series")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--time-format", options->time_format, "how times are written")
      ->type_name("FORMAT")
      ->group("The series");
  command.add_option("--interval", texts->interval, "length of a step")
      ->capture_default_str()
      ->group("The forecasts");
  command
      .add_option(
          "--season", texts->seasons,
          "one or two seasons in steps, such as 24,168, or detect: what the values show (default: a day "
          "and a week, unless another season shows clearly)")
      ->group("The forecasts");
  command.add_option("--horizon", options->horizon, "steps ahead (0: the first season)")
      ->capture_default_str()
      ->group("The forecasts");
  command.add_option("--origins", texts->origins, "last (past the end of the data), or how many")
      ->capture_default_str()
      ->group("The forecasts");
  command.add_option("--every", options->every, "steps between two origins (0: the horizon)")
      ->capture_default_str()
      ->group("The forecasts");
  command.add_option("--quantiles", texts->quantiles, "bands")->capture_default_str()->group("The forecasts");
  command
      .add_option(
          "--models", texts->models,
          "which to show beside the default: names, or all, its experts too (default: the simple ones)")
      ->type_name("NAMES")
      ->group("The forecasts");
  command
      .add_option("--history", texts->history,
                  "cold start: each series has had only this much, such as 6h, the others are whole")
      ->type_name("DURATION")
      ->group("The forecasts");
  command.add_option("--threads", options->threads, "0: one per core; changes nothing but the speed")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group("Output");
  command.add_option("--forecasts", options->forecasts, "write the default's forecasts as CSV")
      ->type_name("FILE")
      ->group("Output");
  command.add_option("--json", texts->json, "write the scores")->type_name("FILE")->group("Output");
  command.add_option("--report", texts->report, "write a page with charts, one HTML file")
      ->type_name("FILE")
      ->group("Output");
  command.add_option("--seed", options->seed, "of the segments")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group("The forecasts");
  command.footer("Examples:\n"
                 "  forestage backtest load.csv.gz --interval 5m --origins 7\n"
                 "      seven days at the end of each series, forecast a day ahead, against simple models\n"
                 "  forestage backtest hourly.csv --interval 1h --season 24,168 --horizon 48 --origins last "
                 "--forecasts next.csv\n"
                 "      two days past the end of the data");
  command.callback([options, texts, &exit_code] { exit_code = run_backtest(*options, *texts); });
}

} // namespace forestage::tools
