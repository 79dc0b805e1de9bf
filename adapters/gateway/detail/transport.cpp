#include "adapters/gateway/detail/transport.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>

namespace forestage::adapters::gateway::detail {

namespace {
constexpr std::size_t kept_bytes = 4'096;         // of a buffer's capacity while it is empty
constexpr std::size_t most_discarded = 256 << 10; // of what a client still sends after our last word
} // namespace

class transport::tls_stream : public net::ssl::stream<socket> {
public:
  using net::ssl::stream<socket>::stream;
};

transport::transport(loop& around, socket plain, net::ssl::context* tls, live_counters& counters)
    : around_(around)
    , counters_(counters)
    , plain_(tls ? socket{around.context} : std::move(plain))
    , tls_(tls ? std::make_unique<tls_stream>(std::move(plain), *tls) : nullptr)
    , last_heard_(around.now()) {
  live_counters::add(counters_.open);
}

transport::~transport() {
  around_.give_buffer(std::move(read_));
  live_counters::add(counters_.open, static_cast<std::uint64_t>(-1));
}

socket& transport::bottom() noexcept {
  return tls_ ? tls_->next_layer() : plain_;
}

void transport::open(std::function<void(error_code)> done) {
  if (!tls_) return done({});
  tls_->async_handshake(net::ssl::stream_base::server,
                        [self = shared_from_this(), done = std::move(done)](error_code failed) {
                          if (!self->closed_) done(failed);
                        });
}

// -- reading

void transport::read(std::function<void(error_code, std::string_view)> done) {
  class whole final : public erased_read {
  public:
    explicit whole(std::function<void(error_code, std::string_view)> then)
        : then_(std::move(then)) {}
    void run(transport& from, error_code failed) override {
      if (failed) return then_(failed, {});
      const std::string bytes{from.read_.get() + from.begin_, from.end_ - from.begin_};
      from.consume(bytes.size()); // before the call, which may read again
      then_({}, bytes);
    }

  private:
    std::function<void(error_code, std::string_view)> then_;
  };
  auto who = std::make_unique<whole>(std::move(done));
  if (begin_ == end_) return wait_for_bytes(std::move(who));
  net::post(get_executor(), [self = shared_from_this(), kept = std::move(who)] { kept->run(*self, {}); });
}

void transport::unread(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!read_) read_ = around_.take_buffer();
  begin_ = 0;
  end_ = std::min(bytes.size(), loop::read_bytes);
  std::copy_n(bytes.data(), end_, read_.get());
}

void transport::wait_for_bytes(std::unique_ptr<erased_read> who) {
  reader_ = std::move(who);
  if (closed_) {
    return net::post(get_executor(), [self = shared_from_this()] {
      if (const auto waiting = std::move(self->reader_)) waiting->run(*self, net::error::operation_aborted);
    });
  }
  reading_ = true;
  if (tls_) {
    if (!read_) read_ = around_.take_buffer();
    tls_->async_read_some(
        net::buffer(read_.get(), loop::read_bytes),
        [self = shared_from_this()](error_code failed, std::size_t count) { self->on_read(failed, count); });
  } else { // no buffer while nothing is there
    plain_.async_wait(socket::wait_read,
                      [self = shared_from_this()](error_code failed) { self->on_readable(failed); });
  }
}

void transport::on_readable(error_code failed) {
  std::size_t count = 0;
  if (!failed) {
    if (!read_) read_ = around_.take_buffer();
    count = plain_.read_some(net::buffer(read_.get(), loop::read_bytes), failed);
    if (failed == net::error::would_block || failed == net::error::try_again) {
      around_.give_buffer(std::move(read_));
      return plain_.async_wait(socket::wait_read,
                               [self = shared_from_this()](error_code again) { self->on_readable(again); });
    }
  }
  on_read(failed, count);
}

void transport::on_read(error_code failed, std::size_t count) {
  reading_ = false;
  begin_ = 0;
  end_ = failed ? 0 : count;
  if (end_ == 0) around_.give_buffer(std::move(read_));
  last_heard_ = around_.now();
  live_counters::add(counters_.bytes_in, end_);
  const auto waiting = std::move(reader_);
  if (finishing_) { // our last word is said; whoever read is gone or is told so
    if (waiting) waiting->run(*this, net::error::operation_aborted);
    consume(end_ - begin_);
    if (failed || shut_) linger();
    return;
  }
  if (waiting) waiting->run(*this, failed);
}

void transport::consume(std::size_t count) {
  begin_ += count;
  taken_ += count;
  if (begin_ != end_) return;
  begin_ = end_ = 0;
  around_.give_buffer(std::move(read_));
}

// -- writing

void transport::write(std::string_view bytes) {
  if (write_failed_ || finishing_) return;
  out_.append(bytes);
  if (dirty_ || sending_) return; // whoever is sending looks again when that has left
  dirty_ = true;
  around_.flush_later(shared_from_this());
}

void transport::write_through(net::const_buffer extra, std::function<void(error_code)> done) {
  extra_ = extra;
  extra_done_ = std::move(done);
  if (write_failed_ || closed_) {
    return net::post(get_executor(), [self = shared_from_this()] {
      if (const auto then = std::exchange(self->extra_done_, nullptr))
        then(self->write_failed_ ? self->write_failed_ : net::error::operation_aborted);
    });
  }
  if (dirty_ || sending_) return;
  dirty_ = true;
  around_.flush_later(shared_from_this());
}

void transport::flush() {
  dirty_ = false;
  if (sending_ || closed_) return;
  // A callback without bytes behind what has left already is due now, yet not within the call that asked.
  if (out_.empty() && extra_.size() == 0 && !extra_done_) return;
  sending_ = true;
  stuck_since_ = around_.now();
  leaving_.swap(out_);
  const std::array<net::const_buffer, 2> both{net::buffer(leaving_),
                                              std::exchange(extra_, net::const_buffer{})};
  const auto then = [self = shared_from_this(),
                     done = std::exchange(extra_done_, nullptr)](error_code failed, std::size_t count) {
    self->on_flushed(failed, count);
    if (done) done(failed);
  };
  if (tls_)
    net::async_write(*tls_, both, then);
  else
    net::async_write(plain_, both, then);
}

void transport::on_flushed(error_code failed, std::size_t count) {
  sending_ = false;
  stuck_since_ = time_point::max();
  live_counters::add(counters_.bytes_out, count);
  leaving_.clear();
  if (leaving_.capacity() > kept_bytes) leaving_ = {};
  if (failed) {
    write_failed_ = failed;
    out_ = {};
  }
  if (out_.empty() && out_.capacity() > kept_bytes) out_ = {};
  if (const auto waiting = std::move(parked_)) waiting->run(failed);
  if (!out_.empty() || extra_done_) {
    if (!dirty_) flush();
  } else if (finishing_) {
    shut();
  }
}

// -- ending

void transport::finish(std::chrono::milliseconds most) {
  if (finishing_ || closed_) return;
  finishing_ = true;
  around_.end_by(shared_from_this(), std::chrono::steady_clock::now() + most);
  if (write_failed_) return cut();
  if (!out_.empty() || sending_) return flush(); // shut() when that has left
  shut();
}

void transport::shut() {
  if (shut_ || closed_) return;
  shut_ = true;
  const auto ended = [self = shared_from_this()](error_code) {
    error_code ignored;
    self->bottom().shutdown(socket::shutdown_send, ignored);
    if (!self->reading_) self->linger();
  };
  if (tls_)
    tls_->async_shutdown(ended);
  else
    ended({});
}

// Until the client closes too: with bytes unread, the kernel would send a reset that overtakes our last
// words.
void transport::linger() {
  if (closed_) return;
  class discard final : public erased_read {
    void run(transport&, error_code) override {}
  };
  error_code failed;
  std::array<char, 4'096> into{};
  for (;;) {
    const auto count = bottom().read_some(net::buffer(into), failed);
    discarded_ += count;
    if (failed || discarded_ > most_discarded) break;
  }
  if (failed != net::error::would_block && failed != net::error::try_again) return cut();
  bottom().async_wait(socket::wait_read, [self = shared_from_this()](error_code ended) {
    if (ended)
      self->cut();
    else
      self->linger();
  });
}

void transport::cut() {
  if (closed_) return;
  closed_ = true;
  error_code ignored;
  bottom().close(ignored); // pending operations end with operation_aborted
}

} // namespace forestage::adapters::gateway::detail
