#include "cluster/backtest/backtest.hpp"

#include <fmt/format.h>

namespace forestage::cluster {

namespace {

std::string figure(const std::optional<double>& v, int width, int decimals) {
  return v ? fmt::format("{:>{}.{}f}", *v, width, decimals) : fmt::format("{:>{}}", "-", width);
}

} // namespace

std::string to_text(const backtest_outcome& outcome) {
  std::string text = fmt::format("{} series of {} to {} observations; horizon {}, {} origin{}",
                                 outcome.series.size(), outcome.shortest, outcome.longest, outcome.horizon,
                                 outcome.origins, outcome.origins == 1 ? "" : "s");
  if (outcome.history > 0) text += fmt::format("; each with {} observations of its own", outcome.history);
  if (!outcome.season_note.empty()) text += "\n" + outcome.season_note;
  text += fmt::format("\n\n{:<22}{:>8}{:>8}{:>10}{:>10}{:>10}\n", "model", "MASE", "SPL", "MASE 12", "SPL 12",
                      "CPU s");
  for (const auto& m : outcome.models) {
    const auto of = [&](auto pick) { return m.mean ? pick(*m.mean) : std::optional<double>{}; };
    using scores = models::forecast_scores;
    text += fmt::format("{:<22}", m.name) +
            figure(of([](const scores& s) { return std::optional{s.mase}; }), 8, 3) +
            figure(of([](const scores& s) { return s.spl; }), 8, 3) +
            figure(of([](const scores& s) { return std::optional{s.mase_first}; }), 10, 3) +
            figure(of([](const scores& s) { return s.spl_first; }), 10, 3) +
            figure(m.part ? std::nullopt : std::optional{m.cpu_seconds}, 10, 2);
    // Some experts do not speak of every series.
    if (m.part && m.forecasts < outcome.models.front().forecasts)
      text += fmt::format("  {} of {} forecasts", m.forecasts, outcome.models.front().forecasts);
    text += "\n";
  }
  if (!outcome.models.empty() && outcome.models.front().mean && !outcome.quantiles.empty()) {
    text += "\ncoverage of the default:";
    for (std::size_t q = 0; q < outcome.quantiles.size(); ++q)
      text += fmt::format("  {} {:.3f}", outcome.quantiles[q], outcome.models.front().mean->coverage[q]);
    text += "\n";
  }
  return text;
}

} // namespace forestage::cluster
