#include "tools/backtest/backtest.hpp"

#include "adapters/files/atomic_file.hpp"
#include "cluster/backtest/backtest.hpp"
#include "tools/console/progress.hpp"
#include "tools/console/stop.hpp"
#include "tools/console/streams.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace forestage::tools {

namespace {

using models::errc;

// As typed; parsed in one place, so that every message names its option.
struct backtest_texts {
  std::string interval = "5m", seasons, origins = "7", quantiles = "0.5,0.8,0.9,0.95,0.99";
};

template <class Parsed, class Into> models::status take(Parsed parsed, Into& into) {
  if (!parsed) return parsed.failure();
  into = std::move(*parsed);
  return models::success();
}

models::status fill(cluster::backtest_options& options, const backtest_texts& texts) {
  if (auto s = take(cluster::parse_duration(texts.interval), options.interval_seconds); !s)
    return {errc::invalid_argument, "--interval: " + s.failure().text};
  if (!texts.seasons.empty())
    if (auto s = take(cluster::parse_seasons(texts.seasons), options.seasons); !s) return s;
  if (auto s = take(cluster::parse_origins(texts.origins), options.origins); !s) return s;
  if (auto s = take(cluster::parse_quantiles(texts.quantiles), options.quantiles); !s) return s;
  return cluster::validate(options);
}

int failed(const models::error& failure) {
  console::say("forestage backtest: " + failure.text);
  return failure.code == errc::invalid_argument ? 2 : 1;
}

int run_backtest(cluster::backtest_options& options, const backtest_texts& texts) {
  if (auto filled = fill(options, texts); !filled) return failed(filled.failure());
  console::progress bar{"forecasting", 5, console::progress::unit{"models", 1}};
  auto outcome = cluster::backtest(options, [&bar](std::string_view, std::uint64_t done, std::uint64_t) {
    bar.advance(done);
    return !console::stop_requested();
  });
  if (!outcome) return failed(outcome.failure());
  for (const auto& note : outcome->notes)
    console::say("note: " + note);
  for (const auto& warning : outcome->warnings)
    console::say("warning: " + warning);
  if (!options.json.empty()) {
    auto file = files::atomic_file::open(options.json);
    if (!file) return failed(file.failure());
    if (auto written = file->write(to_json(*outcome)); !written) return failed(written.failure());
    if (auto done = file->commit(); !done) return failed(done.failure());
  }
  std::fputs(to_text(*outcome).c_str(), stdout);
  return 0;
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
      .add_option("--season", texts->seasons,
                  "one or two seasons in steps, such as 24,168 (default: a day and a week)")
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
  command.add_option("--forecasts", options->forecasts, "write the default's forecasts as CSV")
      ->type_name("FILE")
      ->group("Output");
  command.add_option("--json", options->json, "write the scores")->type_name("FILE")->group("Output");
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
