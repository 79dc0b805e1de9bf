// A message collection of the embedded backend: one actor for each.
//
// Owns: a collection_queue, and the readers that wait for a message. Reacts: puts, takes, acknowledgements,
// purges, changes of rights. Publishes: nothing unasked. It lives until it is closed; who waits is told then.
// A reader waits at most next_order::wait_ms; one timer at most is under way, and none while nobody waits.
#pragma once

#include "actors/caf.hpp"
#include "actors/collection/collection_queue.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace forestage::actors {

namespace atom {
using put = caf::atom_constant<caf::atom("put")>;
using next = caf::atom_constant<caf::atom("next")>;
using done = caf::atom_constant<caf::atom("done")>;
using purge = caf::atom_constant<caf::atom("purge")>;
using rights = caf::atom_constant<caf::atom("rights")>;
using leave = caf::atom_constant<caf::atom("leave")>;
using verify = caf::atom_constant<caf::atom("verify")>;
using wake = caf::atom_constant<caf::atom("wake")>;
using end = caf::atom_constant<caf::atom("end")>;
} // namespace atom

struct put_order {
  std::string peer, key, payload;
};
struct next_order {
  std::string peer;
  std::uint64_t reader = 0;      // the connection of the peer's
  std::uint64_t incarnation = 0; // 0: any
  std::uint32_t most = 1;
  std::size_t most_bytes = 256U << 10U; // together
  std::uint32_t wait_ms = 0;            // for a first message
};
struct handed_out {
  std::uint64_t incarnation = 0;
  std::vector<stored_message> messages; // none: nothing came in time
};
struct done_order {
  std::string peer;
  std::uint64_t incarnation = 0;
  std::vector<std::uint64_t> numbers;
};
struct rights_order {
  std::string peer;
  verbs may; // exactly this
};

using collection_actor = caf::typed_actor<
    // Answers the message's number. Errors: those of collection_queue::put.
    caf::replies_to<atom::put, local<put_order>>::with<std::uint64_t>,
    // Errors: those of collection_queue::next; limit_exceeded (too many wait), unavailable (it is closed).
    caf::replies_to<atom::next, local<next_order>>::with<local<handed_out>>,
    // Answers how many of them were there. Errors: those of collection_queue::acknowledge.
    caf::replies_to<atom::done, local<done_order>>::with<std::uint64_t>,
    // Answers how many went.
    caf::replies_to<atom::purge, std::string>::with<std::uint64_t>,
    caf::reacts_to<atom::rights, local<rights_order>>,
    // A reader of the peer's has gone: what the peer was handed is there again, and this reader waits no
    // longer.
    caf::reacts_to<atom::leave, std::string, std::uint64_t>,
    // That it answers. The incarnation.
    caf::replies_to<atom::verify>::with<std::uint64_t>, caf::reacts_to<atom::wake, std::uint64_t>,
    caf::reacts_to<atom::end>>;

struct message_collection_options {
  collection_limits limits; // valid
  std::uint64_t incarnation = 1;
  std::size_t readers = 256; // that wait at once
  std::function<std::int64_t()> steady_ms;
};

struct waiting_reader {
  next_order order;
  std::int64_t until_ms = 0;
  caf::typed_response_promise<local<handed_out>> promise;
};

struct message_collection_state {
  static inline const char* name = "message_collection";
  message_collection_options options;
  std::optional<collection_queue> queue;
  std::deque<waiting_reader> readers; // in the order in which they came
  std::uint64_t timer = 0;            // the one that counts
  std::int64_t wakes_ms = 0;          // when; 0: none is under way
};

// @pre options.limits are valid, options.steady_ms is set.
collection_actor::behavior_type
message_collection(collection_actor::stateful_pointer<message_collection_state> self,
                   message_collection_options options);

} // namespace forestage::actors
