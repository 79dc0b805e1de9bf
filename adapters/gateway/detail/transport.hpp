// One socket, plain or TLS, as a stream that Beast can sit on; and the layer that coalesces writes.
//
// Type-erased: the WebSocket and HTTP code is compiled once for both kinds (ADR 22: 17 s instead of 36 s).
// Reads take 16 kB from the socket at a time, into a buffer that exists only while it holds something. Writes
// are copied and leave with one call at the end of the loop's round; a write ends at once as long as less
// than `corked_bytes` wait, and when they have left otherwise.
#pragma once

#include "adapters/gateway/counters.hpp"
#include "adapters/gateway/detail/loop.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace boost::asio::ssl {
class context;
}

namespace forestage::adapters::gateway::detail {

class transport : public std::enable_shared_from_this<transport> {
public:
  using executor_type = executor;
  static constexpr std::size_t corked_bytes = 64U << 10U;

  transport(loop& around, socket plain, net::ssl::context* tls, live_counters& counters);
  ~transport();
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;

  [[nodiscard]] executor get_executor() noexcept { return around_.context.get_executor(); }
  [[nodiscard]] loop& around() noexcept { return around_; }
  [[nodiscard]] live_counters& counters() noexcept { return counters_; }

  // TLS: the handshake. Plain: done at once. Both from within the loop.
  void open(std::function<void(error_code)> done);

  // -- for Beast: AsyncReadStream and AsyncWriteStream
  template <class Buffers, class Handler> auto async_read_some(const Buffers& into, Handler&& done) {
    return net::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& buffers) { start_read(buffers, std::move(handler)); }, done,
        into);
  }
  template <class Buffers, class Handler> auto async_write_some(const Buffers& from, Handler&& done) {
    return net::async_initiate<Handler, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& buffers) { start_write(buffers, std::move(handler)); }, done,
        from);
  }

  // -- for HTTP
  // The bytes end with the call.
  void read(std::function<void(error_code, std::string_view)> done);
  // Given back: read next. At most what the last read gave.
  void unread(std::string_view bytes);
  void write(std::string_view bytes);
  // `extra` leaves behind what was written before, without a copy: it must live until `done`.
  void write_through(net::const_buffer extra, std::function<void(error_code)> done);

  void flush();
  // Sends what waits, says goodbye (TLS), lets the client read it, closes: all within `most`. Idempotent.
  void finish(std::chrono::milliseconds most);
  void cut(); // closes now

  [[nodiscard]] std::uint64_t bytes_taken() const noexcept { return taken_; } // by whoever reads
  [[nodiscard]] time_point last_heard() const noexcept { return last_heard_; }
  // Since when the kernel has not taken what is on its way; the end of time when nothing is.
  [[nodiscard]] time_point stuck_since() const noexcept { return stuck_since_; }

private:
  class erased_read {
  public:
    erased_read() = default;
    erased_read(const erased_read&) = delete;
    erased_read& operator=(const erased_read&) = delete;
    virtual ~erased_read() = default;
    virtual void run(transport& from, error_code failed) = 0;
  };
  class erased_write {
  public:
    erased_write() = default;
    erased_write(const erased_write&) = delete;
    erased_write& operator=(const erased_write&) = delete;
    virtual ~erased_write() = default;
    virtual void run(error_code failed) = 0;
  };
  template <class Buffers, class Handler> class read_into final : public erased_read {
  public:
    read_into(const Buffers& buffers, Handler handler)
        : buffers_(buffers)
        , handler_(std::move(handler)) {}
    void run(transport& from, error_code failed) override {
      const auto count = failed ? 0 : from.take_into(buffers_);
      handler_(failed, count);
    }

  private:
    Buffers buffers_;
    Handler handler_;
  };
  template <class Handler> class write_of final : public erased_write {
  public:
    write_of(std::size_t count, Handler handler)
        : count_(count)
        , handler_(std::move(handler)) {}
    void run(error_code failed) override { handler_(failed, failed ? 0 : count_); }

  private:
    std::size_t count_;
    Handler handler_;
  };

  template <class Buffers, class Handler> void start_read(const Buffers& buffers, Handler handler) {
    if (begin_ == end_)
      return wait_for_bytes(std::make_unique<read_into<Buffers, Handler>>(buffers, std::move(handler)));
    const auto count = take_into(buffers);
    // Not from here: an operation may not end within the call that began it.
    net::post(get_executor(), boost::beast::bind_front_handler(std::move(handler), error_code{}, count));
  }
  template <class Buffers> std::size_t take_into(const Buffers& buffers) {
    const auto count = net::buffer_copy(buffers, net::buffer(read_.get() + begin_, end_ - begin_));
    consume(count);
    return count;
  }
  template <class Buffers, class Handler> void start_write(const Buffers& buffers, Handler handler) {
    std::size_t count = 0;
    for (auto i = net::buffer_sequence_begin(buffers); i != net::buffer_sequence_end(buffers); ++i) {
      const net::const_buffer piece(*i);
      write({static_cast<const char*>(piece.data()), piece.size()});
      count += piece.size();
    }
    if (write_failed_ || out_.size() <= corked_bytes) {
      const auto taken = write_failed_ ? 0 : count;
      return net::post(get_executor(),
                       boost::beast::bind_front_handler(std::move(handler), write_failed_, taken));
    }
    parked_ = std::make_unique<write_of<Handler>>(count, std::move(handler));
  }

  void wait_for_bytes(std::unique_ptr<erased_read> who);
  void on_readable(error_code failed);
  void on_read(error_code failed, std::size_t count);
  void consume(std::size_t count);
  void on_flushed(error_code failed, std::size_t count);
  void shut();
  void linger();

  class tls_stream; // hides OpenSSL's headers from everybody else
  loop& around_;
  live_counters& counters_;
  socket plain_; // moved into tls_ when there is one
  std::unique_ptr<tls_stream> tls_;
  socket& bottom() noexcept;

  std::unique_ptr<char[]> read_;
  std::size_t begin_ = 0, end_ = 0;
  std::unique_ptr<erased_read> reader_;
  bool reading_ = false;
  std::uint64_t taken_ = 0;
  time_point last_heard_, stuck_since_ = time_point::max();

  std::string out_, leaving_; // waits for the round's end; is on its way
  net::const_buffer extra_;
  std::function<void(error_code)> extra_done_;
  std::unique_ptr<erased_write> parked_;
  error_code write_failed_;
  bool dirty_ = false, sending_ = false, finishing_ = false, shut_ = false, closed_ = false;
  std::size_t discarded_ = 0;
};

// Beast's timers would call this; ours are the connection's.
inline void beast_close_socket(transport& stream) {
  stream.cut();
}
// The end of a WebSocket is finish()'s work, after Beast's close frame has left.
inline void teardown(boost::beast::role_type, transport&, error_code& failed) {
  failed = {};
}
template <class Handler> void async_teardown(boost::beast::role_type, transport& stream, Handler&& done) {
  net::post(stream.get_executor(),
            boost::beast::bind_front_handler(std::forward<Handler>(done), error_code{}));
}

} // namespace forestage::adapters::gateway::detail
