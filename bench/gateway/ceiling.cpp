#include "bench/gateway/ceiling.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>
#include <vector>

namespace forestage::bench {

namespace {
void require(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::exit(1);
}

struct peer {
  std::string out;
  std::size_t sent = 0;
  int lines = 0; // of the empty line, how far: \r \n \r \n
};

// False: it is gone.
bool push(int socket, peer& to) {
  while (to.sent < to.out.size()) {
    const auto count = ::send(socket, to.out.data() + to.sent, to.out.size() - to.sent, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN;
    to.sent += static_cast<std::size_t>(count);
  }
  to.out.clear();
  to.sent = 0;
  return true;
}
} // namespace

ceiling::ceiling(std::string canned)
    : canned_(std::move(canned))
    , listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
    , stop_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof place;
  auto* address = reinterpret_cast<sockaddr*>(&place);
  require(listener_ >= 0 && ::bind(listener_, address, size) == 0 && ::listen(listener_, 4'096) == 0 &&
              ::getsockname(listener_, address, &size) == 0,
          "ceiling");
  port_ = ntohs(place.sin_port);
  thread_ = std::thread{[this] { serve(); }};
}

ceiling::~ceiling() {
  const std::uint64_t one = 1;
  require(::write(stop_, &one, sizeof one) == sizeof one, "ceiling: stop");
  thread_.join();
  ::close(listener_);
  ::close(stop_);
}

void ceiling::serve() {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  const auto watch = [poll](int who, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = who;
    require(::epoll_ctl(poll, EPOLL_CTL_ADD, who, &event) == 0, "ceiling: epoll");
  };
  watch(listener_, EPOLLIN);
  watch(stop_, EPOLLIN);
  std::map<int, peer> peers;
  std::vector<char> buffer(65'536);
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const int who = events[static_cast<std::size_t>(i)].data.fd;
      if (who == stop_) {
        for (const auto& [socket, left] : peers)
          ::close(socket);
        ::close(poll);
        return;
      }
      if (who == listener_) {
        const int next = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (next < 0) continue;
        const int on = 1;
        ::setsockopt(next, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        peers.try_emplace(next);
        watch(next, EPOLLIN | EPOLLOUT | EPOLLET);
        continue;
      }
      auto& p = peers[who];
      bool open = push(who, p);
      while (open) {
        const auto count = ::recv(who, buffer.data(), buffer.size(), 0);
        if (count < 0 && errno == EAGAIN) break;
        open = count > 0;
        if (!open) break;
        const std::string_view bytes{buffer.data(), static_cast<std::size_t>(count)};
        if (canned_.empty()) {
          p.out.append(bytes);
        } else {
          for (const char c : bytes) {
            p.lines = c == "\r\n\r\n"[p.lines] ? p.lines + 1 : (c == '\r' ? 1 : 0);
            if (p.lines != 4) continue;
            p.lines = 0;
            p.out += canned_;
          }
        }
        open = push(who, p);
      }
      if (open) continue;
      peers.erase(who);
      ::close(who);
    }
  }
}

} // namespace forestage::bench
