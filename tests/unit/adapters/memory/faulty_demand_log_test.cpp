#include "adapters/memory/faulty_demand_log.hpp"
#include "adapters/memory/memory_demand_log.hpp"
#include "tests/support/demand_log_contract.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage;
using namespace forestage::adapters;
using namespace forestage::actors;
using namespace forestage::models;

namespace {

class faulty_world final : public tests::demand_log_world {
public:
  explicit faulty_world(log_fault_plan plan = scripted_faults({}))
      : plan_(std::move(plan)) {}
  result<std::unique_ptr<demand_log>> open(const demand_log_limits& limits = {}) override {
    auto log = memory_demand_log::open(disk_, limits);
    if (!log) return log.failure();
    return std::unique_ptr<demand_log>{std::make_unique<faulty_demand_log>(std::move(*log), plan_)};
  }
  // What is stored, without the faults. Only while no log is open.
  [[nodiscard]] std::unique_ptr<memory_demand_log> inspect() {
    return memory_demand_log::open(disk_).value();
  }

private:
  log_fault_plan plan_;
  std::shared_ptr<memory_disk> disk_ = std::make_shared<memory_disk>();
};

const bool contract =
    tests::add_demand_log_contract("faulty_demand_log", [] { return std::make_unique<faulty_world>(); });

const std::vector<std::string> batch{"a", "b"};
const shard_id shard{3};

} // namespace

BOOST_AUTO_TEST_CASE(the_nth_call_is_refused_and_leaves_nothing) {
  faulty_world world{scripted_faults({{log_operation::append, 2, log_fault::refused},
                                      {log_operation::save_snapshot, 1, log_fault::refused},
                                      {log_operation::read, 1, log_fault::refused}})};
  auto log = world.open().value();
  BOOST_TEST(log->append(shard, batch, log_position{0}).ok());
  BOOST_CHECK(log->append(shard, batch, log_position{2}).failure().code == errc::storage_failed);
  BOOST_TEST(log->last_position(shard)->value() == 2U);
  BOOST_TEST(log->append(shard, batch, log_position{2}).ok());
  BOOST_CHECK(log->save_snapshot(shard, log_position{2}, "s").failure().code == errc::storage_failed);
  BOOST_TEST(!log->load_snapshot(shard)->has_value());
  BOOST_CHECK(log->read(shard, log_position{0}, 9).failure().code == errc::storage_failed);
  BOOST_TEST(log->read(shard, log_position{0}, 9)->size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_lost_answer_leaves_everything_and_a_retry_is_refused) {
  faulty_world world{scripted_faults({{log_operation::append, 1, log_fault::lost_answer}})};
  auto log = world.open().value();
  BOOST_CHECK(log->append(shard, batch, log_position{0}).failure().code == errc::storage_failed);
  BOOST_CHECK(log->append(shard, batch, log_position{0}).failure().code == errc::position_conflict);
  BOOST_TEST(log->read(shard, log_position{0}, 9)->size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_crash_ends_the_log_and_a_restart_shows_whether_the_work_was_done) {
  for (const auto fault : {log_fault::crash_before, log_fault::crash_after}) {
    faulty_world world{scripted_faults({{log_operation::append, 1, fault}})};
    auto log = world.open().value();
    BOOST_TEST(!log->append(shard, batch, log_position{0}).ok());
    BOOST_TEST(!log->append(shard, batch, log_position{0}).ok());
    BOOST_TEST(!log->last_position(shard).ok());
    log.reset();
    BOOST_TEST(world.inspect()->last_position(shard)->value() == (fault == log_fault::crash_after ? 2U : 0U));
  }
}

BOOST_AUTO_TEST_CASE(a_writer_that_asks_for_the_last_position_before_a_retry_appends_everything_once) {
  const auto seed = tests::seed("writer under faults", 7);
  faulty_world world{seeded_faults(seed, 300)};
  auto log = world.open().value();
  int failures = 0;
  for (std::uint64_t done = 0; done < 200;) {
    const std::vector<std::string> record{std::to_string(done)};
    if (log->append(shard, record, log_position{done})) {
      ++done;
      continue;
    }
    ++failures;
    auto last = log->last_position(shard);
    while (!last)
      last = log->last_position(shard);
    done = last->value();
  }
  log.reset();
  BOOST_TEST(failures > 20);
  const auto records = world.inspect()->read(shard, log_position{}, 1'000).value();
  BOOST_REQUIRE(records.size() == 200U);
  for (std::size_t i = 0; i < records.size(); ++i)
    BOOST_TEST(records[i].bytes == std::to_string(i));
}
