// Power that goes at any moment, and disks that do not keep their word.
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "tests/integration/adapters/sqlite/expected_content.hpp"
#include "tests/support/power_loss_disk.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace forestage;
using adapters::sqlite_demand_log;

namespace {

constexpr std::size_t mean_bytes = 6'000; // some checkpoints in a few hundred steps

// What was on the disk when the power went, and how many steps had been acknowledged.
struct loss {
  std::unique_ptr<tests::temporary_directory> image;
  std::uint64_t acknowledged;
  bool in_checkpoint; // while the write-ahead log was being folded into the file
};

// Opens what was found after a loss. Without real waits for the disk: hundreds of images would take minutes.
std::unique_ptr<sqlite_demand_log> opened(const loss& lost, const tests::power_loss_disk& disk) {
  adapters::sqlite_options options;
  options.vfs = disk.name();
  auto log = sqlite_demand_log::open(lost.image->path(), options);
  BOOST_REQUIRE_MESSAGE(log.ok(), (log.ok() ? "" : log.failure().text));
  return std::move(log).value();
}

// Writes steps and loses the power every now and then, at every kind of moment. `check` sees each loss after
// the step.
template <class Check>
void write_with_losses(adapters::durability durable, std::uint64_t seed, std::uint64_t steps, unsigned one_in,
                       Check check) {
  std::mt19937_64 engine{seed};
  const tests::temporary_directory directory;
  tests::power_loss_disk disk;
  std::vector<loss> losses;
  std::uint64_t acknowledged = 0;
  disk.before_operation = [&] {
    if (engine() % one_in != 0) return;
    losses.push_back({std::make_unique<tests::temporary_directory>(), acknowledged,
                      disk.unsynced_writes("demand.db") > 0});
    disk.image(losses.back().image->path(), engine);
  };
  adapters::sqlite_options options;
  options.durable = durable;
  options.vfs = disk.name();
  auto log = sqlite_demand_log::open(directory.path(), options).value();
  const tests::demand_log_stream stream{seed, mean_bytes};
  for (; acknowledged < steps; ++acknowledged) {
    BOOST_REQUIRE(stream.apply(*log, acknowledged));
    // After the answer as well: the moment at which a promise has just been given.
    disk.before_operation();
    for (const auto& lost : losses)
      check(lost);
    losses.clear();
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(what_was_acknowledged_survives_power_loss_and_at_most_one_whole_step_follows) {
  const auto seed = tests::seed("power loss", 815);
  tests::expected_content expected{tests::demand_log_stream{seed, mean_bytes}};
  const tests::power_loss_disk fresh_disk;
  int losses = 0, in_checkpoint = 0, unacknowledged = 0;
  write_with_losses(adapters::durability::power_loss, seed, 300, 120, [&](const loss& lost) {
    const auto log = opened(lost, fresh_disk);
    // A loss during step n was taken when n steps were acknowledged.
    const auto found = expected.steps_in(*log, lost.acknowledged, 1);
    BOOST_REQUIRE_MESSAGE(found.has_value(),
                          "after " << lost.acknowledged << " acknowledged steps the log is wrong");
    ++losses;
    in_checkpoint += lost.in_checkpoint;
    unacknowledged += static_cast<int>(*found - lost.acknowledged);
  });
  BOOST_TEST_MESSAGE(losses << " losses of power, " << in_checkpoint << " in a checkpoint, " << unacknowledged
                            << " kept an unacknowledged step");
  BOOST_TEST(losses > 80);
  BOOST_TEST(in_checkpoint > 0);
  BOOST_TEST(unacknowledged > 0);
}

// Also the proof that the losses above bite: without the wait for the disk they take acknowledged steps away.
BOOST_AUTO_TEST_CASE(without_waiting_for_the_disk_power_loss_takes_the_newest_steps_and_leaves_no_half_one) {
  const auto seed = tests::seed("power loss, process_crash", 816);
  tests::expected_content expected{tests::demand_log_stream{seed, mean_bytes}};
  const tests::power_loss_disk fresh_disk;
  int losses = 0, shorter = 0;
  write_with_losses(adapters::durability::process_crash, seed, 40, 100, [&](const loss& lost) {
    const auto log = opened(lost, fresh_disk);
    const auto found = expected.steps_in(*log, 0, lost.acknowledged + 1);
    BOOST_REQUIRE_MESSAGE(found.has_value(),
                          "after " << lost.acknowledged << " steps the log is no earlier state");
    ++losses;
    shorter += *found < lost.acknowledged;
  });
  BOOST_TEST_MESSAGE(losses << " losses of power, " << shorter << " took acknowledged steps");
  BOOST_TEST(shorter > 0);
}

BOOST_AUTO_TEST_CASE(a_disk_that_refuses_to_sync_gets_no_acknowledgement_and_the_log_goes_on) {
  const auto seed = tests::seed("refused sync", 817);
  const tests::temporary_directory directory;
  tests::power_loss_disk disk;
  adapters::sqlite_options options;
  options.vfs = disk.name();
  auto log = sqlite_demand_log::open(directory.path(), options).value();
  const models::shard_id shard{0};
  std::uint64_t last = 0;
  for (std::uint64_t n = 0; n < 60; ++n) {
    const std::vector<std::string> records{std::to_string(n), std::string(5'000, 'x')};
    disk.refuse_syncs = n % 3 == seed % 3 ? 1 : 0;
    const auto position = log->append(shard, records, actors::log_position{last});
    BOOST_TEST(position.ok() == (disk.refuse_syncs == 0 && n % 3 != seed % 3));
    if (!position) BOOST_CHECK(position.failure().code == models::errc::storage_failed);
    if (position) last = position->value();
    BOOST_TEST(log->last_position(shard)->value() == last);
  }
  log.reset();
  const auto again = sqlite_demand_log::open(directory.path()).value();
  BOOST_TEST(again->last_position(shard)->value() == last);
  BOOST_TEST(again->read(shard, actors::log_position{}, 1'000)->size() == last);
}
