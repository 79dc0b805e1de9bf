// What the demand log on SQLite costs. Real time, since the wait for the disk is most of it; the directory is
// made below TMPDIR, which has to be on the disk in question (not in memory). One thread; docs/adr/0004
// quotes the figures.
//   append_group: one call with `shards` x `records` records of `bytes`; "items" are records
//   append_alone: the same records, one call (and one wait for the disk) per shard
//   waits: 1 = durable against power loss, 0 = against a crash of the process
//   read_pages: a shard of many, 1,000 records a call; snapshots: a state of `MiB`
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "tests/support/temporary_directory.hpp"

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

using namespace forestage;
using adapters::sqlite_demand_log;

namespace {

std::string noise(std::size_t bytes) {
  std::mt19937_64 random{bytes};
  std::string text(bytes, '\0');
  for (auto& letter : text)
    letter = static_cast<char>(random());
  return text;
}

struct writer {
  tests::temporary_directory directory;
  std::unique_ptr<sqlite_demand_log> log;
  std::uint32_t shards;
  std::vector<std::string> records;
  std::vector<actors::log_position> last;

  writer(std::int64_t shard_count, std::int64_t record_count, std::int64_t bytes, bool waits)
      : shards(static_cast<std::uint32_t>(shard_count))
      , records(static_cast<std::size_t>(record_count), noise(static_cast<std::size_t>(bytes)))
      , last(shards) {
    adapters::sqlite_options options;
    options.durable = waits ? adapters::durability::power_loss : adapters::durability::process_crash;
    log = sqlite_demand_log::open(directory.path(), options).value();
  }

  // False when the log refused.
  [[nodiscard]] bool append(bool together) {
    std::vector<actors::shard_append> group;
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
      group.push_back({models::shard_id{shard}, records, last[shard]});
      last[shard] = actors::log_position{last[shard].value() + records.size()};
    }
    for (std::size_t first = 0, count = together ? group.size() : 1; first < group.size(); first += count)
      for (const auto& answer : log->append_group(std::span{group}.subspan(first, count)))
        if (!answer) return false;
    return true;
  }
};

void append(benchmark::State& state, bool together) {
  writer w{state.range(0), state.range(1), state.range(2), state.range(3) != 0};
  for (auto _ : state)
    if (!w.append(together)) return state.SkipWithError("the log refused");
  const auto records = static_cast<std::int64_t>(state.iterations()) * state.range(0) * state.range(1);
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(records * state.range(2));
  const auto stored = static_cast<double>(records * state.range(2));
  w.log.reset(); // folds the write-ahead log into the file
  state.counters["file/data"] =
      static_cast<double>(std::filesystem::file_size(w.directory.path() / "demand.db")) / stored;
}

void append_group(benchmark::State& state) {
  append(state, true);
}
void append_alone(benchmark::State& state) {
  append(state, false);
}

void read_pages(benchmark::State& state) {
  writer w{64, 16, 2'000, false};
  for (int i = 0; i < 100; ++i)
    if (!w.append(true)) return state.SkipWithError("the log refused");
  std::int64_t records = 0;
  for (auto _ : state) {
    const auto page = w.log->read(models::shard_id{7}, actors::log_position{}, 1'000).value();
    records += static_cast<std::int64_t>(page.size());
  }
  state.SetItemsProcessed(records);
}

void save_snapshot(benchmark::State& state) {
  writer w{1, 1, 10, true};
  const auto content = noise(static_cast<std::size_t>(state.range(0)) << 20);
  for (auto _ : state)
    if (!w.log->save_snapshot(models::shard_id{0}, actors::log_position{}, content))
      return state.SkipWithError("the log refused");
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * content.size()));
}

void load_snapshot(benchmark::State& state) {
  writer w{1, 1, 10, true};
  const auto content = noise(static_cast<std::size_t>(state.range(0)) << 20);
  if (!w.log->save_snapshot(models::shard_id{0}, actors::log_position{}, content))
    return state.SkipWithError("the log refused");
  for (auto _ : state)
    benchmark::DoNotOptimize(w.log->load_snapshot(models::shard_id{0}).value());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * content.size()));
}

} // namespace

#define LOG_BENCHMARK(function) BENCHMARK(function)->UseRealTime()->Unit(benchmark::kMillisecond)
#define APPEND_ARGUMENTS ArgNames({"shards", "records", "bytes", "waits"})
LOG_BENCHMARK(append_alone)->APPEND_ARGUMENTS->Args({64, 1, 2'000, 1});
LOG_BENCHMARK(append_group)
    ->APPEND_ARGUMENTS->Args({64, 1, 2'000, 1})
    ->Args({64, 1, 2'000, 0})
    ->Args({64, 16, 2'000, 1})
    ->Args({64, 16, 2'000, 0})
    ->Args({1, 1, 2'000, 1})
    ->Args({1, 1'000, 100, 1})
    ->Args({64, 100, 100, 1});
LOG_BENCHMARK(read_pages);
LOG_BENCHMARK(save_snapshot)->ArgName("MiB")->Arg(1)->Arg(50);
LOG_BENCHMARK(load_snapshot)->ArgName("MiB")->Arg(1)->Arg(50);
