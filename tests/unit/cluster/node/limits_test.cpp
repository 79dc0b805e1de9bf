// What the configuration calls a default is what the cores call one.
#define BOOST_TEST_MODULE node_config_limits
#include "actors/collection/collection_queue.hpp"
#include "actors/peer/peer_session.hpp"
#include "actors/shard/sequence_window.hpp"
#include "cluster/node/config.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage;

BOOST_AUTO_TEST_CASE(agents_have_the_limits_of_a_session) {
  const actors::session_limits session;
  const cluster::agents_section agents;
  BOOST_TEST(agents.reports == session.reports);
  BOOST_TEST(agents.events == session.events);
  BOOST_TEST(agents.frame_bytes == session.frame_bytes);
  BOOST_TEST(agents.questions == session.questions);
  BOOST_TEST(agents.intents == session.intents);
  BOOST_TEST(agents.idle_ms == session.idle_ms);
  // The most that may be set is what a shard can tell apart.
  auto config = cluster::node_config{};
  config.agents.reports = static_cast<std::int64_t>(actors::sequence_window::width / 2);
  BOOST_TEST(cluster::validate(config).empty());
  ++config.agents.reports;
  BOOST_TEST(!cluster::validate(config).empty());
}

BOOST_AUTO_TEST_CASE(collections_have_the_limits_of_a_queue) {
  const actors::collection_limits queue;
  const cluster::collections_section collections;
  BOOST_TEST(collections.messages == queue.messages);
  BOOST_TEST(static_cast<std::uint64_t>(collections.bytes) == queue.bytes);
  BOOST_TEST(collections.message_bytes == queue.message_bytes);
  BOOST_TEST(collections.keep_ms == queue.keep_ms);
  BOOST_TEST(collections.lease_ms == queue.lease_ms);
}
