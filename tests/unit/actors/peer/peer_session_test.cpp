#include "actors/peer/peer_session.hpp"
#include "actors/shard/sequence_window.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage;
using namespace forestage::actors;

namespace {

v1::AgentFrame hello(const std::string& session = "0123456789abcdef",
                     std::uint32_t version = agent_protocol_version) {
  v1::AgentFrame frame;
  frame.mutable_hello()->set_version(version);
  frame.mutable_hello()->set_session(session);
  return frame;
}

v1::AgentFrame report(std::uint64_t sequence, int events = 1) {
  v1::AgentFrame frame;
  frame.mutable_report()->set_sequence(sequence);
  for (int i = 0; i < events; ++i)
    frame.mutable_report()->add_events()->mutable_request()->set_resource("room/1");
  return frame;
}

v1::AgentFrame acquire(std::uint64_t question, const std::string& resource = "room/1",
                       v1::Role role = v1::ROLE_REQUESTER) {
  v1::AgentFrame frame;
  frame.mutable_acquire()->set_question(question);
  frame.mutable_acquire()->set_resource(resource);
  frame.mutable_acquire()->set_role(role);
  frame.mutable_acquire()->set_need(question);
  return frame;
}

peer_claims claims_of(bool provider = true, std::int64_t expires_ms = 0) {
  peer_claims claims;
  claims.peer = "p";
  claims.provider = provider;
  claims.expires_ms = expires_ms;
  return claims;
}

peer_session opened(session_limits limits = {}, const peer_claims& claims = claims_of()) {
  peer_session session{limits, 0};
  BOOST_REQUIRE(std::holds_alternative<verify_token>(session.on_frame(hello(), 0).front()));
  const auto effects = session.on_verified(claims, {}, 0);
  BOOST_REQUIRE(std::get<say>(effects.front()).frame.has_welcome());
  return session;
}

// The code with which the connection ended; ok: it has not.
models::errc ended(const session_effects& effects) {
  for (const auto& effect : effects)
    if (const auto* end = std::get_if<hang_up>(&effect)) {
      BOOST_TEST(std::get<say>(effects.front()).frame.goodbye().text() == end->text);
      return end->code;
    }
  return models::errc::ok;
}

models::errc failed(const session_effects& effects) {
  BOOST_REQUIRE(effects.size() == 1U);
  return static_cast<models::errc>(std::get<say>(effects.front()).frame.failure().code());
}

bool is(models::errc a, models::errc b) {
  BOOST_TEST_INFO(to_string(a));
  return a == b;
}

} // namespace

BOOST_AUTO_TEST_CASE(nothing_but_hello_and_ping_is_heard_before_welcome) {
  for (const auto& frame : {report(1), acquire(1)}) {
    peer_session session{{}, 0};
    BOOST_TEST(is(ended(session.on_frame(frame, 0)), models::errc::invalid_data));
    BOOST_TEST(session.on_frame(hello(), 0).empty()); // it has ended
  }
  peer_session session{{}, 0};
  v1::AgentFrame ping;
  ping.mutable_ping()->set_nonce(5);
  BOOST_TEST(std::get<say>(session.on_frame(ping, 0).front()).frame.pong().nonce() == 5U);
}

BOOST_AUTO_TEST_CASE(a_hello_that_makes_no_sense_ends_the_connection_and_says_why) {
  const auto answer = [](const v1::AgentFrame& frame) {
    return ended(peer_session{{}, 0}.on_frame(frame, 0));
  };
  BOOST_TEST(is(answer(hello("0123456789abcdef", 2)), models::errc::incompatible));
  BOOST_TEST(is(answer(hello("short")), models::errc::invalid_argument));
  BOOST_TEST(is(answer(hello(std::string(65, 'a'))), models::errc::invalid_argument));
  BOOST_TEST(is(answer(hello("0123456789abcde\n")), models::errc::invalid_argument));
  auto long_region = hello();
  long_region.mutable_hello()->mutable_profile()->set_region(std::string(257, 'r'));
  BOOST_TEST(is(answer(long_region), models::errc::invalid_argument));
  BOOST_TEST(is(answer({}), models::errc::invalid_data));
}

BOOST_AUTO_TEST_CASE(who_says_nothing_is_sent_away) {
  peer_session silent{{}, 0};
  BOOST_TEST(silent.on_tick(9'999).empty());
  BOOST_TEST(is(ended(silent.on_tick(10'000)), models::errc::timeout));
  auto idle = opened();
  BOOST_TEST(idle.on_tick(89'999).empty());
  BOOST_TEST(is(ended(idle.on_tick(90'000)), models::errc::timeout));
  auto expired = opened({}, claims_of(true, 50));
  BOOST_TEST(expired.on_tick(49).empty());
  BOOST_TEST(is(ended(expired.on_tick(50)), models::errc::not_permitted));
}

BOOST_AUTO_TEST_CASE(a_report_is_acknowledged_when_it_and_all_before_it_are_in_the_log) {
  auto session = opened();
  for (std::uint64_t n = 1; n <= 3; ++n) {
    const auto effects = session.on_frame(report(n), 0);
    BOOST_REQUIRE(effects.size() == 1U);
    BOOST_TEST(std::get<append_report>(effects.front()).attempt == n);
  }
  BOOST_TEST(session.on_appended(2, 2).empty());
  BOOST_TEST(std::get<say>(session.on_appended(1, 1).front()).frame.acknowledged().sequence() == 2U);
  BOOST_TEST(session.on_frame(report(3), 0).empty()); // under way
  BOOST_TEST(std::get<say>(session.on_frame(report(1), 0).front()).frame.acknowledged().sequence() == 2U);
}

BOOST_AUTO_TEST_CASE(a_report_that_could_not_be_kept_is_asked_for_again_with_all_after_it) {
  auto session = opened();
  for (std::uint64_t n = 1; n <= 3; ++n)
    (void)session.on_frame(report(n), 0);
  const auto effects = session.on_append_failed(2, 2, {models::errc::storage_failed, "disk full"}, 700);
  const auto& failure = std::get<say>(effects.front()).frame.failure();
  BOOST_TEST((failure.sequence() == 2U && failure.retry_after_ms() == 700U));
  BOOST_TEST(session.on_appended(3, 3).empty()); // of an earlier attempt
  BOOST_TEST(std::get<say>(session.on_appended(1, 1).front()).frame.acknowledged().sequence() == 1U);
  BOOST_TEST(session.on_frame(report(4), 0).empty()); // it has been told
  BOOST_TEST(std::get<append_report>(session.on_frame(report(2), 0).front()).attempt == 4U);
  BOOST_TEST(std::get<say>(session.on_frame(report(4), 0).front()).frame.failure().sequence() == 3U);
}

BOOST_AUTO_TEST_CASE(who_sends_more_than_is_allowed_is_sent_away_and_may_come_back) {
  auto session = opened({.reports = 2});
  (void)session.on_frame(report(1), 0);
  (void)session.on_frame(report(2), 0);
  BOOST_TEST(is(ended(session.on_frame(report(3), 0)), models::errc::limit_exceeded));
  auto large = opened({.events = 3});
  BOOST_TEST(is(ended(large.on_frame(report(1, 4), 0)), models::errc::limit_exceeded));
}

BOOST_AUTO_TEST_CASE(questions_are_bounded_and_answered_once) {
  auto session = opened({.questions = 2});
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(acquire(1), 0).front()));
  BOOST_TEST(is(failed(session.on_frame(acquire(1), 0)), models::errc::invalid_data));
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(acquire(2), 0).front()));
  BOOST_TEST(is(failed(session.on_frame(acquire(3), 0)), models::errc::limit_exceeded));
  v1::ProxyFrame grant;
  grant.mutable_grant()->set_question(1);
  BOOST_TEST(session.on_answer(1, grant).size() == 1U);
  BOOST_TEST(session.on_answer(1, grant).empty());
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(acquire(3), 0).front()));
}

BOOST_AUTO_TEST_CASE(a_role_that_the_token_does_not_give_is_refused) {
  auto session = opened({}, claims_of(false));
  BOOST_TEST(
      is(failed(session.on_frame(acquire(1, "room/1", v1::ROLE_PROVIDER), 0)), models::errc::not_permitted));
  BOOST_TEST(is(failed(session.on_frame(acquire(2, "room/1", v1::ROLE_UNSPECIFIED), 0)),
                models::errc::invalid_argument));
  BOOST_TEST(is(failed(session.on_frame(acquire(3, std::string(257, 'x')), 0)), models::errc::invalid_data));
  BOOST_TEST(is(failed(session.on_frame(acquire(4, "\xff"), 0)), models::errc::invalid_data));
  BOOST_TEST(is(failed(session.on_frame(acquire(5, ""), 0)), models::errc::invalid_argument));
  auto needless = acquire(6);
  needless.mutable_acquire()->clear_need();
  BOOST_TEST(is(failed(session.on_frame(needless, 0)), models::errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(too_many_mistakes_end_the_connection) {
  auto session = opened({.most_faults = 3});
  for (int i = 0; i < 2; ++i)
    BOOST_TEST(
        is(failed(session.on_garbage({models::errc::invalid_data, "no frame"})), models::errc::invalid_data));
  BOOST_TEST(
      is(ended(session.on_garbage({models::errc::invalid_data, "no frame"})), models::errc::limit_exceeded));
}

BOOST_AUTO_TEST_CASE(standing_intents_are_bounded) {
  auto session = opened({.intents = 2});
  const auto declare = [](std::uint64_t question, std::initializer_list<std::uint64_t> ids) {
    v1::AgentFrame frame;
    frame.mutable_declare()->set_question(question);
    for (const auto id : ids)
      frame.mutable_declare()->add_intents()->set_id(id);
    return frame;
  };
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(declare(1, {1, 2}), 0).front()));
  BOOST_TEST(is(failed(session.on_frame(declare(2, {3}), 0)), models::errc::limit_exceeded));
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(declare(3, {2}), 0).front())); // replaces
  v1::AgentFrame revoke;
  revoke.mutable_revoke()->add_intents(1);
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(revoke, 0).front()));
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(declare(4, {3}), 0).front()));
}

BOOST_AUTO_TEST_CASE(a_node_that_goes_says_when_to_come_back) {
  auto session = opened();
  const auto effects = session.shut_down(models::errc::unavailable, "the node restarts", 2'000);
  BOOST_TEST(std::get<say>(effects.front()).frame.goodbye().after_ms() == 2'000U);
  BOOST_TEST(session.ended());
}

BOOST_AUTO_TEST_CASE(a_token_names_the_resources_that_may_be_acquired) {
  auto claims = claims_of();
  claims.resources = {"room/*", "video/1"};
  auto session = opened({}, claims);
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(acquire(1, "room/7"), 0).front()));
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(acquire(2, "video/1"), 0).front()));
  BOOST_TEST(is(failed(session.on_frame(acquire(3, "video/2"), 0)), models::errc::not_permitted));
  claims.resources.clear();
  session = opened({}, claims);
  BOOST_TEST(is(failed(session.on_frame(acquire(4, "room/7"), 0)), models::errc::not_permitted));
}

BOOST_AUTO_TEST_CASE(messages_are_pushed_only_to_an_agent_that_said_how_many) {
  v1::AgentFrame next;
  next.mutable_next()->set_question(1);
  next.mutable_next()->set_collection("r/a");
  next.mutable_next()->set_forever(true);
  auto silent = opened();
  BOOST_TEST(is(failed(silent.on_frame(next, 0)), models::errc::invalid_argument));
  peer_session session{{}, 0};
  auto first = hello();
  first.mutable_hello()->set_messages(1'000);
  (void)session.on_frame(first, 0);
  (void)session.on_verified(claims_of(), {}, 0);
  BOOST_TEST(session.pushable() == session_limits{}.pushed);
  BOOST_TEST(std::holds_alternative<ask>(session.on_frame(next, 0).front()));
  // Its answers are many, until the last one.
  v1::ProxyFrame part;
  part.mutable_messages()->set_question(1);
  BOOST_TEST(session.on_partial(1, part).size() == 1U);
  BOOST_TEST(session.on_partial(1, part).size() == 1U);
  BOOST_TEST(session.on_answer(1, part).size() == 1U);
  BOOST_TEST(session.on_partial(1, part).empty());
}

BOOST_AUTO_TEST_CASE(a_window_of_sequences_takes_each_number_once) {
  sequence_window window;
  BOOST_TEST(!window.accept(0));
  BOOST_TEST(window.accept(3));
  BOOST_TEST(window.accept(1));
  BOOST_TEST(window.accept(2));
  for (const std::uint64_t n : {1U, 2U, 3U})
    BOOST_TEST(!window.accept(n));
  BOOST_TEST(window.accept(66));
  BOOST_TEST(!window.accept(3)); // 63 behind, seen
  BOOST_TEST(window.accept(4));  // 62 behind, not seen
  BOOST_TEST(!window.accept(2)); // older than the window
  BOOST_TEST(window.accept(1'000));
  BOOST_TEST(!window.accept(66));
  BOOST_TEST(window.highest() == 1'000U);
}
