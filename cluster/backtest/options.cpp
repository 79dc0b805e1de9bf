#include "cluster/backtest/options.hpp"

#include "models/forecast/panel.hpp"

#include <algorithm>
#include <charconv>

namespace forestage::cluster {

using models::errc;
using models::result;

namespace {

template <class Number>
result<std::vector<Number>> numbers(std::string_view text, const char* option, const char* example) {
  std::vector<Number> out;
  while (true) {
    const auto comma = text.find(',');
    const auto part = text.substr(0, comma);
    Number value{};
    const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (failure != std::errc{} || end != part.data() + part.size() || part.empty())
      return {errc::invalid_argument, std::string{option} + ": '" + std::string{part} +
                                          "' is no number; write numbers with commas, such as " + example};
    out.push_back(value);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  std::sort(out.begin(), out.end());
  if (std::adjacent_find(out.begin(), out.end()) != out.end())
    return {errc::invalid_argument, std::string{option} + ": a number comes twice"};
  return out;
}

} // namespace

models::status validate(const backtest_options& o) {
  if (o.paths.empty()) return {errc::invalid_argument, "no file of series: name at least one"};
  if (o.seasons.size() > 2)
    return {errc::invalid_argument,
            "--season: at most two seasons, such as 24,168 (a day and a week of hours)"};
  for (const auto season : o.seasons)
    if (season < 1 || season > 100'000)
      return {errc::invalid_argument, "--season: a season has 1 to 100000 observations"};
  if (o.seasons.size() == 2 && o.seasons[1] % o.seasons[0] != 0)
    return {errc::invalid_argument, "--season: the longer season must be a multiple of the shorter one"};
  if (o.interval_seconds < 1 || o.interval_seconds > 86'400 * 7)
    return {errc::invalid_argument, "--interval: a step is 1 s to 7 days long"};
  if (o.seasons.empty() && 86'400 % o.interval_seconds != 0)
    return {errc::invalid_argument, "--interval: steps that do not divide a day have no season of a day; "
                                    "name the seasons with --season, such as --season 7"};
  for (const auto season : o.resolved_seasons())
    if (season > 100'000)
      return {errc::invalid_argument, "--season: a week has more than 100000 steps of this --interval; name "
                                      "the seasons with --season, such as one day"};
  if (o.horizon > 100'000) return {errc::invalid_argument, "--horizon must be at most 100000 observations"};
  if (o.origins && (*o.origins < 1 || *o.origins > 10'000))
    return {errc::invalid_argument, "--origins must be last or 1 to 10000"};
  if (!o.origins && o.every > 0)
    return {errc::invalid_argument, "--every K stands between several origins: give --origins N, not last"};
  if (o.every > 1'000'000) return {errc::invalid_argument, "--every must be at most 1000000 observations"};
  if (o.history_seconds < 0 || (o.history_seconds > 0 && o.history_seconds < o.interval_seconds))
    return {errc::invalid_argument, "--history must be at least one --interval, such as 6h"};
  if (o.threads > 1'024)
    return {errc::invalid_argument, "--threads must be 1 to 1024, or 0 for one per core"};
  for (const double q : o.quantiles)
    if (!(q > 0 && q < 1))
      return {errc::invalid_argument, "--quantiles lie between 0 and 1, such as 0.5,0.9"};
  return models::success();
}

std::vector<std::size_t> backtest_options::resolved_seasons() const {
  if (!seasons.empty()) return seasons;
  const auto per_day = static_cast<std::size_t>(86'400 / std::max<std::int64_t>(1, interval_seconds));
  return {per_day, 7 * per_day};
}

bool is_shown(const backtest_options& options, std::string_view model, bool simple) {
  const auto& named = options.models;
  if (named.empty()) return simple;
  return std::any_of(named.begin(), named.end(),
                     [model](const std::string& n) { return n == "all" || n == model; });
}

result<std::vector<std::string>> parse_models(std::string_view text) {
  auto known = models::expert_names();
  for (const char* simple : {"default", "seasonal-naive-short", "seasonal-naive-long", "ewma", "time-of-day",
                             "own-median", "own-time-of-day", "all"})
    known.emplace_back(simple);
  std::vector<std::string> out;
  while (true) {
    const auto comma = text.find(',');
    const std::string name{text.substr(0, comma)};
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string names;
      for (const auto& k : known)
        names += (names.empty() ? "" : ", ") + k;
      return {errc::invalid_argument, "--models: there is no model '" + name + "'; there are " + names};
    }
    out.push_back(name);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

std::size_t backtest_options::history() const {
  return history_seconds > 0 ? static_cast<std::size_t>(history_seconds / interval_seconds) : 0;
}

result<std::vector<std::size_t>> parse_seasons(std::string_view text) {
  return numbers<std::size_t>(text, "--season", "24,168");
}

result<std::vector<double>> parse_quantiles(std::string_view text) {
  return numbers<double>(text, "--quantiles", "0.5,0.9");
}

result<std::optional<std::size_t>> parse_origins(std::string_view text) {
  if (text == "last") return std::optional<std::size_t>{};
  auto number = numbers<std::size_t>(text, "--origins", "25");
  if (!number || number->size() != 1)
    return {errc::invalid_argument,
            "--origins '" + std::string{text} + "': write last, or how many, such as 25"};
  return std::optional{number->front()};
}

} // namespace forestage::cluster
