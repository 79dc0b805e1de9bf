#include "actors/collection/collection_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace forestage;
using namespace forestage::actors;

namespace {

// A resource collection: anybody may put, the provider takes.
collection_queue resource_collection(collection_limits limits = {}) {
  BOOST_REQUIRE(validate(limits).ok());
  access_list access;
  access.allow_everybody(verb::put);
  BOOST_REQUIRE(access.allow("provider", verb::get | verb::purge).ok());
  return {limits, access, 7};
}

std::vector<std::string> payloads(const models::result<std::vector<stored_message>>& messages) {
  BOOST_REQUIRE(messages.ok());
  std::vector<std::string> out;
  for (const auto& m : *messages)
    out.push_back(m.payload);
  return out;
}

using texts = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_CASE(messages_are_handed_out_in_the_order_in_which_they_came) {
  auto queue = resource_collection();
  BOOST_TEST(queue.put("a", "", "offer", 0).value() == 1U);
  BOOST_TEST(queue.put("b", "", "other", 0).value() == 2U);
  BOOST_TEST(queue.put("a", "", "candidate", 1).value() == 3U);
  BOOST_TEST(payloads(queue.next("provider", 0, 2, 2)) == (texts{"offer", "other"}));
  BOOST_TEST(payloads(queue.next("provider", 7, 9, 2)) == (texts{"candidate"}));
  BOOST_TEST(payloads(queue.next("provider", 7, 9, 2)).empty());
  BOOST_TEST(queue.acknowledge("provider", 7, 1).value());
  BOOST_TEST(!queue.acknowledge("provider", 7, 1).value());
  BOOST_TEST(queue.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_is_not_allowed_is_refused_for_every_verb_and_role) {
  auto queue = resource_collection();
  BOOST_TEST(queue.put("a", "", "x", 0).ok());
  for (const char* peer : {"a", "b", ""}) {
    BOOST_TEST((queue.next(peer, 0, 1, 0).failure().code == models::errc::not_permitted));
    BOOST_TEST((queue.acknowledge(peer, 0, 1).failure().code == models::errc::not_permitted));
    BOOST_TEST((queue.purge(peer).failure().code == models::errc::not_permitted));
    BOOST_TEST(!queue.has_for(peer, 0));
  }
  access_list mirror;
  BOOST_REQUIRE(mirror.allow("provider", verb::put).ok());
  BOOST_REQUIRE(mirror.allow("requester", verb::get | verb::purge).ok());
  collection_queue peer_collection{{}, mirror, 1};
  BOOST_TEST((peer_collection.put("requester", "", "x", 0).failure().code == models::errc::not_permitted));
  BOOST_TEST((peer_collection.put("third", "", "x", 0).failure().code == models::errc::not_permitted));
  BOOST_TEST(peer_collection.put("provider", "", "answer", 0).ok());
  BOOST_TEST((peer_collection.next("provider", 0, 1, 0).failure().code == models::errc::not_permitted));
  BOOST_TEST(payloads(peer_collection.next("requester", 0, 1, 0)) == (texts{"answer"}));
  BOOST_TEST(queue.counts().refused == 9U);
}

BOOST_AUTO_TEST_CASE(what_is_not_acknowledged_in_time_is_handed_out_again_from_there) {
  auto queue = resource_collection({.lease_ms = 100});
  for (const char* text : {"1", "2", "3"})
    BOOST_REQUIRE(queue.put("a", "", text, 0).ok());
  BOOST_TEST(payloads(queue.next("provider", 0, 1, 0)) == (texts{"1"}));
  BOOST_TEST(payloads(queue.next("provider", 0, 1, 50)) == (texts{"2"}));
  BOOST_TEST(queue.tick(99) == 100);
  const auto again = queue.next("provider", 0, 9, 100); // the lease of 2 runs on, but 1 comes first
  BOOST_TEST(payloads(again) == (texts{"1", "2", "3"}));
  BOOST_TEST(again->front().delivery == 2U);
  BOOST_TEST(queue.counts().redelivered == 2U);
}

BOOST_AUTO_TEST_CASE(a_message_that_nobody_acknowledges_is_given_up_and_counted) {
  auto queue = resource_collection({.lease_ms = 10, .leases = 3});
  BOOST_REQUIRE(queue.put("a", "", "poison", 0).ok());
  BOOST_REQUIRE(queue.put("a", "", "sound", 0).ok());
  for (std::int64_t now = 0; now < 30; now += 10)
    BOOST_TEST(payloads(queue.next("provider", 0, 1, now)) == (texts{"poison"}));
  BOOST_TEST(payloads(queue.next("provider", 0, 1, 30)) == (texts{"sound"}));
  BOOST_TEST(queue.counts().given_up == 1U);
}

BOOST_AUTO_TEST_CASE(two_readers_never_hold_messages_of_one_sender_at_the_same_time) {
  collection_limits limits;
  access_list access;
  access.allow_everybody(verb::put | verb::get);
  collection_queue queue{limits, access, 1};
  for (const char* text : {"a1", "a2"})
    BOOST_REQUIRE(queue.put("a", "", text, 0).ok());
  BOOST_REQUIRE(queue.put("b", "", "b1", 0).ok());
  BOOST_TEST(payloads(queue.next("first", 0, 1, 0)) == (texts{"a1"}));
  BOOST_TEST(payloads(queue.next("second", 0, 9, 0)) == (texts{"b1"}));
  BOOST_TEST(!queue.has_for("second", 0));
  BOOST_TEST(queue.has_for("first", 0));
  queue.release("first"); // its connection is gone
  BOOST_TEST(payloads(queue.next("second", 0, 9, 0)) == (texts{"a1", "a2"}));
}

BOOST_AUTO_TEST_CASE(a_repeated_put_is_answered_as_the_first_and_adds_nothing) {
  auto queue = resource_collection({.keys = 2});
  BOOST_TEST(queue.put("a", "k1", "x", 0).value() == 1U);
  BOOST_TEST(queue.put("a", "k1", "x", 0).value() == 1U);
  BOOST_TEST(queue.put("b", "k1", "x", 0).value() == 2U); // another sender's key
  BOOST_TEST(queue.put("a", "", "x", 0).value() == 3U);
  BOOST_TEST(queue.put("a", "", "x", 0).value() == 4U);
  BOOST_TEST(queue.put("a", "k2", "x", 0).value() == 5U);
  BOOST_TEST(queue.put("a", "k3", "x", 0).value() == 6U);
  BOOST_TEST(queue.put("a", "k1", "x", 0).value() == 7U); // forgotten: two keys are remembered
  BOOST_TEST(queue.counts().repeated == 1U);
  // Acknowledged messages keep their keys.
  BOOST_TEST(payloads(queue.next("provider", 0, 1, 0)).size() == 1U);
  BOOST_TEST(queue.acknowledge("provider", 0, 1).value());
  BOOST_TEST(queue.put("a", "k3", "x", 0).value() == 6U);
}

BOOST_AUTO_TEST_CASE(a_full_collection_refuses_and_says_when_to_try_again) {
  auto queue = resource_collection({.messages = 2, .bytes = 10, .message_bytes = 8, .keep_ms = 50});
  BOOST_TEST((queue.put("a", "", "123456789", 0).failure().code == models::errc::invalid_argument));
  BOOST_TEST(queue.put("a", "", "12345678", 0).ok());
  BOOST_TEST((queue.put("a", "", "123", 0).failure().code == models::errc::limit_exceeded));
  BOOST_TEST(queue.put("a", "", "12", 0).ok());
  BOOST_TEST((queue.put("a", "", "", 0).failure().code == models::errc::limit_exceeded));
  BOOST_TEST(queue.put("a", "", "3", 50).ok()); // the others are too old by then
  BOOST_TEST(queue.counts().expired == 2U);
  BOOST_TEST(queue.counts().full == 2U);
  BOOST_TEST(queue.bytes() == 1U);
}

BOOST_AUTO_TEST_CASE(a_reader_of_an_earlier_life_is_told_that_messages_were_lost) {
  auto queue = resource_collection();
  const auto old = queue.next("provider", 6, 1, 0);
  BOOST_TEST((old.failure().code == models::errc::incompatible));
  BOOST_TEST(old.failure().text.find("lost") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(purging_empties_a_collection) {
  auto queue = resource_collection();
  BOOST_REQUIRE(queue.put("a", "", "x", 0).ok());
  BOOST_TEST(payloads(queue.next("provider", 0, 1, 0)).size() == 1U);
  BOOST_TEST(queue.purge("provider").value() == 1U);
  BOOST_TEST(queue.size() == 0U);
  BOOST_TEST(!queue.acknowledge("provider", 0, 1).value());
  BOOST_TEST(queue.tick(0) == std::numeric_limits<std::int64_t>::max());
}

BOOST_AUTO_TEST_CASE(limits_that_make_no_sense_are_refused_by_name) {
  BOOST_TEST(!validate({.messages = 0}).ok());
  BOOST_TEST(!validate({.bytes = 10, .message_bytes = 11}).ok());
  BOOST_TEST(!validate({.keep_ms = 0}).ok());
  BOOST_TEST(!validate({.leases = 0}).ok());
  BOOST_TEST(validate({}).ok());
}

BOOST_AUTO_TEST_CASE(rights_add_up_and_are_bounded) {
  access_list access;
  BOOST_TEST(access.allow("a", verb::put).ok());
  BOOST_TEST(access.allow("a", verb::get).ok());
  BOOST_TEST((access.allows("a", verb::put) && access.allows("a", verb::get)));
  BOOST_TEST(!access.allows("a", verb::purge));
  BOOST_TEST(!access.allows("A", verb::put));
  for (std::size_t i = 1; i < access_list::most_rules; ++i)
    BOOST_REQUIRE(access.allow("p" + std::to_string(i), verb::put).ok());
  BOOST_TEST(access.allow("a", verb::purge).ok());
  BOOST_TEST((access.allow("one more", verb::put).failure().code == models::errc::limit_exceeded));
  access.forbid("a");
  BOOST_TEST(!access.allows("a", verb::get));
  BOOST_TEST(access.allow("one more", verb::put).ok());
}
