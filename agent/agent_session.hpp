// The agent protocol (messages/agent.proto) from the agent's side: one session over any number of
// connections. No socket, clock or thread: frames, events and time in, effects out.
//
// Times are milliseconds; `now_ms` of a clock that never goes back, `unix_ms` of the wall clock. Invariants
// (tests/property/actors/peer_session_test.cpp, together with the proxy's side):
//   1. an event that was taken is reported until its report is acknowledged, over reconnects; what had no
//   room
//      is counted, and the next report says how many;
//   2. reports go out in the order of their numbers, never more unacknowledged ones than the node allows;
//   3. memory is bounded: options.events events at most are kept, sent or not;
//   4. a lost connection is tried again after a time that doubles up to options.longest_wait_ms, drawn anew
//      each time between half of it and all of it, or when the node said so.
#pragma once

#include "messages/agent.pb.h"
#include "models/result.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace forestage::agent {

struct session_options {
  std::string session; // 16 to 64 characters, drawn at random
  std::string token;
  v1::Profile profile;
  std::uint32_t pushed_messages = 64; // that may wait here
  std::size_t events = 100'000;
  std::uint32_t report_events = 500;    // of one report
  std::int64_t report_after_ms = 1'000; // an event does not wait longer for others
  std::int64_t ping_after_ms = 30'000;
  std::int64_t answer_ms = 15'000;      // for Welcome and Pong: then the connection is given up
  std::int64_t acknowledge_ms = 30'000; // without any acknowledgement: reports are sent again
  std::int64_t first_wait_ms = 250, longest_wait_ms = 60'000;
  std::uint64_t seed = 1; // of the waits
};

// -- effects
struct connect {};
struct send {
  v1::AgentFrame frame;
};
struct disconnect {
  std::string why;
};
// To the application: answers to its questions, messages pushed, what the node declared, failures.
struct deliver {
  v1::ProxyFrame frame;
};
using agent_effect = std::variant<connect, send, disconnect, deliver>;
using agent_effects = std::vector<agent_effect>;

class agent_session {
public:
  // Errors: invalid_argument.
  [[nodiscard]] static models::result<agent_session> make(session_options options);

  agent_effects start(std::int64_t now_ms);
  agent_effects on_connected(std::int64_t now_ms);
  agent_effects on_frame(const v1::ProxyFrame& frame, std::int64_t now_ms);
  agent_effects on_disconnected(std::int64_t now_ms);
  // To be called when wake_ms() has come.
  agent_effects on_tick(std::int64_t now_ms, std::int64_t unix_ms);
  [[nodiscard]] std::int64_t wake_ms() const noexcept;

  // Something happened. False: there was no room, and it was counted.
  bool report(v1::Event event, std::int64_t unix_ms, std::int64_t now_ms);
  // Sends what has gathered now.
  agent_effects flush(std::int64_t now_ms, std::int64_t unix_ms);
  // Any question; its number is set here and answered by a delivered frame, a Failure when the connection is
  // lost before.
  std::uint64_t ask(v1::AgentFrame frame, agent_effects& effects);

  [[nodiscard]] bool open() const noexcept { return phase_ == phase::open; }
  [[nodiscard]] std::uint64_t acknowledged() const noexcept { return acknowledged_; }
  [[nodiscard]] std::size_t unacknowledged_events() const noexcept { return kept_events_; }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return all_dropped_; }
  [[nodiscard]] const v1::Welcome& welcome() const noexcept { return welcome_; }

private:
  enum class phase : std::uint8_t { idle, waiting, connecting, greeting, open };

  explicit agent_session(session_options options);
  void lose_questions(agent_effects& effects);
  void seal(std::int64_t unix_ms);
  void send_reports(agent_effects& effects, std::int64_t now_ms);
  void wait(std::int64_t now_ms, std::int64_t at_least_ms);
  [[nodiscard]] double uniform();

  session_options options_;
  phase phase_ = phase::idle;
  v1::Welcome welcome_;
  std::uint64_t random_;
  std::int64_t wait_ms_, retry_at_ms_ = 0, heard_ms_ = 0, pinged_ms_ = 0, phase_since_ms_ = 0;
  std::int64_t asked_to_wait_ms_ = 0; // by a Goodbye
  std::int64_t resend_at_ms_ = 0;     // 0: nothing is to be sent again
  std::int64_t progress_ms_ = 0;      // when reports were last sent, acknowledged or asked for

  v1::Report open_report_; // gathers events; times relative to its base
  std::int64_t open_since_ms_ = 0;
  std::deque<v1::Report> reports_;                         // sealed, not acknowledged, by number
  std::uint64_t acknowledged_ = 0, sealed_ = 0, sent_ = 0; // report numbers
  std::size_t kept_events_ = 0;
  std::uint64_t dropped_ = 0, all_dropped_ = 0;
  std::uint64_t questions_ = 0;
  std::map<std::uint64_t, bool> asked_; // open questions
  bool ping_open_ = false;
};

} // namespace forestage::agent
