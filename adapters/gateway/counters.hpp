// What a listener has seen. Written by the io thread, readable from any.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace forestage::adapters::gateway {

// Why a request was refused or a connection closed by us.
enum class refusal : std::uint8_t {
  too_many_connections, // 503, 1013
  slow_tls,             // the handshake did not end in time
  bad_tls,              // the handshake failed
  slow_header,          // 408
  slow_body,            // 408
  idle_http,            // nothing asked for too long
  slow_taker,           // the answer is not being taken
  late_answer,          // the handler did not answer in time: 503
  malformed,            // 400
  header_too_large,     // 431
  target_too_long,      // 414
  body_too_large,       // 413
  length_required,      // 411
  unsupported,          // 501, 505, 417, 426: a method, version, encoding or expectation that we do not speak
  wrong_host,           // 421
  wrong_origin,         // 403
  idle_link,            // no byte, not even a pong: 1001
  slow_reader,          // the outbox is full: 1008
  paused_link,          // the handler released nothing: 1013
  message_too_large,    // 1009
  too_many_fragments,   // 1009
  control_flood,        // 1008
  bad_frame,            // 1002
  bad_utf8,             // 1007
};
inline constexpr std::size_t refusal_count = 24;

[[nodiscard]] std::string_view to_string(refusal reason) noexcept;

// A copy, as of one moment.
struct counters {
  std::uint64_t accepted = 0;
  std::uint64_t open = 0;  // connections now, those that are being closed included
  std::uint64_t links = 0; // WebSockets now
  std::uint64_t requests = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0; // after TLS
  std::uint64_t frames_in = 0, frames_out = 0;
  std::array<std::uint64_t, refusal_count> refused{};

  [[nodiscard]] std::uint64_t refused_for(refusal reason) const {
    return refused[static_cast<std::size_t>(reason)];
  }
};

// The counters themselves. One writer, so that relaxed additions are enough.
class live_counters {
public:
  using counter = std::atomic<std::uint64_t>;
  counter accepted{0}, open{0}, links{0}, requests{0}, bytes_in{0}, bytes_out{0}, frames_in{0}, frames_out{0};
  std::array<counter, refusal_count> refused{};

  static void add(counter& to, std::uint64_t count = 1) noexcept {
    to.fetch_add(count, std::memory_order_relaxed);
  }
  void refuse(refusal reason) noexcept { add(refused[static_cast<std::size_t>(reason)]); }
  [[nodiscard]] counters read() const noexcept;
};

} // namespace forestage::adapters::gateway
