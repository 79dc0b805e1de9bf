// What the sequence model says about a request log, request by request, before each is counted.
//
// Standard input: lines "unix seconds, peer, segment, resource", tab-separated, by time. The last part of the
// span (--from to --until, as shares of it) is scored, everything before teaches. Standard output: one JSON
// object per variant. Figures: hits of the likeliest one and five, bits a request (a resource that is new to
// its segment is one symbol, the same for all variants), intents, bytes, ns an observe with its share of
// closings. One thread.
#include "models/ids.hpp"
#include "models/sequence/sequence_model.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <string>
#include <unordered_map>

using namespace forestage::models;

namespace {

struct request {
  interval_number at{};
  std::uint64_t peer = 0, resource = 0;
  std::uint32_t segment = 0;
};

bool read_log(const interval_grid& grid, std::vector<request>& log) {
  std::unordered_map<std::string, std::uint32_t> segments;
  for (std::string line; std::getline(std::cin, line);) {
    const auto a = line.find('\t');
    const auto b = line.find('\t', a + 1);
    const auto c = line.find('\t', b + 1);
    if (a == std::string::npos || b == std::string::npos || c == std::string::npos) return false;
    const auto segment = segments.try_emplace(line.substr(b + 1, c - b - 1), segments.size()).first->second;
    log.push_back({grid.at(std::stoll(line.substr(0, a))),
                   stable_hash(std::string_view{line}.substr(a + 1, b - a - 1)),
                   stable_hash(std::string_view{line}.substr(c + 1)), segment});
  }
  return !log.empty();
}

// Seeded, the same on every machine: resources change places, peers and times stay.
void shuffle(std::vector<request>& log) {
  std::uint64_t state = 1;
  for (auto i = log.size(); i > 1; --i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::swap(log[i - 1].resource, log[(state >> 33U) % i].resource);
  }
}

struct figures {
  std::int64_t requests = 0, with_past = 0, hits_1 = 0, hits_5 = 0, is_new = 0;
  double bits = 0, popularity_bits = 0;
  std::int64_t intents = 0, kept = 0, declared_requests = 0;
  double promised = 0, squares = 0;
};

bool among(const std::vector<next_resource>& said, std::uint64_t resource, std::size_t most) {
  for (std::size_t i = 0; i < std::min(most, said.size()); ++i)
    if (said[i].resource == resource) return true;
  return false;
}

// Scores [from, until).
figures score(const sequence_settings& settings, const std::vector<request>& log, interval_number from,
              interval_number until, bool known_peers) {
  auto model = sequence_model::make(settings).value();
  figures f;
  const auto take = [&](const sequence_closing& closing, interval_number t) {
    if (t < from || t >= until) return;
    for (const auto& i : closing.made) {
      if (i.target >= until) continue;
      ++f.intents;
      f.promised += i.probability;
      f.squares += i.probability * i.probability;
    }
    for (const auto& i : closing.kept) {
      if (i.made < from) continue;
      ++f.kept;
      f.squares += 1 - 2 * i.probability;
    }
  };
  auto open = log.front().at;
  for (const auto& r : log) {
    if (r.at >= until) break;
    for (; open < r.at; ++open)
      take(model.close(open), open);
    if (r.at >= from && (!known_peers || model.knows(r.peer))) {
      ++f.requests;
      const auto said = model.predict(r.peer, r.segment, 5);
      f.hits_1 += among(said, r.resource, 1);
      f.hits_5 += among(said, r.resource, 5);
      const auto p = model.judge(r.peer, r.segment, r.resource);
      f.bits -= std::log2(p.blend);
      f.popularity_bits -= std::log2(p.popularity);
      f.is_new += p.is_new;
    }
    model.observe(r.peer, r.segment, r.resource, r.at);
  }
  for (; open < until; ++open)
    take(model.close(open), open);
  return f;
}

// The simplest: the resource that the peer asked for last, again; and counts that never fade.
void yardsticks(const std::vector<request>& log, interval_number from, interval_number until,
                bool known_peers) {
  std::unordered_map<std::uint64_t, std::uint64_t> last;
  std::unordered_map<std::uint32_t, std::unordered_map<std::uint64_t, std::int64_t>> counts;
  std::unordered_map<std::uint32_t, std::int64_t> totals;
  std::unordered_map<std::uint32_t, std::vector<std::uint64_t>> top;
  std::int64_t requests = 0, again = 0, hits_1 = 0, hits_5 = 0;
  double bits = 0;
  for (const auto& r : log) {
    if (r.at >= until) break;
    auto& count = counts[r.segment];
    auto& total = totals[r.segment];
    auto& best = top[r.segment];
    const auto found = last.find(r.peer);
    if (r.at >= from && (!known_peers || found != last.end())) {
      ++requests;
      again += found != last.end() && found->second == r.resource;
      const auto place = std::find(best.begin(), best.end(), r.resource) - best.begin();
      hits_1 += place < 1 && place < static_cast<std::ptrdiff_t>(best.size());
      hits_5 += place < static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, best.size()));
      // Witten and Bell: what is new as often as it was.
      const auto n = static_cast<double>(total), distinct = static_cast<double>(count.size());
      const auto c = count.find(r.resource);
      if (total > 0)
        bits -= std::log2((c != count.end() ? static_cast<double>(c->second) : distinct) / (n + distinct));
    }
    last[r.peer] = r.resource;
    ++total;
    const auto now = ++count[r.resource];
    std::erase(best, r.resource);
    auto at = best.begin();
    while (at != best.end() && count[*at] >= now)
      ++at;
    if (at - best.begin() < 5) best.insert(at, r.resource);
    if (best.size() > 5) best.pop_back();
  }
  const auto n = static_cast<double>(std::max<std::int64_t>(1, requests));
  fmt::print("{{\"variant\":\"again\",\"requests\":{},\"hit_1\":{:.4f}}}\n", requests,
             static_cast<double>(again) / n);
  fmt::print(
      "{{\"variant\":\"popularity\",\"requests\":{},\"hit_1\":{:.4f},\"hit_5\":{:.4f},\"bits\":{:.4f}}}\n",
      requests, static_cast<double>(hits_1) / n, static_cast<double>(hits_5) / n, bits / n);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"The sequence model over a request log"};
  std::int64_t seconds = 300;
  double from = 0.5, until = 1;
  bool shuffled = false, all_peers = false, speed = false;
  std::vector<std::string> variants{"order-0", "order-1", "default"};
  sequence_settings s;
  app.add_option("--interval", seconds, "seconds");
  app.add_option("--from", from, "share of the span at which scoring begins");
  app.add_option("--until", until, "share of the span at which it ends");
  app.add_option("--variants", variants, "order-0, order-1, orders, own, recency, default")->delimiter(',');
  app.add_option("--half-life", s.half_life, "intervals");
  app.add_option("--orders", s.orders, "0 to 3");
  app.add_option("--most-contexts", s.most_contexts, "of a segment");
  app.add_option("--most-successors", s.most_successors, "of a context");
  app.add_option("--most-peers", s.most_peers, "remembered");
  app.add_option("--least-probability", s.least_probability, "of an intent");
  app.add_option("--window-from", s.window_from, "intervals ahead of an intent");
  app.add_option("--window-to", s.window_to, "intervals ahead of an intent");
  app.add_option("--lift", s.lift, "of an intent over popularity");
  app.add_flag("--shuffled", shuffled, "resources change places: nothing is left to learn but popularity");
  app.add_flag("--all-peers", all_peers, "score first requests of peers too");
  app.add_flag("--speed", speed, "time it, in a pass of its own");
  CLI11_PARSE(app, argc, argv);
  const auto grid = interval_grid::make(seconds);
  if (!grid) return std::cerr << grid.failure().text << '\n', 2;
  if (const auto fine = validate(s); !fine) return std::cerr << fine.failure().text << '\n', 2;
  std::vector<request> log;
  if (!read_log(*grid, log))
    return std::cerr << "standard input: give lines of unix seconds, peer, segment, resource (tabs)\n", 2;
  std::stable_sort(log.begin(), log.end(), [](const request& a, const request& b) { return a.at < b.at; });
  if (shuffled) shuffle(log);
  const auto span = static_cast<double>(log.back().at - log.front().at + 1);
  const auto first = log.front().at + static_cast<std::int64_t>(from * span);
  const auto end = log.front().at + static_cast<std::int64_t>(until * span);
  yardsticks(log, first, end, !all_peers);
  for (const auto& name : variants) {
    auto v = s;
    if (name != "default" && name != "own") v.own = false;
    if (name != "default" && name != "recency") v.recency = false;
    if (name == "order-0") v.orders = 0;
    if (name == "order-1") v.orders = 1;
    const auto f = score(v, log, first, end, !all_peers);
    const auto n = static_cast<double>(std::max<std::int64_t>(1, f.requests));
    const auto intents = static_cast<double>(std::max<std::int64_t>(1, f.intents));
    fmt::print("{{\"variant\":\"{}\",\"requests\":{},\"hit_1\":{:.4f},\"hit_5\":{:.4f},\"bits\":{:.4f},"
               "\"popularity_bits\":{:.4f},\"new\":{:.4f},\"intents\":{},\"kept\":{},\"kept_share\":{:.4f},"
               "\"promised\":{:.4f},\"brier\":{:.4f}",
               name, f.requests, static_cast<double>(f.hits_1) / n, static_cast<double>(f.hits_5) / n,
               f.bits / n, f.popularity_bits / n, static_cast<double>(f.is_new) / n, f.intents, f.kept,
               static_cast<double>(f.kept) / intents, f.promised / intents, f.squares / intents);
    if (speed) {
      auto model = sequence_model::make(v).value();
      const auto start = std::chrono::steady_clock::now();
      for (const auto& r : log)
        model.observe(r.peer, r.segment, r.resource, r.at);
      const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
      fmt::print(",\"ns_per_observe\":{:.0f},\"bytes\":{},\"contexts\":{},\"peers\":{}",
                 took.count() / static_cast<double>(log.size()), model.bytes(), model.tables().contexts(),
                 model.peers());
    }
    fmt::print("}}\n");
  }
  return 0;
}
