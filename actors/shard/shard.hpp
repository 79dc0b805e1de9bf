// A shard: the owner of a fixed fraction of the resources.
//
// Owns: a shard_core, its place in the log, the forecasters of its active resources. Reacts: rounds,
// questions of allocators, settlements, snapshots. Publishes: answers. A round is appended to the log before
// it is folded; after a restart the log is folded again up to a cut that all shards have reached.
#pragma once

#include "actors/caf.hpp"
#include "actors/forecaster.hpp"
#include "actors/log_keeper.hpp"
#include "actors/shard/log_turns.hpp"
#include "actors/shard/shard_core.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace forestage::actors {

// How far a shard has come: round number, and whether it has been settled. Ordered.
struct shard_progress {
  std::uint64_t round = 0;
  bool settled = true;
  friend auto operator<=>(const shard_progress&, const shard_progress&) = default;
};

// A round that a log has closed.
struct closed_round {
  std::uint64_t number = 0;
  interval_number from{}, to{};
  std::vector<models::outage> outages{}; // its own
};

// How far a shard's log goes; closed: its newest round, where its tail has one.
struct log_end {
  shard_progress progress;
  std::optional<closed_round> closed{};
};

struct round_order {
  round_context_ptr round;
  messages::event_counts counts; // of this shard's resources
  messages::intent_events intents{};
};

// What a live session sends at once.
struct live_batch {
  messages::event_counts counts;
  messages::intent_events intents{};
};

struct batch_answer {
  inbox_answer counts, intents;
};

struct region_question {
  std::uint64_t round = 0;
  models::region_id region;
  std::vector<models::numbered_request> requests;
  std::vector<models::numbered_request> without_intents{}; // on the plan without declarations
  bool offers = false;                                     // with the yardsticks' runs and the requests
};

struct region_reply {
  std::vector<models::numbered_answer> answers;
  std::vector<models::numbered_answer> without_intents{};
  std::vector<offered_resource> offers;
};

struct settlement {
  std::uint64_t round = 0;
  std::vector<region_prices> prices;    // of the regions this shard has something in
  std::vector<region_outcome> outcomes; // of the regions this shard keeps the outcomes of
};

// Requests that a live run has taken: every one of them is counted, waits, or came too late or too early.
struct intake_sums {
  std::int64_t waiting = 0, late = 0, early = 0;
  std::size_t sessions = 0; // remembered; one that spoke to several shards counts in each

  intake_sums& operator+=(const intake_sums& other) noexcept {
    waiting += other.waiting;
    late += other.late;
    early += other.early;
    sessions += other.sessions;
    return *this;
  }
};

struct shard_scores {
  scoreboard board;
  std::int64_t counted = 0;
  std::size_t resources = 0;
  intake_sums intake{};
};

// What a shard knows about itself when it stands at a cut.
struct shard_standing {
  shard_progress progress;
  round_context context; // of the round it stands at
  round_report report;
};

using shard_actor = caf::typed_actor<
    // How far its log goes.
    caf::replies_to<atom::progress>::with<local<log_end>>,
    // Folds its log up to and with a cut that it has reached; answers where it stands. Also after a round
    // that failed.
    caf::replies_to<atom::restore, local<shard_progress>>::with<local<shard_standing>>,
    // Appends a round (unless the log has it) and folds it.
    caf::replies_to<atom::round, local<round_order>>::with<local<round_report>>,
    // Live: appends a batch, keeps it for the rounds of its intervals, then answers; errors: unavailable.
    caf::replies_to<atom::batch, local<live_batch>>::with<local<batch_answer>>,
    // For the allocator of a region, while the round is open and folded.
    caf::replies_to<atom::answer, local<region_question>>::with<local<region_reply>>,
    // Fixes the plans of the round and scores its outcomes; answers the round's number.
    caf::replies_to<atom::settle, local<settlement>>::with<std::uint64_t>,
    // What is planned for the intervals that are not closed, as of the last settled round. Errors:
    // unavailable, while a round is open.
    caf::replies_to<atom::plan>::with<local<std::vector<interval_plan>>>,
    // Saves a snapshot, between two rounds; answers the position it stands for.
    caf::replies_to<atom::snapshot>::with<std::uint64_t>,
    // What the policies have come to.
    caf::replies_to<atom::scores>::with<local<shard_scores>>>::extend_with<forecaster_listener>;

struct shard_options {
  models::shard_id id;
  run_settings_ptr settings;
  log_keeper_actor keeper;
  bool durable = false;         // keep roll-ups, for a log that outlives the process
  std::size_t rollup_days = 56; // days of them
  // Spawns a forecaster: how is the composition root's choice.
  std::function<forecaster_actor(run_settings_ptr, std::uint32_t, local<resource_core>, forecaster_listener)>
      spawn_forecaster;
};

struct waiting_batch {
  local<live_batch> batch;
  caf::typed_response_promise<local<batch_answer>> promise;
};

// Between a round's begin and its end many forecasters answer, one by one: everything in between is this
// state.
struct shard_state {
  static inline const char* name = "shard";
  shard_options options;
  std::optional<shard_core> core;
  log_position position;
  shard_progress logged; // what the log holds already
  interval_number last_closed{};
  log_turns turns;
  std::vector<waiting_batch> batches; // not yet being appended
  std::size_t batch_entries = 0;      // theirs
  std::unordered_map<std::uint32_t, forecaster_actor> forecasters;
  // Rises with every restart: answers to questions of an earlier life are dropped.
  std::uint64_t life = 0;

  // The round that is being folded.
  round_context_ptr folded_round;
  std::vector<due_resource> due; // not yet asked
  std::size_t folding = 0;       // forecasters asked that have not answered
  std::function<void()> when_folded;
  std::optional<models::error> failed;

  // The snapshot that is being gathered.
  std::size_t states_missing = 0;
  std::unordered_map<resource_index, std::string> states;
  std::function<void()> when_gathered;

  // The tail of the log that is being folded again; live: also what lies behind the cut.
  std::deque<v1::LogRecord> tail;
};

// @pre options.settings and options.spawn_forecaster are set.
shard_actor::behavior_type shard(shard_actor::stateful_pointer<shard_state> self, shard_options options);

} // namespace forestage::actors
