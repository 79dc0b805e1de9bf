#include "adapters/gateway/detail/loop.hpp"

#include "adapters/gateway/detail/transport.hpp"

#include <algorithm>

namespace forestage::adapters::gateway::detail {

namespace {
// A round ends though more is ready: what has been answered shall not wait for what comes after it.
constexpr auto longest_round = std::chrono::milliseconds{2};
constexpr int handlers_between_looks = 64; // at the clock
constexpr std::size_t kept_buffers = 64;
// All of our deadlines are checked by one timer: thousands of timers cost more than a walk over thousands.
constexpr auto tick_every = std::chrono::milliseconds{100};
} // namespace

loop::loop()
    : mail(std::make_shared<inbox>([this] { net::post(context, [] {}); }))
    , ticker_(context) {}

void loop::run(const std::function<void()>& round_end) {
  mail->set_io_thread(std::this_thread::get_id());
  arm();
  while (!stop_) {
    run_ready();
    now_ = std::chrono::steady_clock::now();
    round_end();
    if (deliver()) run_ready(); // links began to write: their frames shall leave together
    flush();
    // Whoever was woken by us meanwhile did not post anything: look again before sleeping.
    if (deliver()) continue;
    if (dirty_.empty()) context.run_one();
  }
  // Whoever is left goes now; their handlers run, so that nothing stays that owns anything.
  for (auto left = std::exchange(connections_, {}); auto& [id, who] : left)
    who->cut();
  for (auto& [who, when] : endings_)
    if (const auto left = who.lock()) left->cut();
  ticker_.cancel();
  mail->close();
  context.restart();
  while (context.poll() > 0) {
  }
  dirty_.clear();
}

void loop::run_ready() {
  const auto end = std::chrono::steady_clock::now() + longest_round;
  do {
    for (int i = 0; i < handlers_between_looks; ++i)
      if (context.poll_one() == 0) return;
  } while (std::chrono::steady_clock::now() < end);
}

bool loop::deliver() {
  mail->take(awake_);
  const bool any = !awake_.empty();
  for (const auto& waiting : awake_)
    if (const auto who = waiting.lock()) who->on_wake();
  awake_.clear();
  return any;
}

void loop::flush() {
  flushing_.swap(dirty_);
  for (const auto& who : flushing_)
    who->flush();
  flushing_.clear();
}

void loop::put(std::uint64_t id, std::shared_ptr<connection> who) {
  auto& place = connections_[id];
  const auto before = std::exchange(place, std::move(who)); // ends only after the place is taken
}

void loop::drop(std::uint64_t id) {
  const auto at = connections_.find(id);
  if (at == connections_.end()) return;
  // It may be running this very call.
  net::post(context, [kept = std::move(at->second)] {});
  connections_.erase(at);
}

void loop::end_by(std::shared_ptr<transport> who, time_point when) {
  endings_.push_back({std::move(who), when});
}

void loop::stop_connections() {
  stopping_ = true;
  std::vector<std::shared_ptr<connection>> all; // going away changes the registry
  all.reserve(connections_.size());
  for (const auto& [id, who] : connections_)
    all.push_back(who);
  for (const auto& who : all)
    who->go_away();
}

void loop::stop() {
  stop_ = true;
  net::post(context, [] {});
}

void loop::arm() {
  ticker_.expires_after(tick_every);
  ticker_.async_wait([this](error_code failed) {
    if (failed || stop_) return;
    tick();
    arm();
  });
}

void loop::tick() {
  now_ = std::chrono::steady_clock::now();
  std::vector<std::shared_ptr<connection>> all;
  all.reserve(connections_.size());
  for (const auto& [id, who] : connections_)
    all.push_back(who);
  for (const auto& who : all)
    who->on_tick(now_);
  std::erase_if(endings_, [this](const ending& one) {
    const auto who = one.who.lock();
    if (!who) return true;
    if (one.when > now_) return false;
    who->cut();
    return true;
  });
}

std::unique_ptr<char[]> loop::take_buffer() {
  if (buffers_.empty()) return std::unique_ptr<char[]>{new char[read_bytes]}; // not zeroed
  auto buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void loop::give_buffer(std::unique_ptr<char[]> buffer) {
  if (buffer && buffers_.size() < kept_buffers) buffers_.push_back(std::move(buffer));
}

} // namespace forestage::adapters::gateway::detail
