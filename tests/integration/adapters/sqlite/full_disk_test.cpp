// Disks and files that have no room left: simulated, bounded by the process, and a small real file system.
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "tests/integration/adapters/sqlite/expected_content.hpp"
#include "tests/support/power_loss_disk.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <iostream>

using namespace forestage;
using adapters::sqlite_demand_log;
using adapters::sqlite_options;

namespace {

constexpr std::uint64_t seed = 99;
const tests::demand_log_stream stream{seed};

// Writes until the log refuses. Returns the number of acknowledged steps.
std::uint64_t fill(actors::demand_log& log, std::uint64_t first = 0) {
  auto step = first;
  while (step < first + 2'000 && stream.apply(log, step))
    ++step;
  return step;
}

// Runs in a process of its own, whose limits and mounts end with it. Returns its exit status.
int in_a_child(const std::function<int()>& run) {
  std::cout.flush();
  const int child = ::fork();
  if (child == 0) ::_exit(run());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

// Fills a log under a bound that somebody has put on the process, and checks it after a restart without the
// bound. 0: as it should be.
int fill_and_check(const std::filesystem::path& directory, const std::function<void()>& lift_the_bound) {
  std::uint64_t steps = 0;
  {
    auto log = sqlite_demand_log::open(directory);
    if (!log) return 2;
    steps = fill(*log.value());
    const auto refused =
        log.value()->save_snapshot(models::shard_id{0}, actors::log_position{0}, std::string(9'000'000, 's'));
    if (refused || refused.failure().code != models::errc::storage_failed) return 3;
    std::cerr << refused.failure().text << std::endl;
    if (steps == 0 || steps == 2'000) return 4;
  }
  lift_the_bound();
  auto log = sqlite_demand_log::open(directory);
  if (!log) return 5;
  tests::expected_content expected{stream};
  // The refused step is not there: nothing was committed.
  if (expected.steps_in(*log.value(), steps, 0) != steps) return 6;
  return stream.apply(*log.value(), steps) ? 0 : 7;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_whole_steps_and_takes_more_when_there_is_room_again) {
  const tests::temporary_directory directory;
  tests::power_loss_disk disk;
  sqlite_options options;
  options.vfs = disk.name();
  auto log = sqlite_demand_log::open(directory.path(), options).value();
  tests::expected_content expected{stream};
  std::uint64_t steps = 0;
  for (const std::uint64_t megabytes : {1, 3, 5, 7}) {
    disk.capacity_bytes = megabytes << 20;
    const auto before = steps;
    steps = fill(*log, steps);
    BOOST_TEST(steps > before);
    const std::vector<std::string> record{std::string(20'000'000, 'x')};
    const auto last = *log->last_position(models::shard_id{0});
    const auto refused = log->append(models::shard_id{0}, record, last);
    BOOST_REQUIRE(!refused.ok());
    BOOST_CHECK(refused.failure().code == models::errc::storage_failed);
    BOOST_TEST(refused.failure().text.find("demand.db") != std::string::npos);
    BOOST_TEST(refused.failure().text.find("free space") != std::string::npos);
    BOOST_TEST(expected.steps_in(*log, steps, 0).has_value());
  }
  log.reset();
  BOOST_TEST(expected.steps_in(*sqlite_demand_log::open(directory.path()).value(), steps, 0).has_value());
}

BOOST_AUTO_TEST_CASE(the_bound_on_the_database_is_kept_and_named) {
  const tests::temporary_directory directory;
  sqlite_options options;
  options.max_database_bytes = std::uint64_t{2} << 20;
  auto log = sqlite_demand_log::open(directory.path(), options).value();
  const auto steps = fill(*log);
  BOOST_TEST(steps > 0U);
  BOOST_TEST(steps < 2'000U);
  const auto refused =
      log->save_snapshot(models::shard_id{0}, actors::log_position{0}, std::string(3'000'000, 's'));
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.failure().text.find("raise the bound") != std::string::npos);
  tests::expected_content expected{stream};
  BOOST_TEST(expected.steps_in(*log, steps, 0).has_value());
  log.reset();
  BOOST_TEST(std::filesystem::file_size(directory.path() / "demand.db") <= options.max_database_bytes);
}

BOOST_AUTO_TEST_CASE(a_file_that_may_not_grow_refuses_whole_steps) {
  const tests::temporary_directory directory;
  const auto bound = [](rlim_t bytes) {
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const int status = in_a_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    bound(3 << 20);
    return fill_and_check(directory.path() / "data", [&] { bound(RLIM_INFINITY); });
  });
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(a_small_file_system_that_is_full_refuses_whole_steps) {
  const tests::temporary_directory directory;
  constexpr int not_permitted = 77;
  const int status = in_a_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return not_permitted;
    ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    const auto* place = directory.path().c_str();
    if (::mount("tmpfs", place, "tmpfs", 0, "size=4m") != 0) return not_permitted;
    return fill_and_check(directory.path() / "data",
                          [&] { ::mount("tmpfs", place, "tmpfs", MS_REMOUNT, "size=64m"); });
  });
  if (status == not_permitted)
    BOOST_TEST_MESSAGE("skipped: mounts are not permitted here");
  else
    BOOST_TEST(status == 0);
}
