// Listeners, the io thread, and the order in which everything ends.
#include "adapters/gateway/server.hpp"

#include "adapters/gateway/detail/http_connection.hpp"
#include "adapters/gateway/detail/listener.hpp"
#include "adapters/gateway/detail/tls_context.hpp"
#include "adapters/gateway/detail/transport.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ssl/context.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace forestage::adapters::gateway {

namespace detail {
namespace {

using acceptor = net::basic_socket_acceptor<net::ip::tcp, executor>;
// One too many is told so; so many too many are not worth the memory.
constexpr std::size_t most_refused = 64;

models::error refused(const listener_options& listener, models::errc code, const std::string& text) {
  return {code, "listener " + listener.name + ": " + text};
}

class listening {
public:
  listening(loop& around, const listener_options& options, std::size_t place, handler& behind,
            std::uint64_t& ids)
      : around_(around)
      , facts_{options, place, allowed_names{options.hosts, options.origins, options.address}, &behind}
      , acceptor_(around.context)
      , again_(around.context)
      , ids_(ids) {}

  models::status bind();
  void accept();
  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    again_.cancel();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] counters read() const { return facts_.counters.read(); }
  [[nodiscard]] bool busy() const { return facts_.counters.open.load(std::memory_order_relaxed) != 0; }

private:
  void admit(socket who);

  loop& around_;
  listener_facts facts_;
  std::unique_ptr<net::ssl::context> tls_;
  acceptor acceptor_;
  timer again_;
  std::uint64_t& ids_;
  std::uint16_t port_ = 0;
};

models::status listening::bind() {
  const auto& o = facts_.options;
  if (!o.certificate_file.empty()) {
    auto made = make_tls_context(o.certificate_file, o.key_file);
    if (!made) return refused(o, made.failure().code, made.failure().text);
    tls_ = std::move(made).value();
  }
  error_code failed;
  const auto address = net::ip::make_address(o.address, failed);
  if (failed)
    return refused(o, models::errc::invalid_argument,
                   o.address + " is no address; for instance 127.0.0.1 or ::1");
  const net::ip::tcp::endpoint place{address, o.port};
  acceptor_.open(place.protocol(), failed);
  if (!failed) acceptor_.set_option(net::socket_base::reuse_address(true), failed);
  if (!failed) acceptor_.bind(place, failed);
  if (!failed) acceptor_.listen(4'096, failed);
  if (failed)
    return refused(o, models::errc::unavailable,
                   "cannot listen at " + o.address + " port " + std::to_string(o.port) + ": " +
                       failed.message() + "; choose another port, or 0 for any");
  port_ = acceptor_.local_endpoint(failed).port();
  return models::success();
}

void listening::accept() {
  acceptor_.async_accept(around_.context, [this](error_code failed, socket who) {
    if (failed == net::error::operation_aborted || !acceptor_.is_open()) return;
    if (!failed) {
      admit(std::move(who));
      return accept();
    }
    // No descriptors left, most likely: some will be, soon.
    again_.expires_after(std::chrono::milliseconds{100});
    again_.async_wait([this](error_code stopped) {
      if (!stopped && acceptor_.is_open()) accept();
    });
  });
}

void listening::admit(socket who) {
  const auto& limits = facts_.options.bounds;
  live_counters::add(facts_.counters.accepted);
  const auto open = facts_.counters.open.load(std::memory_order_relaxed);
  if (open >= limits.connections + most_refused) return facts_.counters.refuse(refusal::too_many_connections);
  error_code ignored;
  who.set_option(net::ip::tcp::no_delay(true), ignored); // rounds coalesce already
  who.set_option(net::socket_base::send_buffer_size(limits.send_buffer_bytes), ignored);
  who.non_blocking(true, ignored);
  const auto from = who.remote_endpoint(ignored);
  connection_facts facts{&facts_, ++ids_, from.address().to_string(ignored), open >= limits.connections};
  const auto id = facts.id;
  auto stream = std::make_shared<transport>(around_, std::move(who), tls_.get(), facts_.counters);
  auto connected = std::make_shared<http_connection>(std::move(stream), std::move(facts));
  around_.put(id, connected);
  connected->start();
}

} // namespace
} // namespace detail

class server::implementation {
public:
  explicit implementation(handler& behind)
      : behind_(behind) {}
  ~implementation() { stop(std::chrono::milliseconds{5'000}); }

  models::status bind(const std::vector<listener_options>& listeners) {
    for (const auto& options : listeners) {
      if (auto valid = validate(options); !valid) return valid;
      listeners_.push_back(
          std::make_unique<detail::listening>(around_, options, listeners_.size(), behind_, ids_));
      if (auto bound = listeners_.back()->bind(); !bound) return bound;
    }
    return models::success();
  }

  void start() {
    for (const auto& listener : listeners_)
      listener->accept();
    thread_ = std::thread{[this] { around_.run([this] { on_round_end(); }); }};
  }

  void begin_stop() {
    detail::net::post(around_.context, [this] {
      if (around_.stopping()) return;
      for (const auto& listener : listeners_)
        listener->close();
      around_.stop_connections();
    });
  }

  void stop(std::chrono::milliseconds most) {
    if (!thread_.joinable()) return;
    begin_stop();
    {
      std::unique_lock lock{mutex_};
      empty_.wait_for(lock, most, [this] { return is_empty_; });
    }
    around_.stop();
    thread_.join();
  }

  [[nodiscard]] const detail::listening& listener(std::size_t at) const { return *listeners_.at(at); }
  [[nodiscard]] std::size_t listeners() const { return listeners_.size(); }

private:
  void on_round_end() {
    behind_.on_round_end();
    if (!around_.stopping()) return;
    for (const auto& listener : listeners_)
      if (listener->busy()) return;
    const std::lock_guard lock{mutex_};
    is_empty_ = true;
    empty_.notify_all();
  }

  handler& behind_;
  std::uint64_t ids_ = 0;
  detail::loop around_;
  std::vector<std::unique_ptr<detail::listening>> listeners_; // their acceptors end before the loop does
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable empty_;
  bool is_empty_ = false;
};

server::server(std::unique_ptr<implementation> inside)
    : inside_(std::move(inside)) {}
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;
server::~server() = default;

std::uint16_t server::port(std::size_t listener) const {
  return inside_->listener(listener).port();
}
std::size_t server::listeners() const {
  return inside_->listeners();
}
counters server::counters(std::size_t listener) const {
  return inside_->listener(listener).read();
}
void server::begin_stop() {
  inside_->begin_stop();
}
void server::stop(std::chrono::milliseconds most) {
  inside_->stop(most);
}

models::result<server> make(const std::vector<listener_options>& listeners, handler& behind) {
  if (listeners.empty())
    return {models::errc::invalid_argument, "the gateway has no listener: name one at least"};
  try {
    auto inside = std::make_unique<server::implementation>(behind);
    if (auto bound = inside->bind(listeners); !bound) return bound.failure();
    inside->start();
    return server{std::move(inside)};
  } catch (const std::exception& failure) { // a vendor's: no thread, no epoll descriptor
    return {models::errc::unavailable, std::string{"the gateway cannot start: "} + failure.what()};
  }
}

} // namespace forestage::adapters::gateway
