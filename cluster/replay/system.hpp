// The actor system of a run: scheduler settings as measured, actors in place, ended in order.
#pragma once

#include "actors/ports/demand_log.hpp"
#include "actors/router.hpp"

#include <functional>
#include <memory>

namespace forestage::cluster {

// A run's threads, tried out. Where one cannot be started (limits on processes or memory), an actor system
// would wait for it for ever. threads: 0 means one per core. Errors: limit_exceeded.
[[nodiscard]] models::status try_threads(std::size_t threads);

class run_system {
public:
  // log: of the run; durable: it outlives the process. budget_of: units of a region, when settings->budgeted.
  // on_priced: hears of every decision under a budget, from any thread; may be empty.
  run_system(actors::run_settings_ptr settings, std::shared_ptr<actors::demand_log> log, bool durable,
             std::size_t threads, std::function<std::int64_t(const models::region_id&)> budget_of,
             std::function<void(const actors::priced_interval&)> on_priced = {});
  ~run_system();
  run_system(const run_system&) = delete;
  run_system& operator=(const run_system&) = delete;

  // Brings all shards to a common cut; the number of the last round that needs no replay.
  [[nodiscard]] models::result<std::uint64_t> restore();
  // Hands a round over; its answer is collected by collect(), before the next one. Reading goes on meanwhile.
  void send(actors::routed_round round);
  // Of nothing, when no round is on its way.
  [[nodiscard]] models::result<actors::round_summary> collect();
  [[nodiscard]] models::status snapshot();
  [[nodiscard]] models::result<actors::run_scores> scores();

private:
  struct parts; // keeps CAF's headers out of this one
  std::unique_ptr<parts> parts_;
};

} // namespace forestage::cluster
