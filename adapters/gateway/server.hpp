// The gateway: HTTP/1.1 and WebSocket listeners on one io thread of its own, plain or TLS.
//
// No header of Boost or OpenSSL is behind this one. Threads: counters(), port() and the handles of
// handler.hpp may be used from any; begin_stop() and stop() from any but the io thread.
#pragma once

#include "adapters/gateway/counters.hpp"
#include "adapters/gateway/handler.hpp"
#include "adapters/gateway/options.hpp"
#include "models/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace forestage::adapters::gateway {

class server {
public:
  class implementation;
  explicit server(std::unique_ptr<implementation> inside);
  server(server&&) noexcept;
  server& operator=(server&&) noexcept;
  ~server(); // stop()

  // The one that is bound.
  [[nodiscard]] std::uint16_t port(std::size_t listener) const;
  [[nodiscard]] std::size_t listeners() const;
  [[nodiscard]] gateway::counters counters(std::size_t listener) const;

  // Stopping, in the order that loses nothing: (1) begin_stop: nobody new comes in, links are closed with
  // 1001, requests that are being answered are answered; (2) the caller ends what is behind the handler,
  // whose answers and last frames still leave; (3) stop: waits until every connection has gone, at most
  // `most`, then cuts the rest and joins the io thread. The handler is not called any more after stop.
  void begin_stop();
  void stop(std::chrono::milliseconds most = std::chrono::milliseconds{5'000});

private:
  std::unique_ptr<implementation> inside_;
};

// Binds every listener and starts the io thread. The handler must outlive the server. Errors:
// invalid_argument (options, certificate, address), unavailable (the port is taken), naming the listener.
[[nodiscard]] models::result<server> make(const std::vector<listener_options>& listeners, handler& behind);

} // namespace forestage::adapters::gateway
