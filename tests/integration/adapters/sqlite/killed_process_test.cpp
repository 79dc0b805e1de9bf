// Processes that are killed while they write, and processes that meet.
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "tests/integration/adapters/sqlite/expected_content.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <string>

using namespace forestage;
using adapters::sqlite_demand_log;

namespace {

// A demand_log_writer, and what it has said so far.
class writer {
public:
  writer(const std::filesystem::path& directory, std::uint64_t seed, std::uint64_t first_step,
         const char* durability) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    const auto where = directory.string(), number = std::to_string(seed), first = std::to_string(first_step);
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execl(FORESTAGE_DEMAND_LOG_WRITER, "demand_log_writer", where.c_str(), number.c_str(), first.c_str(),
              durability, nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
  }
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  ~writer() { kill(); }

  // The next acknowledged step; nothing when the writer has ended and everything was read.
  [[nodiscard]] std::optional<std::uint64_t> next() {
    unsigned long long step = 0;
    return std::fscanf(output_, "%llu", &step) == 1 ? std::optional<std::uint64_t>{step} : std::nullopt;
  }
  [[nodiscard]] int process() const { return process_; }
  void signal() const { ::kill(process_, SIGKILL); }
  void kill() {
    if (!output_) return;
    signal();
    int status = 0;
    ::waitpid(process_, &status, 0);
    std::fclose(output_);
    output_ = nullptr;
  }

private:
  int process_ = -1;
  std::FILE* output_ = nullptr;
};

} // namespace

BOOST_AUTO_TEST_CASE(what_a_killed_process_had_acknowledged_is_there_and_at_most_one_whole_step_more) {
  const auto seed = tests::seed("killed process", 4'711);
  std::mt19937_64 engine{seed};
  const tests::temporary_directory directory;
  tests::expected_content expected{tests::demand_log_stream{seed}};
  std::uint64_t steps = 0; // that the log holds
  int unacknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    BOOST_TEST_CONTEXT("round " << round << ", " << steps << " steps before") {
      // Most of a step's time is the wait for the disk, where the commit is written already: every other
      // round does not wait, so that the kill falls elsewhere too.
      writer child{directory.path(), seed, steps, round % 2 == 0 ? "power_loss" : "process_crash"};
      auto acknowledged = steps;
      for (auto wanted = engine() % 40; wanted > 0; --wanted) {
        const auto step = child.next();
        BOOST_REQUIRE_MESSAGE(step.has_value(), "the writer ended by itself");
        acknowledged = *step + 1;
      }
      ::usleep(static_cast<useconds_t>(engine() % 15'000));
      child.signal();
      for (auto step = child.next(); step; step = child.next())
        acknowledged = *step + 1;
      child.kill();
      auto log = sqlite_demand_log::open(directory.path());
      BOOST_REQUIRE_MESSAGE(log.ok(), (log.ok() ? "" : log.failure().text));
      const auto found = expected.steps_in(*log.value(), acknowledged, 1);
      BOOST_REQUIRE_MESSAGE(found.has_value(), acknowledged
                                                   << " acknowledged steps, and the log holds neither these "
                                                      "nor one more");
      unacknowledged += static_cast<int>(*found - acknowledged);
      steps = *found;
    }
  }
  BOOST_TEST_MESSAGE(steps << " steps, " << unacknowledged << " of 20 rounds kept an unacknowledged one");
  BOOST_TEST(steps > 20U);
}

BOOST_AUTO_TEST_CASE(a_second_process_is_told_which_one_holds_the_directory_and_gets_it_after_its_end) {
  const tests::temporary_directory directory;
  writer child{directory.path(), 1, 0, "power_loss"};
  BOOST_REQUIRE(child.next().has_value());
  const auto refused = sqlite_demand_log::open(directory.path());
  BOOST_REQUIRE(!refused.ok());
  BOOST_CHECK(refused.failure().code == models::errc::locked);
  BOOST_TEST(refused.failure().text.find("process " + std::to_string(child.process())) != std::string::npos);
  BOOST_TEST(refused.failure().text.find(directory.path().string()) != std::string::npos);
  child.kill();
  BOOST_TEST(sqlite_demand_log::open(directory.path()).ok());
}
