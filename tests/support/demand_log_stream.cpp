// See the header. Positions are asked of the log itself, so a stream goes on where a restart left it.
#include "tests/support/demand_log_stream.hpp"

#include <random>
#include <string>
#include <vector>

namespace forestage::tests {

using namespace forestage::actors;
using namespace forestage::models;

namespace {

constexpr std::uint32_t shard_count = 3;
constexpr std::size_t everything = 1'000'000;

std::string noise(std::mt19937_64& engine, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (auto& letter : text)
    letter = static_cast<char>(engine());
  return text;
}

struct entry {
  shard_id shard;
  std::vector<std::string> records;
  std::vector<stored_rollup> rollups;
};

bool append(demand_log& log, std::mt19937_64& engine, std::uint64_t n, std::size_t mean_bytes) {
  std::vector<entry> entries;
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    entry next{shard_id{shard}, {}, {}};
    for (auto count = engine() % 6; count > 0; --count)
      next.records.push_back(noise(engine, engine() % (2 * mean_bytes)));
    next.rollups.push_back({interval_number{static_cast<std::int64_t>(n)}, noise(engine, engine() % 300)});
    entries.push_back(std::move(next));
  }
  std::vector<shard_append> group;
  for (const auto& [shard, records, rollups] : entries) {
    const auto last = log.last_position(shard);
    if (!last) return false;
    group.push_back({shard, records, *last, rollups});
  }
  bool acknowledged = true;
  for (const auto& answer : log.append_group(group))
    acknowledged = acknowledged && answer.ok();
  return acknowledged;
}

bool same_snapshots(demand_log& a, demand_log& b, shard_id shard) {
  for (auto at_most = latest;;) {
    const auto left = a.load_snapshot(shard, at_most);
    const auto right = b.load_snapshot(shard, at_most);
    if (!left || !right || *left != *right) return false;
    if (!left->has_value() || left->value().position == log_position{}) return true;
    at_most = log_position{left->value().position.value() - 1};
  }
}

template <class T> bool same(const result<T>& a, const result<T>& b) {
  return a && b && *a == *b;
}

} // namespace

bool demand_log_stream::apply(demand_log& log, std::uint64_t n) const {
  std::mt19937_64 engine{seed_ * 0x9e3779b97f4a7c15ULL + n};
  const auto kind = engine() % 20;
  if (kind > 1) return append(log, engine, n, mean_bytes_);
  const shard_id shard{static_cast<std::uint32_t>(engine() % shard_count)};
  if (kind == 0) {
    const retention_rule rule{.rollups_from = interval_number{static_cast<std::int64_t>(n) - 30}};
    return log.retain(shard, rule).ok();
  }
  const auto last = log.last_position(shard);
  return last && log.save_snapshot(shard, *last, noise(engine, engine() % (200 * mean_bytes_))).ok();
}

bool same_content(demand_log& a, demand_log& b) {
  for (std::uint32_t number = 0; number < shard_count; ++number) {
    const shard_id shard{number};
    const interval_number from{0}, to{1'000'000'000};
    if (!same(a.last_position(shard), b.last_position(shard))) return false;
    if (!same(a.read(shard, log_position{}, everything), b.read(shard, log_position{}, everything)))
      return false;
    if (!same(a.read_rollups(shard, from, to), b.read_rollups(shard, from, to))) return false;
    if (!same_snapshots(a, b, shard)) return false;
  }
  return true;
}

} // namespace forestage::tests
