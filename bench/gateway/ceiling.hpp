// The bare ceiling: one thread, one epoll, no protocol. It echoes bytes, or answers every empty line with a
// canned response. Whatever the gateway does beyond that costs what the ratio says.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace forestage::bench {

class ceiling {
public:
  // canned: what a request is answered with; empty: bytes are echoed.
  explicit ceiling(std::string canned);
  ~ceiling();
  ceiling(const ceiling&) = delete;
  ceiling& operator=(const ceiling&) = delete;
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
  void serve();

  std::string canned_;
  int listener_ = -1, stop_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

} // namespace forestage::bench
