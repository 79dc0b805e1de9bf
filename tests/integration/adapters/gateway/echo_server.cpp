// A server on the gateway for the tests beside it and for bench/gateway: echoes frames, answers a few paths.
//
//   gateway_echo_server [NAME=VALUE…]   prints "ports PLAIN TLS" (0: no TLS), serves until its input ends,
//   then
//                                       stops and prints "stopped OPENED CLOSED"
//
// What a link does is in its path's query: mode=echo (default), hold (never releases), late (releases and
// echoes from another thread, 50 ms later), flood (any frame: sends 4 kB frames until the outbox is full),
// sum (answers a round's frames with one that says how many), close (closes with 4000 and a text).
#include "adapters/gateway/routes.hpp"
#include "adapters/gateway/server.hpp"

#include <charconv>
#include <condition_variable>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace {

using namespace forestage::adapters::gateway;
using std::chrono::milliseconds;

// Does things later, on a thread of its own: what actors are to the product.
class delayed {
public:
  delayed()
      : thread_([this] { run(); }) {}
  ~delayed() {
    {
      const std::lock_guard lock{mutex_};
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  void add(milliseconds after, std::function<void()> what) {
    const std::lock_guard lock{mutex_};
    todo_.emplace(std::chrono::steady_clock::now() + after, std::move(what));
    changed_.notify_all();
  }

private:
  void run() {
    std::unique_lock lock{mutex_};
    while (!stop_) {
      if (todo_.empty()) {
        changed_.wait(lock);
      } else if (const auto when = todo_.begin()->first; when > std::chrono::steady_clock::now()) {
        changed_.wait_until(lock, when);
      } else {
        const auto what = std::move(todo_.extract(todo_.begin()).mapped());
        lock.unlock();
        what();
        lock.lock();
      }
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> todo_;
  bool stop_ = false;
  std::thread thread_;
};

struct echo final : handler {
  enum class mode { echo, hold, late, flood, sum, close };
  struct peer {
    mode does = mode::echo;
    std::uint32_t unanswered = 0;
  };

  std::uint64_t opened = 0, closed = 0;
  close_reason last_close;
  std::map<std::uint64_t, std::pair<peer_link, peer>> peers;
  std::set<std::uint64_t> to_answer;
  std::vector<std::pair<peer_link, std::string>> kept;
  std::vector<responder> never;
  std::string folder;
  std::function<std::string(std::size_t)> counters;
  routes paths;
  delayed later;

  echo() {
    paths.add("GET", "/json", [](request, responder with) { with.answer(json_response(R"({"n":1})")); });
    paths.add("GET", "/headers", [](request asked, responder with) {
      with.answer(json_response("{\"path\":" + json_string(asked.where.path) +
                                ",\"q\":" + json_string(asked.where.parameter("q")) +
                                ",\"remote\":" + json_string(asked.remote) + "}"));
    });
    paths.add("POST", "/echo", [](request asked, responder with) {
      auto out = json_response(std::move(asked.body));
      out.content_type = "text/plain";
      with.answer(std::move(out));
    });
    paths.add("GET", "/late", [this](request, responder with) {
      auto kept_answer = std::make_shared<responder>(std::move(with));
      later.add(milliseconds{50}, [kept_answer] {
        const bool first = kept_answer->answer(json_response("{\"late\":true}"));
        const bool second = kept_answer->answer(json_response("{\"again\":true}"));
        if (!first || second) std::cerr << "a responder must answer exactly once" << std::endl;
      });
    });
    paths.add("GET", "/drop", [](request, responder) {});
    paths.add("GET", "/never", [this](request, responder with) { never.push_back(std::move(with)); });
    paths.add("GET", "/injection", [](request, responder with) {
      auto out = json_response("{}");
      out.headers.emplace_back("X-Bad", "a\r\nSet-Cookie: b");
      with.answer(std::move(out));
    });
    paths.add("GET", "/counters", [this](request asked, responder with) {
      with.answer(json_response(counters(asked.where.parameter("of") == "tls" ? 1 : 0)));
    });
    paths.add("GET", "/file/*", [this](request asked, responder with) {
      with.answer(
          file_response(folder + asked.where.path.substr(5), "text/plain", "sandbox; default-src 'none'"));
    });
  }

  void on_request(request asked, responder answer) override {
    paths.answer(std::move(asked), std::move(answer));
  }

  void on_open(const peer_link& who, const request& asked) override {
    static const std::map<std::string_view, mode> modes = {{"hold", mode::hold},
                                                           {"late", mode::late},
                                                           {"flood", mode::flood},
                                                           {"sum", mode::sum},
                                                           {"close", mode::close}};
    const auto found = modes.find(asked.where.parameter("mode"));
    peers.emplace(who.id(), std::pair{who, peer{found == modes.end() ? mode::echo : found->second, 0}});
    ++opened;
  }

  void on_frame(const peer_link& from, std::string_view frame, bool text) override {
    auto& p = peers.at(from.id()).second;
    switch (p.does) {
    case mode::echo:
      from.send(std::string{frame}, text);
      return from.release();
    case mode::hold:
      return from.send(std::string{frame}, text) ? void() : void();
    case mode::late:
      return later.add(milliseconds{50}, [from, copy = std::string{frame}, text] {
        from.send(copy, text);
        from.release();
      });
    case mode::flood:
      from.release();
      while (from.send(std::string(4'096, 'x'))) {
      }
      return;
    case mode::sum:
      ++p.unanswered;
      to_answer.insert(from.id());
      return;
    case mode::close:
      from.send("last words", true);
      return from.close(4'000, "as you wish");
    }
  }

  void on_close(const peer_link& who, const close_reason& why) override {
    peers.erase(who.id());
    to_answer.erase(who.id());
    ++closed;
    last_close = why;
  }

  void on_round_end() override {
    for (const auto id : to_answer) {
      auto& [who, p] = peers.at(id);
      const auto count = std::exchange(p.unanswered, 0);
      who.release(count);
      who.send(std::to_string(count), true);
    }
    to_answer.clear();
  }
};

std::string written(const counters& now, const echo& behind) {
  std::string out =
      "{\"accepted\":" + std::to_string(now.accepted) + ",\"open\":" + std::to_string(now.open) +
      ",\"links\":" + std::to_string(now.links) + ",\"requests\":" + std::to_string(now.requests) +
      ",\"bytes_in\":" + std::to_string(now.bytes_in) + ",\"bytes_out\":" + std::to_string(now.bytes_out) +
      ",\"frames_in\":" + std::to_string(now.frames_in) +
      ",\"frames_out\":" + std::to_string(now.frames_out) + ",\"opened\":" + std::to_string(behind.opened) +
      ",\"closed\":" + std::to_string(behind.closed) + ",\"last_close\":[" +
      std::to_string(behind.last_close.code) + "," + json_string(behind.last_close.text) + "]";
  for (std::size_t i = 0; i < refusal_count; ++i)
    out += "," + json_string(to_string(static_cast<refusal>(i))) + ":" + std::to_string(now.refused[i]);
  return out + "}";
}

// false: there is no such option.
bool set(listener_options& o, echo& behind, std::string_view name, std::string_view value) {
  auto& b = o.bounds;
  std::size_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  const std::map<std::string_view, std::size_t*> sizes = {
      {"connections", &b.connections},     {"header_bytes", &b.header_bytes},
      {"target_bytes", &b.target_bytes},   {"body_bytes", &b.body_bytes},
      {"message_bytes", &b.message_bytes}, {"fragment_bytes", &b.fragment_bytes},
      {"outbox_bytes", &b.outbox_bytes}};
  const std::map<std::string_view, milliseconds*> times = {
      {"header", &b.header}, {"body", &b.body}, {"keep_alive", &b.keep_alive}, {"answer", &b.answer},
      {"write", &b.write},   {"idle", &b.idle}, {"paused", &b.paused},         {"close", &b.close}};
  if (const auto size = sizes.find(name); size != sizes.end())
    *size->second = number;
  else if (const auto time = times.find(name); time != times.end())
    *time->second = milliseconds{number};
  else if (name == "frames_in_hand")
    b.frames_in_hand = static_cast<std::uint32_t>(number);
  else if (name == "control_frames")
    b.control_frames = static_cast<std::uint32_t>(number);
  else if (name == "send_buffer_bytes")
    b.send_buffer_bytes = static_cast<int>(number);
  else if (name == "certificate")
    o.certificate_file = value;
  else if (name == "key")
    o.key_file = value;
  else if (name == "folder")
    behind.folder = value;
  else
    return false;
  return true;
}

} // namespace

int main(int count, char** arguments) {
  echo behind;
  listener_options plain;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    const auto equals = argument.find('=');
    if (equals == argument.npos ||
        !set(plain, behind, argument.substr(0, equals), argument.substr(equals + 1))) {
      std::cerr << "unknown: " << argument << "\n";
      return 2;
    }
  }
  auto secure = plain;
  plain.certificate_file.clear();
  plain.key_file.clear();
  secure.name = "secure";
  std::vector<listener_options> listeners{plain};
  if (!secure.certificate_file.empty()) listeners.push_back(secure);
  auto made = make(listeners, behind);
  if (!made) {
    std::cerr << made.failure().text << "\n";
    return 1;
  }
  auto server = std::move(made).value();
  behind.counters = [&server, &behind](std::size_t at) { return written(server.counters(at), behind); };
  std::cout << "ports " << server.port(0) << " " << (server.listeners() > 1 ? server.port(1) : 0)
            << std::endl;
  while (std::cin.get() != EOF) {
  }
  server.stop(milliseconds{5'000});
  behind.never.clear(); // answers that come after the end do nothing
  std::cout << "stopped " << behind.opened << " " << behind.closed << std::endl;
}
