// Threads that share independent pieces of work. The pieces decide nothing by who runs them.
#pragma once

#include "models/forecast/executor.hpp"

#include <cstddef>
#include <memory>

namespace forestage::cluster {

class workers {
public:
  // threads: 0 for one per core; the caller's thread is one of them.
  explicit workers(std::size_t threads);
  ~workers();
  workers(const workers&) = delete;
  workers& operator=(const workers&) = delete;

  // Calls piece(0) to piece(count - 1) and returns when all have ended. One caller at a time; pieces neither
  // call it again nor throw.
  void run(std::size_t count, const std::function<void(std::size_t)>& piece);
  // run() as models take it; valid as long as this object.
  [[nodiscard]] models::executor executor();
  [[nodiscard]] std::size_t threads() const noexcept;

private:
  struct shared;
  std::unique_ptr<shared> shared_;
};

} // namespace forestage::cluster
