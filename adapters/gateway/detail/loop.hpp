// The event loop: rounds, what is done at their end, and who is connected.
//
// A round: everything that is ready runs; then the handler hears that it has all, links write what they were
// given, and each transport that has something sends it with one call. Measured in ADR 22: one send per round
// instead of one per frame is a factor of two to seven.
#pragma once

#include "adapters/gateway/detail/asio.hpp"
#include "adapters/gateway/detail/inbox.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace forestage::adapters::gateway::detail {

using time_point = std::chrono::steady_clock::time_point;
class transport;

// Owned by the loop's registry alone: a connection that waits for its handler has no pending operation that
// could keep it, and is not lost for that.
class connection : public wakeable, public std::enable_shared_from_this<connection> {
public:
  virtual void on_tick(time_point now) = 0;
  virtual void go_away() = 0; // the server stops: end as soon as what is being answered is answered
  virtual void cut() = 0;     // now
};

class loop {
public:
  loop();

  // -- io thread
  void run(const std::function<void()>& round_end);
  [[nodiscard]] time_point now() const noexcept { return now_; } // as of the last round
  void flush_later(std::shared_ptr<transport> who) { dirty_.push_back(std::move(who)); }
  void put(std::uint64_t id, std::shared_ptr<connection> who); // replaces what had the id
  void drop(std::uint64_t id);
  // Of a transport whose connection is gone: it is cut if it has not ended by then.
  void end_by(std::shared_ptr<transport> who, time_point when);
  [[nodiscard]] std::size_t connections() const noexcept { return connections_.size(); }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  void stop_connections(); // go_away() for all, and for those to come

  // Buffers for reading: those who have nothing to read have none.
  static constexpr std::size_t read_bytes = 16'384;
  std::unique_ptr<char[]> take_buffer();
  void give_buffer(std::unique_ptr<char[]> buffer);

private:
  std::vector<std::unique_ptr<char[]>>
      buffers_; // before the context: what ends with it gives its buffer back

public:
  net::io_context context{1};
  std::shared_ptr<inbox> mail;

  // -- any thread: ends run(); connections that are left are cut.
  void stop();

private:
  void run_ready();
  bool deliver();
  void flush();
  void arm();
  void tick();

  timer ticker_;
  time_point now_ = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<transport>> dirty_, flushing_;
  std::vector<std::weak_ptr<wakeable>> awake_;
  std::unordered_map<std::uint64_t, std::shared_ptr<connection>> connections_;
  struct ending {
    std::weak_ptr<transport> who;
    time_point when;
  };
  std::vector<ending> endings_;
  bool stopping_ = false;
  std::atomic<bool> stop_{false};
};

} // namespace forestage::adapters::gateway::detail
