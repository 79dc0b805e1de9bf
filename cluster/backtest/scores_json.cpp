#include "cluster/backtest/backtest.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace forestage::cluster {

namespace {

using json = nlohmann::ordered_json;

json number(const std::optional<double>& v) {
  return v ? json(*v) : json(nullptr);
}

json scores_of(const std::optional<models::forecast_scores>& s, const std::vector<double>& quantiles) {
  json out{{"mase", number(s ? std::optional{s->mase} : std::nullopt)},
           {"spl", number(s ? s->spl : std::nullopt)},
           {"mase_first_hour", number(s ? std::optional{s->mase_first} : std::nullopt)},
           {"spl_first_hour", number(s ? s->spl_first : std::nullopt)}};
  auto& coverage = out["coverage"] = json::object();
  for (std::size_t q = 0; q < quantiles.size(); ++q)
    coverage[fmt::format("{}", quantiles[q])] =
        number(s && q < s->coverage.size() ? std::optional{s->coverage[q]} : std::nullopt);
  return out;
}

} // namespace

std::string to_json(const backtest_outcome& outcome) {
  json out{{"series", outcome.series.size()},
           {"horizon", outcome.horizon},
           {"origins", outcome.origins},
           {"seasons", outcome.seasons},
           {"history", outcome.history > 0 ? json(outcome.history) : json(nullptr)}};
  auto& all = out["models"] = json::object();
  for (const auto& m : outcome.models) {
    auto scores = scores_of(m.mean, outcome.quantiles);
    scores["cpu_seconds"] = m.part ? json(nullptr) : json(m.cpu_seconds);
    scores["bytes"] = m.part ? json(nullptr) : json(m.bytes);
    if (m.part) scores["forecasts"] = m.forecasts;
    auto& each = scores["each"] = json::object();
    for (std::size_t i = 0; i < m.each.size(); ++i)
      each[outcome.series[i]] = scores_of(m.each[i], outcome.quantiles);
    all[m.name] = std::move(scores);
  }
  // Names come from files: what is no UTF-8 in them is replaced.
  return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace forestage::cluster
