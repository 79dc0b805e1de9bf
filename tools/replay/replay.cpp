#include "tools/replay/replay.hpp"

#include "adapters/files/atomic_file.hpp"
#include "cluster/replay/replay.hpp"
#include "tools/console/progress.hpp"
#include "tools/console/stop.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>

namespace forestage::tools {

namespace {

using models::errc;

// As typed; parsed in one place, so that every message names its option.
struct replay_texts {
  std::string interval = "5m", cost_ratio = "9:1", budget = "none", warmup = "50%", policy = "cost",
              yardsticks = "default";
  double threshold = 0.5;
  std::string json, speed;
};

models::status fill(cluster::replay_options& options, const replay_texts& texts) {
  const auto take = [](auto parsed, auto& into) -> models::status {
    if (!parsed) return parsed.failure();
    into = std::move(*parsed);
    return models::success();
  };
  if (auto s = take(cluster::parse_duration(texts.interval), options.interval_seconds); !s)
    return models::error{errc::invalid_argument, "--interval: " + s.failure().text};
  std::pair<double, double> costs;
  if (auto s = take(cluster::parse_cost_ratio(texts.cost_ratio), costs); !s) return s;
  options.cost_under = costs.first;
  options.cost_over = costs.second;
  if (auto s = take(cluster::parse_budget(texts.budget), options.budget); !s) return s;
  if (auto s = take(cluster::parse_share(texts.warmup), options.warmup); !s)
    return models::error{errc::invalid_argument, "--warmup: " + s.failure().text};
  if (auto s = take(cluster::parse_yardsticks(texts.yardsticks, !options.truth.empty()), options.yardsticks);
      !s)
    return s;
  options.cost_policy = texts.policy.find("cost") != std::string::npos;
  if (texts.policy.find("threshold") != std::string::npos) options.threshold = texts.threshold;
  if (texts.policy != "cost" && texts.policy != "threshold" && texts.policy != "cost,threshold" &&
      texts.policy != "threshold,cost")
    return models::error{errc::invalid_argument,
                         "--policy '" + texts.policy + "': choose cost, threshold or cost,threshold"};
  return cluster::validate(options);
}

models::status write_file(const std::string& path, const std::string& content) {
  auto file = files::atomic_file::open(path);
  if (!file) return file.failure();
  if (auto written = file->write(content); !written) return written;
  return file->commit();
}

int exit_code_of(const models::error& failure) {
  return failure.code == errc::invalid_argument ? 2 : 1;
}

int failed(const models::error& failure) {
  if (failure.code == errc::interrupted)
    fmt::print(stderr, "forestage replay: stopped\n");
  else
    fmt::print(stderr, "forestage replay: {}\n", failure.text);
  return exit_code_of(failure);
}

// One bar per phase.
cluster::progress_function progress_bar() {
  struct bar {
    std::string phase;
    std::unique_ptr<console::progress> progress;
  };
  auto b = std::make_shared<bar>();
  return [b](std::string_view phase, std::uint64_t done, std::uint64_t total) {
    if (b->phase != phase) {
      b->progress.reset();
      b->phase = phase;
      b->progress = std::make_unique<console::progress>(b->phase, std::max<std::uint64_t>(1, total));
    }
    if (b->progress) b->progress->advance(done);
    if (done >= total) b->progress.reset(); // several reports may say so
    return !console::stop_requested();
  };
}

int run_replay(cluster::replay_options options, const replay_texts& texts) {
  if (auto filled = fill(options, texts); !filled) return failed(filled.failure());
  auto outcome = cluster::replay(options, progress_bar());
  if (!outcome)
    return failed(console::stop_requested() ? models::error{errc::interrupted, {}} : outcome.failure());
  for (const auto& note : outcome->notes)
    fmt::print(stderr, "note: {}\n", note);
  if (outcome->card.bad_rows > 0) {
    fmt::print(stderr, "warning: {} bad rows were left out (--strict makes them an error); the first ones:\n",
               outcome->card.bad_rows);
    for (const auto& row : outcome->bad_rows)
      fmt::print(stderr, "  {}\n", row);
  }
  const auto text = to_text(outcome->card);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    return failed(
        {errc::storage_failed, "cannot write to the standard output: it is closed, or its disk is full"});
  if (!texts.json.empty())
    if (auto written = write_file(texts.json, to_json(outcome->card)); !written)
      return failed(written.failure());
  if (!texts.speed.empty())
    if (auto written = write_file(texts.speed, to_json(outcome->speed)); !written)
      return failed(written.failure());
  return 0;
}

} // namespace

void add_replay(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<cluster::replay_options>();
  auto texts = std::make_shared<replay_texts>();
  auto& command = *app.add_subcommand(
      "replay", "A request log through the whole engine, in virtual time, against simple policies");
  command
      .add_option("LOG", options->paths, "request logs: CSV, TSV, JSON Lines or NCSA; plain, gzip or zstd")
      ->required()
      ->type_name("FILE");

  command
      .add_option("--columns", options->columns,
                  "which column is what: time=…,resource=…,region=…,peer=…,count=…,size=… (default: "
                  "detected, and said)")
      ->type_name("MAP")
      ->group("The log");
  command
      .add_option("--where", options->where,
                  "only rows whose column matches, such as kind=j (globs; repeatable)")
      ->type_name("COLUMN=GLOB")
      ->group("The log")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--time-format", options->time_format, "how times are written, such as %d/%m/%Y %H:%M")
      ->type_name("FORMAT")
      ->group("The log");
  command.add_flag("--strict", options->strict, "the first bad row is an error")->group("The log");

  command.add_option("--interval", texts->interval, "length of an interval: 1m to 1d, a divisor of a day")
      ->capture_default_str()
      ->group("The decision");
  command.add_option("--lead", options->lead, "whole intervals from deciding to ready")
      ->capture_default_str()
      ->group("The decision");
  command
      .add_option("--cost-ratio", texts->cost_ratio,
                  "cost of a cold request : cost of an idle unit for one interval")
      ->capture_default_str()
      ->group("The decision");
  command
      .add_option("--budget", texts->budget,
                  "units per region and interval: none, a number, or a multiple of its mean demand (1.0x)")
      ->capture_default_str()
      ->group("The decision");
  command.add_option("--policy", texts->policy, "cost, threshold or cost,threshold")
      ->capture_default_str()
      ->group("The decision");
  command.add_option("--threshold", texts->threshold, "of the threshold policy: requests an interval")
      ->capture_default_str()
      ->group("The decision");
  command
      .add_option("--collection-size", options->collection_size, "slots of a unit, for the slots reported")
      ->capture_default_str()
      ->group("The decision");

  command.add_option("--warmup", texts->warmup, "share of the log that is only learned from")
      ->capture_default_str()
      ->group("The comparison");
  command
      .add_option("--yardsticks", texts->yardsticks, "policies to show: default, all, or names with commas")
      ->capture_default_str()
      ->group("The comparison");
  command.add_option("--truth", options->truth, "rates of a generated log: adds the rate-oracle")
      ->type_name("FILE")
      ->group("The comparison");
  command.add_option("--json", texts->json, "write the scorecard")
      ->type_name("FILE")
      ->group("The comparison");
  command.add_option("--speed", texts->speed, "write times and memory")
      ->type_name("FILE")
      ->group("The comparison");

  command.add_option("--shards", options->shards, "shards of the resources; changes no result")
      ->capture_default_str()
      ->group("The run");
  command.add_option("--threads", options->threads, "threads (0: one per core); changes no result")
      ->capture_default_str()
      ->group("The run");
  command.add_option("--seed", options->seed, "of whatever is drawn at random")
      ->capture_default_str()
      ->group("The run");
  command
      .add_option("--data-dir", options->data_dir, "keep the demand log here, so that the run can be resumed")
      ->type_name("DIR")
      ->group("The run");
  command.add_flag("--resume", options->resume, "go on with the run in --data-dir")->group("The run");

  command.footer(
      "Examples:\n"
      "  forestage replay access.log.gz\n"
      "      an nginx log as it is: columns are detected, and said\n"
      "  forestage replay joins.csv.gz --columns time=timestamp,resource=room,region=region --interval 15m\n"
      "      one resource per room, demand per region, quarter hours\n"
      "  forestage replay joins.csv.gz --where kind=j --cost-ratio 19:1 --budget 1.0x --json card.json\n"
      "      some rows only, cold requests dearer, units limited, the scorecard as JSON\n"
      "  forestage replay big.csv.zst --data-dir run1        then, after a crash:\n"
      "  forestage replay big.csv.zst --data-dir run1 --resume");
  command.callback([options, texts, &exit_code] { exit_code = run_replay(*options, *texts); });
}

} // namespace forestage::tools
