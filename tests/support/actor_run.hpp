// A small run on actors, as a process would have it: keeper, pool, shards, router on a demand log. It may be
// killed between any two messages and begun again on what the log has kept.
#pragma once

#include "actors/log_keeper.hpp"
#include "actors/pool.hpp"
#include "actors/region/allocator.hpp"
#include "actors/router.hpp"
#include "actors/shard/shard.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/small_run.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace forestage::tests {

class actor_run {
public:
  actor_run(const small_run& run, std::shared_ptr<actors::demand_log> log, std::uint64_t order_seed = 0,
            bool durable = true,
            std::shared_ptr<const actors::clock> time = std::make_shared<actors::wall_clock>())
      : fixture(order_seed)
      , clock(std::move(time))
      , run_(run) {
    auto& system = fixture.system;
    keeper = system.spawn(actors::log_keeper, std::move(log));
    pool = system.spawn(actors::pool, models::pool_parameters{});
    for (std::uint32_t i = 0; i < run.settings->shards; ++i) {
      actors::shard_options options;
      options.id = models::shard_id{i};
      options.settings = run.settings;
      options.keeper = keeper;
      options.durable = durable;
      options.spawn_forecaster = [&system](actors::run_settings_ptr s, std::uint32_t resource,
                                           actors::local<actors::resource_core> core,
                                           actors::forecaster_listener listener) {
        return system.spawn<caf::lazy_init>(actors::forecaster, std::move(s), resource, std::move(core),
                                            std::move(listener));
      };
      shards.push_back(system.spawn(actors::shard, std::move(options)));
    }
    actors::router_options options;
    options.settings = run.settings;
    options.clock_source = clock;
    options.shards = shards;
    options.pool = pool;
    options.budget_of = &small_run::budget_of;
    options.spawn_allocator = [&system, this](actors::allocator_options o) {
      allocators.push_back(system.spawn(actors::allocator, std::move(o)));
      return allocators.back();
    };
    router = system.spawn(actors::router, std::move(options));
  }
  ~actor_run() { kill(); }

  // The process ends: no actor handles another message.
  void kill() {
    fixture.end(router);
    for (const auto& shard : shards)
      fixture.end(shard);
    fixture.end(pool);
    fixture.end(keeper);
    router = nullptr;
    shards.clear();
    allocators.clear();
    pool = nullptr;
    keeper = nullptr;
    fixture.drain();
  }

  models::result<std::uint64_t> restore() {
    return fixture.ask<std::uint64_t>(router, actors::atom::restore::value);
  }
  models::result<actors::local<actors::round_summary>> round(std::size_t i) {
    return fixture.ask<actors::local<actors::round_summary>>(router, actors::atom::round::value, round_of(i));
  }
  models::result<std::uint64_t> snapshot() {
    return fixture.ask<std::uint64_t>(router, actors::atom::snapshot::value);
  }
  models::result<actors::local<actors::run_scores>> scores() {
    return fixture.ask<actors::local<actors::run_scores>>(router, actors::atom::scores::value);
  }
  [[nodiscard]] actors::local<actors::routed_round> round_of(std::size_t i) const {
    return actors::local{actors::routed_round{run_.rounds[i]}};
  }

  // Goes on from where the log has it to the end of the run, a snapshot after every `snapshot_every` rounds.
  // False when `patience` messages were not enough; then the life is over. Throws on an error.
  bool live(std::uint64_t patience, std::uint64_t snapshot_every) {
    using namespace actors;
    const auto until = patience;
    const auto left = [&] { return until - std::min(until, fixture.steps()); };
    auto restored = fixture.ask_for<std::uint64_t>(left(), router, atom::restore::value);
    if (!restored) return false;
    auto done = check(*restored);
    resumed.push_back(done);
    while (done < run_.rounds.size()) {
      auto summary =
          fixture.ask_for<local<round_summary>>(left(), router, atom::round::value, round_of(done));
      if (!summary) return false;
      done = check(*summary)->number;
      if (done % snapshot_every != 0) continue;
      auto saved = fixture.ask_for<std::uint64_t>(left(), router, atom::snapshot::value);
      if (!saved) return false;
      (void)check(*saved);
    }
    return true;
  }

  actor_fixture fixture;
  std::shared_ptr<const actors::clock> clock;
  actors::log_keeper_actor keeper;
  actors::pool_actor pool;
  std::vector<actors::shard_actor> shards;
  std::vector<actors::allocator_actor> allocators; // in the order in which their regions were heard of
  actors::router_actor router;
  std::vector<std::uint64_t> resumed; // the rounds that restores found settled

private:
  template <class T> static T check(models::result<T>& outcome) {
    if (!outcome) throw std::runtime_error(outcome.failure().text);
    return std::move(*outcome);
  }
  const small_run& run_;
};

} // namespace forestage::tests
