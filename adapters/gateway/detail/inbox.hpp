// The way from any thread into the event loop: who has something to do there, woken once per burst.
//
// Handles hold the inbox, never the loop: after close() a handle that lives longer finds nobody to wake.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace forestage::adapters::gateway::detail {

class wakeable {
public:
  wakeable() = default;
  wakeable(const wakeable&) = delete;
  wakeable& operator=(const wakeable&) = delete;
  virtual ~wakeable() = default;
  virtual void on_wake() = 0; // on the io thread
};

class inbox {
public:
  // `wake` makes the loop run a round; called under a lock, from any thread.
  explicit inbox(std::function<void()> wake)
      : wake_(std::move(wake)) {}

  void set_io_thread(std::thread::id id) {
    const std::lock_guard lock{mutex_};
    io_thread_ = id;
  }

  void add(std::weak_ptr<wakeable> who) {
    const std::lock_guard lock{mutex_};
    if (!wake_) return;
    waiting_.push_back(std::move(who));
    // The loop looks here before it sleeps: its own thread need not wake it.
    if (woken_ || std::this_thread::get_id() == io_thread_) return;
    woken_ = true;
    wake_();
  }

  // For the loop: everybody who waits, in order; into an empty vector.
  void take(std::vector<std::weak_ptr<wakeable>>& into) {
    const std::lock_guard lock{mutex_};
    woken_ = false;
    into.swap(waiting_);
  }

  void close() {
    std::vector<std::weak_ptr<wakeable>> dropped;
    const std::lock_guard lock{mutex_};
    wake_ = nullptr;
    dropped.swap(waiting_);
  }

private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::thread::id io_thread_;
  std::vector<std::weak_ptr<wakeable>> waiting_;
  bool woken_ = false;
};

} // namespace forestage::adapters::gateway::detail
