// What is behind the gateway: who answers requests and hears frames, and the handles that answers go by.
//
// Handler functions run on the gateway's io thread and must not block. A link and a responder may be used
// from any thread, and may outlive the server: then they do nothing.
#pragma once

#include "adapters/gateway/message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace forestage::adapters::gateway {

namespace detail {
class link_state;
class exchange;
} // namespace detail

// One WebSocket connection. Copies are the same link. (`link` alone is a function of POSIX.)
class peer_link {
public:
  peer_link() = default;
  explicit peer_link(std::shared_ptr<detail::link_state> state);

  // Never given twice by a server; 0: of no link. State that is kept by it cannot be inherited by a
  // connection that happens to stand where another one was.
  [[nodiscard]] std::uint64_t id() const noexcept;
  [[nodiscard]] std::size_t listener() const noexcept;

  // Frames leave in the order of the calls, together once per round of the event loop. False: it is closed or
  // closing, and nothing was taken. A client that does not read fills the outbox; the frame that does not fit
  // closes the link.
  bool send(std::string frame, bool text = false) const;
  // So many frames have been dealt with. At bounds.frames_in_hand that are not, reading pauses.
  void release(std::uint32_t frames = 1) const;
  // After what was sent before. The text reaches the client, cut to 123 bytes.
  void close(std::uint16_t code, std::string text) const;

  [[nodiscard]] bool open() const;
  [[nodiscard]] std::size_t outbox_bytes() const;

  friend bool operator==(const peer_link&, const peer_link&) = default;

private:
  std::shared_ptr<detail::link_state> state_;
};

// The right to answer a request, once. Dropped without an answer, the client gets a 500.
class responder {
public:
  explicit responder(std::shared_ptr<detail::exchange> exchange);
  responder(responder&&) noexcept = default;
  responder& operator=(responder&& other) noexcept;
  responder(const responder&) = delete;
  responder& operator=(const responder&) = delete;
  ~responder();

  // False: it was answered already, or nobody waits any more.
  bool answer(response answer);

private:
  std::shared_ptr<detail::exchange> exchange_;
};

// Why a link ended. A code of 1006: the connection broke.
struct close_reason {
  std::uint16_t code = 1006;
  std::string text;
  bool by_us = false;
};

class handler {
public:
  handler() = default;
  handler(const handler&) = delete;
  handler& operator=(const handler&) = delete;
  virtual ~handler() = default;

  virtual void on_request(request asked, responder answer) = 0;

  // A WebSocket is open; `asked` is the request that opened it.
  virtual void on_open(const peer_link& opened, const request& asked) = 0;
  // The bytes are the gateway's and end with the call. The frame counts as in hand until released.
  virtual void on_frame(const peer_link& from, std::string_view frame, bool text) = 0;
  // Exactly once for every link that was opened, and nothing after it.
  virtual void on_close(const peer_link& closed, const close_reason& why) = 0;

  // All that was ready has been handed over: the moment to acknowledge many frames in one.
  virtual void on_round_end() {}
};

} // namespace forestage::adapters::gateway
