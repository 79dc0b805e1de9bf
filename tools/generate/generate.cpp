#include "tools/generate/generate.hpp"

#include "adapters/files/output.hpp"
#include "adapters/truth/truth_file.hpp"
#include "models/synthetic/arrivals.hpp"
#include "tools/console/progress.hpp"
#include "tools/console/stop.hpp"
#include "tools/generate/csv_rows.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace forestage::tools {
namespace {

using models::errc;
using models::status;
using models::synthetic::rate_model;

constexpr std::size_t rows_per_write = 16'384;

int fail(const models::error& why, int code) {
  std::fprintf(stderr, "forestage generate: %s\n", why.text.c_str());
  return code;
}

// Two spellings of one path count as one.
bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return a == b || (!a.empty() && std::filesystem::weakly_canonical(a, ignored) ==
                                      std::filesystem::weakly_canonical(b, ignored));
}

// Writes every row; returns their number.
models::result<std::uint64_t> write_log(const rate_model& model, files::output& to) {
  const auto& truth = model.truth();
  if (const auto ok = to.write(csv_header); !ok) return ok.failure();
  console::progress bar{
      "generating", static_cast<std::uint64_t>(model.expected_requests()), {"k requests", 1e3}};
  csv_rows rows{truth};
  std::vector<models::synthetic::request> requests;
  std::string text;
  std::uint64_t written = 0;
  for (std::uint32_t day = 0; day < truth.days; ++day) {
    draw_day(model, day, requests);
    for (std::size_t i = 0; i < requests.size(); i += rows_per_write) {
      if (console::stop_requested()) return {errc::interrupted, "interrupted; nothing was written"};
      text.clear();
      for (auto k = i; k < std::min(i + rows_per_write, requests.size()); ++k)
        rows.append(requests[k], text);
      if (const auto ok = to.write(text); !ok) return ok.failure();
      bar.advance(written + i);
    }
    if (console::stop_requested()) return {errc::interrupted, "interrupted; nothing was written"};
    written += requests.size();
  }
  return written;
}

} // namespace

models::result<std::int64_t> parse_date(std::string_view text) {
  const auto field = [&](std::size_t from, std::size_t digits) {
    int value = -1;
    const auto part = text.substr(from, digits);
    const auto [end, wrong] = std::from_chars(part.data(), part.data() + part.size(), value);
    return wrong == std::errc{} && end == part.data() + part.size() ? value : -1;
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const int year = field(0, 4);
    const int month = field(5, 2);
    const int day = field(8, 2);
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (year >= 0 && month > 0 && day > 0 && date.ok())
      return std::chrono::sys_days{date}.time_since_epoch().count();
  }
  return {errc::invalid_argument, "'" + std::string{text} + "' is not a day; write it as 2026-01-01"};
}

int run_generate(const generate_options& options) {
  if (same_file(options.truth, options.out) || options.truth == "-")
    return fail({errc::invalid_argument, "--truth must be a file of its own, not the log or standard output"},
                2);
  auto composed = compose(options.world);
  if (!composed) return fail(composed.failure(), 2);
  auto model = rate_model::make(std::move(*composed));
  if (!model) return fail(model.failure(), 1);

  auto out = files::output::open(options.out);
  if (!out) return fail(out.failure(), 1);
  // Both are complete before either is put in place.
  std::optional<files::output> truth_out;
  if (!options.truth.empty()) {
    auto opened = files::output::open(options.truth);
    if (!opened) return fail(opened.failure(), 1);
    if (const auto ok = truth::write_truth(*model, *opened); !ok) return fail(ok.failure(), 1);
    if (const auto ok = opened->finish(); !ok) return fail(ok.failure(), 1);
    truth_out = std::move(*opened);
  }
  const auto written = write_log(*model, *out);
  if (!written) return fail(written.failure(), 1);
  if (const auto ok = out->finish(); !ok) return fail(ok.failure(), 1);
  if (truth_out)
    if (const auto ok = truth_out->commit(); !ok) return fail(ok.failure(), 1);
  if (const auto ok = out->commit(); !ok) return fail(ok.failure(), 1);
  if (!options.quiet)
    std::fprintf(stderr, "%llu requests for %zu resources from %zu regions over %u days\n",
                 static_cast<unsigned long long>(*written), model->truth().resources.size(),
                 model->truth().regions.size(), model->truth().days);
  return 0;
}

void add_generate(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("generate", "Write a synthetic request log with known truth");
  auto options = std::make_shared<generate_options>();
  auto start = std::make_shared<std::string>("2026-01-01");
  auto& world = options->world;
  const auto with_unit =
      CLI::AsNumberWithUnit(std::map<std::string, double>{{"k", 1e3}, {"M", 1e6}, {"G", 1e9}},
                            CLI::AsNumberWithUnit::CASE_SENSITIVE, "NUMBER[k|M|G]");
  const auto whole_with_unit =
      CLI::AsNumberWithUnit(std::map<std::string, std::uint32_t>{{"k", 1'000U}, {"M", 1'000'000U}},
                            CLI::AsNumberWithUnit::CASE_SENSITIVE, "NUMBER[k|M]");
  command
      ->add_option("--out", options->out,
                   "The log: a file (.csv, .csv.gz, .csv.zst) or - for standard output")
      ->capture_default_str();
  command->add_option("--truth", options->truth,
                      "Also write the true rates to this file (.jsonl, .jsonl.gz, .jsonl.zst)");
  command->add_option("--days", world.days, "Length of the log")->capture_default_str();
  command->add_option("--start", *start, "First day, UTC")->capture_default_str();
  command->add_option("--events", world.events, "Expected number of requests")
      ->transform(with_unit)
      ->option_text("NUMBER[k|M|G]=1M");
  command->add_option("--resources", world.resources, "Number of resources")
      ->transform(whole_with_unit)
      ->option_text("NUMBER[k|M]=1k");
  command->add_option("--regions", world.regions, "Number of regions, each with its time zone")
      ->capture_default_str();
  command->add_option("--peers", world.peers, "Number of peers")
      ->transform(whole_with_unit)
      ->option_text("NUMBER[k|M]=20k");
  command->add_option("--zipf", world.zipf, "Popularity of the k-th resource is proportional to k^-zipf")
      ->capture_default_str();
  command->add_option("--flash", world.flash, "Number of flash crowds")->capture_default_str();
  auto* sessions =
      command->add_option("--sessions", world.sessions, "Number of resources that live on a timetable")
          ->option_text("UINT=10, or fewer for few resources");
  command->add_option("--habits", world.habits, "Share of the requests that are daily habits of peers")
      ->capture_default_str();
  command->add_option("--births", world.births, "Share of the resources that are born or die within the log")
      ->capture_default_str();
  command->add_flag("--weekly,!--no-weekly", world.weekly, "Weekends differ from weekdays (default)");
  command->add_option("--seed", world.seed, "The same seed gives the same bytes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_flag("--quiet", options->quiet, "No summary on standard error");
  command->footer(R"(Examples:
  forestage generate | head
      a look at a log of a million requests
  forestage generate --out log.csv.zst --truth truth.jsonl.zst
      a log to replay, and the truth that nobody could beat
  forestage generate --events 20M --resources 100k --regions 8 --out big.csv.gz
      a big one)");
  command->callback([options, start, sessions, &exit_code] {
    const auto day = parse_date(*start);
    if (!day) {
      exit_code = fail({day.failure().code, "--start: " + day.failure().text}, 2);
      return;
    }
    options->world.first_day = *day;
    if (sessions->count() == 0)
      options->world.sessions = std::min({10U, options->world.resources / 10, most_sessions(options->world)});
    exit_code = run_generate(*options);
  });
}

} // namespace forestage::tools
