// The one source of time for the engine's decisions: what interval it is, and whether one has ended.
//
// A node runs on the wall clock, a replay on a virtual one that its log moves. Actors ask when a message
// arrives; none keeps a timer of its own. Elapsed time for people (progress, rates) is not its business.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace forestage::actors {

class clock {
public:
  clock() = default;
  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;
  virtual ~clock() = default;

  // Whole seconds since 1970, UTC, without leap seconds. Any thread.
  [[nodiscard]] virtual std::int64_t unix_seconds() const = 0;
};

class wall_clock final : public clock {
public:
  [[nodiscard]] std::int64_t unix_seconds() const override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::floor<std::chrono::seconds>(now).count();
  }
};

// Event time: the log says how late it is. It never goes back.
class virtual_clock final : public clock {
public:
  [[nodiscard]] std::int64_t unix_seconds() const override { return now_.load(); }
  // Any thread; an earlier moment than now changes nothing.
  void advance_to(std::int64_t unix_seconds) {
    auto now = now_.load();
    while (now < unix_seconds && !now_.compare_exchange_weak(now, unix_seconds)) {
    }
  }

private:
  std::atomic<std::int64_t> now_{std::numeric_limits<std::int64_t>::min()};
};

} // namespace forestage::actors
