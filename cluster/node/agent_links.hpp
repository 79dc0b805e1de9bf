// The agents that are connected: a proxy for each link of the public listener, and who may come in.
//
// Functions of links are called on the gateway's thread, tick() and drain() on the node's; proxies verify on
// their own threads.
#pragma once

#include "actors/peer/peer_proxy.hpp"
#include "actors/peer/token_uses.hpp"
#include "adapters/gateway/handler.hpp"
#include "adapters/tokens/key_ring.hpp"
#include "cluster/engine/engine.hpp"
#include "cluster/node/config.hpp"
#include "models/interval.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace forestage::cluster {

class agent_links {
public:
  // config and clocks outlive it. keys: none where agents need no token.
  agent_links(const node_config& config, std::optional<tokens::key_ring> keys,
              std::function<std::int64_t()> unix_ms, std::function<std::int64_t()> steady_ms);

  // The engine while it serves; none: who comes is told to come later.
  void attach(engine* running);

  void on_open(const adapters::gateway::peer_link& opened);
  void on_frame(const adapters::gateway::peer_link& from, std::string_view frame, bool text);
  void on_close(const adapters::gateway::peer_link& closed);

  void tick();  // about once a second
  void drain(); // every agent is told to come back

  [[nodiscard]] std::size_t connected() const;
  [[nodiscard]] std::uint64_t reports() const noexcept { return reports_.load(); }
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_.load(); }

private:
  struct connected_agent {
    actors::peer_proxy_actor proxy;
    std::string token, session; // in use by it
  };
  [[nodiscard]] actors::peer_connection connection_of(const adapters::gateway::peer_link& link);
  [[nodiscard]] models::result<actors::peer_claims> verify(std::uint64_t link, const std::string& token,
                                                           const std::string& session,
                                                           const v1::Profile& profile);
  [[nodiscard]] models::result<actors::peer_claims> claims_of(std::uint64_t link, const std::string& token,
                                                              const std::string& session);

  const node_config& config_;
  std::optional<tokens::key_ring> keys_;
  std::function<std::int64_t()> unix_ms_, steady_ms_;
  mutable std::mutex mutex_; // of all below
  engine* engine_ = nullptr;
  std::unordered_map<std::uint64_t, connected_agent> agents_; // by link
  actors::token_uses uses_;
  std::atomic<std::uint64_t> reports_{0}, requests_{0};
};

} // namespace forestage::cluster
