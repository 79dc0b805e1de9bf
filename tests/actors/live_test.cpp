// Live shards: agents send batches until they are acknowledged, early, late and again; the process may end
// between any two messages. What was acknowledged is counted exactly once, so a run comes to the scores of a
// replay.
#define BOOST_TEST_MODULE actors_live
#include "adapters/memory/memory_demand_log.hpp"
#include "tests/support/actor_run.hpp"
#include "tests/support/hand_driver.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
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
constexpr std::uint32_t sessions = 3;

// A batch on an agent's side: what it knows of it outlives the node.
struct sent {
  std::uint32_t shard = 0;
  std::size_t round = 0; // whose intervals it is about
  live_batch batch;
  bool acknowledged = false;
  std::size_t answers = 0;
};

struct world {
  const small_run* run = nullptr;
  std::vector<std::shared_ptr<sent>> batches;
  random_source random{1};
  std::size_t repeated = 0; // acknowledgements of what had been acknowledged, or was in the log already
};

world world_of(const small_run& run, std::uint64_t seed) {
  world out;
  out.run = &run;
  out.random = random_source{seed};
  for (std::size_t r = 0; r < run.rounds.size(); ++r) {
    const auto parts = split_by_shard(run.rounds[r].events, run.settings->shards);
    const auto intents = split_intents(run.rounds[r].intents, run.settings->shards);
    for (std::uint32_t s = 0; s < run.settings->shards; ++s)
      for (std::uint32_t i = 0; i < sessions; ++i) {
        auto each = std::make_shared<sent>();
        each->shard = s;
        each->round = r;
        auto& counts = each->batch.counts;
        counts = parts[s];
        counts.session = "agent-" + std::to_string(i);
        counts.sequence = r + 1;
        std::uint32_t at = 0;
        std::erase_if(counts.entries, [&](const auto&) { return at++ % sessions != i; });
        if (i != 0) counts.missing.clear();
        if (i == r % sessions) {
          each->batch.intents = intents[s];
          each->batch.intents.session = counts.session;
          each->batch.intents.sequence = r + 1;
        }
        out.batches.push_back(std::move(each));
      }
  }
  return out;
}

// Sends a batch; its answer may never come.
void send(actor_run& actors, world& w, const std::shared_ptr<sent>& each) {
  const local message{live_batch{each->batch}};
  // With an argument: CAF 0.17 dereferences a null tuple of none.
  const auto ask = [message, each, &w](caf::event_based_actor* self, const shard_actor& shard) {
    self->request(shard, caf::infinite, atom::batch::value, message)
        .then(
            [each, &w](const local<batch_answer>& answer) {
              if (answer->counts.verdict == inbox_verdict::repeated) ++w.repeated;
              each->acknowledged = true;
              ++each->answers;
            },
            [each](const caf::error&) { ++each->answers; });
  };
  actors.fixture.system.spawn(ask, actors.shards[each->shard]);
}

// One life of the node. False when it ended before the run did. outages: what this life knows of, by round.
bool live(actor_run& actors, world& w, std::uint64_t patience, std::uint64_t snapshot_every,
          const std::map<std::size_t, std::vector<models::outage>>& outages = {}) {
  const auto& run = *w.run;
  const auto left = [&] { return patience - std::min(patience, actors.fixture.steps()); };
  const auto restored = actors.fixture.ask_for<std::uint64_t>(left(), actors.router, atom::restore::value);
  if (!restored) return false;
  if (!*restored) throw std::runtime_error(restored->failure().text);
  for (auto done = static_cast<std::size_t>(**restored); done < run.rounds.size(); ++done) {
    for (const auto& each : w.batches) {
      const bool early = each->round == done + 1 && w.random.chance(0.5);
      const bool again =
          each->acknowledged && each->round <= done && each->round + 1 >= done && w.random.chance(0.2);
      if ((each->round == done || early) && !each->acknowledged) send(actors, w, each);
      if (again) send(actors, w, each);
    }
    const auto open = [&](const auto& each) {
      return each->round == done && !each->acknowledged &&
             !(each->batch.counts.entries.empty() && each->batch.counts.missing.empty() &&
               each->batch.intents.empty());
    };
    while (std::ranges::any_of(w.batches, open)) {
      if (left() == 0) return false;
      if (actors.fixture.step()) continue;
      // Refused while the shard was catching up: once more.
      for (const auto& each : w.batches)
        if (open(each)) send(actors, w, each);
    }
    const auto order = actors.round_of(done);
    if (const auto known = outages.find(done); known != outages.end()) order->outages = known->second;
    const auto summary =
        actors.fixture.ask_for<local<round_summary>>(left(), actors.router, atom::round::value, order);
    if (!summary) return false;
    if (!*summary) throw std::runtime_error(summary->failure().text);
    if ((done + 1) % snapshot_every != 0) continue;
    const auto saved = actors.fixture.ask_for<std::uint64_t>(left(), actors.router, atom::snapshot::value);
    if (!saved) return false;
    if (!*saved) throw std::runtime_error(saved->failure().text);
  }
  return true;
}

std::string scores_of(actor_run& actors) {
  auto scores = actors.scores();
  BOOST_REQUIRE(scores.ok());
  return tests::bytes_of(**scores);
}

std::string replayed(small_run_options options,
                     const std::map<std::size_t, std::vector<models::outage>>& outages = {}) {
  options.live = false;
  auto run = make_small_run(options);
  for (const auto& [round, known] : outages)
    run.rounds[round].outages = known;
  hand_driver driver{run};
  driver.all();
  return tests::bytes_of(driver.scores());
}

std::shared_ptr<demand_log> memory_log(const std::shared_ptr<adapters::memory_disk>& disk) {
  return adapters::memory_demand_log::open(disk).value();
}

small_run_options options_of(std::uint64_t seed, std::uint32_t shards, bool budgeted) {
  return {.seed = seed,
          .days = 4,
          .warmup_intervals = 46,
          .resources = 6,
          .regions = 2,
          .shards = shards,
          .budgeted = budgeted,
          .threshold = true,
          .live = true,
          .intents = true};
}

} // namespace

BOOST_AUTO_TEST_CASE(a_live_run_comes_to_the_scores_of_a_replay) {
  const auto seed = tests::seed("live", 171);
  for (const bool budgeted : {false, true})
    for (const std::uint32_t shards : {1U, 3U}) {
      const auto options = options_of(seed + shards, shards, budgeted);
      const auto run = make_small_run(options);
      auto w = world_of(run, seed);
      actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>()), seed};
      BOOST_REQUIRE(live(actors, w, for_ever, 2));
      BOOST_TEST((scores_of(actors) == replayed(options)),
                 "budgeted " << budgeted << ", " << shards << " shards");
      BOOST_TEST(w.repeated > 0U);
    }
}

BOOST_AUTO_TEST_CASE(what_was_acknowledged_is_counted_once_whenever_the_node_dies) {
  const auto seed = tests::seed("live, killed", 172);
  for (const bool budgeted : {false, true}) {
    const auto options = options_of(seed, 2, budgeted);
    const auto run = make_small_run(options);
    const auto expected = replayed(options);
    auto undisturbed = world_of(run, seed);
    std::uint64_t messages = 0;
    {
      actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>()), seed};
      BOOST_REQUIRE(live(actors, undisturbed, for_ever, 2));
      messages = actors.fixture.steps();
    }
    random_source random{seed};
    std::size_t repeated = 0;
    for (std::uint64_t trial = 0; trial < 60; ++trial) {
      auto w = world_of(run, seed + trial);
      const auto disk = std::make_shared<adapters::memory_disk>();
      const auto lives = 1 + trial % 3;
      for (std::uint64_t i = 0; i < lives; ++i) {
        actor_run actors{run, memory_log(disk), seed + 10 * trial + i};
        const auto length =
            static_cast<std::uint64_t>(random.between(1, static_cast<std::int64_t>(messages)));
        if (live(actors, w, length, 2)) break;
      }
      actor_run actors{run, memory_log(disk), seed + 10 * trial + 9};
      BOOST_REQUIRE(live(actors, w, for_ever, 2));
      BOOST_TEST((scores_of(actors) == expected), "budgeted " << budgeted << ", trial " << trial);
      repeated += w.repeated;
    }
    BOOST_TEST(repeated > 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_round_that_a_shard_has_closed_keeps_the_outages_that_it_was_told) {
  const auto seed = tests::seed("live, outages", 173);
  const auto options = options_of(seed, 3, false);
  const auto run = make_small_run(options);
  const std::size_t at = run.rounds.size() / 2;
  const auto& round = run.rounds[at];
  const std::map<std::size_t, std::vector<models::outage>> outages{{at, {{round.from, round.to}}}};
  const auto with = replayed(options, outages), without = replayed(options);
  BOOST_REQUIRE(with != without);
  // How many messages the run takes up to that round, and with it.
  std::uint64_t whole = 0;
  {
    auto w = world_of(run, seed);
    actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>()), seed};
    BOOST_REQUIRE(live(actors, w, for_ever, 2, outages));
    whole = actors.fixture.steps();
    BOOST_TEST((scores_of(actors) == with));
  }
  random_source random{seed};
  std::size_t kept = 0, unheard = 0;
  for (std::uint64_t trial = 0; trial < 60; ++trial) {
    auto w = world_of(run, seed + trial);
    const auto disk = std::make_shared<adapters::memory_disk>();
    {
      actor_run actors{run, memory_log(disk), seed + 10 * trial};
      const auto most = static_cast<std::int64_t>(whole);
      (void)live(actors, w, static_cast<std::uint64_t>(random.between(most / 3, 2 * most / 3)), 2, outages);
    }
    // The next life knows of none: were it to say so of a round that some shard has closed, shards would
    // differ.
    actor_run actors{run, memory_log(disk), seed + 10 * trial + 9};
    BOOST_REQUIRE(live(actors, w, for_ever, 2));
    const auto scores = scores_of(actors);
    BOOST_TEST((scores == with || scores == without), "trial " << trial);
    ++(scores == with ? kept : unheard);
  }
  BOOST_TEST(kept > 0U);
  BOOST_TEST(unheard > 0U);
}

BOOST_AUTO_TEST_CASE(a_shard_that_is_not_live_takes_no_batches) {
  const auto run = make_small_run({.days = 1});
  actor_run actors{run, memory_log(std::make_shared<adapters::memory_disk>())};
  const auto w = world_of(run, 1);
  const auto answer =
      actors.fixture.ask<local<batch_answer>>(actors.shards[w.batches.front()->shard], atom::batch::value,
                                              local{live_batch{w.batches.front()->batch}});
  BOOST_REQUIRE(!answer.ok());
  BOOST_CHECK(answer.failure().code == models::errc::unavailable);
}

namespace {

// A log whose appends fail while the disk is full.
class full_disk_log final : public demand_log {
public:
  explicit full_disk_log(std::shared_ptr<demand_log> log)
      : log_(std::move(log)) {}
  bool full = false;

  std::vector<models::result<log_position>> append_group(std::span<const shard_append> group) override {
    if (!full) return log_->append_group(group);
    return {group.size(), models::error{models::errc::storage_failed, "the disk is full"}};
  }
  models::result<std::vector<stored_record>> read(models::shard_id shard, log_position after,
                                                  std::size_t limit) override {
    return log_->read(shard, after, limit);
  }
  models::result<log_position> last_position(models::shard_id shard) override {
    return log_->last_position(shard);
  }
  models::status save_snapshot(models::shard_id shard, log_position position,
                               std::string_view state) override {
    return log_->save_snapshot(shard, position, state);
  }
  models::result<std::optional<stored_snapshot>> load_snapshot(models::shard_id shard,
                                                               log_position at_most) override {
    return log_->load_snapshot(shard, at_most);
  }
  models::result<std::vector<stored_rollup>>
  read_rollups(models::shard_id shard, models::interval_number from, models::interval_number to) override {
    return log_->read_rollups(shard, from, to);
  }
  models::result<std::optional<rollup_span>> span_of_rollups(models::shard_id shard) override {
    return log_->span_of_rollups(shard);
  }
  models::status retain(models::shard_id shard, const retention_rule& rule) override {
    return log_->retain(shard, rule);
  }

private:
  std::shared_ptr<demand_log> log_;
};

} // namespace

BOOST_AUTO_TEST_CASE(after_a_failed_append_a_shard_acknowledges_nothing_until_it_is_restored) {
  const auto options = options_of(5, 1, false);
  const auto run = make_small_run(options);
  const auto log = std::make_shared<full_disk_log>(memory_log(std::make_shared<adapters::memory_disk>()));
  actor_run actors{run, log};
  const auto w = world_of(run, 1);
  const auto ask = [&](std::size_t i) {
    return actors.fixture.ask<local<batch_answer>>(actors.shards[0], atom::batch::value,
                                                   local{live_batch{w.batches[i]->batch}});
  };
  BOOST_REQUIRE(actors.restore().ok());
  BOOST_REQUIRE(ask(0).ok());
  log->full = true;
  const auto refused = ask(1);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.failure().text.find("full") != std::string::npos);
  log->full = false;
  // Whether the log has the batch is open until it is read again.
  BOOST_TEST(!ask(2).ok());
  BOOST_TEST(!actors.round(0).ok());
  BOOST_REQUIRE(actors.restore().ok());
  const auto again = ask(0);
  BOOST_REQUIRE(again.ok());
  BOOST_CHECK((**again).counts.verdict == inbox_verdict::repeated);
  BOOST_TEST(ask(1).ok());
  BOOST_TEST(actors.round(0).ok());
}

BOOST_AUTO_TEST_CASE(a_round_that_waits_for_an_append_hears_that_it_has_failed) {
  const auto run = make_small_run(options_of(5, 1, false));
  const auto log = std::make_shared<full_disk_log>(memory_log(std::make_shared<adapters::memory_disk>()));
  actor_run actors{run, log};
  auto w = world_of(run, 1);
  BOOST_REQUIRE(actors.restore().ok());
  log->full = true;
  actors.fixture.slow_down(actors.keeper);
  send(actors, w, w.batches[0]);
  const auto summary = actors.round(0); // nobody answering would throw
  BOOST_REQUIRE(!summary.ok());
  BOOST_TEST(summary.failure().text.find("full") != std::string::npos);
  actors.fixture.drain();
  BOOST_TEST(!w.batches[0]->acknowledged);
  BOOST_TEST(w.batches[0]->answers == 1U);
}
