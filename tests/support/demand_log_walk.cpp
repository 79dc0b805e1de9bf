// See the header. Five shards, so that calls meet; short intervals and positions, so that they collide.
#include "tests/support/demand_log_walk.hpp"

#include <boost/test/unit_test.hpp>

#include <iterator>
#include <vector>

namespace forestage::tests {

using namespace forestage::actors;
using namespace forestage::models;

namespace {
constexpr std::uint32_t shard_count = 5;
}

std::string demand_log_walk::bytes() {
  std::string text(below(8) == 0 ? below(20'000) : below(60), '\0');
  for (auto& letter : text)
    letter = static_cast<char>(engine_());
  return text;
}

void demand_log_walk::step(demand_log& log) {
  switch (below(10)) {
  case 0:
    return snapshot(log);
  case 1:
    return retain(log);
  case 2:
  case 3:
    return read(log);
  default:
    return append(log);
  }
}

void demand_log_walk::append(demand_log& log) {
  struct entry {
    std::uint32_t shard;
    std::vector<std::string> records;
    std::uint64_t expected;
    std::vector<stored_rollup> rollups;
    bool accepted;
  };
  std::vector<entry> entries(1 + below(4));
  for (auto& [shard, records, expected, rollups, accepted] : entries) {
    shard = static_cast<std::uint32_t>(below(shard_count));
    for (auto count = below(6); count > 0; --count)
      records.push_back(bytes());
    for (auto count = below(3); count > 0; --count)
      rollups.push_back({interval_number{static_cast<std::int64_t>(below(12)) - 4}, bytes()});
    auto& model = shards_[shard];
    accepted = below(6) != 0;
    expected = accepted ? model.last : model.last + 1 + below(3);
    if (!accepted) continue;
    for (const auto& record : records)
      model.records[++model.last] = record;
    for (const auto& rollup : rollups)
      model.rollups[rollup.interval.value()] = rollup.bytes;
  }
  std::vector<shard_append> group;
  for (const auto& [shard, records, expected, rollups, accepted] : entries)
    group.push_back({shard_id{shard}, records, log_position{expected}, rollups});
  const auto answers = log.append_group(group);
  BOOST_REQUIRE(answers.size() == entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    BOOST_TEST(answers[i].ok() == entries[i].accepted);
    if (answers[i].ok()) BOOST_TEST(answers[i]->value() == entries[i].expected + entries[i].records.size());
    if (!answers[i].ok()) BOOST_CHECK(answers[i].failure().code == errc::position_conflict);
  }
}

void demand_log_walk::snapshot(demand_log& log) {
  const auto shard = static_cast<std::uint32_t>(below(shard_count));
  auto& model = shards_[shard];
  const auto position = below(model.last + 2);
  const auto state = bytes();
  const auto saved = log.save_snapshot(shard_id{shard}, log_position{position}, state);
  BOOST_TEST(saved.ok() == (position <= model.last));
  if (position <= model.last) model.snapshots[position] = state;
}

void demand_log_walk::retain(demand_log& log) {
  const auto shard = static_cast<std::uint32_t>(below(shard_count));
  auto& model = shards_[shard];
  retention_rule rule;
  rule.snapshots = 1 + below(3);
  rule.records_after_oldest_snapshot_only = below(2) == 0;
  if (below(2) == 0) rule.rollups_from = interval_number{static_cast<std::int64_t>(below(12)) - 4};
  BOOST_TEST(log.retain(shard_id{shard}, rule).ok());
  while (model.snapshots.size() > rule.snapshots)
    model.snapshots.erase(model.snapshots.begin());
  if (rule.records_after_oldest_snapshot_only && !model.snapshots.empty())
    model.records.erase(model.records.begin(), model.records.upper_bound(model.snapshots.begin()->first));
  if (rule.rollups_from)
    model.rollups.erase(model.rollups.begin(), model.rollups.lower_bound(rule.rollups_from->value()));
}

void demand_log_walk::read(demand_log& log) {
  const auto shard = static_cast<std::uint32_t>(below(shard_count));
  const auto& model = shards_[shard];
  const auto after = below(model.last + 3);
  const auto limit = 1 + below(10);
  const auto found = log.read(shard_id{shard}, log_position{after}, limit).value();
  std::vector<stored_record> wanted;
  for (auto it = model.records.upper_bound(after); it != model.records.end() && wanted.size() < limit; ++it)
    wanted.push_back({log_position{it->first}, it->second});
  BOOST_CHECK(found == wanted);
  const auto past = model.snapshots.upper_bound(after);
  const auto snapshot = log.load_snapshot(shard_id{shard}, log_position{after}).value();
  BOOST_TEST(snapshot.has_value() == (past != model.snapshots.begin()));
  if (snapshot)
    BOOST_CHECK(*snapshot ==
                (stored_snapshot{log_position{std::prev(past)->first}, std::prev(past)->second}));
}

void demand_log_walk::check(demand_log& log, std::uint32_t shard) {
  const auto& model = shards_[shard];
  BOOST_TEST(log.last_position(shard_id{shard}).value().value() == model.last);
  const auto found = log.read(shard_id{shard}, log_position{}, 1'000'000).value();
  std::map<std::uint64_t, std::string> records;
  for (const auto& record : found)
    records[record.position.value()] = record.bytes;
  BOOST_CHECK(records == model.records);
  const auto kept = log.read_rollups(shard_id{shard}, interval_number{-100}, interval_number{100}).value();
  std::map<std::int64_t, std::string> rollups;
  for (const auto& rollup : kept)
    rollups[rollup.interval.value()] = rollup.bytes;
  BOOST_CHECK(rollups == model.rollups);
}

void demand_log_walk::check_all(demand_log& log) {
  for (std::uint32_t shard = 0; shard < shard_count; ++shard)
    check(log, shard);
}

} // namespace forestage::tests
