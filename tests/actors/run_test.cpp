// A run on actors comes to what the cores come to by hand, whatever the order of messages, and says so when
// the log fails.
#define BOOST_TEST_MODULE actors_run
#include "adapters/memory/faulty_demand_log.hpp"
#include "adapters/memory/memory_demand_log.hpp"
#include "adapters/memory/transient_demand_log.hpp"
#include "tests/support/actor_run.hpp"
#include "tests/support/hand_driver.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::actor_fixture;
using forestage::tests::actor_run;
using forestage::tests::hand_driver;
using forestage::tests::make_small_run;
using forestage::tests::random_source;
using forestage::tests::small_run;

namespace {

std::string scores_by_hand(const small_run& run) {
  hand_driver driver{run};
  driver.all();
  return tests::bytes_of(driver.scores());
}

std::string scores_of(actor_run& actors) {
  auto scores = actors.scores();
  BOOST_REQUIRE(scores.ok());
  return tests::bytes_of(**scores);
}

std::shared_ptr<demand_log> memory_log(const std::shared_ptr<adapters::memory_disk>& disk) {
  return adapters::memory_demand_log::open(disk).value();
}

std::unique_ptr<demand_log> unique_log(const std::shared_ptr<adapters::memory_disk>& disk) {
  return adapters::memory_demand_log::open(disk).value();
}

} // namespace

BOOST_AUTO_TEST_CASE(a_run_comes_to_what_the_cores_come_to_by_hand) {
  const auto seed = tests::seed("runs", 141);
  for (const bool budgeted : {false, true})
    for (const std::uint32_t shards : {1U, 3U, 7U}) {
      const auto run = make_small_run({.seed = seed + shards,
                                       .days = 22,
                                       .warmup_intervals = 210,
                                       .shards = shards,
                                       .budgeted = budgeted,
                                       .threshold = true,
                                       .intents = shards == 3});
      const auto expected = scores_by_hand(run);
      for (const std::uint64_t order : {std::uint64_t{0}, seed + 1, seed + 2}) {
        actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>()), order};
        for (std::size_t i = 0; i < run.rounds.size(); ++i) {
          auto summary = actors.round(i);
          BOOST_REQUIRE_MESSAGE(summary.ok(), (summary.ok() ? "" : summary.failure().text));
          BOOST_TEST((*summary)->number == i + 1);
        }
        BOOST_TEST((scores_of(actors) == expected),
                   "budgeted " << budgeted << ", " << shards << " shards, order " << order);
      }
    }
}

BOOST_AUTO_TEST_CASE(a_run_whose_log_remembers_nothing_comes_to_the_same) {
  const auto run = make_small_run({.seed = 5, .budgeted = true});
  actor_run actors{run, std::make_shared<adapters::transient_demand_log>(), 3, false};
  for (std::size_t i = 0; i < run.rounds.size(); ++i)
    BOOST_REQUIRE(actors.round(i).ok());
  BOOST_TEST((scores_of(actors) == scores_by_hand(run)));
}

BOOST_AUTO_TEST_CASE(the_log_holds_every_request_and_its_roll_ups) {
  const auto run = make_small_run({.seed = 6, .days = 4, .shards = 3});
  auto disk = std::make_shared<adapters::memory_disk>();
  {
    actor_run actors{run, memory_log(disk)};
    for (std::size_t i = 0; i < run.rounds.size(); ++i)
      BOOST_REQUIRE(actors.round(i).ok());
  }
  auto log = memory_log(disk);
  std::map<tests::counted_key, std::int64_t> recorded;
  std::map<tests::counted_key, std::int64_t> rolled_up;
  const auto add = [](auto& into, const v1::EventBatch& batch) {
    const auto counts = messages::from_proto(batch);
    BOOST_REQUIRE(counts.ok());
    for (const auto& e : counts->entries)
      into[{counts->resources[e.resource], counts->regions[e.region], e.cell.interval}] += e.cell.count;
  };
  for (std::uint32_t s = 0; s < 3; ++s) {
    const auto records = log->read(models::shard_id{s}, {}, 1'000'000);
    BOOST_REQUIRE(records.ok());
    std::size_t closes = 0;
    for (const auto& r : *records) {
      const auto record = messages::decode_record(r.bytes);
      BOOST_REQUIRE(record.ok());
      if (record->has_counts()) add(recorded, record->counts().batch());
      if (record->has_close()) ++closes;
    }
    BOOST_TEST(closes == run.rounds.size());
    const auto rollups =
        log->read_rollups(models::shard_id{s}, run.rounds.front().from, run.rounds.back().to);
    BOOST_REQUIRE(rollups.ok());
    for (const auto& r : *rollups) {
      v1::EventBatch batch;
      BOOST_REQUIRE(batch.ParseFromString(r.bytes));
      add(rolled_up, batch);
    }
  }
  BOOST_TEST((recorded == run.counts));
  BOOST_TEST((rolled_up == run.counts));
}

BOOST_AUTO_TEST_CASE(a_snapshot_drops_what_it_makes_superfluous) {
  const auto run = make_small_run({.seed = 6, .days = 8, .shards = 2});
  auto disk = std::make_shared<adapters::memory_disk>();
  {
    actor_run actors{run, memory_log(disk)};
    for (std::size_t i = 0; i < 6; ++i) {
      BOOST_REQUIRE(actors.round(i).ok());
      const auto saved = actors.snapshot();
      BOOST_REQUIRE(saved.ok());
      BOOST_TEST(*saved == i + 1);
    }
  }
  for (const auto& [id, shard] : disk->shards) {
    BOOST_TEST(shard.snapshots.size() == 2U);
    BOOST_TEST(shard.dropped == shard.snapshots.begin()->first.value());
  }
}

BOOST_AUTO_TEST_CASE(rounds_out_of_turn_are_refused) {
  const auto run = make_small_run({.seed = 6, .days = 3, .shards = 2, .budgeted = true});
  actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>())};
  BOOST_TEST(!actors.round(1).ok());
  BOOST_TEST(actors.round(0).ok());
  const auto twice = actors.round(0);
  BOOST_REQUIRE(!twice.ok());
  BOOST_TEST((twice.failure().code == models::errc::internal));
  BOOST_TEST(!actors.round(2).ok());
  BOOST_TEST(actors.round(1).ok());
}

BOOST_AUTO_TEST_CASE(a_shard_refuses_questions_and_settlements_that_do_not_fit_its_round) {
  const auto run = make_small_run({.seed = 6, .days = 3, .shards = 1, .budgeted = true});
  actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>())};
  BOOST_REQUIRE(actors.round(0).ok());
  auto& f = actors.fixture;
  const auto answer = f.ask<local<region_reply>>(actors.shards[0], atom::answer::value,
                                                 local{region_question{1, run.regions[0], {}, {}, true}});
  BOOST_TEST(!answer.ok());
  BOOST_TEST(!f.ask<std::uint64_t>(actors.shards[0], atom::settle::value, local{settlement{1, {}, {}}}).ok());
  BOOST_TEST(!f.ask<std::uint64_t>(actors.shards[0], atom::settle::value, local{settlement{2, {}, {}}}).ok());
  BOOST_TEST(actors.round(1).ok());
}

BOOST_AUTO_TEST_CASE(actors_end_with_their_run) {
  const auto run = make_small_run({.seed = 6, .days = 4, .shards = 3, .budgeted = true});
  const auto of_the_system = actor_fixture{}.running();
  actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>())};
  for (std::size_t i = 0; i < run.rounds.size(); ++i)
    BOOST_REQUIRE(actors.round(i).ok());
  BOOST_TEST(actors.fixture.running() > 12U); // forecasters among them
  actors.kill();
  BOOST_TEST(actors.fixture.running() == of_the_system);
}

BOOST_AUTO_TEST_CASE(appends_that_wait_together_are_committed_together) {
  // A log that counts its commits.
  struct counting_log final : demand_log {
    explicit counting_log(std::shared_ptr<demand_log> log)
        : inside(std::move(log)) {}
    std::vector<models::result<log_position>> append_group(std::span<const shard_append> group) override {
      sizes.push_back(group.size());
      return inside->append_group(group);
    }
    models::result<std::vector<stored_record>> read(models::shard_id s, log_position after,
                                                    std::size_t limit) override {
      return inside->read(s, after, limit);
    }
    models::result<log_position> last_position(models::shard_id s) override {
      return inside->last_position(s);
    }
    models::status save_snapshot(models::shard_id s, log_position p, std::string_view state) override {
      return inside->save_snapshot(s, p, state);
    }
    models::result<std::optional<stored_snapshot>> load_snapshot(models::shard_id s,
                                                                 log_position p) override {
      return inside->load_snapshot(s, p);
    }
    models::result<std::vector<stored_rollup>> read_rollups(models::shard_id s, models::interval_number a,
                                                            models::interval_number b) override {
      return inside->read_rollups(s, a, b);
    }
    models::result<std::optional<rollup_span>> span_of_rollups(models::shard_id s) override {
      return inside->span_of_rollups(s);
    }
    models::status retain(models::shard_id s, const retention_rule& rule) override {
      return inside->retain(s, rule);
    }
    std::shared_ptr<demand_log> inside;
    std::vector<std::size_t> sizes;
  };
  const auto run = make_small_run({.seed = 6, .days = 2, .shards = 6});
  auto log = std::make_shared<counting_log>(memory_log(std::make_shared<adapters::memory_disk>()));
  actor_run actors{run, log};
  BOOST_REQUIRE(actors.round(0).ok());
  std::size_t appends = 0;
  for (const auto size : log->sizes)
    appends += size;
  BOOST_TEST(appends == 6U);
  BOOST_TEST(log->sizes.size() < 6U);
}

BOOST_AUTO_TEST_CASE(
    a_log_that_fails_makes_the_round_fail_with_its_text_and_nothing_counts_twice_after_a_restore) {
  const auto seed = tests::seed("failing logs", 142);
  for (const bool budgeted : {false, true})
    for (const auto fault : {adapters::log_fault::refused, adapters::log_fault::lost_answer})
      for (std::uint64_t nth = 1; nth <= 9; ++nth) {
        const auto run =
            make_small_run({.seed = seed, .days = 5, .resources = 8, .shards = 3, .budgeted = budgeted});
        const auto expected = scores_by_hand(run);
        auto disk = std::make_shared<adapters::memory_disk>();
        auto log = std::make_shared<adapters::faulty_demand_log>(
            unique_log(disk), adapters::scripted_faults({{adapters::log_operation::append, nth, fault}}));
        actor_run actors{run, log, seed + nth};
        std::size_t failures = 0;
        for (std::size_t i = 0; i < run.rounds.size();) {
          const auto summary = actors.round(i);
          if (summary) {
            ++i;
            continue;
          }
          ++failures;
          BOOST_REQUIRE((summary.failure().code == models::errc::storage_failed));
          BOOST_REQUIRE(!summary.failure().text.empty());
          BOOST_REQUIRE_EQUAL(summary.failure().text.find("an actor failed"), std::string::npos);
          const auto restored = actors.restore();
          BOOST_REQUIRE_MESSAGE(restored.ok(), (restored.ok() ? "" : restored.failure().text));
          i = static_cast<std::size_t>(*restored);
        }
        BOOST_TEST(failures == 1U);
        BOOST_TEST((scores_of(actors) == expected),
                   "budgeted " << budgeted << ", append " << nth << ", fault " << static_cast<int>(fault));
      }
}

BOOST_AUTO_TEST_CASE(a_log_that_fails_at_random_costs_time_and_nothing_else) {
  const auto seed = tests::seed("random faults", 143);
  std::size_t all_attempts = 0;
  std::size_t all_rounds = 0;
  for (const bool budgeted : {false, true})
    for (std::uint64_t trial = 0; trial < 6; ++trial) {
      const auto run =
          make_small_run({.seed = seed, .days = 7, .resources = 8, .shards = 3, .budgeted = budgeted});
      const auto expected = scores_by_hand(run);
      auto log = std::make_shared<adapters::faulty_demand_log>(
          unique_log(std::make_shared<adapters::memory_disk>()), adapters::seeded_faults(seed + trial, 80));
      actor_run actors{run, log, seed + trial};
      std::size_t attempts = 0;
      for (std::size_t i = 0; i < run.rounds.size();) {
        BOOST_REQUIRE(++attempts < 2'000U);
        auto summary = actors.round(i);
        bool good = summary.ok();
        if (good) ++i;
        if (good && i % 2 == 0) good = actors.snapshot().ok();
        while (!good) {
          BOOST_REQUIRE(++attempts < 2'000U);
          const auto restored = actors.restore();
          good = restored.ok();
          if (good) i = static_cast<std::size_t>(*restored);
        }
      }
      all_attempts += attempts;
      all_rounds += run.rounds.size();
      BOOST_TEST((scores_of(actors) == expected), "budgeted " << budgeted << ", trial " << trial);
    }
  BOOST_TEST(all_attempts > all_rounds + 10);
}

BOOST_AUTO_TEST_CASE(an_error_keeps_its_code_and_text_on_its_way_between_actors) {
  const models::error failure{models::errc::position_conflict, "somebody else has written"};
  const auto back = from_caf(to_caf(failure));
  BOOST_TEST((back.code == failure.code));
  BOOST_TEST(back.text == failure.text);
  BOOST_TEST((from_caf(caf::make_error(caf::sec::request_timeout)).code == models::errc::timeout));
  const auto foreign = from_caf(caf::make_error(caf::sec::unexpected_message));
  BOOST_TEST((foreign.code == models::errc::internal));
  BOOST_TEST(foreign.text.find("unexpected_message") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_pool_learns_what_was_added_since_the_last_time) {
  actor_fixture f;
  auto pool = f.system.spawn(actors::pool, models::pool_parameters{});
  const auto learn = [&] { return *f.ask<local<models::pool_parameters>>(pool, atom::learn::value).value(); };
  BOOST_TEST(learn().version == 0U); // nobody was active
  models::pool_statistics statistics;
  statistics.keys = 1;
  statistics.grams[0].rows = 1 << 20;
  f.send(pool, atom::append::value, local{models::pool_statistics{statistics}});
  BOOST_TEST(learn().version == 1U);
  BOOST_TEST(learn().version == 1U);
  // What was gathered before a restart is dropped with it.
  f.send(pool, atom::append::value, local{models::pool_statistics{statistics}});
  models::pool_parameters restored;
  restored.version = 40;
  f.send(pool, atom::restore::value, local{models::pool_parameters{restored}});
  BOOST_TEST(learn().version == 40U);
  f.end(pool);
  pool = nullptr;
  f.drain();
}

BOOST_AUTO_TEST_CASE(a_round_is_not_closed_before_its_last_interval_has_ended) {
  const auto run = make_small_run({.seed = 3, .days = 2, .warmup_intervals = 10});
  auto now = std::make_shared<virtual_clock>();
  actor_run life{run, memory_log(std::make_shared<adapters::memory_disk>()), 0, true, now};
  const auto seconds = run.settings->models.settings.grid().seconds();
  BOOST_TEST(life.restore().ok());
  now->advance_to(run.rounds[0].to.value() * seconds - 1);
  const auto early = life.round(0);
  BOOST_TEST_REQUIRE(!early.ok());
  BOOST_TEST((early.failure().code == models::errc::invalid_argument));
  BOOST_TEST(early.failure().text.find("ends in 1 s") != std::string::npos, early.failure().text);
  now->advance_to(run.rounds[0].to.value() * seconds);
  BOOST_TEST(life.round(0).ok());
}
