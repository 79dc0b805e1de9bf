// How a proxy has an agent's questions answered: by the provisioner and by collections. Functions of a
// peer_proxy, called on its thread; each question is answered once, through its session.
#pragma once

#include "actors/peer/peer_proxy.hpp"

namespace forestage::actors {

// An Acquire, Put, Next, Done, Release, Purge or Credit that the session lets through.
void answer_question(peer_proxy_actor::stateful_pointer<peer_proxy_state> self, const v1::AgentFrame& frame);

// Grants are kept alive while the connection is.
void renew_grants(peer_proxy_actor::stateful_pointer<peer_proxy_state> self);

// The connection has gone: what was handed out and is not done with is there for others.
void leave_collections(peer_proxy_actor::stateful_pointer<peer_proxy_state> self);

} // namespace forestage::actors
