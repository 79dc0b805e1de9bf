#include "cluster/backtest/backtest.hpp"

#include "cluster/backtest/backtest_report.hpp"
#include "cluster/backtest/forecast_file.hpp"
#include "cluster/backtest/forecasters.hpp"
#include "cluster/backtest/seasons.hpp"
#include "cluster/backtest/series_input.hpp"
#include "cluster/backtest/workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <deque>

namespace forestage::cluster {

using models::errc;
using models::result;

namespace {

double cpu_now() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// The step after each series' last value, on one clock: by their times, or all at once without.
std::vector<std::int64_t> ends_of(const series_input& input, std::int64_t interval_seconds) {
  std::vector<std::int64_t> out;
  const bool timed = std::all_of(input.start_seconds.begin(), input.start_seconds.end(),
                                 [](const auto& s) { return s.has_value(); });
  for (std::size_t i = 0; i < input.values.size(); ++i)
    out.push_back(timed ? *input.start_seconds[i] / interval_seconds +
                              static_cast<std::int64_t>(input.values[i].size())
                        : 0);
  return out;
}

// One model over all series; what it says goes to `also`, too.
class model_run {
public:
  // bands: whether the model says quantiles, or a path alone.
  model_run(const forecast_plan& plan, const std::vector<double>& scales, bool bands = true)
      : plan_(plan) {
    constexpr std::size_t first_steps = 12;
    for (const double scale : scales)
      scorers_.emplace_back(scale, bands ? plan.quantiles : std::vector<double>{}, first_steps);
    if (!bands) return;
    const auto median = std::find(plan.quantiles.begin(), plan.quantiles.end(), 0.5);
    if (median != plan.quantiles.end()) median_ = static_cast<std::size_t>(median - plan.quantiles.begin());
  }

  void add(const models::panel_forecast& f) {
    const auto& y = plan_.series[f.series];
    if (f.origin + plan_.horizon > y.size()) return;
    ++forecasts_;
    scorers_[f.series].add(std::span{y}.subspan(f.origin, plan_.horizon),
                           median_ ? f.bands[*median_] : f.mean, f.bands);
  }

  [[nodiscard]] model_outcome outcome(std::string name) const {
    model_outcome out;
    out.name = std::move(name);
    out.forecasts = forecasts_;
    std::vector<models::forecast_scores> known;
    for (const auto& s : scorers_) {
      out.each.push_back(s.scores());
      if (out.each.back()) known.push_back(*out.each.back());
    }
    out.mean = models::mean_of(known);
    return out;
  }

private:
  const forecast_plan& plan_;
  std::size_t forecasts_ = 0;
  std::vector<models::forecast_scorer> scorers_;
  std::optional<std::size_t> median_;
};

// The default's experts that are to be shown, in the order in which they first come.
class expert_runs {
public:
  expert_runs(const backtest_options& options, const forecast_plan& plan, const std::vector<double>& scales)
      : options_(options)
      , plan_(plan)
      , scales_(scales) {}

  void add(std::string_view name, const models::panel_forecast& f) {
    if (!is_shown(options_, name, false)) return;
    auto at = std::find_if(runs_.begin(), runs_.end(), [name](const auto& r) { return r.first == name; });
    if (at == runs_.end()) {
      runs_.emplace_back(name, model_run{plan_, scales_, !f.bands.empty() || plan_.quantiles.empty()});
      at = std::prev(runs_.end());
    }
    at->second.add(f);
  }

  void append_to(backtest_outcome& out) const {
    for (const auto& [name, run] : runs_) {
      auto outcome = run.outcome(name);
      outcome.part = true;
      out.models.push_back(std::move(outcome));
    }
    for (const auto& name : options_.models)
      if (name != "all" && std::none_of(out.models.begin(), out.models.end(),
                                        [&](const model_outcome& m) { return m.name == name; }))
        out.warnings.push_back("no model '" + name + "' here: these series, seasons or options have none");
  }

private:
  const backtest_options& options_;
  const forecast_plan& plan_;
  const std::vector<double>& scales_;
  std::deque<std::pair<std::string, model_run>> runs_;
};

std::string count_of(std::size_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

// What is not forecast or not scored, and why.
void warn_of(backtest_outcome& out, const forecast_plan& p, const std::vector<double>& scales) {
  std::size_t unbegun = 0, constant = 0;
  for (std::size_t i = 0; i < p.series.size(); ++i) {
    if (p.origin(i, p.back.front()) == 0) ++unbegun;
    if (out.models.front().mean && scales[i] <= 0) ++constant;
  }
  if (unbegun > 0)
    out.warnings.push_back(count_of(unbegun, "series begins", "series begin") +
                           " after the first origin: nothing is forecast there before it does");
  if (constant > 0)
    out.warnings.push_back(
        count_of(constant, "series does", "series do") +
        " not change from season to season before the first origin (or has less than one): "
        "without a scale, left out of the scores");
}

} // namespace

result<backtest_outcome> backtest(const backtest_options& options, const progress_function& progress) {
  if (auto valid = validate(options); !valid) return valid.failure();
  if (options.report)
    if (auto available = report_available(); !available) return available.failure();
  auto input = read_input(options, options.resolved_seasons().front());
  if (!input) return input.failure();
  const auto chosen = choose_seasons(options, input->values);

  workers threads{options.threads};
  forecast_plan p;
  p.ends = ends_of(*input, options.interval_seconds);
  p.series = std::move(input->values);
  p.seasons = chosen.lengths;
  p.horizon = options.horizon > 0 ? options.horizon : p.seasons.front();
  p.back = origins_of(options, p.horizon);
  p.quantiles = options.quantiles;
  if (options.report) p.more_quantiles = report_quantiles();
  p.history = options.history();
  p.seed = options.seed;
  p.run = threads.executor();
  if (input->longest <= p.back.front())
    return {errc::invalid_data,
            fmt::format(
                "{}: the longest series has {} observations, and the first origin lies {} before its end; "
                "lower --origins, --every or --horizon",
                options.paths.front(), input->longest, p.back.front())};
  std::vector<double> scales;
  for (std::size_t i = 0; i < p.series.size(); ++i)
    scales.push_back(
        models::seasonal_scale(std::span{p.series[i]}.first(p.origin(i, p.back.front())), p.seasons.front()));

  backtest_outcome out;
  out.notes = std::move(input->notes);
  out.season_note = chosen.note;
  out.warnings = std::move(input->warnings);
  out.series = input->names;
  out.shortest = input->shortest;
  out.longest = input->longest;
  std::optional<forecast_file> file;
  if (!options.forecasts.empty()) {
    auto opened = forecast_file::open(options.forecasts, p.quantiles);
    if (!opened) return opened.failure();
    file.emplace(std::move(*opened));
  }
  std::optional<report_collector> report;
  if (options.report) report.emplace(options, p, *input, scales);

  std::optional<models::error> failure;
  expert_runs experts{options, p, scales};
  if (options.origins && !options.models.empty() && p.history == 0)
    p.on_expert = [&](std::string_view name, const models::panel_forecast& f) { experts.add(name, f); };
  for (const auto& model : forecasters_of(p)) {
    const bool ours = out.models.empty();
    if (!ours && !is_shown(options, model.name, true)) continue;
    model_run scored{p, scales};
    const double begin = cpu_now();
    const auto done = model.run(
        p,
        [&](std::size_t at, std::size_t total) {
          return !failure && progress("forecasting: " + model.name, at, total);
        },
        [&](const models::panel_forecast& f) {
          if (failure) return;
          if (ours && file)
            if (auto added = file->add(out.series[f.series], f); !added) failure = added.failure();
          scored.add(f);
          if (report) report->add(out.models.size(), f);
        });
    if (failure) return *failure;
    if (done.stopped) return {errc::interrupted, "the backtest was stopped"};
    auto outcome = scored.outcome(model.name);
    outcome.cpu_seconds = cpu_now() - begin;
    outcome.bytes = done.bytes_per_series;
    if (report) outcome.by_block = report->by_block(out.models.size());
    out.models.push_back(std::move(outcome));
    if (ours && done.cold > 0 && p.history == 0)
      out.warnings.push_back(
          count_of(done.cold, "series has", "series have") +
          " less than a season before the first origin: forecast from a cold start, with the "
          "shape of the others");
    if (!options.origins) break; // nothing to be compared with
  }
  experts.append_to(out);
  warn_of(out, p, scales);
  if (file)
    if (auto written = file->commit(); !written) return written.failure();
  out.horizon = p.horizon;
  out.origins = p.back.size();
  out.history = p.history;
  out.seasons = p.seasons;
  out.quantiles = p.quantiles;
  if (report) out.report = report->document(out);
  return out;
}

} // namespace forestage::cluster
