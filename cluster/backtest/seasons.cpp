#include "cluster/backtest/seasons.hpp"

#include "models/forecast/season_detection.hpp"

#include <fmt/format.h>

#include <span>

namespace forestage::cluster {

namespace {

std::vector<std::span<const double>> before(const std::vector<std::vector<double>>& series,
                                            std::size_t back) {
  std::vector<std::span<const double>> out;
  for (const auto& s : series)
    if (s.size() > back) out.push_back(std::span{s}.first(s.size() - back));
  return out;
}

std::string said(const models::found_seasons& found) {
  if (found.lengths.empty()) return "no season found";
  if (found.lengths.size() == 1)
    return fmt::format("season found: {} steps (autocorrelation {:.2f})", found.lengths[0],
                       found.autocorrelation[0]);
  return fmt::format("seasons found: {} and {} steps (autocorrelations {:.2f} and {:.2f})", found.lengths[0],
                     found.lengths[1], found.autocorrelation[0], found.autocorrelation[1]);
}

} // namespace

std::vector<std::size_t> origins_of(const backtest_options& options, std::size_t horizon) {
  if (!options.origins) return {0};
  const auto every = options.every > 0 ? options.every : horizon;
  std::vector<std::size_t> out;
  for (std::size_t j = *options.origins; j-- > 0;)
    out.push_back(horizon + j * every);
  return out;
}

chosen_seasons choose_seasons(const backtest_options& options,
                              const std::vector<std::vector<double>>& series) {
  const auto calendar = options.resolved_seasons();
  if (!options.seasons.empty()) return {calendar, {}};
  const auto back_of = [&](std::size_t season) {
    return origins_of(options, options.horizon > 0 ? options.horizon : season).front();
  };
  auto back = back_of(calendar.front());
  auto found = models::detect_seasons(before(series, back));
  // A longer season than the day is a longer horizon: the first origin lies earlier than was looked at.
  if (!found.lengths.empty() && back_of(found.lengths.front()) > back) {
    back = back_of(found.lengths.front());
    found = models::detect_seasons(before(series, back));
  }
  const auto taken = fmt::format("{} and {} are taken", calendar.front(), calendar.back());
  if (found.lengths.empty()) return {calendar, said(found) + "; a day and a week, " + taken};
  if (!options.detect_seasons) {
    constexpr double clearly = 0.1;
    const double day = models::pooled_autocorrelation(before(series, back), calendar.front());
    if (found.lengths.front() == calendar.front() || found.autocorrelation.front() < day + clearly)
      return {calendar, said(found) + "; a day and a week, " + taken};
  }
  return {found.lengths, said(found)};
}

} // namespace forestage::cluster
