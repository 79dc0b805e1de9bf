#include "cluster/backtest/backtest.hpp"

#include "adapters/files/atomic_file.hpp"
#include "adapters/logs/series_reader.hpp"
#include "models/forecast/panel.hpp"
#include "models/forecast/simple_forecasts.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>

namespace forestage::cluster {

using models::errc;
using models::result;

namespace {

namespace logs = adapters::logs;

double cpu_now() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// What is forecast, whence, and how it is scored.
struct plan {
  std::vector<std::vector<double>> series;
  std::vector<std::size_t> back; // origins: observations from the end, descending
  std::vector<std::size_t> seasons;
  std::size_t horizon = 0;
  std::vector<double> quantiles;
  std::uint64_t seed = 1;
};

using forecast_sink = std::function<void(models::panel_forecast)>;
using forecaster = std::function<models::status(const plan&, const forecast_sink&)>;

forecaster one_by_one(models::quantile_paths (*model)(std::span<const double>, std::size_t, std::size_t,
                                                      std::span<const double>),
                      std::size_t season) {
  return [model, season](const plan& p, const forecast_sink& sink) {
    for (std::size_t i = 0; i < p.series.size(); ++i)
      for (const auto back : p.back) {
        if (p.series[i].size() <= back) continue;
        const auto origin = p.series[i].size() - back;
        auto paths = model(std::span{p.series[i]}.first(origin), season, p.horizon, p.quantiles);
        sink({i, origin, std::move(paths.mean), std::move(paths.bands)});
      }
    return models::success();
  };
}

models::status default_model(const plan& p, const forecast_sink& sink) {
  models::panel_settings settings;
  settings.seasons = {p.seasons.front(), p.seasons.back()};
  settings.horizon = p.horizon;
  settings.seed = p.seed;
  const auto left = models::forecast_panel(p.series, settings, p.back, p.quantiles, sink);
  // Too short for the bank: what came one season before.
  for (const auto i : left)
    for (const auto back : p.back) {
      if (p.series[i].size() <= back) continue;
      const auto origin = p.series[i].size() - back;
      auto paths = models::time_of_season(std::span{p.series[i]}.first(origin), p.seasons.front(), p.horizon,
                                          p.quantiles);
      sink({i, origin, std::move(paths.mean), std::move(paths.bands)});
    }
  return models::success();
}

class forecast_file {
public:
  static result<forecast_file> open(const std::string& path, std::span<const double> quantiles) {
    auto file = files::atomic_file::open(path);
    if (!file) return file.failure();
    std::string header = "series,origin,step,mean";
    for (const double q : quantiles)
      header += fmt::format(",q{}", q);
    forecast_file out{std::move(*file)};
    if (auto written = out.file_.write(header + "\n"); !written) return written.failure();
    return out;
  }
  models::status add(const std::string& name, const models::panel_forecast& f) {
    std::string text;
    for (std::size_t k = 0; k < f.mean.size(); ++k) {
      fmt::format_to(std::back_inserter(text), "{},{},{},{}", name, f.origin, k + 1, f.mean[k]);
      for (const auto& band : f.bands)
        fmt::format_to(std::back_inserter(text), ",{}", band[k]);
      text += '\n';
    }
    return file_.write(text);
  }
  models::status commit() { return file_.commit(); }

private:
  explicit forecast_file(files::atomic_file file)
      : file_(std::move(file)) {}
  files::atomic_file file_;
};

result<model_outcome> run(const std::string& name, const forecaster& model, const plan& p,
                          const std::vector<double>& scales,
                          const std::function<models::status(const models::panel_forecast&)>& also) {
  constexpr std::size_t first_steps = 12;
  std::vector<models::forecast_scorer> scorers;
  for (const double scale : scales)
    scorers.emplace_back(scale, p.quantiles, first_steps);
  std::optional<models::error> failure;
  const double begin = cpu_now();
  const auto median = std::find(p.quantiles.begin(), p.quantiles.end(), 0.5);
  auto ended = model(p, [&](const models::panel_forecast& f) {
    if (failure) return;
    if (also)
      if (auto done = also(f); !done) failure = done.failure();
    const auto& y = p.series[f.series];
    if (f.origin + p.horizon > y.size()) return;
    scorers[f.series].add(std::span{y}.subspan(f.origin, p.horizon),
                          median != p.quantiles.end()
                              ? f.bands[static_cast<std::size_t>(median - p.quantiles.begin())]
                              : f.mean,
                          f.bands);
  });
  if (failure) return *failure;
  if (!ended) return ended.failure();
  model_outcome out{name, {}, {}, cpu_now() - begin};
  std::vector<models::forecast_scores> known;
  for (const auto& s : scorers) {
    out.each.push_back(s.scores());
    if (out.each.back()) known.push_back(*out.each.back());
  }
  out.mean = models::mean_of(known);
  return out;
}

// An observation that is missing counts as the one a season before it.
std::size_t fill(std::vector<double>& values, std::size_t season) {
  std::size_t missing = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i])) {
      ++missing;
      values[i] = i >= season ? values[i - season] : i > 0 ? values[i - 1] : 0;
    }
  return missing;
}

} // namespace

result<backtest_outcome> backtest(const backtest_options& options, const progress_function& progress) {
  if (auto valid = validate(options); !valid) return valid.failure();
  logs::read_options read;
  read.paths = options.paths;
  read.time_format = options.time_format;
  if (!options.columns.empty()) {
    auto columns = logs::parse_columns(options.columns);
    if (!columns) return columns.failure();
    read.columns = std::move(*columns);
  }
  for (const auto& text : options.where) {
    auto clause = logs::parse_where(text);
    if (!clause) return clause.failure();
    read.where.push_back(std::move(*clause));
  }
  auto found = logs::read_series(read);
  if (!found) return found.failure();
  if (found->series.empty())
    return {errc::invalid_data, options.paths.front() + ": no series was selected; check --where"};

  backtest_outcome out;
  out.notes = found->notes;
  plan p;
  const auto per_day = static_cast<std::size_t>(86'400 / std::max<std::int64_t>(1, options.interval_seconds));
  p.seasons = options.seasons.empty() ? std::vector<std::size_t>{per_day, 7 * per_day} : options.seasons;
  p.horizon = options.horizon > 0 ? options.horizon : p.seasons.front();
  p.quantiles = options.quantiles;
  p.seed = options.seed;
  const auto every = options.every > 0 ? options.every : p.horizon;
  if (options.origins)
    for (std::size_t j = *options.origins; j-- > 0;)
      p.back.push_back(p.horizon + j * every);
  else
    p.back.push_back(0);

  std::uint64_t irregular = 0, duplicate = 0, missing = 0;
  std::vector<double> scales;
  out.shortest = found->series.front().values.size();
  for (auto& s : found->series) {
    const auto steps = logs::check_steps(s, options.interval_seconds);
    irregular += steps.irregular;
    duplicate += steps.duplicate;
    missing += fill(s.values, p.seasons.front());
    out.series.push_back(s.name);
    out.shortest = std::min(out.shortest, s.values.size());
    out.longest = std::max(out.longest, s.values.size());
    const auto seen = s.values.size() > p.back.front() ? s.values.size() - p.back.front() : 0;
    scales.push_back(models::seasonal_scale(std::span{s.values}.first(seen), p.seasons.front()));
    p.series.push_back(std::move(s.values));
  }
  if (irregular + duplicate > 0)
    out.warnings.push_back(
        fmt::format("{} steps are not of {} s and {} times come twice or go back: rows were "
                    "taken in order, as if each were one interval after the last",
                    irregular, options.interval_seconds, duplicate));
  if (missing > 0)
    out.warnings.push_back(
        fmt::format("{} values are missing: the ones a season before stand for them", missing));
  if (out.longest <= p.back.front())
    return {errc::invalid_data,
            fmt::format("{}: no series is longer than the {} observations after the first "
                        "origin; lower --origins, --every or --horizon",
                        options.paths.front(), p.back.front())};

  std::optional<forecast_file> file;
  if (!options.forecasts.empty()) {
    auto opened = forecast_file::open(options.forecasts, p.quantiles);
    if (!opened) return opened.failure();
    file.emplace(std::move(*opened));
  }
  const std::vector<std::pair<std::string, forecaster>> models{
      {"default", default_model},
      {"seasonal-naive-short", one_by_one(models::seasonal_naive, p.seasons.front())},
      {"seasonal-naive-long", one_by_one(models::seasonal_naive, p.seasons.back())},
      {"ewma", one_by_one(models::smoothed_level, p.seasons.front())},
      {"time-of-day", one_by_one(models::time_of_season, p.seasons.front())}};
  for (std::size_t m = 0; m < models.size(); ++m) {
    if (!progress("forecasting", m, models.size())) return {errc::interrupted, "the backtest was stopped"};
    if (m > 0 && !options.origins) break; // nothing to be compared with
    auto ended =
        run(models[m].first, models[m].second, p, scales,
            m == 0 && file ? std::function<models::status(const models::panel_forecast&)>{[&](const auto& f) {
              return file->add(out.series[f.series], f);
            }}
                           : std::function<models::status(const models::panel_forecast&)>{});
    if (!ended) return ended.failure();
    out.models.push_back(std::move(*ended));
  }
  progress("forecasting", models.size(), models.size());
  if (file)
    if (auto written = file->commit(); !written) return written.failure();
  out.horizon = p.horizon;
  out.origins = p.back.size();
  out.seasons = p.seasons;
  out.quantiles = p.quantiles;
  return out;
}

std::string to_json(const backtest_outcome& outcome) {
  using nlohmann::ordered_json;
  const auto number = [](const std::optional<double>& v) {
    return v ? ordered_json(*v) : ordered_json(nullptr);
  };
  const auto scores_of = [&](const std::optional<models::forecast_scores>& s) {
    ordered_json out{{"mase", number(s ? std::optional{s->mase} : std::nullopt)},
                     {"spl", number(s ? s->spl : std::nullopt)},
                     {"mase_first_hour", number(s ? std::optional{s->mase_first} : std::nullopt)},
                     {"spl_first_hour", number(s ? s->spl_first : std::nullopt)}};
    auto& coverage = out["coverage"] = ordered_json::object();
    for (std::size_t q = 0; q < outcome.quantiles.size(); ++q)
      coverage[fmt::format("{}", outcome.quantiles[q])] =
          number(s ? std::optional{s->coverage[q]} : std::nullopt);
    return out;
  };
  ordered_json out{{"series", outcome.series.size()},
                   {"horizon", outcome.horizon},
                   {"origins", outcome.origins},
                   {"seasons", outcome.seasons}};
  auto& all = out["models"] = ordered_json::object();
  for (const auto& m : outcome.models) {
    auto scores = scores_of(m.mean);
    scores["cpu_seconds"] = m.cpu_seconds;
    auto& each = scores["each"] = ordered_json::object();
    for (std::size_t i = 0; i < m.each.size(); ++i)
      each[outcome.series[i]] = scores_of(m.each[i]);
    all[m.name] = std::move(scores);
  }
  return out.dump(1) + "\n";
}

std::string to_text(const backtest_outcome& outcome) {
  std::string text = fmt::format("{} series of {} to {} observations; horizon {}, {} origin{}\n\n",
                                 outcome.series.size(), outcome.shortest, outcome.longest, outcome.horizon,
                                 outcome.origins, outcome.origins == 1 ? "" : "s");
  text += fmt::format("{:<22}{:>8}{:>8}{:>10}{:>10}{:>10}\n", "model", "MASE", "SPL", "MASE 12", "SPL 12",
                      "CPU s");
  for (const auto& m : outcome.models) {
    if (!m.mean) {
      text +=
          fmt::format("{:<22}{:>8}{:>8}{:>10}{:>10}{:>10.2f}\n", m.name, "-", "-", "-", "-", m.cpu_seconds);
      continue;
    }
    text += fmt::format("{:<22}{:>8.3f}{:>8.3f}{:>10.3f}{:>10.3f}{:>10.2f}\n", m.name, m.mean->mase,
                        m.mean->spl.value_or(0), m.mean->mase_first, m.mean->spl_first.value_or(0),
                        m.cpu_seconds);
  }
  if (!outcome.models.empty() && outcome.models.front().mean) {
    text += "\ncoverage of the default:";
    for (std::size_t q = 0; q < outcome.quantiles.size(); ++q)
      text += fmt::format("  {} {:.3f}", outcome.quantiles[q], outcome.models.front().mean->coverage[q]);
    text += "\n";
  }
  return text;
}

} // namespace forestage::cluster
