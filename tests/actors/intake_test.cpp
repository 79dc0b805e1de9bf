// The intake: a batch goes to the shards it is for, and is answered when all have it, or with why not.
#define BOOST_TEST_MODULE actors_intake
#include "actors/intake.hpp"
#include "adapters/memory/memory_demand_log.hpp"
#include "tests/support/actor_run.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <string>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::actor_run;

namespace {

tests::small_run_options live_options() {
  return {
      .seed = 3, .days = 2, .warmup_intervals = 10, .resources = 40, .regions = 2, .shards = 4, .live = true};
}

// Of the first interval: `resources` of them, a request each.
local<live_batch> batch_of(const tests::small_run& run, std::uint32_t resources, std::uint64_t sequence) {
  live_batch batch;
  batch.counts.session = "service";
  batch.counts.sequence = sequence;
  batch.counts.regions.push_back(models::region_id::make("eu").value());
  for (std::uint32_t i = 0; i < resources; ++i) {
    batch.counts.resources.push_back(models::resource_id::make("room/" + std::to_string(i)).value());
    batch.counts.entries.push_back({i, 0, {run.settings->models.settings.first(), 1}});
  }
  return local{std::move(batch)};
}

struct fixture {
  tests::small_run run = tests::make_small_run(live_options());
  actor_run actors{run, adapters::memory_demand_log::open(std::make_shared<adapters::memory_disk>()).value()};

  intake_actor spawn(std::size_t batches = 100) {
    intake_options options;
    options.shards = actors.shards;
    options.batches = batches;
    return actors.fixture.system.spawn(intake, std::move(options));
  }
  models::result<local<batch_answer>> send(const intake_actor& to, const local<live_batch>& batch) {
    return actors.fixture.ask<local<batch_answer>>(to, atom::batch::value, batch);
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(all_shards_of_a_batch_have_it_when_it_is_answered, fixture) {
  BOOST_REQUIRE(actors.restore().ok());
  const auto in = spawn();
  const auto first = send(in, batch_of(run, 40, 1));
  BOOST_REQUIRE(first.ok());
  BOOST_CHECK((**first).counts.verdict == inbox_verdict::accepted);
  BOOST_TEST((**first).counts.counted == 40);
  const auto again = send(in, batch_of(run, 40, 1));
  BOOST_REQUIRE(again.ok());
  BOOST_CHECK((**again).counts.verdict == inbox_verdict::repeated);
  BOOST_TEST((**again).counts.counted == 0);
  const auto scores = actors.scores();
  BOOST_REQUIRE(scores.ok());
  BOOST_TEST((**scores).intake.waiting == 40);
  actors.fixture.end(in);
}

BOOST_FIXTURE_TEST_CASE(a_batch_that_one_shard_refuses_is_sent_again_and_counts_once, fixture) {
  BOOST_REQUIRE(actors.restore().ok());
  // The first shard is another's, of a node that is not live: it takes nothing.
  auto dead = live_options();
  dead.live = false;
  const auto other = tests::make_small_run(dead);
  actor_run replay{other,
                   adapters::memory_demand_log::open(std::make_shared<adapters::memory_disk>()).value()};
  intake_options options;
  options.shards = actors.shards;
  shard_options refusing;
  refusing.id = models::shard_id{0};
  refusing.settings = other.settings;
  refusing.keeper = actors.keeper;
  const auto refuser = actors.fixture.system.spawn(shard, std::move(refusing));
  options.shards.front() = refuser;
  const auto half = actors.fixture.system.spawn(intake, std::move(options));
  const auto refused = send(half, batch_of(run, 40, 1));
  BOOST_REQUIRE(!refused.ok());
  BOOST_CHECK(refused.failure().code == models::errc::unavailable);
  const auto in = spawn();
  const auto again = send(in, batch_of(run, 40, 1));
  BOOST_REQUIRE(again.ok());
  // Some of it was new: the part of the shard that had refused.
  BOOST_CHECK((**again).counts.verdict == inbox_verdict::accepted);
  BOOST_TEST((**again).counts.counted > 0);
  BOOST_TEST((**again).counts.counted < 40);
  BOOST_TEST((**actors.scores()).intake.waiting == 40);
  for (const auto& each : {half, in})
    actors.fixture.end(each);
  actors.fixture.end(refuser);
}

BOOST_FIXTURE_TEST_CASE(too_many_batches_on_their_way_are_refused_and_an_end_answers_all, fixture) {
  BOOST_REQUIRE(actors.restore().ok());
  const auto in = spawn(2);
  std::size_t answered = 0, refused = 0;
  const auto ask = [&](std::uint64_t sequence) {
    const auto asker = [&answered, &refused, message = batch_of(run, 40, sequence)](
                           caf::event_based_actor* self, const intake_actor& to) {
      self->request(to, std::chrono::minutes{1}, atom::batch::value, message)
          .then([&answered](const local<batch_answer>&) { ++answered; },
                [&refused](const caf::error&) { ++refused; });
    };
    actors.fixture.system.spawn(asker, in);
  };
  // The log does not answer: what it was asked to keep is open.
  actors.fixture.slow_down(actors.keeper);
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence)
    ask(sequence);
  actors.fixture.drain_quick_ones();
  BOOST_TEST(refused == 1U);
  BOOST_TEST(answered == 0U);
  actors.fixture.end(in);
  actors.fixture.drain();
  BOOST_TEST(answered + refused == 3U);
}
