// Actors without threads: every message is run by hand, in an order that a seed decides.
//
// An actor_fixture is one life of a process. Messages run one at a time through step(); a life may end
// between any two of them. CAF's own test DSL is left out: its macros and its main do not go with Boost.Test.
#pragma once

#include "actors/caf.hpp"
#include "messages/caf/protobuf_message.hpp"
#include "tests/support/random_source.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace forestage::tests {

struct test_system_config : caf::actor_system_config {
  test_system_config() {
    set("scheduler.policy", caf::atom("testing"));
    messages::add_message_types(*this);
  }
};

class actor_fixture {
public:
  // order_seed 0: first come, first served; else any actor that has mail may be next.
  explicit actor_fixture(std::uint64_t order_seed = 0)
      : scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler()))
      , self_(system, true)
      , shuffled_(order_seed != 0)
      , random_(order_seed) {}

  actor_fixture(const actor_fixture&) = delete;
  actor_fixture& operator=(const actor_fixture&) = delete;

private:
  test_system_config config_;

public:
  caf::actor_system system{config_};

  // Runs one message; false when there is none.
  bool step() {
    auto& jobs = scheduler_.jobs;
    if (jobs.empty()) return false;
    if (shuffled_) {
      const auto at = random_.below(static_cast<std::int64_t>(jobs.size()));
      std::swap(jobs.front(), jobs[static_cast<std::size_t>(at)]);
    }
    const auto next = std::ranges::find_if(jobs, [&](auto* job) { return !slow_.contains(job); });
    if (next != jobs.end()) std::swap(jobs.front(), *next);
    ++steps_;
    return scheduler_.try_run_once();
  }
  void drain() {
    while (step()) {
    }
  }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  // From now on the actor runs only when no other one has mail.
  template <class Handle> void slow_down(const Handle& actor) {
    slow_.insert(dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(actor)));
  }

  // Runs messages until only those that were slowed down have mail.
  void drain_quick_ones() {
    while (std::ranges::any_of(scheduler_.jobs, [&](auto* job) { return !slow_.contains(job); }))
      (void)step();
  }

  // Asks and runs messages until the answer is there. Nothing when `patience` messages were not enough, or
  // when nobody will ever answer.
  template <class Answer, class Handle, class... Question>
  std::optional<models::result<Answer>> ask_for(std::uint64_t patience, const Handle& actor,
                                                Question&&... question) {
    auto pending = self_->request(actor, caf::infinite, std::forward<Question>(question)...);
    while (self_->mailbox().empty() && patience > 0 && step())
      --patience;
    if (self_->mailbox().empty()) return std::nullopt;
    std::optional<models::result<Answer>> out;
    pending.receive([&](Answer& answer) { out.emplace(std::move(answer)); },
                    [&](caf::error& failure) { out.emplace(actors::from_caf(failure)); });
    return out;
  }
  template <class Answer, class Handle, class... Question>
  models::result<Answer> ask(const Handle& actor, Question&&... question) {
    auto out = ask_for<Answer>(~std::uint64_t{0}, actor, std::forward<Question>(question)...);
    if (!out) throw std::runtime_error("nobody answers");
    return std::move(*out);
  }
  // Asks without waiting; nobody will hear the answer.
  template <class Handle, class... Message> void send(const Handle& actor, Message&&... message) {
    caf::anon_send(actor, std::forward<Message>(message)...);
  }
  template <class Handle> void end(const Handle& actor) {
    if (actor) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
  // Actors that have not ended, this fixture's own left out.
  [[nodiscard]] std::size_t running() { return system.registry().running(); }

private:
  caf::scheduler::test_coordinator& scheduler_;
  caf::scoped_actor self_;
  bool shuffled_;
  random_source random_;
  std::uint64_t steps_ = 0;
  std::set<caf::resumable*> slow_;
};

} // namespace forestage::tests
