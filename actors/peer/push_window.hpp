// How many messages may be pushed to an agent: those it was sent and is not done with are bounded. No CAF,
// clock or I/O.
//
// Invariant: messages reserved for takes under way and messages pushed that are not done with never exceed
// what the agent allowed, nor the node's own bound.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace forestage::actors {

class push_window {
public:
  push_window() = default;
  push_window(std::uint32_t allowed, std::uint32_t most)
      : allowed_(std::min(allowed, most))
      , most_(most) {}

  [[nodiscard]] std::uint32_t allowed() const noexcept { return allowed_; }
  [[nodiscard]] std::uint32_t room() const noexcept {
    const auto used = reserved_ + pushed_.size();
    return used >= allowed_ ? 0 : static_cast<std::uint32_t>(allowed_ - used);
  }
  void allow_more(std::uint32_t more) noexcept {
    allowed_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(most_, std::uint64_t{allowed_} + more));
  }
  // For a take that is under way; given back whole before what it brought is noted.
  void reserve(std::uint32_t count) noexcept { reserved_ += count; }
  void give_back(std::uint32_t count) noexcept { reserved_ -= std::min<std::size_t>(count, reserved_); }
  // A message that comes again, after its lease, counts once.
  void pushed(const std::string& collection, std::uint64_t number) { pushed_.emplace(collection, number); }
  void done(const std::string& collection, std::uint64_t number) { pushed_.erase({collection, number}); }
  void forget(const std::string& collection) {
    std::erase_if(pushed_, [&](const auto& m) { return m.first == collection; });
  }

private:
  std::uint32_t allowed_ = 0, most_ = 0;
  std::size_t reserved_ = 0;
  std::set<std::pair<std::string, std::uint64_t>> pushed_;
};

} // namespace forestage::actors
