// The agent protocol (messages/agent.proto) from the proxy's side: one connection. No CAF, clock or I/O.
//
// Frames, answers and time in; effects out, to be carried out in their order. Times are milliseconds of a
// clock that never goes back. Invariants (tests/property/actors/peer_session_test.cpp, with frames lost,
// doubled and out of order, and connections that end anywhere):
//   1. a report is acknowledged only when it and all before it are in the log, and in the end all are;
//   2. at most limits.reports reports are on their way to the log, limits.questions questions open,
//      limits.intents intents standing: whoever sends more is told, and a flood ends the connection;
//   3. whatever is asked gets one answer, or the connection ends with a Goodbye that says why;
//   4. before a token has been verified, nothing but Hello and Ping is heard.
// A report that comes again is acknowledged again and appended once here; what two connections of a session
// append twice, the shard knows (its window of sequences).
#pragma once

#include "messages/agent.pb.h"
#include "models/ids.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace forestage::actors {

inline constexpr std::uint32_t agent_protocol_version = 1;

struct session_limits {
  std::uint32_t reports = 32; // not in the log yet; at most half a shard's window of sequences
  std::uint32_t events = 10'000;
  std::uint32_t frame_bytes = 1U << 20U;
  std::uint32_t questions = 64;
  std::uint32_t intents = 1'000;
  std::uint32_t pushed = 256;     // messages pushed that are not done with, whatever the agent says
  std::uint32_t wait_ms = 30'000; // that a Next waits for a message
  std::int64_t hello_ms = 10'000;
  std::int64_t idle_ms = 90'000;
  std::uint32_t most_faults = 20; // of the agent, until the connection ends
};

// What a verified token says, or what is assumed where none is needed.
struct peer_claims {
  std::string peer; // id, not empty
  std::string region;
  bool may_report = false; // its reports count like what the node saw itself
  bool requester = true, provider = true;
  std::vector<std::string> resources{"*"}; // globs of what it may acquire
  std::int64_t expires_ms = 0;             // of the same clock as now; 0: never
};

// -- effects
struct verify_token {
  std::string token;
  v1::Profile profile;
};
// To the shards; answered by on_appended or on_append_failed with both numbers.
struct append_report {
  std::uint64_t sequence = 0;
  std::uint64_t attempt = 0;
  v1::Report report;
};
// A question that is allowed to be asked; answered by on_answer.
struct ask {
  v1::AgentFrame frame;
};
struct say {
  v1::ProxyFrame frame;
};
// Nothing is said or heard any more. Reports on their way may still arrive in the log.
struct hang_up {
  models::errc code = models::errc::ok;
  std::string text;
};
using session_effect = std::variant<verify_token, append_report, ask, say, hang_up>;
using session_effects = std::vector<session_effect>;

// What the node's side tells every agent.
struct node_facts {
  std::int64_t unix_ms = 0;
  std::uint32_t interval_seconds = 300;
};

class peer_session {
public:
  peer_session(session_limits limits, std::int64_t now_ms)
      : limits_(limits)
      , last_heard_ms_(now_ms)
      , begun_ms_(now_ms) {}

  session_effects on_frame(const v1::AgentFrame& frame, std::int64_t now_ms);
  // A frame that could not be read.
  session_effects on_garbage(const models::error& failure);
  session_effects on_verified(const peer_claims& claims, const node_facts& node, std::int64_t now_ms);
  session_effects on_refused(const models::error& failure);
  session_effects on_appended(std::uint64_t sequence, std::uint64_t attempt);
  session_effects on_append_failed(std::uint64_t sequence, std::uint64_t attempt,
                                   const models::error& failure, std::uint32_t retry_ms);
  // The answer to a question: any frame with its number. Of one that was not asked (any more): dropped.
  session_effects on_answer(std::uint64_t question, v1::ProxyFrame frame);
  session_effects on_failure(std::uint64_t question, const models::error& failure, std::uint32_t retry_ms);
  // One of many answers to a question that stays open.
  [[nodiscard]] session_effects on_partial(std::uint64_t question, v1::ProxyFrame frame) const;
  session_effects on_tick(std::int64_t now_ms);
  // The node goes: the agent is told to come back.
  session_effects shut_down(models::errc code, std::string text, std::uint32_t after_ms);

  [[nodiscard]] bool open() const noexcept { return phase_ == phase::open; }
  [[nodiscard]] bool ended() const noexcept { return phase_ == phase::ended; }
  [[nodiscard]] const peer_claims& claims() const noexcept { return claims_; }
  [[nodiscard]] const std::string& session() const noexcept { return session_; }
  [[nodiscard]] const v1::Profile& profile() const noexcept { return profile_; }
  // Messages that the agent lets be pushed before it is done with them.
  [[nodiscard]] std::uint32_t pushable() const noexcept { return pushable_; }
  [[nodiscard]] std::size_t reports_under_way() const noexcept { return under_way_.size(); }
  [[nodiscard]] std::size_t questions() const noexcept { return questions_.size(); }

private:
  enum class phase : std::uint8_t { hello, verifying, open, ended };

  session_effects on_hello(const v1::Hello& hello);
  session_effects on_report(const v1::Report& report);
  session_effects on_question(const v1::AgentFrame& frame);
  [[nodiscard]] session_effects check_acquire(const v1::Acquire& acquire);
  session_effects on_declare(const v1::AgentFrame& frame);
  session_effects on_revoke(const v1::AgentFrame& frame);
  // A mistake of the agent's, which is told; too many end the connection.
  session_effects fault(std::uint64_t question, models::errc code, std::string text);
  session_effects end(models::errc code, std::string text, std::uint32_t after_ms);
  [[nodiscard]] session_effects again_from(std::uint64_t sequence, const models::error& failure,
                                           std::uint32_t retry_ms);

  session_limits limits_;
  phase phase_ = phase::hello;
  std::int64_t last_heard_ms_, begun_ms_;
  std::uint32_t faults_ = 0;
  std::string session_;
  v1::Profile profile_;
  std::uint32_t pushable_ = 0;
  peer_claims claims_;

  // Reports: numbers up to acknowledged_ are in the log; from there to expected_ - 1 they are under way.
  std::uint64_t acknowledged_ = 0, expected_ = 1, attempts_ = 0;
  std::uint64_t asked_again_ = 0; // from which number on, last
  struct under_way {
    std::uint64_t attempt = 0;
    bool appended = false;
  };
  std::map<std::uint64_t, under_way> under_way_;
  std::set<std::uint64_t> questions_;
  std::set<std::uint64_t> intents_; // ids that stand
};

// A Failure as a frame.
[[nodiscard]] v1::ProxyFrame failure_frame(std::uint64_t question, const models::error& failure,
                                           std::uint32_t retry_ms = 0, std::uint64_t sequence = 0);
// The number of a question; 0: the frame asks nothing.
[[nodiscard]] std::uint64_t question_of(const v1::AgentFrame& frame);

} // namespace forestage::actors
