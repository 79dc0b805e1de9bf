#include "actors/peer/peer_session.hpp"

#include "models/glob.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace forestage::actors {

using models::errc;

namespace {

constexpr std::size_t shortest_session = 16;
constexpr std::size_t longest_session = 64;
constexpr std::uint32_t hurried_ms =
    1'000; // when a sequence is missing, there is nothing to wait for but the line

session_effect said(v1::ProxyFrame frame) {
  return say{std::move(frame)};
}

session_effects one(session_effect effect) {
  session_effects out;
  out.push_back(std::move(effect));
  return out;
}

v1::ProxyFrame acknowledgement(std::uint64_t sequence) {
  v1::ProxyFrame frame;
  frame.mutable_acknowledged()->set_sequence(sequence);
  return frame;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

models::status check_hello(const v1::Hello& hello) {
  if (hello.version() != agent_protocol_version)
    return {errc::incompatible, "this node speaks version " + std::to_string(agent_protocol_version) +
                                    " of the agent protocol, not " + std::to_string(hello.version()) +
                                    ": use an agent of the node's release"};
  const auto& session = hello.session();
  if (session.size() < shortest_session || session.size() > longest_session || !is_printable(session))
    return {errc::invalid_argument,
            "a session is named by 16 to 64 printable characters; draw them at random, "
            "and keep them over reconnects"};
  const auto& profile = hello.profile();
  for (const auto* text : {&profile.region(), &profile.device(), &profile.agent()})
    if (text->size() > models::max_name_bytes)
      return {errc::invalid_argument,
              "a profile's field of " + std::to_string(text->size()) + " bytes; at most 256 are allowed"};
  return models::success();
}

} // namespace

v1::ProxyFrame failure_frame(std::uint64_t question, const models::error& failure, std::uint32_t retry_ms,
                             std::uint64_t sequence) {
  v1::ProxyFrame frame;
  auto& is = *frame.mutable_failure();
  is.set_question(question);
  is.set_code(static_cast<std::uint32_t>(failure.code));
  is.set_text(failure.text);
  is.set_retry_after_ms(retry_ms);
  is.set_sequence(sequence);
  return frame;
}

std::uint64_t question_of(const v1::AgentFrame& frame) {
  switch (frame.frame_case()) {
  case v1::AgentFrame::kDeclare:
    return frame.declare().question();
  case v1::AgentFrame::kAcquire:
    return frame.acquire().question();
  case v1::AgentFrame::kPut:
    return frame.put().question();
  case v1::AgentFrame::kNext:
    return frame.next().question();
  case v1::AgentFrame::kDone:
    return frame.done().question();
  case v1::AgentFrame::kRelease:
    return frame.release().question();
  case v1::AgentFrame::kPurge:
    return frame.purge().question();
  default:
    return 0;
  }
}

session_effects peer_session::end(errc code, std::string text, std::uint32_t after_ms) {
  if (phase_ == phase::ended) return {};
  phase_ = phase::ended;
  v1::ProxyFrame frame;
  auto& is = *frame.mutable_goodbye();
  is.set_code(static_cast<std::uint32_t>(code));
  is.set_text(text);
  is.set_after_ms(after_ms);
  session_effects out;
  out.push_back(say{std::move(frame)});
  out.push_back(hang_up{code, std::move(text)});
  return out;
}

session_effects peer_session::fault(std::uint64_t question, errc code, std::string text) {
  if (++faults_ >= limits_.most_faults)
    return end(errc::limit_exceeded, "too many mistakes on this connection; the last one: " + text, 60'000);
  return one(said(failure_frame(question, {code, std::move(text)})));
}

session_effects peer_session::on_garbage(const models::error& failure) {
  if (phase_ == phase::ended) return {};
  if (phase_ != phase::open) return end(failure.code, failure.text, 60'000);
  return fault(0, failure.code, failure.text);
}

session_effects peer_session::on_frame(const v1::AgentFrame& frame, std::int64_t now_ms) {
  if (phase_ == phase::ended) return {};
  last_heard_ms_ = std::max(last_heard_ms_, now_ms);
  if (frame.frame_case() == v1::AgentFrame::kPing) {
    v1::ProxyFrame pong;
    pong.mutable_pong()->set_nonce(frame.ping().nonce());
    return one(said(std::move(pong)));
  }
  if (frame.frame_case() == v1::AgentFrame::FRAME_NOT_SET)
    return on_garbage(
        {errc::invalid_data, "a frame of a kind that this version of the protocol does not know"});
  if (frame.frame_case() == v1::AgentFrame::kHello) return on_hello(frame.hello());
  if (phase_ != phase::open)
    return end(errc::invalid_data, "a connection begins with Hello, and nothing else is heard before Welcome",
               60'000);
  switch (frame.frame_case()) {
  case v1::AgentFrame::kReport:
    return on_report(frame.report());
  case v1::AgentFrame::kDeclare:
    return on_declare(frame);
  case v1::AgentFrame::kRevoke:
    return on_revoke(frame);
  case v1::AgentFrame::kCredit:
    return one(ask{frame});
  default:
    return on_question(frame);
  }
}

// -- opening

session_effects peer_session::on_hello(const v1::Hello& hello) {
  if (phase_ != phase::hello) return fault(0, errc::invalid_data, "Hello is said once");
  if (auto fits = check_hello(hello); !fits) return end(fits.failure().code, fits.failure().text, 60'000);
  phase_ = phase::verifying;
  session_ = hello.session();
  expected_ = std::max<std::uint64_t>(1, hello.first_report());
  acknowledged_ = expected_ - 1;
  profile_ = hello.profile();
  pushable_ = std::min(hello.messages(), limits_.pushed);
  return one(verify_token{hello.token(), hello.profile()});
}

session_effects peer_session::on_refused(const models::error& failure) {
  return end(failure.code, failure.text, 60'000);
}

session_effects peer_session::on_verified(const peer_claims& claims, const node_facts& node,
                                          std::int64_t now_ms) {
  if (phase_ != phase::verifying) return {};
  phase_ = phase::open;
  claims_ = claims;
  last_heard_ms_ = std::max(last_heard_ms_, now_ms);
  v1::ProxyFrame frame;
  auto& welcome = *frame.mutable_welcome();
  welcome.set_version(agent_protocol_version);
  welcome.set_session(session_);
  welcome.set_peer(claims.peer);
  welcome.set_region(claims.region);
  auto& limits = *welcome.mutable_limits();
  limits.set_reports(limits_.reports);
  limits.set_events(limits_.events);
  limits.set_frame_bytes(limits_.frame_bytes);
  limits.set_questions(limits_.questions);
  limits.set_intents(limits_.intents);
  limits.set_idle_seconds(static_cast<std::uint32_t>(limits_.idle_ms / 1'000));
  welcome.set_time_ms(node.unix_ms);
  welcome.set_interval_seconds(node.interval_seconds);
  return one(said(std::move(frame)));
}

// -- reports

session_effects peer_session::again_from(std::uint64_t sequence, const models::error& failure,
                                         std::uint32_t retry_ms) {
  // What comes after it must come again, too, so that it arrives in order.
  under_way_.erase(under_way_.lower_bound(sequence), under_way_.end());
  expected_ = sequence;
  asked_again_ = sequence;
  return one(said(failure_frame(0, failure, retry_ms, sequence)));
}

session_effects peer_session::on_report(const v1::Report& report) {
  const auto sequence = report.sequence();
  if (sequence == 0) return fault(0, errc::invalid_data, "reports are numbered from 1");
  if (static_cast<std::uint32_t>(report.events_size()) > limits_.events)
    return end(errc::limit_exceeded,
               "a report of " + std::to_string(report.events_size()) + " events; at most " +
                   std::to_string(limits_.events) + " are allowed: split it",
               60'000);
  if (sequence <= acknowledged_) return one(said(acknowledgement(acknowledged_)));
  if (sequence < expected_) return {}; // under way
  if (sequence > expected_) {
    if (asked_again_ == expected_) return {}; // it has been told
    return again_from(expected_,
                      {errc::unavailable, "report " + std::to_string(expected_) + " is missing before " +
                                              std::to_string(sequence)},
                      hurried_ms);
  }
  if (under_way_.size() >= limits_.reports)
    return end(errc::limit_exceeded,
               "more than " + std::to_string(limits_.reports) +
                   " reports that are not acknowledged: wait for acknowledgements",
               1'000);
  asked_again_ = 0;
  under_way_.emplace(sequence, under_way{++attempts_, false});
  ++expected_;
  return one(append_report{sequence, attempts_, report});
}

session_effects peer_session::on_appended(std::uint64_t sequence, std::uint64_t attempt) {
  const auto at = under_way_.find(sequence);
  if (at == under_way_.end() || at->second.attempt != attempt) return {};
  at->second.appended = true;
  const auto before = acknowledged_;
  while (!under_way_.empty() && under_way_.begin()->second.appended) {
    acknowledged_ = under_way_.begin()->first;
    under_way_.erase(under_way_.begin());
  }
  if (acknowledged_ == before || phase_ != phase::open) return {};
  return one(said(acknowledgement(acknowledged_)));
}

session_effects peer_session::on_append_failed(std::uint64_t sequence, std::uint64_t attempt,
                                               const models::error& failure, std::uint32_t retry_ms) {
  const auto at = under_way_.find(sequence);
  if (at == under_way_.end() || at->second.attempt != attempt) return {};
  if (phase_ != phase::open) {
    under_way_.erase(at);
    return {};
  }
  return again_from(sequence, failure, std::max<std::uint32_t>(1, retry_ms));
}

// -- questions

session_effects peer_session::on_question(const v1::AgentFrame& frame) {
  const auto question = question_of(frame);
  if (question == 0) return fault(0, errc::invalid_data, "questions are numbered from 1");
  if (questions_.contains(question))
    return fault(question, errc::invalid_data, "this question is open already; number them as they come");
  if (questions_.size() >= limits_.questions)
    return fault(question, errc::limit_exceeded,
                 "more than " + std::to_string(limits_.questions) + " questions at a time: wait for answers");
  if (frame.has_acquire())
    if (auto refused = check_acquire(frame.acquire()); !refused.empty()) return refused;
  if (frame.has_next() && frame.next().forever() && pushable_ == 0)
    return fault(question, errc::invalid_argument,
                 "Hello allowed no messages to be pushed: say there how many may be under way (messages)");
  questions_.insert(question);
  return one(ask{frame});
}

// Empty: it may be asked.
session_effects peer_session::check_acquire(const v1::Acquire& acquire) {
  const auto question = acquire.question();
  if (acquire.role() != v1::ROLE_REQUESTER && acquire.role() != v1::ROLE_PROVIDER)
    return fault(question, errc::invalid_argument, "a resource is acquired as requester or as provider");
  if (acquire.need() == 0)
    return fault(
        question, errc::invalid_argument,
        "needs are numbered from 1: a new one for each new need, the same one when it is asked again");
  if (acquire.resource().empty()) return fault(question, errc::invalid_argument, "a resource has a name");
  if (auto id = models::resource_id::make(acquire.resource()); !id)
    return fault(question, id.failure().code, id.failure().text);
  const bool has_role = acquire.role() == v1::ROLE_REQUESTER ? claims_.requester : claims_.provider;
  if (!has_role)
    return one(said(failure_frame(question, {errc::not_permitted, "the token does not give this role"})));
  const bool named =
      std::any_of(claims_.resources.begin(), claims_.resources.end(),
                  [&](const auto& pattern) { return models::matches_glob(pattern, acquire.resource()); });
  if (!named)
    return one(said(failure_frame(
        question, {errc::not_permitted, "the token does not name this resource (its claim `resources`)"})));
  return {};
}

session_effects peer_session::on_declare(const v1::AgentFrame& frame) {
  const auto& declare = frame.declare();
  auto standing = intents_;
  for (const auto& intent : declare.intents())
    standing.insert(intent.id());
  if (standing.size() > limits_.intents)
    return fault(declare.question(), errc::limit_exceeded,
                 "more than " + std::to_string(limits_.intents) +
                     " intents standing: revoke some, or declare less");
  auto out = on_question(frame);
  if (!out.empty() && std::holds_alternative<ask>(out.front())) intents_ = std::move(standing);
  return out;
}

session_effects peer_session::on_revoke(const v1::AgentFrame& frame) {
  for (const auto id : frame.revoke().intents())
    intents_.erase(id);
  return one(ask{frame});
}

session_effects peer_session::on_answer(std::uint64_t question, v1::ProxyFrame frame) {
  if (phase_ != phase::open || questions_.erase(question) == 0) return {};
  return one(said(std::move(frame)));
}

session_effects peer_session::on_partial(std::uint64_t question, v1::ProxyFrame frame) const {
  if (phase_ != phase::open || !questions_.contains(question)) return {};
  return one(said(std::move(frame)));
}

session_effects peer_session::on_failure(std::uint64_t question, const models::error& failure,
                                         std::uint32_t retry_ms) {
  return on_answer(question, failure_frame(question, failure, retry_ms));
}

// -- time

session_effects peer_session::on_tick(std::int64_t now_ms) {
  switch (phase_) {
  case phase::hello:
  case phase::verifying:
    if (now_ms - begun_ms_ >= limits_.hello_ms)
      return end(errc::timeout,
                 "no Hello with a valid token within " + std::to_string(limits_.hello_ms / 1'000) + " s",
                 1'000);
    return {};
  case phase::open:
    if (claims_.expires_ms != 0 && now_ms >= claims_.expires_ms)
      return end(errc::not_permitted, "the token has expired: come back with a new one", 1);
    if (now_ms - last_heard_ms_ >= limits_.idle_ms)
      return end(errc::timeout, "nothing was heard for " + std::to_string(limits_.idle_ms / 1'000) + " s",
                 1'000);
    return {};
  case phase::ended:
    return {};
  }
  return {};
}

session_effects peer_session::shut_down(errc code, std::string text, std::uint32_t after_ms) {
  return end(code, std::move(text), after_ms);
}

} // namespace forestage::actors
