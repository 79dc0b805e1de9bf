// What a key's yardsticks cost, per non-zero count, in rounds of a day: 56 days, the first half warm-up (35
// tuned candidates), the second evaluation; split by part. "per_event" is seconds per non-zero count. One
// thread.
//   sparse:   one event a day at a random time, 288 intervals a day
//   schedule: five events a day at the same times, 96 intervals a day
//   dense:    a count in every interval, 288 a day, of 500 different ones; `wide`: nearly all different;
//             `interval_by_interval`: each interval is scored as it closes
#include "models/yardsticks/tracker.hpp"

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

using namespace forestage::models;

namespace {

constexpr std::int64_t days = 56;

std::vector<cell> sparse_key(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::vector<cell> cells;
  for (std::int64_t day = 0; day < days; ++day)
    cells.push_back({interval_number{day * 288 + static_cast<std::int64_t>(random() % 288)}, 1});
  return cells;
}

std::vector<cell> schedule_key(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::vector<cell> cells;
  for (std::int64_t day = 0; day < days; ++day)
    for (const std::int64_t slot : {24, 35, 36, 60, 88})
      cells.push_back({interval_number{day * 96 + slot}, static_cast<std::uint32_t>(1 + random() % 2)});
  return cells;
}

std::vector<cell> dense_key(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::vector<cell> cells;
  for (std::int64_t at = 0; at < days * 288; ++at)
    cells.push_back({interval_number{at}, static_cast<std::uint32_t>(1'000 + random() % 500)});
  return cells;
}

std::vector<cell> wide_key(std::uint64_t seed) {
  auto cells = dense_key(seed);
  for (auto& one : cells)
    one.count *= 1'000 + static_cast<std::uint32_t>(one.interval.value() % 997);
  return cells;
}

// Many keys, as in a replay: states do not stay in the nearest cache.
void run(benchmark::State& state, std::vector<cell> (*make)(std::uint64_t), std::int64_t per_day,
         std::size_t keys, std::int64_t round, bool evaluation) {
  yardstick_settings settings;
  settings.per_day = per_day;
  settings.per_week = per_day * 7;
  settings.evaluation = interval_number{days / 2 * per_day};
  auto work = yardstick_workspace::make(settings).value();
  work.choose({.window = 2, .headroom = 1, .week_headroom = 1});
  std::vector<std::vector<cell>> streams;
  for (std::size_t key = 0; key < keys; ++key)
    streams.push_back(make(key));
  std::vector<yardstick_tracker> start(keys);
  std::vector<std::size_t> start_places(keys);
  const auto play = [&](std::vector<yardstick_tracker>& trackers, std::vector<std::size_t>& places,
                        std::int64_t from, std::int64_t to) {
    yardstick_sums sums;
    for (auto at = from; at < to; at += round)
      for (std::size_t key = 0; key < keys; ++key) {
        const auto& stream = streams[key];
        const auto begin = places[key];
        while (places[key] < stream.size() && stream[places[key]].interval.value() < at + round)
          ++places[key];
        trackers[key].advance(work, std::span{stream}.subspan(begin, places[key] - begin),
                              interval_number{at}, interval_number{at + round}, sums);
      }
    benchmark::DoNotOptimize(sums);
  };
  const auto half = days / 2 * per_day;
  if (evaluation) play(start, start_places, 0, half);
  for (auto unused : state) {
    state.PauseTiming();
    auto trackers = start;
    auto places = start_places;
    state.ResumeTiming();
    play(trackers, places, evaluation ? half : 0, evaluation ? 2 * half : half);
  }
  const auto events = static_cast<double>(keys) * static_cast<double>(streams.front().size()) / 2;
  state.counters["per_event"] =
      benchmark::Counter(events, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK_CAPTURE(run, sparse_warmup, sparse_key, 288, 2'000, 288, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, sparse_evaluation, sparse_key, 288, 2'000, 288, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, schedule_warmup, schedule_key, 96, 500, 96, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, schedule_evaluation, schedule_key, 96, 500, 96, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, dense_warmup, dense_key, 288, 10, 288, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, dense_evaluation, dense_key, 288, 10, 288, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, wide_warmup, wide_key, 288, 10, 288, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, dense_interval_by_interval, dense_key, 288, 1, 1, true)->Unit(benchmark::kMillisecond);

} // namespace
