// What a listener is told: where, who may come, and how much of everything one client may take.
//
// Every bound here ends in words for the client and in a counter (counters.hpp, docs/gateway.md).
#pragma once

#include "models/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace forestage::adapters::gateway {

struct bounds {
  using milliseconds = std::chrono::milliseconds;

  std::size_t connections = 10'000;   // open at once; beyond them 503, or a close with 1013
  std::size_t header_bytes = 8'192;   // of a request, its first line included: 431
  std::size_t target_bytes = 4'096;   // 414
  std::size_t body_bytes = 1U << 20U; // 413
  milliseconds header{10'000};        // from accept, or a request's first byte, to the end of its header: 408
  milliseconds body{30'000};          // from there to the end of the body: 408
  milliseconds keep_alive{60'000};    // between requests: closed
  milliseconds answer{60'000};        // for the handler: 503
  milliseconds write{30'000};         // until the client has taken 64 kB of an answer: closed

  std::size_t message_bytes = 1U << 20U; // of a WebSocket message, all fragments: 1009
  std::size_t fragment_bytes =
      64U << 10U;                       // of frame headers within a message, empty fragments among them: 1009
  std::uint32_t control_frames = 200;   // pings and pongs within ten seconds: 1008
  std::size_t outbox_bytes = 1U << 20U; // handed to a link and not taken by the client: 1008
  std::uint32_t frames_in_hand = 64;    // handed to the handler and not released: reading pauses
  milliseconds idle{90'000};            // without a byte: a ping at the half of it, then 1001
  milliseconds paused{60'000};          // reading paused because the handler releases nothing: 1013
  milliseconds close{2'000};            // for the client's part of a close, of TLS's too
  int send_buffer_bytes = 256 << 10;    // the kernel's: a larger one hides a slow reader longer
};

struct listener_options {
  std::string name = "public"; // for counters and errors
  std::string address = "127.0.0.1";
  std::uint16_t port = 0; // 0: any; server::port tells which
  // Both or none. PEM; the certificate with its chain.
  std::string certificate_file, key_file;
  // Names that a Host may have, without port. Empty: localhost, 127.0.0.1, [::1] and the address; "*": any.
  std::vector<std::string> hosts;
  // What an Origin may be ("https://example.org", "https://example.org:8443"). Empty: http or https and a
  // name of `hosts`; "*": any.
  std::vector<std::string> origins;
  std::string agent_path = "/v1/agent"; // where WebSockets are; empty: nowhere
  gateway::bounds bounds;
};

// Errors: invalid_argument, naming the listener and what to change.
[[nodiscard]] models::status validate(const listener_options& listener);

} // namespace forestage::adapters::gateway
