// A whole replay beside its ceiling: the same log parsed twice and counted per key and interval, without
// actors, models or yardsticks. Each runs in a process of its own, one after the other, so that their peak
// memory can be told apart.
#include "cluster/replay/replay.hpp"
#include "cluster/replay/round_feeder.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

using namespace forestage;

namespace {

// What a run reports; shared with the process that measures.
struct figures {
  std::uint64_t rows = 0;
  std::int64_t requests = 0;
  std::int64_t cells = 0;         // keys and intervals with a request
  std::int64_t key_intervals = 0; // that a demand model worked on
  std::size_t active_resources = 0;
};

struct measured {
  figures found;
  double wall = 0, cpu = 0; // seconds
  double peak = 0;          // GB
};

bool go_on(std::string_view, std::uint64_t, std::uint64_t) {
  return true;
}

models::status count_only(const cluster::replay_options& options, figures& out) {
  const auto grid = models::interval_grid::make(options.interval_seconds);
  if (!grid) return grid.failure();
  auto log = cluster::open_log(options);
  if (!log) return log.failure();
  auto survey = cluster::survey_log(**log, *grid, options, go_on);
  if (!survey) return survey.failure();
  out.rows = survey->report.rows;
  return cluster::feed_rounds(
      **log, *grid, *survey,
      [&out](const actors::routed_round& round) {
        out.cells += static_cast<std::int64_t>(round.events.entries.size());
        for (const auto& e : round.events.entries)
          out.requests += e.cell.count;
        return models::success();
      },
      go_on);
}

models::status replay_all(const cluster::replay_options& options, figures& out) {
  auto outcome = cluster::replay(options, go_on);
  if (!outcome) return outcome.failure();
  out.rows = outcome->speed.rows;
  out.key_intervals = outcome->speed.key_intervals;
  out.active_resources = outcome->speed.most_active_resources;
  return models::success();
}

measured measure(const char* name, const std::function<models::status(figures&)>& run) {
  auto* const shared = static_cast<figures*>(
      ::mmap(nullptr, sizeof(figures), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  if (shared == MAP_FAILED) {
    std::perror("bench_replay: mmap");
    std::exit(1);
  }
  *shared = {};
  const auto begin = std::chrono::steady_clock::now();
  const auto child = ::fork();
  if (child == 0) {
    const auto status = run(*shared);
    if (!status) fmt::print(stderr, "bench_replay: {}: {}\n", name, status.failure().text);
    std::_Exit(status ? 0 : 1);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || ::wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) ||
      WEXITSTATUS(status) != 0) {
    fmt::print(stderr, "bench_replay: {} failed\n", name);
    std::exit(1);
  }
  measured out;
  out.found = *shared;
  out.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  out.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  out.peak = static_cast<double>(usage.ru_maxrss) * 1'024 / 1e9;
  ::munmap(shared, sizeof(figures));
  return out;
}

void show(const char* name, const measured& m) {
  fmt::print("{:8} {:9.1f} s wall {:9.1f} s CPU {:8.2f} M rows/s {:7.2f} GB peak\n", name, m.wall, m.cpu,
             static_cast<double>(m.found.rows) / m.wall / 1e6, m.peak);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "A whole replay of a request log beside its ceiling: parsing it twice and counting per interval"};
  cluster::replay_options options;
  std::string interval = "5m";
  std::string budget = "none";
  app.add_option("LOG", options.paths, "Request logs")->required();
  app.add_option("--columns", options.columns, "As for forestage replay");
  app.add_option("--where", options.where, "As for forestage replay");
  app.add_option("--interval", interval, "As for forestage replay")->capture_default_str();
  app.add_option("--budget", budget, "As for forestage replay")->capture_default_str();
  app.add_option("--threads", options.threads, "0: one per core")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto seconds = cluster::parse_duration(interval);
  const auto rule = cluster::parse_budget(budget);
  const auto all = cluster::parse_yardsticks("all", false);
  if (!seconds || !rule || !all) {
    fmt::print(stderr, "bench_replay: {}\n", !seconds ? seconds.failure().text : rule.failure().text);
    return 2;
  }
  options.interval_seconds = *seconds;
  options.budget = *rule;
  options.yardsticks = *all;

  const auto ceiling = measure("ceiling", [&](figures& out) { return count_only(options, out); });
  show("ceiling", ceiling);
  const auto whole = measure("replay", [&](figures& out) { return replay_all(options, out); });
  show("replay", whole);
  const auto worked = static_cast<double>(whole.found.key_intervals);
  fmt::print(
      "{} requests, {} keys and intervals with one, {} that a model worked on, {} resources active at most\n",
      ceiling.found.requests, ceiling.found.cells, whole.found.key_intervals, whole.found.active_resources);
  fmt::print(
      "{:.2f} M key-intervals/s, {:.2f} M a core; {:.2f} of the ceiling's wall time, {:.2f} of its CPU\n",
      worked / whole.wall / 1e6, worked / whole.cpu / 1e6, whole.wall / ceiling.wall,
      whole.cpu / ceiling.cpu);
  return 0;
}
