// Whoever appends to a shard's log waits for its turn: the next append expects the position that the one
// before comes to. No CAF.
#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace forestage::actors {

class log_turns {
public:
  // Calls `turn` now, or when all before have said done().
  void take(std::function<void()> turn) {
    if (busy_) {
      waiting_.push_back(std::move(turn));
      return;
    }
    busy_ = true;
    turn();
  }
  // Ends the turn; the next one begins.
  void done() {
    if (waiting_.empty()) {
      busy_ = false;
      return;
    }
    const auto next = std::move(waiting_.front());
    waiting_.pop_front();
    next();
  }
  // Nobody waits any more; a turn that has not ended must not say so.
  void clear() {
    busy_ = false;
    waiting_.clear();
  }
  [[nodiscard]] bool busy() const noexcept { return busy_; }

private:
  bool busy_ = false;
  std::deque<std::function<void()>> waiting_;
};

} // namespace forestage::actors
