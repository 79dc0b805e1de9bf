// What the forecast tiers cost, one thread: an observation (ns), a path of 288 steps and five quantiles (us),
// the bytes that a series keeps beside its history. Seasons of 288 and 2016 five-minute steps; the bank,
// also at 24 and 168 hours, where it has no bins. Many series, so that states do
// not stay in the nearest cache.
//   update: one observation of one series; "bytes": its snapshot
//   path: location along the horizon, residual regression, five quantiles
#include "models/forecast/band_paths.hpp"
#include "models/forecast/cold_start.hpp"
#include "models/forecast/error_bands.hpp"
#include "models/forecast/harmonic_state.hpp"
#include "models/forecast/lag_linear.hpp"
#include "models/forecast/panel.hpp"
#include "models/forecast/profile_state.hpp"
#include "models/forecast/smoother_bank.hpp"
#include "models/forecast/state_bytes.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

using namespace forestage::models;

namespace {

constexpr season_lengths five_minutes{288, 2'016}, hours{24, 168};
constexpr std::size_t series = 2'000;

// Log counts with a rhythm and noise.
std::vector<float> stream(std::size_t length, std::size_t season, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::vector<float> out;
  for (std::size_t t = 0; t < length; ++t)
    out.push_back(static_cast<float>(
        4 + std::sin(6.283185 * static_cast<double>(t % season) / static_cast<double>(season)) +
        static_cast<double>(random() % 1'000) / 2'000));
  return out;
}

template <class State> void update(benchmark::State& state, const State& fresh, std::size_t count) {
  const auto values = stream(4'096, 288, 1);
  std::vector<State> states(count, fresh);
  std::size_t at = 0;
  for (auto unused : state) {
    for (auto& s : states)
      s.observe(values[at]);
    at = (at + 1) % values.size();
  }
  benchmark::DoNotOptimize(states);
  state.counters["per_update"] =
      benchmark::Counter(static_cast<double>(count),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["bytes"] = static_cast<double>(snapshot(fresh).size());
}

void update_profile(benchmark::State& state) {
  update(state, profile_state{five_minutes, stream(288, 288, 2)}, series);
}
void update_harmonic(benchmark::State& state) {
  update(state, harmonic_state{five_minutes, stream(288, 288, 2)}, series / 10);
}
void update_bank(benchmark::State& state, season_lengths seasons, std::size_t count) {
  update(
      state,
      smoother_bank{default_smoothers(), seasons, stream(2 * seasons.long_season, seasons.short_season, 2)},
      count);
}

// A path of a state that has learned for two weeks, with the bands of its own and its pool's errors.
template <class State> void path(benchmark::State& state, State model) {
  const horizon_knots knots{288};
  residual_regression regression{knots};
  error_bands own{knots.size()}, pooled{knots.size()};
  const auto values = stream(14 * 288, 288, 3);
  std::mt19937_64 random{4};
  for (const float z : values)
    model.observe(z);
  for (int i = 0; i < 200; ++i)
    for (std::size_t n = 0; n < knots.size(); ++n)
      own.learn(n, static_cast<double>(random() % 1'000) / 500 - 1, pooled, 0.999);
  constexpr std::array<double, 5> levels{0.5, 0.8, 0.9, 0.95, 0.99};
  std::vector<float> out(288), scales(288), by_step(288), band(288);
  for (auto unused : state) {
    predict_path(model, regression, out);
    model.scales(scales);
    const auto offsets = own.offsets(levels, pooled);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      knots.spread(std::span{offsets}.subspan(i * knots.size(), knots.size()), by_step);
      band_path(out, scales, by_step, {}, band);
      benchmark::DoNotOptimize(band.data());
    }
  }
}
void path_profile(benchmark::State& state) {
  path(state, profile_state{five_minutes, stream(288, 288, 2)});
}
void path_harmonic(benchmark::State& state) {
  path(state, harmonic_state{five_minutes, stream(288, 288, 2)});
}

void path_bank(benchmark::State& state) {
  const smoother_bank bank{default_smoothers(), hours, stream(336, 24, 2)};
  std::vector<float> out(48);
  for (auto unused : state)
    for (std::size_t i = 0; i < bank.size(); ++i) {
      bank.predict(i, out);
      benchmark::DoNotOptimize(out.data());
    }
}

// 336 lags, 48 steps: a window into the statistics, a solution, a path.
void lag_linear(benchmark::State& state) {
  const lag_shape shape;
  const auto values = stream(2'000, 24, 5);
  lag_statistics statistics{shape};
  for (std::size_t i = 0; i + shape.lags + shape.horizon < values.size(); ++i)
    statistics.add(std::span{values}.subspan(i, shape.lags),
                   std::span{values}.subspan(i + shape.lags, shape.horizon), 1);
  const auto weights = statistics.solve(25);
  std::vector<float> out(shape.horizon);
  for (auto unused : state) {
    weights.predict(std::span{values}.first(shape.lags), out);
    benchmark::DoNotOptimize(out.data());
  }
}

void cold_path(benchmark::State& state) {
  std::vector<std::vector<double>> all;
  for (std::uint64_t i = 0; i < 10; ++i) {
    all.emplace_back();
    for (const float z : stream(28 * 288, 288, i))
      all.back().push_back(std::expm1(double{z}));
  }
  cold_start_settings settings;
  settings.seasons = five_minutes;
  const std::vector<std::int64_t> ends(all.size(), 0);
  const cold_start_case one{0, all[0].size(), 72};
  const cold_start model{all, ends, settings, std::vector{one}};
  constexpr std::array<double, 5> levels{0.5, 0.8, 0.9, 0.95, 0.99};
  for (auto unused : state)
    benchmark::DoNotOptimize(model.predict(one, levels));
}

// The whole panel, every expert, as a backtest runs it: hours or five minutes.
void whole_panel(benchmark::State& state, season_lengths seasons, std::size_t horizon, std::size_t length) {
  std::vector<std::vector<double>> all;
  for (std::uint64_t i = 0; i < 20; ++i) {
    all.emplace_back();
    for (const float z : stream(length, seasons.short_season, i))
      all.back().push_back(std::expm1(double{z}));
  }
  panel_settings settings;
  settings.seasons = seasons;
  settings.horizon = horizon;
  constexpr std::array<double, 5> levels{0.5, 0.8, 0.9, 0.95, 0.99};
  panel_outcome done;
  panel_hooks hooks;
  hooks.on_forecast = [](const panel_forecast&) {};
  for (auto unused : state)
    done = forecast_panel(all, settings, std::vector<std::size_t>{0}, levels, hooks);
  state.counters["bytes"] = static_cast<double>(done.bytes_per_series);
  state.counters["per_observation"] =
      benchmark::Counter(static_cast<double>(all.size() * length),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK(update_profile);
BENCHMARK(update_harmonic);
BENCHMARK_CAPTURE(update_bank, hours, hours, 200);
BENCHMARK_CAPTURE(update_bank, five_minutes, five_minutes, 20);
BENCHMARK(path_profile)->Unit(benchmark::kMicrosecond);
BENCHMARK(path_harmonic)->Unit(benchmark::kMicrosecond);
BENCHMARK(path_bank)->Unit(benchmark::kMicrosecond);
BENCHMARK(lag_linear)->Unit(benchmark::kMicrosecond);
BENCHMARK(cold_path)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(whole_panel, hours, hours, 48, 960)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(whole_panel, five_minutes, five_minutes, 288, 28 * 288)->Unit(benchmark::kMillisecond);

} // namespace
