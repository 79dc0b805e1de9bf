// Beast parses; bounds, checks, answers and files are ours, as Beast 1.74 has none of them.
#include "adapters/gateway/detail/http_connection.hpp"

#include "adapters/gateway/detail/file_reader.hpp"
#include "adapters/gateway/detail/websocket_connection.hpp"
#include "adapters/gateway/head_scan.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

namespace forestage::adapters::gateway::detail {

namespace http = boost::beast::http;

namespace {
std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

bool may_have_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}
} // namespace

struct http_connection::parsing {
  http::request_parser<http::string_body> parser;
};

http_connection::http_connection(std::shared_ptr<transport> stream, connection_facts facts)
    : stream_(std::move(stream))
    , facts_(std::move(facts))
    , entered_(stream_->around().now()) {}

http_connection::~http_connection() {
  if (exchange_) exchange_->give_up();
}

void http_connection::enter(phase next) {
  phase_ = next;
  entered_ = stream_->around().now();
}

void http_connection::start() {
  stream_->open([me = self()](error_code failed) {
    if (me->phase_ != phase::handshake) return;
    if (failed) {
      me->facts_.listener->counters.refuse(refusal::bad_tls);
      return me->end();
    }
    me->phase_ = phase::header; // entered at accept: the first header's time began there
    me->read();
  });
}

void http_connection::end() {
  if (phase_ == phase::ended) return;
  phase_ = phase::ended;
  stream_->finish(limits().close);
  stream_->around().drop(facts_.id);
}

void http_connection::cut() {
  phase_ = phase::ended;
  stream_->cut();
  stream_->around().drop(facts_.id);
}

void http_connection::go_away() {
  keep_alive_ = false; // whoever is being answered is told so
  if (phase_ == phase::idle || phase_ == phase::handshake || (phase_ == phase::header && input_.empty()))
    end();
}

void http_connection::on_tick(time_point now) {
  const auto over = [&](std::chrono::milliseconds most) { return now - entered_ > most; };
  auto& counters = facts_.listener->counters;
  switch (phase_) {
  case phase::handshake:
    if (!over(limits().header)) return;
    counters.refuse(refusal::slow_tls);
    return cut();
  case phase::idle:
    if (!over(limits().keep_alive)) return;
    counters.refuse(refusal::idle_http);
    return end();
  case phase::header:
    if (over(limits().header))
      refuse(refusal::slow_header, 408, "slow_request", "the request's header did not come in time");
    return;
  case phase::body:
    if (over(limits().body))
      refuse(refusal::slow_body, 408, "slow_request", "the request's body did not come in time");
    return;
  case phase::waiting:
    if (over(limits().answer))
      refuse(refusal::late_answer, 503, "late", "the node did not answer in time: try again later");
    return;
  case phase::answering:
    if (stream_->stuck_since() == time_point::max() || now - stream_->stuck_since() <= limits().write) return;
    counters.refuse(refusal::slow_taker);
    return cut();
  case phase::ended:
    return;
  }
}

// -- reading

void http_connection::read() {
  stream_->read([me = self()](error_code failed, std::string_view bytes) {
    if (me->phase_ != phase::idle && me->phase_ != phase::header && me->phase_ != phase::body)
      return; // refused
    if (failed) return me->end();
    me->on_bytes(bytes);
  });
}

void http_connection::on_bytes(std::string_view bytes) {
  if (phase_ == phase::idle) enter(phase::header);
  input_.append(bytes);
  parse();
}

void http_connection::parse() {
  if (!parser_) {
    // Empty lines before a request are skipped, as RFC 9112 §2.2 asks; Beast would call them malformed.
    input_.erase(0, std::min(input_.find_first_not_of("\r\n"), input_.size()));
    if (input_.empty()) return read();
    parser_ = std::make_unique<parsing>();
    parser_->parser.header_limit(static_cast<std::uint32_t>(limits().header_bytes) +
                                 1); // scan_head has looked
    parser_->parser.body_limit(limits().body_bytes);
  }
  if (phase_ == phase::header && !parse_header()) return;
  if (phase_ == phase::body && !parse_body()) return;
  hand_over();
}

bool http_connection::parse_header() {
  const auto head = scan_head(input_, limits().header_bytes);
  switch (head.state) {
  case head_state::complete:
    break;
  case head_state::incomplete:
    read();
    return false;
  case head_state::malformed:
    refuse(refusal::malformed, 400, "bad_request",
           "the request does not begin as HTTP does, or a line of it is folded");
    return false;
  case head_state::target_too_long:
    refuse(refusal::target_too_long, 414, "target_too_long",
           "the request's first line has more than " + std::to_string(limits().header_bytes) + " bytes");
    return false;
  case head_state::header_too_large:
    refuse(refusal::header_too_large, 431, "header_too_large",
           "the request's header has more than " + std::to_string(limits().header_bytes) + " bytes");
    return false;
  }
  error_code failed;
  // Line by line would do, but whole heads are what the scan has seen.
  for (std::size_t at = 0; at < head.size && !failed && !parser_->parser.is_header_done();) {
    const auto used = parser_->parser.put(net::buffer(input_.data() + at, head.size - at), failed);
    at += used;
    if (used == 0 && !failed) failed = http::error::need_more;
  }
  input_.erase(0, head.size);
  if (failed) {
    fail_parsing(failed);
    return false;
  }
  if (!accept_header()) return false;
  if (!parser_->parser.is_done()) {
    enter(phase::body);
    if (equal_names(request_.header("Expect"), "100-continue") && input_.empty())
      stream_->write("HTTP/1.1 100 Continue\r\n\r\n");
  }
  return true;
}

bool http_connection::parse_body() {
  parser_->parser.eager(true);
  while (!parser_->parser.is_done()) {
    error_code failed;
    const auto used = parser_->parser.put(net::buffer(input_), failed);
    input_.erase(0, used);
    if (failed && failed != http::error::need_more) {
      fail_parsing(failed);
      return false;
    }
    if (failed == http::error::need_more || used == 0) {
      // Only a chunk's header can wait here, and it is as bounded as a header.
      if (input_.size() > limits().header_bytes) {
        refuse(refusal::malformed, 400, "bad_request", "the header of a chunk does not end");
        return false;
      }
      read();
      return false;
    }
  }
  return true;
}

void http_connection::fail_parsing(error_code failed) {
  if (failed == http::error::body_limit)
    return refuse(refusal::body_too_large, 413, "body_too_large",
                  "the request's body has more than " + std::to_string(limits().body_bytes) + " bytes");
  if (failed == http::error::bad_version)
    return refuse(refusal::unsupported, 505, "bad_version", "HTTP/1.1 and HTTP/1.0 are spoken here");
  refuse(refusal::malformed, 400, "bad_request", "the request cannot be read: " + failed.message());
}

bool http_connection::accept_header() {
  const auto& parsed = parser_->parser.get();
  const auto no = [this](refusal reason, int status, std::string_view code, std::string_view text) {
    refuse(reason, status, code, text);
    return false;
  };
  const auto malformed = [&](std::string_view text) {
    return no(refusal::malformed, 400, "bad_request", text);
  };

  request_ = {};
  request_.listener = facts_.listener->place;
  request_.remote = facts_.remote;
  request_.method = view(parsed.method_string());
  request_.target = view(parsed.target());
  for (const auto& field : parsed)
    request_.headers.emplace_back(view(field.name_string()), view(field.value()));
  live_counters::add(facts_.listener->counters.requests);
  keep_alive_ = parsed.keep_alive() && !stream_->around().stopping();
  head_only_ = request_.method == "HEAD";

  if (parsed.version() != 10 && parsed.version() != 11)
    return no(refusal::unsupported, 505, "bad_version", "HTTP/1.1 and HTTP/1.0 are spoken here");
  if (facts_.refused && !boost::beast::websocket::is_upgrade(parsed))
    return no(refusal::too_many_connections, 503, "too_many_connections", too_many_text);

  // Where two readers of one request can disagree about where it ends, the second part of it can be smuggled
  // past the first reader: such requests are refused, not repaired.
  const auto lengths = parsed.count(http::field::content_length);
  const auto encodings = parsed.count(http::field::transfer_encoding);
  if (lengths > 1) return malformed("Content-Length is there twice");
  if (lengths != 0 && encodings != 0)
    return malformed("Content-Length and Transfer-Encoding exclude each other");
  if (lengths == 1 &&
      parsed[http::field::content_length].find_first_not_of("0123456789") != boost::beast::string_view::npos)
    return malformed("Content-Length is not a number");
  if (encodings != 0) {
    if (parsed.version() == 10) return malformed("HTTP/1.0 has no Transfer-Encoding");
    if (encodings > 1 || !equal_names(view(parsed[http::field::transfer_encoding]), "chunked"))
      return no(refusal::unsupported, 501, "bad_encoding",
                "the only Transfer-Encoding spoken here is chunked");
  }
  if (lengths == 0 && encodings == 0 && may_have_body(request_.method))
    return no(refusal::length_required, 411, "length_required",
              request_.method + " needs a Content-Length (0 for none) or chunks");
  if (const auto expected = request_.header("Expect");
      !expected.empty() && !equal_names(expected, "100-continue"))
    return no(refusal::unsupported, 417, "bad_expectation", "the only Expect spoken here is 100-continue");

  if (request_.target.size() > limits().target_bytes)
    return no(refusal::target_too_long, 414, "target_too_long",
              "the target has more than " + std::to_string(limits().target_bytes) + " bytes");
  auto where = parse_target(request_.target);
  if (!where) return malformed(where.failure().text);
  request_.where = std::move(where).value();

  const auto hosts = parsed.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && parsed.version() == 11)) return malformed("one Host is needed");
  if (hosts == 1 && !facts_.listener->names.host(request_.header("Host")))
    return no(refusal::wrong_host, 421, "wrong_host",
              "this node does not answer to that Host: add the name to the listener's hosts");
  if (parsed.count(http::field::origin) > 1) return malformed("Origin is there twice");
  if (parsed.count(http::field::origin) == 1 && !facts_.listener->names.origin(request_.header("Origin")))
    return no(refusal::wrong_origin, 403, "wrong_origin",
              "pages of that Origin may not ask here: add it to the listener's origins");
  return true;
}

void http_connection::hand_over() {
  const auto& path = facts_.listener->options.agent_path;
  if (!path.empty() && request_.where.path == path) return upgrade();
  if (facts_.refused)
    return refuse(refusal::too_many_connections, 503, "too_many_connections", too_many_text);
  request handed = request_; // the answer looks at the fields: conditions, ranges
  handed.body = std::move(parser_->parser.get().body());
  exchange_ = std::make_shared<exchange>(weak_from_this(), stream_->around().mail);
  enter(phase::waiting);
  facts_.listener->behind->on_request(std::move(handed), responder{exchange_});
}

void http_connection::upgrade() {
  const auto& parsed = parser_->parser.get();
  if (!boost::beast::websocket::is_upgrade(parsed)) {
    keep_alive_ = keep_alive_ && parser_->parser.is_done();
    auto told = error_response(426, "upgrade_required", "a WebSocket is spoken here, by GET");
    told.headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}};
    facts_.listener->counters.refuse(refusal::unsupported);
    return answer(std::move(told));
  }
  if (request_.header("Sec-WebSocket-Version") != "13" || request_.header("Sec-WebSocket-Key").size() != 24) {
    auto told = error_response(426, "upgrade_required", "a WebSocket of version 13 with a key is needed");
    told.headers = {{"Sec-WebSocket-Version", "13"}};
    facts_.listener->counters.refuse(refusal::unsupported);
    return answer(std::move(told));
  }
  stream_->unread(input_);
  phase_ = phase::ended; // this half of it
  auto next = make_websocket_connection(stream_, facts_, std::move(request_));
  stream_->around().put(facts_.id, next);
  next->start(parser_->parser.release());
}

// -- answering

void http_connection::refuse(refusal reason, int status, std::string_view code, std::string_view text) {
  facts_.listener->counters.refuse(reason);
  keep_alive_ = false; // where its next request would begin is not known
  if (exchange_) exchange_->give_up();
  answer(error_response(status, code, text));
}

void http_connection::on_wake() {
  if (phase_ != phase::waiting || !exchange_) return;
  if (auto given = exchange_->take()) answer(std::move(*given));
}

void http_connection::answer(response given) {
  exchange_ = nullptr;
  enter(phase::answering);
  if (given.close) keep_alive_ = false;
  if (given.file) return answer_file(std::move(given));
  send(given.status, given.content_type, given.headers, given.body, given.body.size());
  stream_->write_through({}, [me = self()](error_code failed) { me->answered(failed); });
}

void http_connection::answer_file(response given) {
  auto opened = file_reader::open(*given.file);
  if (!opened) return answer(error_response(404, "not_found", opened.failure().text));
  file_ = std::move(opened).value();
  const auto& facts = file_->facts();
  auto chosen = answer_with_file(request_, facts);
  for (auto& field : given.headers)
    chosen.headers.push_back(std::move(field));
  if (chosen.status == 416) {
    file_ = nullptr;
    const auto told = error_response(416, "range_not_satisfiable", "the file is shorter than that");
    send(416, told.content_type, chosen.headers, told.body, told.body.size());
    return stream_->write_through({}, [me = self()](error_code failed) { me->answered(failed); });
  }
  with_length_ = chosen.status != 304;
  file_->select(chosen.from, head_only_ || chosen.status == 304 ? 0 : chosen.length);
  send(chosen.status, given.content_type, chosen.headers, {}, chosen.length);
  send_piece();
}

void http_connection::send(int status, std::string_view content_type, const header_fields& headers,
                           std::string_view body, std::uint64_t length) {
  head_facts facts;
  facts.now = std::time(nullptr);
  facts.content_length = length;
  facts.keep_alive = keep_alive_;
  facts.with_length = with_length_ && status != 204;
  stream_->write(response_head(status, content_type, headers, facts));
  if (!head_only_) stream_->write(body);
}

void http_connection::send_piece() {
  if (file_->left() == 0) {
    file_ = nullptr;
    return stream_->write_through({}, [me = self()](error_code failed) { me->answered(failed); });
  }
  const auto piece = file_->next();
  if (piece.empty()) return cut(); // it became shorter: a clean end would pass for the whole
  stream_->write_through(net::buffer(piece.data(), piece.size()), [me = self()](error_code failed) {
    if (me->phase_ != phase::answering) return;
    if (failed) return me->answered(failed);
    me->send_piece();
  });
}

void http_connection::answered(error_code failed) {
  if (phase_ != phase::answering) return;
  file_ = nullptr;
  if (failed) return cut();
  if (!keep_alive_ || stream_->around().stopping()) return end();
  parser_ = nullptr;
  request_ = {};
  with_length_ = true;
  head_only_ = false;
  if (input_.capacity() > 4'096 && input_.empty()) input_ = {};
  enter(input_.empty() ? phase::idle : phase::header);
  parse();
}

} // namespace forestage::adapters::gateway::detail
