// What the sequence model costs: peers of a zipf-like popularity, half of whose requests follow a habit;
// 1,000 requests an interval. One thread.
//   observe:      a request, with its share of the closing of its interval (learning and intents)
//   predict:      the next resources of a peer
//   "bytes":      of the model at the end, "contexts": of it
#include "models/sequence/sequence_model.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

using namespace forestage::models;

namespace {

std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

struct world {
  std::uint64_t peers, resources;
  std::vector<std::uint64_t> last = std::vector<std::uint64_t>(peers);
  std::uint64_t made = 0;

  void request(sequence_model& model) {
    const auto r = mixed(made);
    const auto peer = mixed(r + 1) % peers;
    const auto u = static_cast<double>(mixed(r + 2) >> 11U) * 0x1p-53;
    // Density 1 / rank: rank = n^u.
    const auto popular = static_cast<std::uint64_t>(std::pow(static_cast<double>(resources), u)) - 1;
    const auto resource = r % 2 == 0 ? (last[peer] * 7 + 1) % resources : popular;
    last[peer] = resource;
    model.observe(peer, 0, resource, interval_number{static_cast<std::int64_t>(made++ / 1'000)});
  }
};

void observe(benchmark::State& state) {
  world w{static_cast<std::uint64_t>(state.range(0)), static_cast<std::uint64_t>(state.range(1))};
  auto model = sequence_model::make({}).value();
  for (int i = 0; i < 300'000; ++i)
    w.request(model);
  for (auto unused : state)
    w.request(model);
  state.counters["bytes"] = static_cast<double>(model.bytes());
  state.counters["contexts"] = static_cast<double>(model.tables().contexts());
}

void predict(benchmark::State& state) {
  world w{static_cast<std::uint64_t>(state.range(0)), static_cast<std::uint64_t>(state.range(1))};
  auto model = sequence_model::make({}).value();
  for (int i = 0; i < 300'000; ++i)
    w.request(model);
  std::uint64_t peer = 0;
  for (auto unused : state)
    benchmark::DoNotOptimize(model.predict(mixed(peer++) % w.peers, 0, 5));
  state.counters["bytes"] = static_cast<double>(model.bytes());
}

BENCHMARK(observe)->Args({1'000, 100})->Args({100'000, 10'000});
BENCHMARK(predict)->Args({1'000, 100})->Args({100'000, 10'000});

} // namespace
