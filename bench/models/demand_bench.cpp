// What the whole decision of a key costs an interval: fold the count, forecast by every expert, mix them, and
// once a day new weights. Many keys, one interval after the other, as in a shard: states do not stay in the
// nearest cache. Four weeks of 15-minute intervals with a rhythm of the day; "per_key_interval" is seconds.
//   busy:   24 requests an interval on average
//   medium: 2
//   rare:   .1, awake in every interval
#include "models/demand/key_model.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

using namespace forestage::models;

namespace {

constexpr std::int64_t days = 28;
constexpr std::size_t keys = 180;

model_context context_of() {
  demand_options options;
  options.interval_seconds = 900;
  return model_context{demand_settings::make(options).value()};
}

std::vector<float> counts_of(double mean, std::int64_t per_day) {
  std::mt19937_64 random{1};
  std::vector<float> counts;
  for (std::int64_t t = 0; t < days * per_day; ++t) {
    const double phase =
        2 * std::numbers::pi * static_cast<double>(t % per_day) / static_cast<double>(per_day);
    std::poisson_distribution<int> draw{mean * (1 - 0.8 * std::cos(phase))};
    for (std::size_t k = 0; k < keys; ++k)
      counts.push_back(static_cast<float>(draw(random)));
  }
  return counts;
}

void decision_of(benchmark::State& state, double mean) {
  const auto context = context_of();
  const pool_parameters pool;
  const auto counts = counts_of(mean, context.settings.per_day());
  double bytes = 0;
  for (auto _ : state) {
    std::vector<key_model> models(keys, key_model{context, pool, interval_number{0}});
    for (std::size_t at = 0; at < counts.size(); at += keys)
      for (std::size_t k = 0; k < keys; ++k) {
        auto& model = models[k];
        model.observe(context, counts[at + k]);
        if (model.refit_due(context)) model.refit(context, pool);
        benchmark::DoNotOptimize(model.predict(context).allocation);
      }
    bytes = static_cast<double>(models.front().bytes());
  }
  state.counters["per_key_interval"] =
      benchmark::Counter(static_cast<double>(counts.size()),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["bytes"] = bytes;
}

BENCHMARK_CAPTURE(decision_of, busy, 24.0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decision_of, medium, 2.0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decision_of, rare, 0.1)->Unit(benchmark::kMillisecond);

} // namespace
