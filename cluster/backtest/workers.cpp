#include "cluster/backtest/workers.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace forestage::cluster {

// One round of work: whoever is free takes the next piece.
struct workers::shared {
  std::mutex mutex;
  std::condition_variable begun, ended;
  const std::function<void(std::size_t)>* piece = nullptr;
  std::size_t count = 0, next = 0, running = 0;
  bool stop = false;
  std::vector<std::thread> threads;

  // Holds the lock, but not while a piece runs.
  void take(std::unique_lock<std::mutex>& lock) {
    while (next < count) {
      const auto mine = next++;
      const auto* what = piece;
      ++running;
      lock.unlock();
      (*what)(mine);
      lock.lock();
      --running;
    }
    if (running == 0) ended.notify_all();
  }

  void serve() {
    std::unique_lock lock{mutex};
    while (!stop) {
      take(lock);
      begun.wait(lock, [this] { return stop || next < count; });
    }
  }
};

workers::workers(std::size_t threads)
    : shared_(std::make_unique<shared>()) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 1; i < threads; ++i)
    shared_->threads.emplace_back([s = shared_.get()] { s->serve(); });
}

workers::~workers() {
  {
    const std::lock_guard lock{shared_->mutex};
    shared_->stop = true;
  }
  shared_->begun.notify_all();
  for (auto& thread : shared_->threads)
    thread.join();
}

void workers::run(std::size_t count, const std::function<void(std::size_t)>& piece) {
  if (count < 2 || shared_->threads.empty()) return models::in_order(count, piece);
  std::unique_lock lock{shared_->mutex};
  shared_->piece = &piece;
  shared_->count = count;
  shared_->next = 0;
  shared_->begun.notify_all();
  shared_->take(lock);
  shared_->ended.wait(lock, [this] { return shared_->running == 0; });
}

models::executor workers::executor() {
  return [this](std::size_t count, const std::function<void(std::size_t)>& piece) { run(count, piece); };
}

std::size_t workers::threads() const noexcept {
  return shared_->threads.size() + 1;
}

} // namespace forestage::cluster
