#define BOOST_TEST_MODULE generate
#include "adapters/files/read_file.hpp"
#include "adapters/truth/truth_file.hpp"
#include "models/ids.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/console/stop.hpp"
#include "tools/generate/csv_rows.hpp"
#include "tools/generate/generate.hpp"

#include <CLI/CLI.hpp>
#include <boost/test/unit_test.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace forestage::tools;
using forestage::files::read_file;
using forestage::tests::temporary_directory;

namespace {

// Runs `forestage generate` with arguments; returns the exit code, or 2 when CLI11 refuses them.
int generate(std::vector<std::string> arguments) {
  CLI::App app;
  int exit_code = 0;
  add_generate(app, exit_code);
  arguments.insert(arguments.begin(), {"generate", "--quiet"});
  std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError&) {
    return 2;
  }
  return exit_code;
}

// The exit code of `run`, called in a process of its own.
template <class Run> int in_child(const Run& run) {
  const auto child = ::fork();
  if (child == 0) ::_exit(run());
  int state = 0;
  BOOST_TEST_REQUIRE(::waitpid(child, &state, 0) == child);
  return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

std::size_t files_in(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}));
}

} // namespace

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_bytes_and_another_seed_others) {
  const temporary_directory directory;
  const auto log_of = [&](const std::string& seed, const std::string& name) {
    const auto path = (directory.path() / name).string();
    BOOST_TEST(generate({"--out", path, "--events", "20k", "--seed", seed, "--truth", path + ".truth"}) == 0);
    return read_file(path).value();
  };
  const auto first = log_of("1", "a.csv");
  BOOST_TEST((first == log_of("1", "b.csv.gz")));
  BOOST_TEST((first == log_of("1", "c.csv.zst")));
  BOOST_TEST((first != log_of("2", "d.csv")));
  BOOST_TEST(read_file((directory.path() / "a.csv.truth").string()).value() ==
             read_file((directory.path() / "b.csv.gz.truth").string()).value());
  BOOST_TEST(files_in(directory.path()) == 8U);
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_seed_are_the_same_in_every_build_and_release) {
  const temporary_directory directory;
  const auto path = (directory.path() / "log.csv").string();
  BOOST_TEST(generate({"--out", path, "--events", "20k", "--truth", path + ".truth"}) == 0);
  // When these change on purpose, say so in the changelog: people compare results on generated logs.
  BOOST_TEST(forestage::models::stable_hash(read_file(path).value()) == 11343567108287648609ULL);
  BOOST_TEST(forestage::models::stable_hash(read_file(path + ".truth").value()) == 5484917271014865269ULL);
}

BOOST_AUTO_TEST_CASE(rows_are_sorted_by_time_below_a_header) {
  const temporary_directory directory;
  const auto path = (directory.path() / "log.csv").string();
  BOOST_TEST(generate({"--out", path, "--events", "5k", "--start", "2024-02-27", "--days", "3"}) == 0);
  const auto text = read_file(path).value();
  BOOST_TEST(text.starts_with(csv_header));
  BOOST_TEST(text.ends_with("\n"));
  std::string last = "2024-02-27T00:00:00Z";
  std::size_t rows = 0;
  for (auto at = csv_header.size(); at < text.size(); at = text.find('\n', at) + 1, ++rows) {
    const auto line = text.substr(at, text.find('\n', at) - at);
    BOOST_TEST(std::count(line.begin(), line.end(), ',') == 3);
    BOOST_TEST_REQUIRE(line.substr(0, 20) >= last);
    last = line.substr(0, 20);
  }
  BOOST_TEST(last.starts_with("2024-02-29T")); // a leap day
  BOOST_TEST(std::abs(static_cast<double>(rows) - 5'000) < 4 * std::sqrt(5'000.0));
}

BOOST_AUTO_TEST_CASE(every_resource_and_region_of_the_log_is_in_its_truth) {
  const temporary_directory directory;
  const auto path = (directory.path() / "log.csv").string();
  BOOST_TEST(
      generate({"--out", path, "--truth", path + ".truth.gz", "--events", "3k", "--resources", "50"}) == 0);
  const auto model = forestage::truth::read_truth(path + ".truth.gz");
  BOOST_TEST_REQUIRE(model.ok());
  const auto text = read_file(path).value();
  for (auto at = csv_header.size(); at < text.size(); at = text.find('\n', at) + 1) {
    const auto resource = text.find(',', at) + 1;
    const auto peer = text.find(',', resource) + 1;
    const auto region = text.find(',', peer) + 1;
    BOOST_TEST_REQUIRE(model->find_resource(text.substr(resource, peer - resource - 1)).has_value());
    BOOST_TEST_REQUIRE(model->find_region(text.substr(region, text.find('\n', region) - region)).has_value());
  }
}

BOOST_AUTO_TEST_CASE(bad_options_are_usage_errors_and_write_nothing) {
  const temporary_directory directory;
  const auto path = (directory.path() / "log.csv").string();
  const std::vector<std::vector<std::string>> bad = {
      {"--days", "0"},      {"--days", "-3"},     {"--start", "2026-02-30"}, {"--start", "yesterday"},
      {"--events", "0"},    {"--events", "many"}, {"--events", "9G"},        {"--events", "nan"},
      {"--resources", "0"}, {"--regions", "65"},  {"--peers", "2"},          {"--zipf", "-1"},
      {"--habits", "1"},    {"--births", "2"},    {"--sessions", "5000"},    {"--seed", "x"},
      {"--truth", path},    {"--truth", "-"},     {"--interval", "5m"}};
  for (auto arguments : bad) {
    const auto shown = arguments[0] + " " + arguments[1];
    arguments.insert(arguments.end(), {"--out", path});
    BOOST_TEST(generate(arguments) == 2, shown);
    BOOST_TEST(files_in(directory.path()) == 0U, shown);
  }
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_written_is_a_failure_and_leaves_nothing) {
  const temporary_directory directory;
  const auto log = (directory.path() / "log.csv").string();
  const auto nowhere = (directory.path() / "no" / "truth").string();
  BOOST_TEST(generate({"--out", nowhere}) == 1);
  BOOST_TEST(generate({"--out", log, "--truth", nowhere, "--events", "100"}) == 1);
  if (fs::is_character_file("/dev/full")) {
    BOOST_TEST(generate({"--out", "/dev/full", "--truth", log, "--events", "1k"}) == 1);
    BOOST_TEST(generate({"--out", log, "--truth", "/dev/full", "--events", "1k"}) == 1);
  }
  BOOST_TEST(files_in(directory.path()) == 0U);
}

BOOST_AUTO_TEST_CASE(an_interrupt_is_a_failure_and_leaves_nothing) {
  const temporary_directory directory;
  const auto log = (directory.path() / "log.csv").string();
  for (const int signal : {SIGINT, SIGTERM})
    BOOST_TEST(in_child([&] {
                 forestage::console::install_stop_signals();
                 std::raise(signal);
                 return generate({"--out", log, "--truth", log + ".truth", "--events", "1k"});
               }) == 1);
  BOOST_TEST(files_in(directory.path()) == 0U);
}

BOOST_AUTO_TEST_CASE(a_reader_that_closes_the_pipe_is_a_failure_and_leaves_no_truth) {
  const temporary_directory directory;
  const auto truth = (directory.path() / "truth").string();
  BOOST_TEST(in_child([&] {
               forestage::console::install_stop_signals();
               int ends[2];
               if (::pipe(ends) != 0 || ::dup2(ends[1], STDOUT_FILENO) < 0) return 9;
               ::close(ends[0]);
               ::close(ends[1]);
               return generate({"--truth", truth, "--events", "1k"});
             }) == 1);
  BOOST_TEST(files_in(directory.path()) == 0U);
}

BOOST_AUTO_TEST_CASE(a_few_resources_get_fewer_sessions_unless_asked_for) {
  const temporary_directory directory;
  const auto path = (directory.path() / "log.csv").string();
  BOOST_TEST(generate({"--out", path, "--resources", "5", "--events", "10"}) == 0);
  BOOST_TEST(generate({"--out", path, "--resources", "5", "--events", "10", "--births", "0.9"}) == 0);
  BOOST_TEST(generate({"--out", path, "--resources", "5", "--events", "10", "--sessions", "5"}) == 2);
}

BOOST_AUTO_TEST_CASE(dates_are_proleptic_gregorian) {
  BOOST_TEST(parse_date("1970-01-01").value() == 0);
  BOOST_TEST(parse_date("2026-01-01").value() == 20'454);
  BOOST_TEST(iso_date(20'454) == "2026-01-01");
  for (std::int64_t day = -100'000; day < 100'000; day += 331)
    BOOST_TEST(parse_date(iso_date(day)).value() == day);
  for (const auto* bad : {"", "2026-1-1", "2026-13-01", "2026-00-10", "2023-02-29", "2026-01-01T00",
                          "+026-01-01", "2026/01/01"})
    BOOST_TEST(!parse_date(bad).ok());
}
