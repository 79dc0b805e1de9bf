#include "bench/gateway/load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace forestage::bench {

namespace {
void require(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::exit(1);
}

int connected(std::uint16_t port) {
  const int out = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  place.sin_port = htons(port);
  require(::connect(out, reinterpret_cast<sockaddr*>(&place), sizeof place) == 0, "connect");
  const int on = 1;
  ::setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return out;
}

void send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    require(count > 0, "send");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void read_head(int from) {
  std::string got;
  for (char c = 0; !got.ends_with("\r\n\r\n"); got += c)
    require(::recv(from, &c, 1, 0) == 1, "read");
}

struct client {
  int socket = -1;
  std::uint64_t asked = 0, answered = 0; // requests
  std::size_t unsent = 0, rest = 0;      // of the block on its way; of an answer, bytes
  std::string acks;

  std::uint64_t count(std::string_view bytes, std::size_t answer_bytes) {
    if (answer_bytes != 0) {
      rest += bytes.size();
      const auto whole = rest / answer_bytes;
      rest %= answer_bytes;
      return whole;
    }
    acks.append(bytes); // two bytes of header, eight digits
    std::uint64_t sum = 0;
    std::size_t at = 0;
    for (; acks.size() - at >= 10; at += 10)
      sum += std::strtoull(acks.substr(at + 2, 8).c_str(), nullptr, 10);
    acks.erase(0, at);
    return sum;
  }
};
} // namespace

double rate(std::uint16_t port, const load& what, double seconds) {
  std::string block;
  for (std::size_t i = 0; i < what.block; ++i)
    block += what.request;
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<client> clients(what.connections);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    auto& c = clients[i];
    c.socket = connected(port);
    if (!what.opening.empty()) {
      send_all(c.socket, what.opening);
      read_head(c.socket);
    }
    ::fcntl(c.socket, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u64 = i;
    require(::epoll_ctl(poll, EPOLL_CTL_ADD, c.socket, &event) == 0, "epoll");
  }
  const auto push = [&](client& c) {
    for (;;) {
      if (c.unsent == 0) {
        if (c.asked - c.answered + what.block > what.window * what.block) return;
        c.unsent = block.size();
        c.asked += what.block;
      }
      const auto count = ::send(c.socket, block.data() + block.size() - c.unsent, c.unsent, MSG_NOSIGNAL);
      if (count < 0 && errno == EAGAIN) return;
      require(count > 0, "send");
      c.unsent -= static_cast<std::size_t>(count);
    }
  };
  using clock = std::chrono::steady_clock;
  const auto begin = clock::now();
  const auto end =
      begin + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
  std::vector<char> buffer(262'144);
  std::array<epoll_event, 128> events{};
  std::uint64_t answers = 0;
  while (clock::now() < end) {
    const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < ready; ++i) {
      auto& c = clients[events[static_cast<std::size_t>(i)].data.u64];
      for (;;) {
        const auto count = ::recv(c.socket, buffer.data(), buffer.size(), 0);
        if (count < 0 && errno == EAGAIN) break;
        require(count > 0, "closed by the server");
        const auto more = c.count({buffer.data(), static_cast<std::size_t>(count)}, what.answer_bytes);
        c.answered += more;
        answers += more;
      }
      push(c);
    }
  }
  const std::chrono::duration<double> took = clock::now() - begin;
  for (const auto& c : clients)
    ::close(c.socket);
  ::close(poll);
  return static_cast<double>(answers) / took.count();
}

double accept_rate(std::uint16_t port, double seconds) {
  const auto ask = get("/json");
  const auto size = answer_size(port, ask);
  using clock = std::chrono::steady_clock;
  const auto begin = clock::now();
  std::uint64_t done = 0;
  std::vector<char> buffer(4'096);
  while (std::chrono::duration<double>(clock::now() - begin).count() < seconds) {
    const int one = connected(port);
    send_all(one, ask);
    for (std::size_t got = 0; got < size;) {
      const auto count = ::recv(one, buffer.data(), buffer.size(), 0);
      require(count > 0, "read");
      got += static_cast<std::size_t>(count);
    }
    ::close(one);
    ++done;
  }
  return static_cast<double>(done) / std::chrono::duration<double>(clock::now() - begin).count();
}

std::size_t answer_size(std::uint16_t port, const std::string& request) {
  const int one = connected(port);
  send_all(one, request);
  std::string got;
  char c = 0;
  while (!got.ends_with("\r\n\r\n")) {
    require(::recv(one, &c, 1, 0) == 1, "read");
    got += c;
  }
  ::close(one);
  const auto at = got.find("Content-Length: ");
  if (!got.starts_with("HTTP/1.1 200") || at == got.npos) {
    std::fprintf(stderr, "not an answer of 200 with its length: %s\n", got.c_str());
    std::exit(1);
  }
  return got.size() + std::strtoull(got.c_str() + at + 16, nullptr, 10);
}

std::string masked_frame(std::string_view payload) {
  std::string out = "\x82";
  if (payload.size() < 126) {
    out += static_cast<char>(0x80U | payload.size());
  } else {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8U);
    out += static_cast<char>(payload.size() & 255U);
  }
  constexpr std::string_view mask = "\x37\xa1\x5c\xe2";
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(payload[i] ^ mask[i % 4]);
  return out;
}

std::string upgrade(std::string_view query) {
  return "GET /v1/agent" + std::string{query} +
         " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

std::string get(std::string_view path) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

struct idle_links::inside {
  SSL_CTX* context = nullptr;
  std::vector<std::pair<int, SSL*>> all;
};

idle_links::idle_links(std::uint16_t port, std::size_t count, bool tls)
    : inside_(std::make_unique<inside>()) {
  if (tls) inside_->context = SSL_CTX_new(TLS_client_method());
  const auto ask = upgrade("");
  for (std::size_t i = 0; i < count; ++i) {
    const int one = connected(port);
    SSL* session = nullptr;
    if (tls) {
      session = SSL_new(inside_->context);
      SSL_set_fd(session, one);
      require(SSL_connect(session) == 1, "TLS");
      require(SSL_write(session, ask.data(), static_cast<int>(ask.size())) > 0, "TLS: write");
      std::array<char, 1'024> answer{};
      require(SSL_read(session, answer.data(), answer.size()) > 0, "TLS: read");
    } else {
      send_all(one, ask);
      read_head(one);
    }
    inside_->all.emplace_back(one, session);
  }
}

idle_links::~idle_links() {
  for (const auto& [socket, session] : inside_->all) {
    if (session != nullptr) SSL_free(session);
    ::close(socket);
  }
  if (inside_->context != nullptr) SSL_CTX_free(inside_->context);
}

} // namespace forestage::bench
