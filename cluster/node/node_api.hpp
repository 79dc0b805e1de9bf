// What a node answers over HTTP: events of services, agents, its health, status, scores and metrics.
//
// Answers come from the gateway's thread, or from an actor's when the engine has to be asked. The engine
// comes when the demand log has been folded, and goes before the node ends; between, and while nothing can be
// acknowledged, what needs it is refused with 503 and the reason.
#pragma once

#include "adapters/gateway/handler.hpp"
#include "adapters/gateway/routes.hpp"
#include "adapters/gateway/server.hpp"
#include "cluster/engine/engine.hpp"
#include "cluster/node/agent_links.hpp"
#include "cluster/node/config.hpp"
#include "cluster/node/node_state.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace forestage::cluster {

inline constexpr std::size_t public_listener = 0, operator_listener = 1;

class node_api final : public adapters::gateway::handler {
public:
  // now_ms: unix. All outlive the api.
  node_api(const node_config& config, node_state& state, agent_links& agents,
           std::function<std::int64_t()> now_ms);

  // The engine, while it serves; none: no batch is handed over any more.
  void attach(engine* running);
  // Whose counters are shown; none: nobody's.
  void watch(const adapters::gateway::server* front);
  // Batches that are not answered.
  [[nodiscard]] std::size_t on_way() const noexcept { return on_way_.load(); }

  void on_request(adapters::gateway::request asked, adapters::gateway::responder with) override;
  void on_open(const adapters::gateway::peer_link& opened, const adapters::gateway::request& asked) override;
  void on_frame(const adapters::gateway::peer_link& from, std::string_view frame, bool text) override;
  void on_close(const adapters::gateway::peer_link& closed,
                const adapters::gateway::close_reason& why) override;

private:
  using request = adapters::gateway::request;
  using responder = adapters::gateway::responder;
  void post_events(const request& asked, responder with);
  void get_status(responder with);
  void get_scores(responder with);
  void get_plan(const request& asked, responder with);
  void get_ready(responder with) const;
  void get_metrics(responder with);
  // Calls `use` with the engine, or answers why there is none.
  template <class Use> void with_engine(responder with, Use use);
  [[nodiscard]] std::string own_session();

  const node_config& config_;
  node_state& state_;
  agent_links& agents_;
  std::function<std::int64_t()> now_ms_;
  adapters::gateway::routes public_, operators_;
  std::mutex mutex_; // of the two below, for the length of a call that waits for nothing
  engine* engine_ = nullptr;
  const adapters::gateway::server* front_ = nullptr;
  std::atomic<std::size_t> on_way_{0};
  std::atomic<std::uint64_t> batches_{0}, requests_{0}, refused_{0}, repeated_{0};
  std::uint64_t life_;                     // of this process, at random: sessions of batches without one
  std::atomic<std::uint64_t> nameless_{0}; // such batches
};

} // namespace forestage::cluster
