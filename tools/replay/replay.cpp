#include "tools/replay/replay.hpp"

#include "adapters/files/atomic_file.hpp"
#include "cluster/replay/ablations.hpp"
#include "cluster/replay/intent_options.hpp"
#include "cluster/replay/replay.hpp"
#include "tools/console/progress.hpp"
#include "tools/console/stop.hpp"
#include "tools/console/streams.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace forestage::tools {

namespace {

using models::errc;

// As typed; parsed in one place, so that every message names its option.
struct replay_texts {
  std::optional<std::string> interval; // the log's own, when not given
  std::string cost_ratio = "9:1", budget = "none", warmup = "50%", policy = "cost", yardsticks = "default";
  std::optional<double> threshold;
  std::string json, speed, report;
  std::optional<std::string> intents, without;
  bool ablations = false;
};

models::status fill(cluster::replay_options& options, const replay_texts& texts) {
  const auto take = [](auto parsed, auto& into) -> models::status {
    if (!parsed) return parsed.failure();
    into = std::move(*parsed);
    return models::success();
  };
  options.interval_seconds = 0;
  options.report = !texts.report.empty();
  if (texts.interval)
    if (auto s = take(cluster::parse_duration(*texts.interval), options.interval_seconds); !s)
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
  if (texts.intents) {
    auto intents = cluster::parse_intents(*texts.intents);
    if (!intents) return intents.failure();
    options.intents = *intents;
  }
  if (texts.without)
    if (auto s = take(cluster::parse_ablation(*texts.without), options.without); !s) return s;
  options.cost_policy = texts.policy.find("cost") != std::string::npos;
  if (texts.policy.find("threshold") != std::string::npos)
    options.threshold = texts.threshold.value_or(0.5);
  else if (texts.threshold)
    return models::error{errc::invalid_argument,
                         "--threshold belongs to a policy that takes no part: add --policy cost,threshold"};
  if (texts.policy != "cost" && texts.policy != "threshold" && texts.policy != "cost,threshold" &&
      texts.policy != "threshold,cost")
    return models::error{errc::invalid_argument,
                         "--policy '" + texts.policy + "': choose cost, threshold or cost,threshold"};
  if (texts.ablations && !options.cost_policy)
    return models::error{errc::invalid_argument,
                         "--ablations compares the cost of the policy cost: add --policy cost,threshold"};
  return cluster::validate(options);
}

// Two spellings of one file count as one.
bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return !a.empty() && !b.empty() &&
         (a == b || std::filesystem::equivalent(a, b, ignored) ||
          std::filesystem::weakly_canonical(a, ignored) == std::filesystem::weakly_canonical(b, ignored));
}

// A pipe or a device is written in place, and opening it twice would end it for its reader.
bool special_file(const std::string& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
         !std::filesystem::is_directory(status);
}

// A run may take an hour: what would fail at its end fails before it begins. Errors: of the file;
// invalid_argument when it is one that the run reads, or the other output.
models::status check_outputs(const cluster::replay_options& options, const replay_texts& texts) {
  auto inputs = options.paths;
  inputs.push_back(options.truth);
  inputs.push_back(options.calendar);
  inputs.push_back(options.catalogue);
  for (const auto& [option, path] :
       {std::pair{"--json", texts.json}, std::pair{"--speed", texts.speed},
        std::pair{"--report", texts.report}, std::pair{"--dump-candidates", options.dump_candidates}}) {
    if (path.empty()) continue;
    if (path == "-")
      return {errc::invalid_argument,
              std::string{option} + " -: the standard output has the table; name a file"};
    if (special_file(path)) continue;
    for (const auto& input : inputs)
      if (same_file(path, input))
        return {errc::invalid_argument,
                std::string{option} + " " + path + " would overwrite what is read; name another file"};
    if (auto file = files::atomic_file::open(path); !file) return file.failure();
  }
  const std::array outputs{std::pair{"--json", &texts.json}, std::pair{"--speed", &texts.speed},
                           std::pair{"--report", &texts.report}};
  for (std::size_t i = 0; i < outputs.size(); ++i)
    for (std::size_t j = i + 1; j < outputs.size(); ++j)
      if (same_file(*outputs[i].second, *outputs[j].second) && !special_file(*outputs[i].second))
        return {errc::invalid_argument, std::string{outputs[i].first} + " and " + outputs[j].first +
                                            " name the same file; give each its own"};
  if (!texts.report.empty())
    if (auto available = cluster::report_available(); !available)
      return models::error{available.failure().code, "--report: " + available.failure().text};
  return models::success();
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
  console::say(failure.code == errc::interrupted ? "forestage replay: stopped"
                                                 : "forestage replay: " + failure.text);
  return exit_code_of(failure);
}

// Table, scorecard and speed: one that cannot be written does not take the others along.
int publish(const cluster::replay_outcome& outcome, const std::vector<cluster::report_ablation>& ablations,
            const replay_texts& texts) {
  int code = 0;
  const auto note = [&code](const models::status& written) {
    if (!written) code = failed(written.failure());
  };
  if (!texts.json.empty()) note(write_file(texts.json, to_json(outcome.card)));
  if (!texts.speed.empty()) note(write_file(texts.speed, to_json(outcome.speed)));
  if (outcome.report) {
    auto page = cluster::to_html(*outcome.report);
    note(page ? write_file(texts.report, *page) : models::status{page.failure()});
  }
  note(console::print(to_text(outcome.card) + (texts.ablations ? to_text(ablations) : "")));
  return code;
}

int run_replay(cluster::replay_options options, replay_texts texts) {
  if (auto filled = fill(options, texts); !filled) return failed(filled.failure());
  if (auto writable = check_outputs(options, texts); !writable) return failed(writable.failure());
  auto outcome = cluster::replay(options, console::phase_bars({"MB", 1e6}));
  if (!outcome)
    return failed(console::stop_requested() ? models::error{errc::interrupted, {}} : outcome.failure());
  for (const auto& note : outcome->notes)
    console::say("note: " + note);
  if (outcome->card.bad_rows > 0) {
    console::say(
        fmt::format("warning: {} bad rows were left out (--strict makes them an error); the first ones:",
                    outcome->card.bad_rows));
    for (const auto& row : outcome->bad_rows)
      console::say("  " + row);
  }
  int code = 0;
  std::vector<cluster::report_ablation> ablations;
  if (texts.ablations) {
    auto measured = cluster::measure_ablations(options, outcome->card, console::phase_bars({"MB", 1e6}));
    // The run itself is over: what it found is published whatever becomes of the others.
    if (!measured) {
      code = failed(console::stop_requested() ? models::error{errc::interrupted, {}} : measured.failure());
      texts.ablations = false;
    } else {
      ablations = std::move(*measured);
      if (outcome->report) outcome->report->ablations = ablations;
    }
  }
  return std::max(code, publish(*outcome, ablations, texts));
}

} // namespace

void add_replay(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<cluster::replay_options>();
  auto texts = std::make_shared<replay_texts>();
  auto& command = *app.add_subcommand(
      "replay", "A request log through the whole engine, in virtual time, against simple policies");
  command
      .add_option("LOG", options->paths,
                  "request logs: CSV, TSV, JSON Lines or NCSA; plain, gzip or zstd; or the --data-dir of an "
                  "earlier run, "
                  "whose counts are replayed")
      ->required()
      ->type_name("FILE|DIR");

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
  command
      .add_option("--time-zone", options->time_zones,
                  "days and weeks follow the clocks of this zone, such as Europe/Berlin; or of some regions: "
                  "'eu-*=Europe/Berlin' (globs; repeatable, the first match counts)")
      ->type_name("[REGION=]ZONE")
      ->group("The log")
      ->default_str("UTC")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--strict", options->strict, "the first bad row is an error")->group("The log");

  command.add_option("--interval", texts->interval, "length of an interval: 1m to 1d, a divisor of a day")
      ->default_str("5m; of a DIR: its own")
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
  command.add_option("--threshold", texts->threshold, "of the threshold policy: requests an interval (0.5)")
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
  command
      .add_option(
          "--intents", texts->intents,
          "simulate what agents would declare: p=.5 (share of requests), noshow, jitter, liars, liar-rate, "
          "flood, sybil, sleepers, share-noise, lead=1-3, peers=2000, top=100, seed=1")
      ->type_name("KEY=VALUE,…")
      ->group("The comparison");
  command
      .add_option("--calendar", options->calendar,
                  "what the operator expects: CSV with resource (or a glob), from, to, expected[, region]")
      ->type_name("FILE")
      ->group("The comparison");
  command
      .add_option("--catalogue", options->catalogue,
                  "what is known of resources: CSV with resource (or a glob) and kind; new ones begin like "
                  "their kind")
      ->type_name("FILE")
      ->group("The comparison");
  command
      .add_option("--min-peers", options->min_peers,
                  "peers that a segment must have to be told apart (--columns …,segment=COLUMN)")
      ->capture_default_str()
      ->group("The comparison");
  command
      .add_flag("--sequence", options->sequence,
                "learn from what each peer asked for what it asks for next; needs a peer column")
      ->group("The comparison");
  command.add_option("--json", texts->json, "write the scorecard")
      ->type_name("FILE")
      ->group("The comparison");
  command
      .add_option("--report", texts->report,
                  "write the figures as charts: one HTML file that needs no network")
      ->type_name("FILE")
      ->group("The comparison");
  command
      .add_flag("--ablations", texts->ablations,
                "what each source of knowledge is worth here: replays again, once without each of history, "
                "live rates, pooling and whatever is told (three times and more)")
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
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->group("The run");
  command
      .add_option("--data-dir", options->data_dir, "keep the demand log here, so that the run can be resumed")
      ->type_name("DIR")
      ->group("The run");
  command.add_flag("--resume", options->resume, "go on with the run in --data-dir")->group("The run");

  // For checks: what it costs to learn from a silence that is an outage.
  command.add_flag("!--no-freeze", options->freeze)->group("");
  // For checks: every decision under a budget (cluster/replay/candidate_dump.hpp).
  command.add_option("--dump-candidates", options->dump_candidates)->group("");
  // For measurements: what the demand models do without, history,live,pooling,recalibration
  // (models/demand/ablation.hpp, bench/ablations).
  command.add_option("--without", texts->without)->group("");

  command.footer(
      "Examples:\n"
      "  forestage replay access.log.gz\n"
      "      an nginx log as it is: columns are detected, and said\n"
      "  forestage replay joins.csv.gz --columns time=timestamp,resource=room,region=region --interval 15m\n"
      "      one resource per room, demand per region, quarter hours\n"
      "  forestage replay joins.csv.gz --where kind=j --cost-ratio 19:1 --budget 1.0x --json card.json\n"
      "      some rows only, cold requests dearer, units limited, the scorecard as JSON\n"
      "  forestage replay big.csv.zst --data-dir run1        then, after a crash:\n"
      "  forestage replay big.csv.zst --data-dir run1 --resume\n"
      "  forestage replay run1 --interval 1h --budget 2.0x\n"
      "      what run1 counted, under other settings, without the log");
  command.callback([options, texts, &exit_code] { exit_code = run_replay(*options, *texts); });
}

} // namespace forestage::tools
