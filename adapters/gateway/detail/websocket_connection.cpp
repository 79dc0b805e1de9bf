#include "adapters/gateway/detail/websocket_connection.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <array>

namespace forestage::adapters::gateway::detail {

namespace websocket = boost::beast::websocket;

namespace {
constexpr std::size_t kept_bytes = 8'192; // of the message buffer while no message is in it
constexpr std::size_t read_ahead = 4'096; // Beast takes up to so much of the next message
constexpr std::size_t control_header = 6; // of a client's ping or pong, mask included
constexpr auto control_window = std::chrono::seconds{10};
constexpr std::size_t most_reason = 123; // of a close frame

// At most 123 bytes, and no sign cut in two.
std::string cut_reason(std::string text) {
  if (text.size() <= most_reason) return text;
  auto end = most_reason;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  text.resize(end);
  return text;
}

class beast_connection final : public websocket_connection {
public:
  beast_connection(std::shared_ptr<transport> stream, connection_facts facts, request asked)
      : stream_(std::move(stream))
      , socket_(*stream_)
      , facts_(std::move(facts))
      , asked_(std::move(asked))
      , state_(std::make_shared<link_state>(facts_.id, facts_.listener->place, limits().outbox_bytes,
                                            stream_->around().mail))
      , link_(state_) {
    live_counters::add(counters().links);
  }
  ~beast_connection() override { live_counters::add(counters().links, static_cast<std::uint64_t>(-1)); }

  void start(upgrade_request asked) override;
  void on_wake() override;
  void on_tick(time_point now) override;
  void go_away() override { close(websocket::close_code::going_away, going_away_text); }
  void cut() override;

private:
  void accepted();
  void read();
  void on_message();
  void on_control(std::size_t bytes, bool ping_or_pong);
  void on_read_failed(error_code failed);
  void write();
  void ping();
  void close(std::uint16_t code, std::string text);
  void refuse(refusal reason, std::uint16_t code, std::string text);
  void ended(close_reason why);
  // Bytes of the message that is not complete yet, headers of its frames included. A control frame that was
  // read ahead with the message before makes it less, never more.
  [[nodiscard]] std::uint64_t message_bytes() const {
    const auto taken = stream_->bytes_taken() - taken_before_;
    return taken > control_bytes_ ? taken - control_bytes_ : 0;
  }
  [[nodiscard]] const bounds& limits() const { return facts_.listener->options.bounds; }
  [[nodiscard]] live_counters& counters() const { return facts_.listener->counters; }
  [[nodiscard]] std::shared_ptr<beast_connection> self() {
    return std::static_pointer_cast<beast_connection>(shared_from_this());
  }

  std::shared_ptr<transport> stream_;
  websocket::stream<transport&, false> socket_; // without compression: it costs memory and opens CRIME
  connection_facts facts_;
  request asked_;
  std::shared_ptr<link_state> state_;
  peer_link link_;

  boost::beast::flat_buffer buffer_;
  std::vector<outgoing> frames_;
  std::size_t next_ = 0;
  bool reading_ = false, writing_ = false, pinging_ = false, pinged_ = false, open_ = false, closing_ = false,
       ended_ = false;
  close_reason why_; // ours, once closing_

  std::uint32_t in_hand_ = 0;
  time_point opened_ = stream_->around().now(), paused_since_ = time_point::max(),
             close_by_ = time_point::max();
  time_point window_began_ = opened_;
  std::uint32_t controls_ = 0;
  std::uint64_t taken_before_ = 0, control_bytes_ = 0;
};

void beast_connection::start(upgrade_request asked) {
  state_->bind(weak_from_this());
  socket_.read_message_max(limits().message_bytes);
  socket_.auto_fragment(false); // true would allocate 4 kB per connection
  socket_.set_option(websocket::stream_base::decorator(
      [](websocket::response_type& told) { told.set(boost::beast::http::field::server, "forestage"); }));
  socket_.control_callback([this](websocket::frame_type kind, boost::beast::string_view bytes) {
    on_control(bytes.size(), kind != websocket::frame_type::close);
  });
  taken_before_ = stream_->bytes_taken();
  auto kept = std::make_shared<upgrade_request>(std::move(asked));
  socket_.async_accept(*kept, [me = self(), kept](error_code failed) {
    if (me->ended_) return;
    if (failed) return me->ended({1006, failed.message(), false});
    me->accepted();
  });
}

void beast_connection::accepted() {
  if (facts_.refused) {
    read();
    return refuse(refusal::too_many_connections, websocket::close_code::try_again_later, too_many_text);
  }
  open_ = true;
  facts_.listener->behind->on_open(link_, asked_);
  asked_ = {};
  if (stream_->around().stopping()) go_away();
  read();
}

// -- in

void beast_connection::read() {
  if (reading_ || ended_) return;
  // Closing, it is read on: the client's close frame is behind what it sent before.
  if (in_hand_ >= limits().frames_in_hand && !closing_) {
    if (paused_since_ == time_point::max()) paused_since_ = stream_->around().now();
    return;
  }
  paused_since_ = time_point::max();
  reading_ = true;
  socket_.async_read(buffer_, [me = self()](error_code failed, std::size_t) {
    me->reading_ = false;
    if (me->ended_) return;
    if (failed) return me->on_read_failed(failed);
    me->on_message();
  });
}

void beast_connection::on_message() {
  const auto bytes = buffer_.data();
  taken_before_ = stream_->bytes_taken();
  control_bytes_ = 0;
  if (!closing_) {
    ++in_hand_;
    live_counters::add(counters().frames_in);
    facts_.listener->behind->on_frame(link_, {static_cast<const char*>(bytes.data()), bytes.size()},
                                      socket_.got_text());
  }
  buffer_.consume(bytes.size());
  if (buffer_.capacity() > kept_bytes) buffer_.shrink_to_fit();
  read();
}

// Beast answers pings by itself. It knows no bound for them.
void beast_connection::on_control(std::size_t bytes, bool ping_or_pong) {
  control_bytes_ += bytes + control_header;
  if (!ping_or_pong || ended_) return;
  const auto now = stream_->around().now();
  if (now - window_began_ > control_window) {
    window_began_ = now;
    controls_ = 0;
  }
  if (++controls_ != limits().control_frames + 1) return;
  net::post(stream_->get_executor(), [me = self()] { // not from within Beast's read
    me->refuse(refusal::control_flood, websocket::close_code::policy_error,
               "more than " + std::to_string(me->limits().control_frames) +
                   " pings and pongs within ten seconds");
  });
}

void beast_connection::on_read_failed(error_code failed) {
  using websocket::error;
  if (closing_) return ended(why_);
  if (failed == error::closed) {
    const auto& said = socket_.reason();
    return ended({said.code, {said.reason.data(), said.reason.size()}, false});
  }
  if (failed == error::message_too_big || failed == error::buffer_overflow) {
    counters().refuse(refusal::message_too_large);
    return ended(
        {1009, "the message has more than " + std::to_string(limits().message_bytes) + " bytes", true});
  }
  if (failed == error::bad_frame_payload) {
    counters().refuse(refusal::bad_utf8);
    return ended({1007, failed.message(), true});
  }
  if (failed == websocket::condition::protocol_violation) {
    counters().refuse(refusal::bad_frame);
    return ended({1002, failed.message(), true});
  }
  ended({1006, failed.message(), false});
}

// -- out

void beast_connection::on_wake() {
  if (ended_) return;
  auto news = state_->take(!writing_ && next_ == frames_.size());
  if (!news.frames.empty()) {
    frames_ = std::move(news.frames);
    next_ = 0;
  }
  in_hand_ -= std::min(news.released, in_hand_);
  if (news.overflow)
    refuse(refusal::slow_reader, websocket::close_code::policy_error,
           "more than " + std::to_string(limits().outbox_bytes) +
               " bytes wait to be read: read faster, ask for less");
  write();
  // A wish to close is granted when everything before it has been written.
  if (news.close && !writing_ && next_ == frames_.size())
    close(news.close->code, std::move(news.close->text));
  if (open_ || closing_) read();
}

void beast_connection::write() {
  if (writing_ || ended_ || closing_ || !open_ || next_ == frames_.size()) return;
  writing_ = true;
  const auto& frame = frames_[next_];
  socket_.text(frame.text);
  socket_.async_write(net::buffer(frame.bytes), [me = self()](error_code failed, std::size_t) {
    me->writing_ = false;
    if (me->ended_) return;
    if (failed) {
      // The close that we began, or the client gone: whoever reads finds out and says so. Paused, nobody
      // reads.
      if (!me->closing_ && !me->reading_) me->ended({1006, failed.message(), false});
      return;
    }
    live_counters::add(me->counters().frames_out);
    auto& done = me->frames_[me->next_++];
    me->state_->written(done.bytes.size());
    done.bytes = {};
    if (me->next_ < me->frames_.size()) return me->write();
    me->frames_.clear();
    me->next_ = 0;
    me->on_wake(); // what came meanwhile
  });
}

void beast_connection::ping() {
  if (pinged_ || pinging_ || closing_ || !open_) return;
  pinged_ = pinging_ = true;
  socket_.async_ping({}, [me = self()](error_code) { me->pinging_ = false; });
}

// -- time and the end

void beast_connection::on_tick(time_point now) {
  if (ended_) return;
  if (closing_) {
    if (now > close_by_) cut();
    return;
  }
  if (!open_) {
    if (now - opened_ > limits().header) cut();
    return;
  }
  if (message_bytes() > limits().message_bytes + limits().fragment_bytes + read_ahead)
    return refuse(refusal::too_many_fragments, websocket::close_code::too_big,
                  "the message has too many fragments");
  if (paused_since_ != time_point::max()) {
    if (now - paused_since_ > limits().paused)
      refuse(refusal::paused_link, websocket::close_code::try_again_later,
             "the node is busy: come back later");
    return; // not heard because not listened to
  }
  const auto silent = now - std::max(stream_->last_heard(), opened_);
  if (silent > limits().idle)
    refuse(refusal::idle_link, websocket::close_code::going_away,
           "nothing was heard for " + std::to_string(limits().idle.count() / 1'000) + " s");
  else if (silent > limits().idle / 2)
    ping();
  else
    pinged_ = false; // something was heard
}

void beast_connection::refuse(refusal reason, std::uint16_t code, std::string text) {
  if (closing_ || ended_) return;
  counters().refuse(reason);
  close(code, std::move(text));
}

void beast_connection::close(std::uint16_t code, std::string text) {
  if (closing_ || ended_) return;
  closing_ = true;
  close_by_ = std::chrono::steady_clock::now() + limits().close;
  why_ = {code, cut_reason(std::move(text)), true};
  const websocket::close_reason told{static_cast<websocket::close_code>(code),
                                     {why_.text.data(), why_.text.size()}};
  socket_.async_close(told, [me = self()](error_code) {
    if (!me->ended_) me->ended(me->why_);
  });
  read(); // a paused link too: what the client sent before its close is read and dropped
}

void beast_connection::cut() {
  if (ended_) return;
  stream_->cut();
  ended(closing_ ? why_ : close_reason{1006, "cut", true});
}

void beast_connection::ended(close_reason why) {
  if (ended_) return;
  ended_ = true;
  state_->end();
  stream_->finish(limits().close);
  stream_->around().drop(facts_.id);
  if (std::exchange(open_, false)) facts_.listener->behind->on_close(link_, why);
}

} // namespace

std::shared_ptr<websocket_connection> make_websocket_connection(std::shared_ptr<transport> stream,
                                                                connection_facts facts, request asked) {
  return std::make_shared<beast_connection>(std::move(stream), std::move(facts), std::move(asked));
}

} // namespace forestage::adapters::gateway::detail
