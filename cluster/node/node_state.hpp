// What a node says of itself: written by its driving thread, read by whoever asks. Thread-safe.
#pragma once

#include "cluster/engine/engine.hpp"
#include "models/interval.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace forestage::cluster {

enum class node_phase : std::uint8_t {
  restoring, // the demand log is being folded
  serving,
  failed, // nothing can be acknowledged; the node tries again by itself
  stopping
};

[[nodiscard]] constexpr std::string_view to_string(node_phase phase) noexcept {
  switch (phase) {
  case node_phase::restoring:
    return "restoring";
  case node_phase::serving:
    return "serving";
  case node_phase::failed:
    return "failed";
  case node_phase::stopping:
    return "stopping";
  }
  return "unknown";
}

struct node_status {
  node_phase phase = node_phase::restoring;
  std::string reason = "the demand log is being read"; // for people; empty: serving
  models::interval_number open{};                      // the first interval that is not closed
  std::uint64_t rounds = 0;                            // closed in all
  std::int64_t last_round_ms = 0;                      // that the newest one took
  std::int64_t key_intervals = 0;                      // decided since the start
  std::uint64_t restores = 0;                          // after a failure
  std::int64_t down_intervals = 0;                     // since the start, not learned from
  stage_report stage{};                                // as of about a second ago
  std::size_t planned_resources = 0;                   // of the plan that is being carried out
};

class node_state {
public:
  [[nodiscard]] node_status read() const {
    const std::lock_guard lock{mutex_};
    return status_;
  }
  template <class Change> void change(Change&& how) {
    const std::lock_guard lock{mutex_};
    std::forward<Change>(how)(status_);
  }
  void enter(node_phase phase, std::string reason = {}) {
    change([&](node_status& s) {
      s.phase = phase;
      s.reason = std::move(reason);
    });
  }

  // Somebody could not be acknowledged: the driving thread looks after it.
  void report_trouble(const std::string& why) {
    const std::lock_guard lock{mutex_};
    trouble_ = why;
  }
  // Empty: nobody has. Asked once.
  [[nodiscard]] std::string take_trouble() {
    const std::lock_guard lock{mutex_};
    return std::exchange(trouble_, {});
  }

private:
  mutable std::mutex mutex_;
  node_status status_;
  std::string trouble_;
};

} // namespace forestage::cluster
