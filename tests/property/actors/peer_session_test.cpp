// The agent protocol, both sides together, on a line that loses, doubles and reorders frames and breaks at
// any moment, with a log that fails now and then: what is acknowledged is counted, once, and in the end
// everything is.
#define BOOST_TEST_MODULE property_actors_peer_session
#include "actors/peer/peer_session.hpp"
#include "actors/shard/sequence_window.hpp"
#include "agent/agent_session.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace forestage;

namespace {

struct faults {
  double lost = 0, doubled = 0, reordered = 0, broken = 0, append_fails = 0, answer_lost = 0;
};

class world {
public:
  world(std::uint64_t seed, faults f)
      : random_(seed)
      , faults_(f) {
    limits_.reports = 4;
    limits_.most_faults = 1'000'000;
    agent::session_options options;
    options.session = "0123456789abcdef";
    options.report_events = 3;
    options.report_after_ms = 20;
    options.first_wait_ms = 5;
    options.longest_wait_ms = 50;
    options.answer_ms = 300;
    options.acknowledge_ms = 150;
    options.ping_after_ms = 200;
    options.seed = seed;
    agent_.emplace(std::move(agent::agent_session::make(options).value()));
    carry_out(agent_->start(now_));
  }

  void step() {
    now_ += random_.below(10);
    const auto what = random_.below(100);
    if (what < 25) {
      happen();
    } else if (what < 55) {
      deliver_to_node();
    } else if (what < 80) {
      deliver_to_agent();
    } else if (what < 92) {
      finish_append();
    } else {
      carry_out(agent_->on_tick(now_, now_));
      if (line_) carry_out(line_->session.on_tick(now_));
    }
    if (line_ && random_.chance(faults_.broken)) break_line();
    check();
  }

  // No faults and no events any more, until nothing moves.
  void settle() {
    faults_ = {};
    for (int i = 0; i < 20'000 && (agent_->unacknowledged_events() > 0 || !appends_.empty()); ++i) {
      now_ += 5;
      carry_out(agent_->flush(now_, now_));
      carry_out(agent_->on_tick(now_, now_));
      if (line_) carry_out(line_->session.on_tick(now_));
      for (int k = 0; k < 8; ++k) {
        deliver_to_node();
        finish_append();
        deliver_to_agent();
      }
      check();
    }
    BOOST_TEST(agent_->unacknowledged_events() == 0U);
    for (const auto& [event, report] : reported_) {
      const auto times = counted_.find(event);
      BOOST_TEST((times != counted_.end() && times->second == 1),
                 "event " << event << " of report " << report);
    }
    BOOST_TEST(counted_.size() == reported_.size());
  }
  [[nodiscard]] std::size_t events() const { return reported_.size(); }
  [[nodiscard]] int lines() const { return lines_; }
  [[nodiscard]] int asked_again() const { return asked_again_; }

private:
  struct line {
    actors::peer_session session;
    std::vector<v1::AgentFrame> to_node;
    std::vector<v1::ProxyFrame> to_agent;
  };
  struct append {
    std::weak_ptr<line> from;
    actors::append_report is;
  };

  void happen() {
    v1::Event event;
    event.mutable_request()->set_resource("e" + std::to_string(next_));
    if (agent_->report(std::move(event), now_, now_)) reported_[next_++] = 0;
  }
  // The frame that comes next, or any other.
  template <class Frame> std::optional<Frame> take(std::vector<Frame>& frames) {
    if (frames.empty()) return std::nullopt;
    const auto at =
        random_.chance(faults_.reordered) ? random_.below(static_cast<std::int64_t>(frames.size())) : 0;
    auto frame = frames[static_cast<std::size_t>(at)];
    if (!random_.chance(faults_.doubled)) frames.erase(frames.begin() + at);
    if (random_.chance(faults_.lost)) return std::nullopt;
    return frame;
  }
  void deliver_to_node() {
    if (!line_) return;
    if (auto frame = take(line_->to_node)) {
      const auto keep = line_;
      carry_out(keep->session.on_frame(*frame, now_));
    }
  }
  void deliver_to_agent() {
    if (!line_) return;
    if (auto frame = take(line_->to_agent)) {
      if (frame->has_failure() && frame->failure().sequence() != 0) ++asked_again_;
      carry_out(agent_->on_frame(*frame, now_));
    }
  }
  // The shard: appends some report that waits, in any order, and says so, or not.
  void finish_append() {
    if (appends_.empty()) return;
    const auto at = random_.below(static_cast<std::int64_t>(appends_.size()));
    const auto done = appends_[static_cast<std::size_t>(at)];
    appends_.erase(appends_.begin() + at);
    const bool fails = random_.chance(faults_.append_fails);
    const bool in_the_log = !fails || random_.chance(0.5); // a failure leaves it open
    if (in_the_log && window_.accept(done.is.sequence))
      for (const auto& event : done.is.report.events())
        ++counted_[std::stoll(event.request().resource().substr(1))];
    const auto from = done.from.lock();
    if (!from) return;
    if (fails || random_.chance(faults_.answer_lost)) // the deadline of a request passes
      carry_out(from->session.on_append_failed(done.is.sequence, done.is.attempt,
                                               {models::errc::storage_failed, "the disk is full"}, 10),
                from);
    else
      carry_out(from->session.on_appended(done.is.sequence, done.is.attempt), from);
  }

  void carry_out(const actors::session_effects& effects) { carry_out(effects, line_); }
  void carry_out(const actors::session_effects& effects, const std::shared_ptr<line>& from) {
    for (const auto& effect : effects) {
      if (const auto* said = std::get_if<actors::say>(&effect)) {
        from->to_agent.push_back(said->frame);
      } else if (const auto* order = std::get_if<actors::append_report>(&effect)) {
        BOOST_REQUIRE(from->session.reports_under_way() <= limits_.reports);
        appends_.push_back({from, *order});
      } else if (std::get_if<actors::verify_token>(&effect) != nullptr) {
        actors::peer_claims claims;
        claims.peer = "p";
        carry_out(from->session.on_verified(claims, {}, now_), from);
      } else if (std::get_if<actors::hang_up>(&effect) != nullptr) {
        if (from == line_) ending_ = true;
      }
    }
    if (ending_) {
      ending_ = false;
      break_line();
    }
  }
  void carry_out(const agent::agent_effects& effects) {
    for (const auto& effect : effects) {
      if (std::get_if<agent::connect>(&effect) != nullptr) {
        ++lines_;
        line_ = std::make_shared<line>(line{actors::peer_session{limits_, now_}, {}, {}});
        carry_out(agent_->on_connected(now_));
      } else if (const auto* frame = std::get_if<agent::send>(&effect)) {
        if (line_) line_->to_node.push_back(frame->frame);
      } else if (std::get_if<agent::disconnect>(&effect) != nullptr) {
        line_.reset();
      }
    }
  }
  void break_line() {
    line_.reset();
    carry_out(agent_->on_disconnected(now_));
  }
  // Nothing is counted twice, and what the agent may forget has been counted.
  void check() {
    std::size_t once = 0;
    for (const auto& [event, times] : counted_) {
      BOOST_REQUIRE_MESSAGE(times == 1, "event " << event << " was counted " << times << " times");
      ++once;
    }
    BOOST_REQUIRE(reported_.size() - agent_->unacknowledged_events() <= once);
  }

  tests::random_source random_;
  faults faults_;
  actors::session_limits limits_;
  std::optional<agent::agent_session> agent_;
  std::shared_ptr<line> line_;
  std::vector<append> appends_;
  actors::sequence_window window_;
  std::map<std::int64_t, int> counted_;
  std::map<std::int64_t, int> reported_;
  std::int64_t now_ = 1'000, next_ = 0;
  int lines_ = 0, asked_again_ = 0;
  bool ending_ = false;
};

void live(const char* name, faults f, std::uint64_t fallback) {
  const auto seed = tests::seed(name, fallback);
  std::size_t events = 0;
  int lines = 0;
  int again = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    world w{seed * 1'000 + i, f};
    for (int k = 0; k < 1'500; ++k)
      w.step();
    w.settle();
    events += w.events();
    lines += w.lines();
    again += w.asked_again();
  }
  BOOST_TEST_MESSAGE(events << " events, " << lines << " connections, reports asked for again " << again
                            << " times");
  BOOST_TEST(events > 10'000U);
  if (f.broken > 0) BOOST_TEST(lines > 200);
  if (f.append_fails > 0 || f.lost > 0) BOOST_TEST(again > 100);
}

} // namespace

BOOST_AUTO_TEST_CASE(on_a_sound_line_everything_is_counted_once) {
  live("sound line", {}, 1);
}

BOOST_AUTO_TEST_CASE(connections_that_break_anywhere_lose_and_double_nothing) {
  live("broken lines", {.broken = 0.02, .answer_lost = 0.01}, 2);
}

BOOST_AUTO_TEST_CASE(a_log_that_fails_now_and_then_loses_and_doubles_nothing) {
  live("failing log", {.broken = 0.005, .append_fails = 0.2}, 3);
}

BOOST_AUTO_TEST_CASE(frames_lost_doubled_and_out_of_order_lose_and_double_nothing) {
  live("all at once",
       {.lost = 0.1,
        .doubled = 0.1,
        .reordered = 0.3,
        .broken = 0.01,
        .append_fails = 0.05,
        .answer_lost = 0.05},
       4);
}

BOOST_AUTO_TEST_CASE(a_burst_between_two_ticks_makes_reports_that_a_node_takes) {
  agent::session_options options;
  options.session = "sixteen-characters-or-more";
  options.report_events = 10;
  auto session = agent::agent_session::make(options).value();
  for (int i = 0; i < 25; ++i) {
    v1::Event event;
    event.mutable_request()->set_resource("room/" + std::to_string(i));
    BOOST_TEST(session.report(std::move(event), 1'000, 0));
  }
  (void)session.start(0);
  (void)session.on_connected(0);
  v1::ProxyFrame welcome;
  welcome.mutable_welcome()->set_version(1);
  welcome.mutable_welcome()->set_session(options.session);
  welcome.mutable_welcome()->mutable_limits()->set_reports(32);
  auto effects = session.on_frame(welcome, 0);
  for (auto& effect : session.on_tick(5'000, 6'000))
    effects.push_back(std::move(effect));
  std::vector<int> events;
  for (const auto& effect : effects)
    if (const auto* sent = std::get_if<agent::send>(&effect); sent != nullptr && sent->frame.has_report())
      events.push_back(sent->frame.report().events_size());
  BOOST_TEST((events == std::vector<int>{10, 10, 5}));
}
