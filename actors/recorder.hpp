// Keeps what the node itself has seen until the demand log has it: one for a node, between the proxies and
// the intake. Grants do not wait for the log.
//
// Owns: batches that are not in the log yet, bounded. Reacts: batches, ticks. Publishes: to the intake, each
// batch until it is taken; repetitions are harmless, since a batch counts once under its session and
// sequence. Beyond its bound the newest batch is dropped, counted and logged by whoever asks for the counts.
#pragma once

#include "actors/caf.hpp"
#include "actors/intake.hpp"

#include <cstdint>
#include <deque>

namespace forestage::actors {

namespace atom {
using record = caf::atom_constant<caf::atom("record")>;
using retry = caf::atom_constant<caf::atom("retry")>;
using recorded = caf::atom_constant<caf::atom("recorded")>;
} // namespace atom

struct recorder_counts {
  std::uint64_t recorded = 0, retried = 0, dropped = 0; // batches
  std::uint64_t waiting = 0;
};

using recorder_actor = caf::typed_actor<caf::reacts_to<atom::record, local<live_batch>>,
                                        caf::reacts_to<atom::retry>, // about once a second
                                        caf::replies_to<atom::recorded>::with<local<recorder_counts>>>;

struct recorder_options {
  intake_actor intake;
  std::size_t batches = 200'000; // that wait
  std::size_t on_way = 2'000;    // of them, at the intake at once
};

struct recorder_state {
  static inline const char* name = "recorder";
  recorder_options options;
  std::deque<local<live_batch>> waiting; // not on their way
  std::size_t on_way = 0;
  bool failing = false; // the last answer was an error: only retry sends again
  recorder_counts counts;
};

// @pre options.intake is set.
recorder_actor::behavior_type recorder(recorder_actor::stateful_pointer<recorder_state> self,
                                       recorder_options options);

} // namespace forestage::actors
