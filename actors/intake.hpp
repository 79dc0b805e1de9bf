// Where live batches come in: one for a node, before the shards.
//
// Owns: the number of batches on their way. Reacts: batches of any session. Publishes: to each shard that
// owns some of a batch's resources, its part; to the sender, one answer when all of them have it in their
// logs. Invariant: an answer without an error means that every request of the batch counts exactly once. With
// an error some parts may be kept: the same batch, under the same session and sequence, may be sent again.
#pragma once

#include "actors/caf.hpp"
#include "actors/shard/shard.hpp"

#include <cstddef>
#include <memory>
#include <set>
#include <vector>

namespace forestage::actors {

using intake_actor = caf::typed_actor<
    // Verdict: `repeated` when every part was. Errors: unavailable (too many batches on their way, a shard
    // without room or being restored, no answer in time), or those of an append.
    caf::replies_to<atom::batch, local<live_batch>>::with<local<batch_answer>>>;

struct intake_options {
  std::vector<shard_actor> shards;   // all, in order
  std::size_t batches = 10'000;      // on their way at once
  std::chrono::seconds patience{30}; // for the shards
};

// The answers of a batch's parts, one by one.
struct gathered_answers {
  std::size_t missing = 0;
  batch_answer sum{{inbox_verdict::repeated}, {inbox_verdict::repeated}};
  caf::error failure; // the first
  caf::typed_response_promise<local<batch_answer>> promise;
};

struct intake_state {
  static inline const char* name = "intake";
  intake_options options;
  std::set<std::shared_ptr<gathered_answers>> on_way; // when the actor ends, each still gets its answer
};

// @pre options.shards is not empty.
intake_actor::behavior_type intake(intake_actor::stateful_pointer<intake_state> self, intake_options options);

} // namespace forestage::actors
