#include "agent/agent_session.hpp"

#include "models/errc.hpp"
#include "models/ids.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace forestage::agent {

using models::errc;

namespace {

constexpr std::uint32_t protocol_version = 1;
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

agent_effect frame_effect(v1::AgentFrame frame) {
  return send{std::move(frame)};
}

// The number that an answer repeats; 0: it answers nothing.
std::uint64_t answered(const v1::ProxyFrame& frame) {
  switch (frame.frame_case()) {
  case v1::ProxyFrame::kDeclared:
    return frame.declared().question();
  case v1::ProxyFrame::kGrant:
    return frame.grant().question();
  case v1::ProxyFrame::kAccepted:
    return frame.accepted().question();
  case v1::ProxyFrame::kMessages:
    return frame.messages().question();
  case v1::ProxyFrame::kFailure:
    return frame.failure().question();
  default:
    return 0;
  }
}

void set_question(v1::AgentFrame& frame, std::uint64_t question) {
  switch (frame.frame_case()) {
  case v1::AgentFrame::kDeclare:
    return frame.mutable_declare()->set_question(question);
  case v1::AgentFrame::kAcquire:
    return frame.mutable_acquire()->set_question(question);
  case v1::AgentFrame::kPut:
    return frame.mutable_put()->set_question(question);
  case v1::AgentFrame::kNext:
    return frame.mutable_next()->set_question(question);
  case v1::AgentFrame::kDone:
    return frame.mutable_done()->set_question(question);
  case v1::AgentFrame::kRelease:
    return frame.mutable_release()->set_question(question);
  case v1::AgentFrame::kPurge:
    return frame.mutable_purge()->set_question(question);
  default:
    return;
  }
}

} // namespace

models::result<agent_session> agent_session::make(session_options options) {
  if (options.session.size() < 16 || options.session.size() > 64)
    return {errc::invalid_argument, "a session is named by 16 to 64 characters, drawn at random"};
  if (options.events < 1 || options.report_events < 1)
    return {errc::invalid_argument, "an agent keeps at least one event, and reports at least one at a time"};
  if (options.first_wait_ms < 1 || options.longest_wait_ms < options.first_wait_ms)
    return {errc::invalid_argument,
            "the longest wait between connections is at least the first one, 1 ms or more"};
  return agent_session{std::move(options)};
}

agent_session::agent_session(session_options options)
    : options_(std::move(options))
    , random_(options_.seed)
    , wait_ms_(options_.first_wait_ms) {}

double agent_session::uniform() {
  random_ = models::mixed(random_ + 0x9e3779b97f4a7c15ULL);
  return static_cast<double>(random_ >> 11U) * 0x1p-53;
}

// -- connections

agent_effects agent_session::start(std::int64_t now_ms) {
  phase_ = phase::connecting;
  phase_since_ms_ = now_ms;
  return {connect{}};
}

agent_effects agent_session::on_connected(std::int64_t now_ms) {
  phase_ = phase::greeting;
  phase_since_ms_ = heard_ms_ = now_ms;
  v1::AgentFrame frame;
  auto& hello = *frame.mutable_hello();
  hello.set_version(protocol_version);
  hello.set_token(options_.token);
  hello.set_session(options_.session);
  *hello.mutable_profile() = options_.profile;
  hello.set_messages(options_.pushed_messages);
  hello.set_first_report(acknowledged_ + 1);
  agent_effects out;
  out.push_back(frame_effect(std::move(frame)));
  return out;
}

void agent_session::wait(std::int64_t now_ms, std::int64_t at_least_ms) {
  phase_ = phase::waiting;
  const auto base = std::max(wait_ms_, at_least_ms);
  retry_at_ms_ =
      now_ms + at_least_ms + static_cast<std::int64_t>((0.5 + 0.5 * uniform()) * static_cast<double>(base));
  wait_ms_ = std::min(options_.longest_wait_ms, 2 * wait_ms_);
}

void agent_session::lose_questions(agent_effects& effects) {
  for (const auto& [question, forever] : asked_) {
    v1::ProxyFrame frame;
    auto& failure = *frame.mutable_failure();
    failure.set_question(question);
    failure.set_code(static_cast<std::uint32_t>(errc::unavailable));
    failure.set_text("the connection was lost before an answer came: ask again");
    failure.set_retry_after_ms(static_cast<std::uint32_t>(wait_ms_));
    effects.push_back(deliver{std::move(frame)});
  }
  asked_.clear();
}

agent_effects agent_session::on_disconnected(std::int64_t now_ms) {
  if (phase_ == phase::idle || phase_ == phase::waiting) return {};
  agent_effects out;
  lose_questions(out);
  resend_at_ms_ = 0;
  ping_open_ = false;
  sent_ = acknowledged_; // all of them again
  wait(now_ms, std::exchange(asked_to_wait_ms_, 0));
  return out;
}

// -- frames

agent_effects agent_session::on_frame(const v1::ProxyFrame& frame, std::int64_t now_ms) {
  agent_effects out;
  heard_ms_ = std::max(heard_ms_, now_ms);
  switch (frame.frame_case()) {
  case v1::ProxyFrame::kWelcome:
    if (phase_ != phase::greeting) break;
    phase_ = phase::open;
    wait_ms_ = options_.first_wait_ms;
    welcome_ = frame.welcome();
    sent_ = acknowledged_;
    send_reports(out, now_ms);
    break;
  case v1::ProxyFrame::kAcknowledged: {
    const auto upto = std::min(frame.acknowledged().sequence(), sent_);
    while (acknowledged_ < upto) {
      kept_events_ -= static_cast<std::size_t>(reports_.front().events_size());
      reports_.pop_front();
      ++acknowledged_;
      progress_ms_ = now_ms;
    }
    if (phase_ == phase::open) send_reports(out, now_ms);
    break;
  }
  case v1::ProxyFrame::kPong:
    ping_open_ = false;
    break;
  case v1::ProxyFrame::kGoodbye:
    asked_to_wait_ms_ = frame.goodbye().after_ms();
    out.push_back(deliver{frame});
    break;
  case v1::ProxyFrame::kFailure:
    if (const auto from = frame.failure().sequence(); from > acknowledged_ && from <= sent_) {
      sent_ = from - 1;
      progress_ms_ = now_ms;
      resend_at_ms_ = now_ms + std::max<std::int64_t>(1, frame.failure().retry_after_ms());
    }
    [[fallthrough]];
  default:
    if (const auto question = answered(frame); question != 0) {
      const auto asked = asked_.find(question);
      if (asked == asked_.end()) break; // given up
      // The last answer to what is pushed for ever is one without messages.
      const bool last = frame.has_messages() && frame.messages().messages().empty();
      if (!asked->second || last || frame.has_failure()) asked_.erase(asked);
    }
    out.push_back(deliver{frame});
  }
  return out;
}

// -- events and reports

bool agent_session::report(v1::Event event, std::int64_t unix_ms, std::int64_t now_ms) {
  if (kept_events_ >= options_.events) {
    ++dropped_;
    ++all_dropped_;
    return false;
  }
  // A burst between two ticks makes several reports: a node refuses one that is too long.
  if (static_cast<std::uint32_t>(open_report_.events_size()) >= options_.report_events) seal(unix_ms);
  if (open_report_.events_size() == 0) {
    open_report_.set_base_ms(unix_ms);
    open_since_ms_ = now_ms;
  }
  event.set_after_ms(unix_ms - open_report_.base_ms());
  *open_report_.add_events() = std::move(event);
  ++kept_events_;
  return true;
}

void agent_session::seal(std::int64_t unix_ms) {
  if (open_report_.events_size() == 0 && dropped_ == 0) return;
  if (open_report_.events_size() == 0) open_report_.set_base_ms(unix_ms);
  open_report_.set_sequence(++sealed_);
  open_report_.set_dropped(std::exchange(dropped_, 0));
  reports_.push_back(std::exchange(open_report_, {}));
}

void agent_session::send_reports(agent_effects& effects, std::int64_t now_ms) {
  if (phase_ != phase::open || resend_at_ms_ != 0) return;
  while (sent_ < sealed_ && sent_ - acknowledged_ < welcome_.limits().reports()) {
    v1::AgentFrame frame;
    *frame.mutable_report() = reports_[static_cast<std::size_t>(sent_ - acknowledged_)];
    if (sent_ == acknowledged_) progress_ms_ = now_ms;
    ++sent_;
    effects.push_back(frame_effect(std::move(frame)));
  }
}

agent_effects agent_session::flush(std::int64_t now_ms, std::int64_t unix_ms) {
  seal(unix_ms);
  agent_effects out;
  send_reports(out, now_ms);
  return out;
}

std::uint64_t agent_session::ask(v1::AgentFrame frame, agent_effects& effects) {
  const auto question = ++questions_;
  set_question(frame, question);
  asked_[question] = frame.has_next() && frame.next().forever();
  if (phase_ == phase::open)
    effects.push_back(frame_effect(std::move(frame)));
  else
    lose_questions(effects);
  return question;
}

// -- time

agent_effects agent_session::on_tick(std::int64_t now_ms, std::int64_t unix_ms) {
  agent_effects out;
  const bool full = static_cast<std::uint32_t>(open_report_.events_size()) >= options_.report_events;
  if (full || (open_report_.events_size() > 0 && now_ms - open_since_ms_ >= options_.report_after_ms))
    seal(unix_ms);
  switch (phase_) {
  case phase::waiting:
    if (now_ms >= retry_at_ms_) out = start(now_ms);
    return out;
  case phase::connecting:
  case phase::greeting:
    if (now_ms - phase_since_ms_ >= options_.answer_ms) {
      out = on_disconnected(now_ms);
      out.push_back(disconnect{"no answer within " + std::to_string(options_.answer_ms / 1'000) + " s"});
    }
    return out;
  case phase::open:
    if (resend_at_ms_ != 0 && now_ms >= resend_at_ms_) resend_at_ms_ = 0;
    // A node drops what it has already, so sending again does no harm.
    if (sent_ > acknowledged_ && now_ms - progress_ms_ >= options_.acknowledge_ms) sent_ = acknowledged_;
    send_reports(out, now_ms);
    if (ping_open_ && now_ms - pinged_ms_ >= options_.answer_ms) {
      out = on_disconnected(now_ms);
      out.push_back(disconnect{"the node has stopped answering"});
      return out;
    }
    if (!ping_open_ && now_ms - heard_ms_ >= options_.ping_after_ms) {
      v1::AgentFrame frame;
      frame.mutable_ping()->set_nonce(++questions_);
      out.push_back(frame_effect(std::move(frame)));
      ping_open_ = true;
      pinged_ms_ = now_ms;
    }
    return out;
  case phase::idle:
    return out;
  }
  return out;
}

std::int64_t agent_session::wake_ms() const noexcept {
  auto at = never;
  if (open_report_.events_size() > 0)
    at = static_cast<std::uint32_t>(open_report_.events_size()) >= options_.report_events
             ? open_since_ms_
             : open_since_ms_ + options_.report_after_ms;
  switch (phase_) {
  case phase::waiting:
    return std::min(at, retry_at_ms_);
  case phase::connecting:
  case phase::greeting:
    return std::min(at, phase_since_ms_ + options_.answer_ms);
  case phase::open:
    if (resend_at_ms_ != 0) at = std::min(at, resend_at_ms_);
    if (sent_ > acknowledged_) at = std::min(at, progress_ms_ + options_.acknowledge_ms);
    return std::min(at, ping_open_ ? pinged_ms_ + options_.answer_ms : heard_ms_ + options_.ping_after_ms);
  case phase::idle:
    return at;
  }
  return at;
}

} // namespace forestage::agent
