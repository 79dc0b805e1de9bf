// The actors of a run, a replay's as well as a node's: scheduler settings as measured, keeper, pool, shards
// and router in place, ended in order.
//
// One thread drives the rounds and waits for them; batches may be sent from any.
#pragma once

#include "actors/peer/peer_proxy.hpp"
#include "actors/ports/demand_log.hpp"
#include "actors/stage/provisioner.hpp"
#include "actors/router.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace forestage::cluster {

// A run's threads, tried out. Where one cannot be started (limits on processes or memory), an actor system
// would wait for it for ever. threads: 0 means one per core. Errors: limit_exceeded.
[[nodiscard]] models::status try_threads(std::size_t threads);

struct engine_options {
  actors::run_settings_ptr settings;
  std::shared_ptr<actors::demand_log> log;
  bool durable = false;                                              // the log outlives the process
  std::size_t threads = 0;                                           // 0: one per core
  std::shared_ptr<const actors::clock> clock;                        // none: event time, as the rounds go
  std::function<std::int64_t(const models::region_id&)> budget_of{}; // units, when settings->budgeted
  // Hears of every decision under a budget, from any thread.
  std::function<void(const actors::priced_interval&)> on_priced{};
  // Of a live run: what carries plans out, without spawn_collection.
  std::optional<actors::provisioner_options> stage{};
};

// What a live run has ready, and what it saw itself.
struct stage_report {
  actors::stage_view stage;
  actors::recorder_counts recorded;
};

class engine {
public:
  explicit engine(engine_options options);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  // -- of the driving thread
  // Brings all shards to a common cut; the number of the last round that needs no replay.
  [[nodiscard]] models::result<std::uint64_t> restore();
  // Where the run stands after that, and what a shard may have closed beyond.
  [[nodiscard]] models::result<actors::run_standing> standing();
  // Hands a round over; its answer is collected by collect(), before the next one. Reading goes on meanwhile.
  void send(actors::routed_round round);
  // Of nothing, when no round is on its way.
  [[nodiscard]] models::result<actors::round_summary> collect();
  [[nodiscard]] models::status snapshot();
  [[nodiscard]] models::result<actors::run_scores> scores();
  // What is planned from the first open interval on. Pre: no round is on its way.
  [[nodiscard]] models::result<std::vector<actors::interval_plan>> plans();
  // Live, with a stage. Gets ready what is planned.
  void carry_out(std::vector<actors::interval_plan> plans);
  // About once a second: ends what has run out, and records what could not be recorded before.
  void tick_stage();

  // -- of any thread, in a live run. A thread that has called one of these must have ended before the engine
  // is destroyed: CAF 0.17 gives each a hold on its logger, and waits for that.
  using batch_function = std::function<void(models::result<actors::batch_answer>)>;
  // Has a session's batch kept by the shards it is for. The function is called once, on an actor's thread,
  // when all have it in their logs, or with the first error: then some may have it, and the same batch may
  // be sent again.
  void submit(actors::live_batch batch, batch_function then);
  // A proxy for a connection; its intake, recorder and provisioner are the engine's. Then what reaches it.
  // Pre: options.stage was set.
  [[nodiscard]] actors::peer_proxy_actor open_proxy(actors::peer_proxy_options options);
  static void tell(const actors::peer_proxy_actor& proxy, actors::agent_bytes frame);
  static void tick(const actors::peer_proxy_actor& proxy);
  static void drain(const actors::peer_proxy_actor& proxy);
  static void close(const actors::peer_proxy_actor& proxy);
  // What the run has come to, as of a moment; the function is called as above.
  using scores_function = std::function<void(models::result<actors::run_scores>)>;
  void ask_scores(scores_function then);

  using stage_function = std::function<void(models::result<stage_report>)>;
  // Pre: options.stage was set.
  void ask_stage(stage_function then);
  using plans_function = std::function<void(models::result<std::vector<actors::interval_plan>>)>;
  // Errors: unavailable, while a round is open.
  void ask_plans(plans_function then);

private:
  struct parts; // keeps CAF's headers out of this one
  std::unique_ptr<parts> parts_;
};

} // namespace forestage::cluster
