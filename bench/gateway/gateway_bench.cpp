// What the gateway costs, against a bare epoll server in the same process and run: bench_gateway [SECONDS]
//
// The servers are a process of their own ("bench_gateway serve FOLDER"), so that its memory can be read. One
// client thread, which is the slower side of some rows: its own cost is in both figures of a ratio.
#include "adapters/gateway/routes.hpp"
#include "adapters/gateway/server.hpp"
#include "bench/gateway/ceiling.hpp"
#include "bench/gateway/load.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

namespace {

using namespace forestage;
namespace gateway = adapters::gateway;
using bench::load;

constexpr std::string_view small_json =
    R"({"id":7,"ts":1700000000000,"qty":1.5,"lo":1,"hi":3,"region":"eu-west-1"})";

// Echoes every frame, or (mode=sum) acknowledges a round's frames in one.
struct echo final : gateway::handler {
  struct peer {
    gateway::peer_link link;
    bool sums = false;
    std::uint32_t unanswered = 0;
  };
  std::map<std::uint64_t, peer> peers;
  std::set<std::uint64_t> to_answer;
  gateway::routes paths;

  explicit echo(const std::string& folder) {
    paths.add("GET", "/json", [](gateway::request, gateway::responder with) {
      with.answer(gateway::json_response(std::string{small_json}));
    });
    paths.add("GET", "/file/*", [folder](gateway::request asked, gateway::responder with) {
      with.answer(
          gateway::file_response(folder + asked.where.path.substr(5), "application/octet-stream", "sandbox"));
    });
  }
  void on_request(gateway::request asked, gateway::responder with) override {
    paths.answer(std::move(asked), std::move(with));
  }
  void on_open(const gateway::peer_link& who, const gateway::request& asked) override {
    peers[who.id()] = {who, asked.where.parameter("mode") == "sum", 0};
  }
  void on_frame(const gateway::peer_link& from, std::string_view frame, bool text) override {
    auto& p = peers[from.id()];
    if (p.sums) {
      if (p.unanswered++ == 0) to_answer.insert(from.id());
    } else {
      from.send(std::string{frame}, text);
      from.release();
    }
  }
  void on_close(const gateway::peer_link& who, const gateway::close_reason&) override {
    peers.erase(who.id());
    to_answer.erase(who.id());
  }
  void on_round_end() override {
    for (const auto id : to_answer) {
      auto& p = peers[id];
      const auto count = std::exchange(p.unanswered, 0);
      p.link.release(count);
      p.link.send(fmt::format("{:08}", count));
    }
    to_answer.clear();
  }
};

std::string canned(std::size_t size) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
}

int serve(const std::string& folder) {
  echo behind{folder};
  gateway::listener_options plain;
  plain.bounds.frames_in_hand = 1'024;
  plain.bounds.outbox_bytes = 16 << 20;
  plain.bounds.send_buffer_bytes = 1 << 20;
  auto secure = plain;
  secure.certificate_file = folder + "/node.crt";
  secure.key_file = folder + "/node.key";
  auto made = gateway::make({plain, secure}, behind);
  if (!made) {
    std::cerr << made.failure().text << "\n";
    return 1;
  }
  const bench::ceiling echoes{""}, json{canned(small_json.size())}, file{canned(20'000)},
      large{canned(10'000'000)};
  std::cout << made->port(0) << " " << made->port(1) << " " << echoes.port() << " " << json.port() << " "
            << file.port() << " " << large.port() << std::endl;
  while (std::cin.get() != EOF) {
  }
  return 0;
}

// The other process.
struct servers {
  pid_t process = -1;
  int input = -1;
  std::uint16_t plain = 0, secure = 0, echo = 0, json = 0, file = 0, large = 0;

  explicit servers(const std::string& folder) {
    int in[2], out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) std::exit(1);
    process = ::fork();
    if (process == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      for (const int end : {in[0], in[1], out[0], out[1]})
        ::close(end);
      ::execl("/proc/self/exe", "bench_gateway", "serve", folder.c_str(), nullptr);
      std::_Exit(1);
    }
    ::close(in[0]);
    ::close(out[1]);
    input = in[1];
    std::string line;
    for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';)
      line += c;
    ::close(out[0]);
    if (std::sscanf(line.c_str(), "%hu %hu %hu %hu %hu %hu", &plain, &secure, &echo, &json, &file, &large) !=
        6)
      std::exit(1);
  }
  ~servers() {
    ::close(input);
    ::waitpid(process, nullptr, 0);
  }
  [[nodiscard]] double memory() const {
    std::ifstream in{"/proc/" + std::to_string(process) + "/statm"};
    long all = 0, resident = 0;
    in >> all >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  }
};

void row(const char* what, double ours, double bare, const char* unit) {
  fmt::print("{:<46} {:>12.0f} {:>12.0f} {:<9} {:>6.2f}\n", what, ours, bare, unit, ours / bare);
  std::fflush(stdout);
}

void run(double seconds, const std::string& folder) {
  const servers s{folder};
  const auto frame = bench::masked_frame(std::string(46, 'd'));
  const auto batch = bench::masked_frame(std::string(4'600, 'd'));
  const auto echoed = [](std::size_t payload) { return payload + (payload < 126 ? 2U : 4U); };
  fmt::print("{:<46} {:>12} {:>12} {:<9} {:>6}\n", "", "gateway", "bare epoll", "", "ratio");
  for (const std::size_t connections : {4U, 64U}) {
    const load raw{connections, "", frame, frame.size(), 16, 64};
    row(fmt::format("echo, 46 bytes, {} connections", connections).c_str(),
        bench::rate(s.plain, {connections, bench::upgrade(""), frame, echoed(46), 16, 64}, seconds),
        bench::rate(s.echo, raw, seconds), "frames/s");
    row(fmt::format("46 bytes, acks batched, {} connections", connections).c_str(),
        bench::rate(s.plain, {connections, bench::upgrade("?mode=sum"), frame, 0, 16, 64}, seconds),
        bench::rate(s.echo, raw, seconds), "frames/s");
  }
  row("echo, 100 items (4,600 bytes), 4 connections",
      100 * bench::rate(s.plain, {4, bench::upgrade(""), batch, echoed(4'600), 4, 16}, seconds),
      100 * bench::rate(s.echo, {4, "", batch, batch.size(), 4, 16}, seconds), "items/s");
  row("100 items, acks batched, 4 connections",
      100 * bench::rate(s.plain, {4, bench::upgrade("?mode=sum"), batch, 0, 4, 16}, seconds),
      100 * bench::rate(s.echo, {4, "", batch, batch.size(), 4, 16}, seconds), "items/s");

  const auto http = [&](const char* path, std::uint16_t bare, std::size_t connections) {
    const auto ask = bench::get(path);
    const auto size = [&](std::uint16_t port) { return bench::answer_size(port, ask); };
    return std::pair{bench::rate(s.plain, {connections, "", ask, size(s.plain), 1, 1}, seconds),
                     bench::rate(bare, {connections, "", ask, size(bare), 1, 1}, seconds)};
  };
  const auto json = http("/json", s.json, 32), file = http("/file/20k", s.file, 32),
             large = http("/file/10m", s.large, 8);
  row("small JSON, 32 connections", json.first, json.second, "answers/s");
  row("file of 20 kB, 32 connections", file.first, file.second, "answers/s");
  row("file of 10 MB, 8 connections", large.first * 10, large.second * 10, "MB/s");
  row("connect, ask, close; one after the other", bench::accept_rate(s.plain, seconds),
      bench::accept_rate(s.json, seconds), "clients/s");

  for (const bool tls : {false, true}) {
    const std::size_t count = tls ? 500 : 2'000;
    const double before = s.memory();
    const bench::idle_links links{tls ? s.secure : s.plain, count, tls};
    const double each = (s.memory() - before) / static_cast<double>(count);
    fmt::print("{:<46} {:>12.1f} {:>12} kB\n",
               tls ? "an idle WebSocket, TLS (of 500)" : "an idle WebSocket (of 2,000)", each / 1'000, "");
  }
}

} // namespace

int main(int count, char** arguments) {
  rlimit most{};
  if (::getrlimit(RLIMIT_NOFILE, &most) == 0) {
    most.rlim_cur = most.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &most);
  }
  if (count == 3 && std::string_view{arguments[1]} == "serve") return serve(arguments[2]);
  auto name = (std::filesystem::temp_directory_path() / "forestage-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  std::ofstream{name + "/20k"} << std::string(20'000, 'x');
  std::ofstream{name + "/10m"} << std::string(10'000'000, 'x');
  const auto certificate = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "
                           "1 -subj /CN=localhost -keyout " +
                           name + "/node.key -out " + name + "/node.crt 2>/dev/null";
  if (std::system(certificate.c_str()) != 0) return 1;
  run(count > 1 ? std::atof(arguments[1]) : 1.0, name);
  std::filesystem::remove_all(name);
  return 0;
}
