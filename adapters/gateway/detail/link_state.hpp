// What a link's handles and its connection share: the outbox, credits given back, the wish to close.
#pragma once

#include "adapters/gateway/detail/inbox.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace forestage::adapters::gateway::detail {

struct outgoing {
  std::string bytes;
  bool text = false;
};

struct wished_close {
  std::uint16_t code = 1000;
  std::string text;
};

class link_state {
public:
  link_state(std::uint64_t id, std::size_t listener, std::size_t most_bytes, std::shared_ptr<inbox> loop)
      : id_(id)
      , listener_(listener)
      , most_bytes_(most_bytes)
      , loop_(std::move(loop)) {}

  // -- from any thread
  bool send(std::string frame, bool text);
  void release(std::uint32_t frames);
  void close(std::uint16_t code, std::string text);
  [[nodiscard]] bool open() const;
  [[nodiscard]] std::size_t outbox_bytes() const;
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] std::size_t listener() const noexcept { return listener_; }

  // -- from the connection
  struct news {
    std::vector<outgoing> frames; // next to be written
    std::uint32_t released = 0;
    bool overflow = false;
    std::optional<wished_close> close;
  };
  void bind(std::weak_ptr<wakeable> connection);
  // `with_frames`: the connection has written what it took before. Bytes count until they are written().
  news take(bool with_frames);
  void written(std::size_t bytes);
  // Nothing is taken any more and what is left is dropped.
  void end();

private:
  void wake_once(); // with the lock held

  const std::uint64_t id_;
  const std::size_t listener_, most_bytes_;
  const std::shared_ptr<inbox> loop_;

  mutable std::mutex mutex_;
  std::weak_ptr<wakeable> connection_;
  std::vector<outgoing> frames_;
  std::size_t bytes_ = 0;
  std::uint32_t released_ = 0;
  std::optional<wished_close> close_;
  // Overflow is sticky: it is found in a send, and a connection that has been woken already must see it too.
  bool overflow_ = false, scheduled_ = false, closed_ = false;
};

} // namespace forestage::adapters::gateway::detail
