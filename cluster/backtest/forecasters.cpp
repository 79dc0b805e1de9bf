#include "cluster/backtest/forecasters.hpp"

#include "models/forecast/cold_start.hpp"
#include "models/forecast/simple_forecasts.hpp"

#include <algorithm>

namespace forestage::cluster {

namespace {

using models::panel_forecast;

using simple_model = models::quantile_paths (*)(std::span<const double>, std::size_t, std::size_t,
                                                std::span<const double>);

panel_forecast named(std::size_t series, std::size_t origin, models::quantile_paths paths) {
  panel_forecast out;
  out.series = series;
  out.origin = origin;
  out.mean = std::move(paths.mean);
  out.bands = std::move(paths.bands);
  return out;
}

// Series after series, many at a time; the sink gets them in their order.
template <class Forecast>
bool each_series(const forecast_plan& p, const std::vector<std::size_t>& which,
                 const forecast_progress& progress, const forecast_sink& sink, const Forecast& forecast) {
  constexpr std::size_t at_a_time = 64;
  std::vector<std::vector<panel_forecast>> made(at_a_time);
  for (std::size_t from = 0; from < which.size(); from += at_a_time) {
    const auto count = std::min(at_a_time, which.size() - from);
    p.run(count, [&](std::size_t k) {
      made[k].clear();
      const auto i = which[from + k];
      for (const auto back : p.back)
        if (const auto origin = p.origin(i, back); origin > 0)
          made[k].push_back(named(i, origin, forecast(i, origin)));
    });
    for (std::size_t k = 0; k < count; ++k)
      for (auto& f : made[k])
        sink(std::move(f));
    if (!progress(from + count, which.size())) return false;
  }
  return true;
}

std::vector<std::size_t> all_series(const forecast_plan& p) {
  std::vector<std::size_t> out(p.series.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = i;
  return out;
}

// The values that a forecast at an origin may use.
std::span<const double> known(const forecast_plan& p, std::size_t i, std::size_t origin) {
  const auto before = std::span{p.series[i]}.first(origin);
  return p.history > 0 && p.history < origin ? before.last(p.history) : before;
}

forecaster one_by_one(std::string name, simple_model model, std::size_t season) {
  return {std::move(name), [model, season](const forecast_plan& p, const forecast_progress& progress,
                                           const forecast_sink& sink) {
            const bool whole =
                each_series(p, all_series(p), progress, sink, [&](std::size_t i, std::size_t origin) {
                  return model(known(p, i, origin), season, p.horizon, p.quantiles);
                });
            return forecast_run{0, 0, !whole};
          }};
}

// Forecasts of `which` from the shape of the others, with `history` own values (0: all).
bool from_a_cold_start(const forecast_plan& p, const std::vector<std::size_t>& which,
                       const forecast_progress& progress, const forecast_sink& sink) {
  models::cold_start_settings settings;
  settings.seasons = {p.seasons.front(), p.seasons.back()};
  settings.horizon = p.horizon;
  std::vector<models::cold_start_case> cases;
  const auto case_of = [&](std::size_t i, std::size_t origin) {
    return models::cold_start_case{i, origin, known(p, i, origin).size()};
  };
  for (const auto i : which)
    for (const auto back : p.back)
      if (const auto origin = p.origin(i, back); origin > 0) cases.push_back(case_of(i, origin));
  const models::cold_start model{p.series, p.ends, settings, cases, p.run};
  return each_series(
      p, which, progress,
      [&](panel_forecast f) {
        const auto split = f.bands.begin() + static_cast<std::ptrdiff_t>(p.quantiles.size());
        f.more_bands.assign(split, f.bands.end());
        f.bands.erase(split, f.bands.end());
        sink(std::move(f));
      },
      [&](std::size_t i, std::size_t origin) {
        auto said = model.predict(case_of(i, origin), p.quantiles);
        if (p.more_quantiles.empty()) return said;
        auto more = model.predict(case_of(i, origin), p.more_quantiles);
        for (auto& band : more.bands)
          said.bands.push_back(std::move(band));
        return said;
      });
}

forecast_run cold(const forecast_plan& p, const forecast_progress& progress, const forecast_sink& sink) {
  const auto which = all_series(p);
  return {0, which.size(), !from_a_cold_start(p, which, progress, sink)};
}

forecast_run by_panel(const forecast_plan& p, const forecast_progress& progress, const forecast_sink& sink) {
  models::panel_settings settings;
  settings.seasons = {p.seasons.front(), p.seasons.back()};
  settings.horizon = p.horizon;
  settings.seed = p.seed;
  models::panel_hooks hooks;
  hooks.on_forecast = sink;
  hooks.run = p.run;
  hooks.on_progress = progress;
  hooks.more_quantiles = p.more_quantiles;
  hooks.on_expert = p.on_expert;
  const auto done = models::forecast_panel(p.series, settings, p.back, p.quantiles, hooks);
  forecast_run out{done.bytes_per_series, 0, done.stopped};
  if (out.stopped) return out;
  // Too short for the panel: with a season of its own the quantiles of its times of day, else a cold start.
  std::vector<std::size_t> short_ones, begun;
  for (const auto i : done.left)
    (p.origin(i, p.back.front()) >= p.seasons.front() ? short_ones : begun).push_back(i);
  const forecast_progress silent = [&](std::size_t, std::size_t) { return progress(1, 1); };
  if (!each_series(p, short_ones, silent, sink, [&](std::size_t i, std::size_t origin) {
        return models::time_of_season(known(p, i, origin), p.seasons.front(), p.horizon, p.quantiles);
      }))
    out.stopped = true;
  if (!out.stopped && !begun.empty()) out.stopped = !from_a_cold_start(p, begun, silent, sink);
  out.cold = begun.size();
  return out;
}

} // namespace

std::vector<forecaster> forecasters_of(const forecast_plan& p) {
  const auto short_season = p.seasons.front(), long_season = p.seasons.back();
  if (p.history > 0)
    return {{"default", cold},
            one_by_one("own-median", models::own_median, short_season),
            one_by_one("own-time-of-day", models::time_of_season_or_median, short_season)};
  return {{"default", by_panel},
          one_by_one("seasonal-naive-short", models::seasonal_naive, short_season),
          one_by_one("seasonal-naive-long", models::seasonal_naive, long_season),
          one_by_one("ewma", models::smoothed_level, short_season),
          one_by_one("time-of-day", models::time_of_season, short_season)};
}

} // namespace forestage::cluster
