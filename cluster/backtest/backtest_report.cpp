#include "cluster/backtest/backtest_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace forestage::cluster {

namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);
// Of report_quantiles(): the 95 % and the 80 % band and the median, which is what a chart can tell apart.
constexpr std::array<std::size_t, 5> curve_quantiles{0, 2, 4, 6, 8};

// Seconds of the Monday before the epoch's Thursday.
std::size_t hour_of_week(std::int64_t seconds) {
  constexpr std::int64_t week = 7 * 86'400, monday = -3 * 86'400;
  const auto since = ((seconds - monday) % week + week) % week;
  return static_cast<std::size_t>(since / 3'600);
}

// Four digits say all that a chart can show.
double rounded(double v) {
  if (v == 0 || !std::isfinite(v)) return v;
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(v))) - 3);
  return unit > 0 && unit < 1 ? std::round(v / unit) * unit : std::round(v);
}

double mean_of(std::span<const double> values) {
  return values.empty()
             ? 0
             : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::string length_of(std::int64_t seconds) {
  if (seconds % 86'400 == 0) return fmt::format("{} d", seconds / 86'400);
  if (seconds % 3'600 == 0) return fmt::format("{} h", seconds / 3'600);
  if (seconds % 60 == 0) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} s", seconds);
}

} // namespace

const std::vector<double>& report_quantiles() {
  static const std::vector<double> all{0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975};
  return all;
}

report_collector::report_collector(const backtest_options& options, const forecast_plan& plan,
                                   const series_input& input, const std::vector<double>& scales)
    : options_(options)
    , plan_(plan)
    , scales_(scales)
    , names_(input.names)
    , starts_(input.start_seconds)
    , curve_of_(plan.series.size(), none) {
  for (std::size_t i = 0; i < plan.series.size(); ++i) {
    const auto known = std::max<std::size_t>(1, plan.origin(i, plan.back.front()));
    means_.push_back(mean_of(std::span{plan.series[i]}.first(known)));
  }
  const auto h = plan.horizon;
  for (const auto end : {h / 24, h / 8, h / 4, h / 2, 3 * h / 4, h})
    if (end > (block_ends_.empty() ? 0 : block_ends_.back())) block_ends_.push_back(end);
  for (auto& c : calibration_)
    c.below.assign(report_quantiles().size(), 0);
  choose_curves();
}

// The largest ones, by what they had before the first origin; ties by their order.
void report_collector::choose_curves() {
  std::vector<std::size_t> order(plan_.series.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [this](std::size_t a, std::size_t b) { return means_[a] > means_[b]; });
  order.resize(std::min(order.size(), most_curves));
  for (const auto i : order) {
    const auto& y = plan_.series[i];
    const auto shown = std::min(most_origins, plan_.back.size());
    const auto first = plan_.origin(i, plan_.back[plan_.back.size() - shown]);
    const auto before = std::max(2 * plan_.horizon, plan_.seasons.back());
    const auto from = first - std::min(first, before);
    report_curve curve;
    curve.name = names_[i];
    if (starts_[i])
      curve.start_seconds = *starts_[i] + static_cast<std::int64_t>(from) * options_.interval_seconds;
    curve.step_seconds = options_.interval_seconds;
    for (const auto q : curve_quantiles)
      curve.levels.push_back(report_quantiles()[q]);
    for (auto k = from; k < y.size(); ++k)
      curve.actual.emplace_back(rounded(y[k]));
    curve_of_[i] = curves_.size();
    curve_from_.push_back(from);
    curves_.push_back(std::move(curve));
  }
}

void report_collector::add(std::size_t model, const models::panel_forecast& f) {
  add_blocks(model, f);
  if (model > 0) return;
  add_curve(f);
  if (f.origin + plan_.horizon > plan_.series[f.series].size()) return;
  add_hours(f);
  add_calibration(f);
}

void report_collector::add_blocks(std::size_t model, const models::panel_forecast& f) {
  sums_.resize(std::max(sums_.size(), model + 1));
  count_.resize(sums_.size());
  sums_[model].resize(plan_.series.size() * block_ends_.size(), 0);
  count_[model].resize(plan_.series.size(), 0);
  const auto& y = plan_.series[f.series];
  if (f.origin + plan_.horizon > y.size() || scales_[f.series] <= 0) return;
  std::size_t from = 0;
  for (std::size_t b = 0; b < block_ends_.size(); ++b) {
    double sum = 0;
    for (auto k = from; k < block_ends_[b]; ++k)
      sum += std::abs(y[f.origin + k] - double{f.mean[k]});
    sums_[model][f.series * block_ends_.size() + b] +=
        sum / static_cast<double>(block_ends_[b] - from) / scales_[f.series];
    from = block_ends_[b];
  }
  ++count_[model][f.series];
}

std::vector<std::optional<double>> report_collector::by_block(std::size_t model) const {
  std::vector<std::optional<double>> out(block_ends_.size());
  if (model >= sums_.size()) return out;
  for (std::size_t b = 0; b < block_ends_.size(); ++b) {
    double sum = 0, series = 0;
    for (std::size_t i = 0; i < plan_.series.size(); ++i)
      if (count_[model][i] > 0) {
        sum += sums_[model][i * block_ends_.size() + b] / count_[model][i];
        ++series;
      }
    if (series > 0) out[b] = sum / series;
  }
  return out;
}

void report_collector::add_hours(const models::panel_forecast& f) {
  const auto i = f.series;
  if (!starts_[i] || scales_[i] <= 0 || means_[i] <= 0) return;
  for (std::size_t k = 0; k < plan_.horizon; ++k) {
    const auto at = *starts_[i] + static_cast<std::int64_t>(f.origin + k) * options_.interval_seconds;
    auto& h = hours_[hour_of_week(at)];
    const double y = plan_.series[i][f.origin + k];
    h.error += std::abs(y - double{f.mean[k]}) / scales_[i];
    h.level += y / means_[i];
    ++h.observations;
  }
}

// An observation that equals several quantiles covers each by its share of the jump there, as its randomised
// probability integral transform would on average (Czado, Gneiting and Held, Biometrics 65, 2009).
void report_collector::add_calibration(const models::panel_forecast& f) {
  if (f.more_bands.empty()) return;
  const auto& levels = report_quantiles();
  for (std::size_t k = 0; k < plan_.horizon; ++k) {
    const auto expected = f.mean[k];
    auto& c = calibration_[expected < 1 ? 0 : expected < 10 ? 1 : 2];
    ++c.observations;
    const auto y = static_cast<float>(plan_.series[f.series][f.origin + k]);
    std::size_t low = 0, high = 0; // quantiles below y; quantiles at or below y
    while (low < levels.size() && f.more_bands[low][k] < y)
      ++low;
    for (high = low; high < levels.size() && f.more_bands[high][k] <= y;)
      ++high;
    const double from = low == 0 ? 0 : levels[low - 1], to = high == levels.size() ? 1 : levels[high];
    for (std::size_t q = low; q < levels.size(); ++q)
      c.below[q] += q >= high ? 1 : (levels[q] - from) / (to - from);
  }
}

void report_collector::add_curve(const models::panel_forecast& f) {
  const auto which = curve_of_[f.series];
  if (which == none) return;
  const auto shown = std::min(most_origins, plan_.back.size());
  if (f.origin < plan_.origin(f.series, plan_.back[plan_.back.size() - shown])) return;
  report_forecast said;
  said.at = f.origin - curve_from_[which];
  for (const float v : f.mean)
    said.mean.emplace_back(rounded(double{v}));
  for (const auto q : curve_quantiles) {
    auto& band = said.bands.emplace_back();
    for (std::size_t k = 0; k < f.mean.size(); ++k)
      band.push_back(f.more_bands.empty() ? std::nullopt
                                          : std::optional{rounded(double{f.more_bands[q][k]})});
  }
  curves_[which].forecasts.push_back(std::move(said));
}

report_document report_collector::document(const backtest_outcome& outcome) const {
  report_document out;
  out.command = "forestage backtest";
  out.title = "Backtest of " + file_names(options_.paths);
  out.versions = {{"Forestage", FORESTAGE_VERSION}};
  out.card = to_json(outcome);
  const auto& models = outcome.models;
  const auto length = length_of(static_cast<std::int64_t>(outcome.horizon) * options_.interval_seconds);
  out.summary.push_back(fmt::format("{} series, forecast {} ahead from {} origin{}.", outcome.series.size(),
                                    length, outcome.origins, outcome.origins == 1 ? "" : "s"));
  if (models.front().mean) {
    const model_outcome* best = nullptr;
    for (std::size_t m = 1; m < models.size(); ++m)
      if (models[m].mean && !models[m].part && (best == nullptr || models[m].mean->mase < best->mean->mase))
        best = &models[m];
    if (best != nullptr && best->mean->mase > 0)
      out.summary.push_back(fmt::format("The error is {:.1f} % {} than that of the best simple model, {}.",
                                        100 * std::abs(1 - models.front().mean->mase / best->mean->mase),
                                        models.front().mean->mase <= best->mean->mase ? "lower" : "higher",
                                        best->name));
  } else {
    out.summary.emplace_back("It looks past the end of the data: nothing can be scored.");
  }
  out.settings = {{"Series", file_names(options_.paths)},
                  {"Observations", outcome.shortest == outcome.longest
                                       ? fmt::format("{} each", outcome.longest)
                                       : fmt::format("{} to {}", outcome.shortest, outcome.longest)},
                  {"Interval", length_of(options_.interval_seconds)},
                  {"Seasons", fmt::format("{} observations", fmt::join(outcome.seasons, " and "))},
                  {"Horizon", fmt::format("{} observations", outcome.horizon)},
                  {"Origins", options_.origins ? fmt::format("{}", outcome.origins) : "the end of the data"}};
  for (const auto& where : options_.where)
    out.settings.emplace_back("Rows where", where);
  if (outcome.history > 0)
    out.settings.emplace_back("History",
                              fmt::format("{} observations of each series itself", outcome.history));
  out.settings.emplace_back("Seed", std::to_string(options_.seed));
  for (const auto& curve : curves_)
    if (!curve.forecasts.empty()) out.curves.push_back(curve);

  report_horizon horizon;
  std::size_t from = 1;
  for (const auto end : block_ends_) {
    horizon.blocks.push_back(from == end ? fmt::format("{}", end) : fmt::format("{}–{}", from, end));
    from = end + 1;
  }
  for (const auto& m : models)
    if (m.mean && !m.part) horizon.models.push_back({m.name, m.by_block});
  if (!horizon.models.empty()) out.horizon = std::move(horizon);

  report_measure error{"scaled error of the default", {}}, level{"demand, as a multiple of its mean", {}};
  bool known = false;
  for (const auto& h : hours_) {
    const auto per = [&h](double sum) {
      return h.observations > 0 ? std::optional{rounded(sum / h.observations)} : std::nullopt;
    };
    error.values.push_back(per(h.error));
    level.values.push_back(per(h.level));
    known = known || h.observations > 0;
  }
  if (known) out.hours = std::vector<report_measure>{std::move(level), std::move(error)};

  constexpr std::array<const char*, classes> names{"below 1 expected", "1 to 10 expected",
                                                   "10 and more expected"};
  for (std::size_t c = 0; c < classes; ++c) {
    const auto& sums = calibration_[c];
    if (sums.observations == 0) continue;
    report_calibration line{names[c], sums.observations, report_quantiles(), {}};
    for (const double below : sums.below)
      line.coverage.push_back(below / static_cast<double>(sums.observations));
    out.calibration.push_back(std::move(line));
  }
  return out;
}

} // namespace forestage::cluster
