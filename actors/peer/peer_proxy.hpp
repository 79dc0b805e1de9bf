// A peer's proxy on its node: one for each connection of an agent.
//
// Owns: a peer_session, the collections that its peer was granted. Reacts: frames of the agent, the end of
// its connection, ticks, the end of the node. Publishes: reports to the intake, what it saw itself to the
// recorder, questions to the provisioner and to collections; frames to the agent, through the functions of
// its options. It ends with its connection. Answers to what it asked arrive in any order; the session puts
// them in theirs.
#pragma once

#include "actors/caf.hpp"
#include "actors/intake.hpp"
#include "actors/peer/peer_session.hpp"
#include "actors/peer/push_window.hpp"
#include "actors/recorder.hpp"
#include "actors/stage/provisioner.hpp"
#include "models/interval.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace forestage::actors {

namespace atom {
using frame = caf::atom_constant<caf::atom("frame")>;
using close = caf::atom_constant<caf::atom("close")>;
using drain = caf::atom_constant<caf::atom("drain")>;
} // namespace atom

struct agent_bytes {
  std::string bytes;
  bool text = false; // protobuf JSON; the agent is answered alike
};

using peer_proxy_actor =
    caf::typed_actor<caf::reacts_to<atom::frame, local<agent_bytes>>,
                     caf::reacts_to<atom::tick>,   // at least every few seconds: what has waited too long
                     caf::reacts_to<atom::close>,  // the connection has ended
                     caf::reacts_to<atom::drain>>; // the node stops: the agent is told to come back

// Called from the actor's thread; none may block.
struct peer_connection {
  std::function<void(std::string bytes, bool text)> send;
  std::function<void()> release; // a frame has been dealt with
  std::function<void(models::errc code, std::string text)> hang_up;
  // Errors: not_permitted, invalid_data, unavailable.
  std::function<models::result<peer_claims>(const std::string& token, const std::string& session,
                                            const v1::Profile& profile)>
      verify;
  std::function<void(std::uint64_t requests)> acknowledged; // for counters
};

struct peer_proxy_options {
  session_limits limits;
  models::interval_grid grid = models::interval_grid::make(300).value();
  intake_actor intake;
  recorder_actor recorder;
  provisioner_actor provisioner;
  peer_connection connection;
  std::uint64_t number = 0; // of the connection
  std::function<std::int64_t()> steady_ms, unix_ms;
};

// Messages that are pushed as they come, in answer to one question.
struct subscription {
  std::uint64_t question = 0, incarnation = 0;
  std::uint32_t asked = 0; // messages that the collection was asked for; 0: no take is under way
};

struct peer_proxy_state {
  static inline const char* name = "peer_proxy";
  std::shared_ptr<peer_proxy_options> options;
  std::shared_ptr<peer_session> session;
  bool text = false; // the agent's last frame was
  std::map<std::string, collection_actor>
      collections;                                   // by name: granted, or asked for; the proxy's own memory
  std::set<std::string> read;                        // of them, those that it takes from
  std::map<std::string, subscription> subscriptions; // by collection
  push_window window;
  bool holds = false; // grants that are to be renewed
  std::int64_t renewed_ms = 0;
};

// Carries out what a session says.
void carry_out(peer_proxy_actor::stateful_pointer<peer_proxy_state> self, session_effects effects);

// @pre everything in options is set.
peer_proxy_actor::behavior_type peer_proxy(peer_proxy_actor::stateful_pointer<peer_proxy_state> self,
                                           peer_proxy_options options);

} // namespace forestage::actors
