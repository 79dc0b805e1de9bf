// What a responder and its connection share: the answer, on its way from any thread.
#pragma once

#include "adapters/gateway/detail/inbox.hpp"
#include "adapters/gateway/message.hpp"

#include <mutex>
#include <optional>

namespace forestage::adapters::gateway::detail {

class exchange {
public:
  exchange(std::weak_ptr<wakeable> connection, std::shared_ptr<inbox> loop)
      : connection_(std::move(connection))
      , loop_(std::move(loop)) {}

  bool answer(response given) {
    {
      const std::lock_guard lock{mutex_};
      if (answered_) return false;
      answered_ = true;
      answer_ = std::move(given);
    }
    if (connection_.expired()) return false;
    loop_->add(connection_);
    return true;
  }
  // For the connection.
  std::optional<response> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(answer_, std::nullopt);
  }
  // Nobody waits any more: a later answer is told so.
  void give_up() {
    const std::lock_guard lock{mutex_};
    answered_ = true;
  }

private:
  const std::weak_ptr<wakeable> connection_;
  const std::shared_ptr<inbox> loop_;
  std::mutex mutex_;
  std::optional<response> answer_;
  bool answered_ = false;
};

} // namespace forestage::adapters::gateway::detail
