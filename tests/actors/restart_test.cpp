// Restarts: a process may end between any two messages; begun again on what its log has kept, the run comes
// to the same scores.
#define BOOST_TEST_MODULE actors_restart
#include "actors/shard/shard_log.hpp"
#include "adapters/memory/memory_demand_log.hpp"
#include "tests/support/actor_run.hpp"
#include "tests/support/hand_driver.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::actor_run;
using forestage::tests::hand_driver;
using forestage::tests::make_small_run;
using forestage::tests::random_source;
using forestage::tests::small_run;
using forestage::tests::small_run_options;

namespace {

constexpr std::uint64_t for_ever = ~std::uint64_t{0};

std::string scores_by_hand(const small_run& run) {
  hand_driver driver{run};
  driver.all();
  return tests::bytes_of(driver.scores());
}

std::shared_ptr<demand_log> memory_log(const std::shared_ptr<adapters::memory_disk>& disk) {
  return adapters::memory_demand_log::open(disk).value();
}

std::string scores_of(actor_run& actors) {
  auto scores = actors.scores();
  BOOST_REQUIRE(scores.ok());
  return tests::bytes_of(**scores);
}

// Every shard has recorded its rounds once and in order, with one record of prices each where there is a
// budget.
void check_records(const small_run& run, const adapters::memory_disk& disk) {
  for (const auto& [id, shard] : disk.shards) {
    std::optional<std::uint64_t> closed;
    bool priced = true;
    for (const auto& bytes : shard.records) {
      const auto record = messages::decode_record(bytes);
      BOOST_REQUIRE(record.ok());
      if (record->has_close()) {
        if (closed) BOOST_REQUIRE_EQUAL(record->close().round(), *closed + 1);
        BOOST_REQUIRE(priced);
        closed = record->close().round();
        priced = !run.settings->budgeted;
      }
      if (record->has_prices()) {
        if (closed) BOOST_REQUIRE_EQUAL(record->prices().round(), *closed);
        if (closed) BOOST_REQUIRE(!priced);
        priced = true;
      }
    }
    BOOST_REQUIRE(closed.value_or(run.rounds.size()) == run.rounds.size());
  }
}

// Lives of the given lengths (messages) one after the other on one disk, then one that ends by itself.
std::string scores_after(const small_run& run, const std::vector<std::uint64_t>& lives,
                         std::uint64_t order_seed, std::uint64_t snapshot_every,
                         const std::shared_ptr<adapters::memory_disk>& disk,
                         std::set<std::uint64_t>* resumed = nullptr) {
  std::uint64_t life = 0;
  for (const auto length : lives) {
    actor_run actors{run, memory_log(disk), order_seed == 0 ? 0 : order_seed + life++};
    if (actors.live(length, snapshot_every)) break;
  }
  actor_run actors{run, memory_log(disk), order_seed == 0 ? 0 : order_seed + life};
  BOOST_REQUIRE(actors.live(for_ever, snapshot_every));
  check_records(run, *disk);
  if (resumed != nullptr) resumed->insert(actors.resumed.begin(), actors.resumed.end());
  return scores_of(actors);
}

// How many messages an undisturbed life takes.
std::uint64_t messages_of(const small_run& run, std::uint64_t order_seed, std::uint64_t snapshot_every) {
  actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>()), order_seed};
  BOOST_REQUIRE(actors.live(for_ever, snapshot_every));
  return actors.fixture.steps();
}

models::result<std::uint64_t> restored(const small_run& run,
                                       const std::shared_ptr<adapters::memory_disk>& disk) {
  actor_run actors{run, memory_log(disk)};
  return actors.restore();
}

std::string refusal(const small_run& run, const std::shared_ptr<adapters::memory_disk>& disk) {
  const auto outcome = restored(run, disk);
  return outcome ? "" : outcome.failure().text;
}

// A disk on which the first rounds of a run have been played.
std::shared_ptr<adapters::memory_disk> played(const small_run& run, std::size_t rounds,
                                              std::uint64_t snapshot_every) {
  auto disk = std::make_shared<adapters::memory_disk>();
  actor_run actors{run, memory_log(disk)};
  for (std::size_t i = 0; i < rounds; ++i) {
    BOOST_REQUIRE(actors.round(i).ok());
    if ((i + 1) % snapshot_every == 0) BOOST_REQUIRE(actors.snapshot().ok());
  }
  return disk;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_run_that_is_killed_after_any_message_comes_to_the_same_scores) {
  const auto seed = tests::seed("every message", 151);
  for (const bool budgeted : {false, true})
    for (const std::uint32_t shards : {1U, 2U, 3U}) {
      const auto run = make_small_run({.seed = seed + shards,
                                       .days = 4,
                                       .warmup_intervals = 46,
                                       .resources = 6,
                                       .regions = 2,
                                       .shards = shards,
                                       .budgeted = budgeted,
                                       .threshold = true});
      const auto expected = scores_by_hand(run);
      const auto order = shards == 1 ? 0 : seed + shards;
      const auto messages = messages_of(run, order, 2);
      BOOST_TEST(messages > 50U);
      std::set<std::uint64_t> resumed;
      const std::uint64_t stride = shards == 2 ? 1 : 3;
      for (auto at = seed % stride; at <= messages; at += stride) {
        const auto scores =
            scores_after(run, {at}, order, 2, std::make_shared<adapters::memory_disk>(), &resumed);
        BOOST_REQUIRE_MESSAGE(scores == expected, "killed after message " << at << " of " << messages << ", "
                                                                          << shards << " shards, budgeted "
                                                                          << budgeted);
      }
      BOOST_TEST(resumed.size() == run.rounds.size() + 1); // from the beginning, and after every round
    }
}

BOOST_AUTO_TEST_CASE(a_run_that_is_killed_again_and_again_comes_to_the_same_scores) {
  const auto seed = tests::seed("many lives", 152);
  random_source random{seed};
  for (std::uint64_t trial = 0; trial < 40; ++trial) {
    const auto shards = static_cast<std::uint32_t>(random.between(1, 6));
    const bool budgeted = trial % 2 == 0;
    const auto snapshot_every = static_cast<std::uint64_t>(random.between(1, 5));
    const auto run = make_small_run({.seed = seed + trial,
                                     .lead = random.between(0, 3),
                                     .days = 7,
                                     .warmup_intervals = random.between(40, 90),
                                     .resources = 8,
                                     .shards = shards,
                                     .budgeted = budgeted,
                                     .threshold = trial % 3 == 0,
                                     .intents = trial % 4 < 2});
    std::vector<std::uint64_t> lives;
    for (auto n = random.between(1, 8); n > 0; --n)
      lives.push_back(static_cast<std::uint64_t>(random.below(60 * (1 + shards))));
    const auto scores =
        scores_after(run, lives, seed + trial, snapshot_every, std::make_shared<adapters::memory_disk>());
    BOOST_TEST((scores == scores_by_hand(run)), "trial " << trial << ": " << shards << " shards, budgeted "
                                                         << budgeted << ", a snapshot every "
                                                         << snapshot_every << " rounds");
  }
}

BOOST_AUTO_TEST_CASE(a_long_run_with_resources_that_sleep_and_wake_survives_restarts) {
  const auto seed = tests::seed("long lives", 153);
  random_source random{seed};
  for (const bool budgeted : {false, true})
    for (int trial = 0; trial < 3; ++trial) {
      const auto run = make_small_run({.seed = seed + static_cast<std::uint64_t>(trial),
                                       .days = 22,
                                       .warmup_intervals = 210,
                                       .shards = 3,
                                       .budgeted = budgeted});
      const auto messages = messages_of(run, seed, 4);
      std::vector<std::uint64_t> lives;
      for (int i = 0; i < 5; ++i)
        lives.push_back(static_cast<std::uint64_t>(random.below(static_cast<std::int64_t>(messages / 2))));
      BOOST_TEST((scores_after(run, lives, seed, 4, std::make_shared<adapters::memory_disk>()) ==
                  scores_by_hand(run)),
                 "trial " << trial << ", budgeted " << budgeted);
    }
}

BOOST_AUTO_TEST_CASE(a_restore_in_the_middle_of_a_life_drops_what_the_log_does_not_have) {
  // The same actors go on: forecasters of before, answers on their way, half a round are all forgotten.
  const auto seed = tests::seed("restores in life", 154);
  for (const bool budgeted : {false, true}) {
    const auto run = make_small_run(
        {.seed = seed, .days = 5, .warmup_intervals = 52, .resources = 6, .shards = 3, .budgeted = budgeted});
    const auto expected = scores_by_hand(run);
    for (std::uint64_t at = 0; at < 150; at += 3) {
      actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>()), seed + at};
      for (std::size_t i = 0; i < 2; ++i)
        BOOST_REQUIRE(actors.round(i).ok());
      // A round is on its way when somebody asks for a restore.
      actors.fixture.send(actors.router, atom::round::value, actors.round_of(2));
      for (std::uint64_t n = 0; n < at && actors.fixture.step(); ++n) {
      }
      auto done = actors.restore();
      BOOST_REQUIRE_MESSAGE(done.ok(), (done.ok() ? "" : done.failure().text));
      actors.fixture.drain();
      // The interrupted round may have reached the log behind the restore: then the shards are asked again.
      done = actors.restore();
      BOOST_REQUIRE(done.ok());
      for (auto i = static_cast<std::size_t>(*done); i < run.rounds.size(); ++i) {
        const auto summary = actors.round(i);
        BOOST_REQUIRE_MESSAGE(
            summary.ok(), "after " << at << " messages: " << (summary.ok() ? "" : summary.failure().text));
      }
      BOOST_REQUIRE_MESSAGE(scores_of(actors) == expected,
                            "restored after " << at << " messages, budgeted " << budgeted);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_round_that_a_restore_has_overtaken_goes_no_further) {
  // An allocator that is slow to price: the shards are back at the open round when it answers the old order.
  const auto run = make_small_run({.seed = 8, .days = 6, .shards = 3, .budgeted = true});
  const auto disk = std::make_shared<adapters::memory_disk>();
  actor_run actors{run, memory_log(disk)};
  for (std::size_t i = 0; i < 3; ++i)
    BOOST_REQUIRE(actors.round(i).ok());
  for (const auto& allocator : actors.allocators)
    actors.fixture.slow_down(allocator);
  actors.fixture.send(actors.router, atom::round::value, actors.round_of(3));
  actors.fixture.drain_quick_ones(); // the orders to price are on their way
  const auto done = actors.restore();
  BOOST_REQUIRE_MESSAGE(done.ok(), (done.ok() ? "" : done.failure().text));
  BOOST_TEST(*done == 4U);
  for (std::size_t i = 4; i < run.rounds.size(); ++i)
    BOOST_REQUIRE(actors.round(i).ok());
  BOOST_TEST((scores_of(actors) == scores_by_hand(run)));
  check_records(run, *disk);
}

BOOST_AUTO_TEST_CASE(an_empty_log_is_restored_to_the_beginning) {
  const auto run = make_small_run({.shards = 3});
  const auto done = restored(run, std::make_shared<adapters::memory_disk>());
  BOOST_REQUIRE(done.ok());
  BOOST_TEST(*done == 0U);
}

BOOST_AUTO_TEST_CASE(a_restore_answers_the_round_that_all_shards_have_settled) {
  for (const bool budgeted : {false, true}) {
    const auto run = make_small_run({.seed = 8, .days = 6, .shards = 3, .budgeted = budgeted});
    for (std::size_t rounds = 1; rounds <= run.rounds.size(); ++rounds) {
      const auto done = restored(run, played(run, rounds, 3));
      BOOST_REQUIRE(done.ok());
      BOOST_TEST(*done == rounds);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_snapshot_gives_way_to_the_one_before) {
  for (const bool budgeted : {false, true}) {
    const auto run = make_small_run({.seed = 8, .days = 7, .shards = 2, .budgeted = budgeted});
    const auto disk = played(run, 7, 2);
    auto& state = disk->shards.at(models::shard_id{1}).snapshots.rbegin()->second;
    state[state.size() / 2] = static_cast<char>(state[state.size() / 2] ^ 0x10);
    actor_run actors{run, memory_log(disk)};
    BOOST_TEST(actors.live(for_ever, 100));
    BOOST_TEST(actors.resumed.front() == 7U);
    BOOST_TEST((scores_of(actors) == scores_by_hand(run)));
  }
}

BOOST_AUTO_TEST_CASE(a_log_that_cannot_be_folded_is_refused_with_the_reason) {
  const auto run = make_small_run({.seed = 8, .days = 7, .shards = 2, .budgeted = true});
  const models::shard_id second{1};
  {
    const auto disk = played(run, 5, 2); // no snapshot is usable, and the log begins behind them
    for (auto& [position, state] : disk->shards.at(second).snapshots)
      state.resize(state.size() / 2);
    BOOST_TEST(refusal(run, disk).find("snapshot") != std::string::npos);
  }
  {
    const auto disk = played(run, 5, 2);
    disk->shards.at(second).snapshots.clear();
    BOOST_TEST(refusal(run, disk).find("lost records") != std::string::npos);
  }
  {
    const auto disk = played(run, 4, 2); // nothing is behind the snapshot, and it is gone
    disk->shards.at(second).snapshots.clear();
    disk->shards.at(second).dropped += disk->shards.at(second).records.size();
    disk->shards.at(second).records.clear();
    BOOST_TEST(refusal(run, disk).find("lost records") != std::string::npos);
  }
  const auto with_record = [&](std::size_t place, const std::string& bytes) {
    const auto disk = played(run, 3, 100);
    auto& records = disk->shards.at(second).records;
    records[place < records.size() ? place : records.size() - 1] = bytes;
    return refusal(run, disk);
  };
  BOOST_TEST(with_record(0, "\x03").find("record") != std::string::npos);
  messages::event_counts stray;
  stray.session = "replay";
  stray.sequence = 1;
  stray.resources.push_back(models::resource_id::make("x").value());
  stray.regions.push_back(models::region_id::make("y").value());
  stray.entries.push_back({0, 0, {run.rounds.back().to, 1}});
  v1::LogRecord record;
  *record.mutable_counts()->mutable_batch() = messages::to_proto(stray);
  BOOST_TEST(with_record(1, messages::encode(record)).find("outside the round") != std::string::npos);
  v1::LogRecord close;
  close.mutable_close()->set_round(7);
  BOOST_TEST(with_record(2, messages::encode(close)).find("closes round 7") != std::string::npos);
  BOOST_TEST(with_record(3, record_of(9, {}, {}, {})).find("prices round 9") != std::string::npos);
  const region_prices too_few{run.regions[0], {}};
  BOOST_TEST(with_record(3, record_of(1, {&too_few, 1}, {}, {})).find("prices") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_tail_of_thousands_of_idle_rounds_is_folded_again) {
  // Live nodes close a round every interval: months without a snapshot must not overflow a stack.
  auto run = make_small_run({.seed = 8, .days = 1, .shards = 2});
  const auto first = run.rounds.front().from;
  auto disk = std::make_shared<adapters::memory_disk>();
  constexpr std::uint64_t rounds = 60'000;
  {
    auto log = memory_log(disk);
    for (std::uint32_t s = 0; s < 2; ++s) {
      std::vector<std::string> records;
      for (std::uint64_t n = 1; n <= rounds; ++n) {
        round_context round;
        round.number = n;
        round.from = first + static_cast<std::int64_t>(n) - 1;
        round.to = round.from + 1;
        for (auto& bytes : records_of(round, {}, n == 1))
          records.push_back(std::move(bytes));
      }
      BOOST_REQUIRE(log->append(models::shard_id{s}, records, {}).ok());
    }
  }
  const auto done = restored(run, disk);
  BOOST_REQUIRE(done.ok());
  BOOST_TEST(*done == rounds);
}
