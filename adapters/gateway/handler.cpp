// Links and responders: what they share with their connection, under a lock each.
#include "adapters/gateway/handler.hpp"

#include "adapters/gateway/detail/exchange.hpp"
#include "adapters/gateway/detail/link_state.hpp"

namespace forestage::adapters::gateway {

namespace detail {

void link_state::wake_once() {
  if (scheduled_) return;
  scheduled_ = true;
  loop_->add(connection_);
}

bool link_state::send(std::string frame, bool text) {
  const std::lock_guard lock{mutex_};
  if (closed_ || overflow_ || close_) return false;
  if (bytes_ + frame.size() > most_bytes_) {
    overflow_ = true;
  } else {
    bytes_ += frame.size();
    frames_.push_back({std::move(frame), text});
  }
  wake_once();
  return !overflow_;
}

void link_state::release(std::uint32_t frames) {
  const std::lock_guard lock{mutex_};
  if (closed_) return;
  released_ += frames;
  wake_once();
}

void link_state::close(std::uint16_t code, std::string text) {
  const std::lock_guard lock{mutex_};
  if (closed_ || close_) return;
  close_ = wished_close{code, std::move(text)};
  wake_once();
}

bool link_state::open() const {
  const std::lock_guard lock{mutex_};
  return !closed_ && !overflow_ && !close_;
}

std::size_t link_state::outbox_bytes() const {
  const std::lock_guard lock{mutex_};
  return bytes_;
}

void link_state::bind(std::weak_ptr<wakeable> connection) {
  const std::lock_guard lock{mutex_};
  connection_ = std::move(connection);
}

link_state::news link_state::take(bool with_frames) {
  const std::lock_guard lock{mutex_};
  scheduled_ = false;
  news out;
  if (with_frames) out.frames.swap(frames_);
  out.released = std::exchange(released_, 0);
  out.overflow = overflow_;
  out.close = close_;
  return out;
}

void link_state::written(std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  if (!closed_) bytes_ -= bytes; // end() has settled the account
}

void link_state::end() {
  std::vector<outgoing> dropped;
  const std::lock_guard lock{mutex_};
  closed_ = true;
  bytes_ = 0;
  dropped.swap(frames_);
  connection_.reset();
}

} // namespace detail

peer_link::peer_link(std::shared_ptr<detail::link_state> state)
    : state_(std::move(state)) {}

std::uint64_t peer_link::id() const noexcept {
  return state_ ? state_->id() : 0;
}
std::size_t peer_link::listener() const noexcept {
  return state_ ? state_->listener() : 0;
}
bool peer_link::send(std::string frame, bool text) const {
  return state_ && state_->send(std::move(frame), text);
}
void peer_link::release(std::uint32_t frames) const {
  if (state_) state_->release(frames);
}
void peer_link::close(std::uint16_t code, std::string text) const {
  if (state_) state_->close(code, std::move(text));
}
bool peer_link::open() const {
  return state_ && state_->open();
}
std::size_t peer_link::outbox_bytes() const {
  return state_ ? state_->outbox_bytes() : 0;
}

responder::responder(std::shared_ptr<detail::exchange> exchange)
    : exchange_(std::move(exchange)) {}

responder& responder::operator=(responder&& other) noexcept {
  std::swap(exchange_, other.exchange_); // what was here is dropped, and thereby answered, with `other`
  return *this;
}

responder::~responder() {
  if (exchange_)
    exchange_->answer(error_response(500, "internal", "the request was dropped without an answer"));
}

bool responder::answer(response answer) {
  return exchange_ && exchange_->answer(std::move(answer));
}

} // namespace forestage::adapters::gateway
