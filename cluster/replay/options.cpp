#include "cluster/replay/options.hpp"

#include "models/demand/settings.hpp"
#include "models/yardsticks/yardstick.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace forestage::cluster {

using models::errc;
using models::result;

namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

} // namespace

bool replay_options::wants_hindsight_mix() const {
  return !budget.limited() &&
         std::find(yardsticks.begin(), yardsticks.end(), hindsight_mix_name) != yardsticks.end();
}

models::status validate(const replay_options& o) {
  if (o.paths.empty()) return {errc::invalid_argument, "no log: name at least one file"};
  models::demand_options demand;
  if (o.interval_seconds != 0) demand.interval_seconds = o.interval_seconds;
  demand.lead = o.lead;
  demand.cost_under = o.cost_under;
  demand.cost_over = o.cost_over;
  if (auto settings = models::demand_settings::make(demand); !settings) return settings.failure();
  if (!(o.warmup >= 0 && o.warmup < 1))
    return {errc::invalid_argument,
            "--warmup must be at least 0 and below 100%: the rest is what gets evaluated"};
  if (o.min_peers < 1 || o.min_peers > 1'000)
    return {errc::invalid_argument, "--min-peers must be 1 to 1000"};
  if (o.shards < 1 || o.shards > 4'096) return {errc::invalid_argument, "--shards must be 1 to 4096"};
  if (o.threads > 256) return {errc::invalid_argument, "--threads must be at most 256 (0: one per core)"};
  if (o.collection_size < 1 || o.collection_size > 1'000'000'000)
    return {errc::invalid_argument, "--collection-size must be 1 to 1000000000 slots"};
  if (!o.cost_policy && !o.threshold)
    return {errc::invalid_argument, "--policy: choose cost, threshold or both (cost,threshold)"};
  if (o.threshold && !(*o.threshold >= 0 && *o.threshold <= 1e9))
    return {errc::invalid_argument, "--threshold must be 0 or more requests an interval"};
  if (o.resume && o.data_dir.empty())
    return {errc::invalid_argument, "--resume needs --data-dir: the run to go on with is kept there"};
  return models::success();
}

result<budget_rule> parse_budget(std::string_view text) {
  if (text == "none" || text.empty()) return budget_rule{};
  if (text.back() == 'x') {
    const auto multiple = number(text.substr(0, text.size() - 1));
    if (multiple && *multiple > 0 && *multiple <= 1e6) return budget_rule{multiple, {}};
  } else if (const auto units = number(text);
             units && *units >= 0 && *units <= 1e12 && std::floor(*units) == *units) {
    return budget_rule{{}, static_cast<std::int64_t>(*units)};
  }
  return {errc::invalid_argument,
          "--budget '" + std::string{text} +
              "': give none, a multiple of each region's mean demand such as 1.0x, or a whole number of "
              "units per region and interval"};
}

result<std::pair<double, double>> parse_cost_ratio(std::string_view text) {
  const auto colon = text.find(':');
  if (colon != std::string_view::npos) {
    const auto under = number(text.substr(0, colon));
    const auto over = number(text.substr(colon + 1));
    if (under && over && *under > 0 && *over > 0 && *under <= 1e6 && *over <= 1e6)
      return std::pair{*under, *over};
  }
  return {errc::invalid_argument,
          "--cost-ratio '" + std::string{text} +
              "': give the cost of a cold request and of an idle unit for one interval, such as 9:1"};
}

result<std::int64_t> parse_duration(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const std::int64_t factor = unit.empty() || unit == "s"    ? 1
                              : unit == "m" || unit == "min" ? 60
                              : unit == "h"                  ? 3'600
                              : unit == "d"                  ? 86'400
                                                             : 0;
  if (failure != std::errc{} || factor == 0 || value <= 0 || value > 86'400 * 366)
    return {errc::invalid_argument,
            "'" + std::string{text} + "' is not a length of time: write 5m, 15m, 1h or seconds"};
  return value * factor;
}

result<double> parse_share(std::string_view text) {
  const bool percent = !text.empty() && text.back() == '%';
  if (percent) text.remove_suffix(1);
  if (const auto value = number(text)) return percent ? *value / 100 : *value;
  return {errc::invalid_argument, "'" + std::string{text} + "' is not a share: write 50% or 0.5"};
}

namespace {

struct named_source {
  std::string_view name;
  bool models::ablation::*is;
};
constexpr std::array ablations{named_source{"history", &models::ablation::history},
                               named_source{"live", &models::ablation::live},
                               named_source{"pooling", &models::ablation::pooling},
                               named_source{"recalibration", &models::ablation::recalibration}};

} // namespace

result<models::ablation> parse_ablation(std::string_view text) {
  models::ablation out;
  for (std::size_t at = 0; !text.empty() && at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    const auto name = text.substr(at, comma - at);
    at = comma + 1;
    const auto known = std::find_if(ablations.begin(), ablations.end(),
                                    [&](const named_source& source) { return source.name == name; });
    if (known == ablations.end())
      return {
          errc::invalid_argument,
          "--without: '" + std::string{name} +
              "' is none of history, live, pooling, recalibration; what is told "
              "to the models (--intents, --sequence, --calendar, --catalogue) is left out by not telling it"};
    out.*known->is = true;
  }
  return out;
}

std::string to_string(const models::ablation& without) {
  std::string text;
  for (const auto& source : ablations) {
    if (!(without.*source.is)) continue;
    if (!text.empty()) text += ',';
    text += source.name;
  }
  return text;
}

result<std::vector<std::string>> parse_yardsticks(std::string_view text, bool with_truth) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < models::yardstick_count; ++i)
    all.emplace_back(models::to_string(static_cast<models::yardstick>(i)));
  all.emplace_back(hindsight_mix_name);
  std::vector<std::string> out;
  if (text == "all") {
    out = all;
  } else if (text == "default" || text.empty()) {
    out = {"none", "reactive", "last-week", "static-q", "oracle"};
  } else {
    for (std::size_t at = 0; at <= text.size();) {
      const auto comma = std::min(text.find(',', at), text.size());
      const std::string name{text.substr(at, comma - at)};
      if (std::find(all.begin(), all.end(), name) == all.end()) {
        std::string known;
        for (const auto& n : all)
          known += (known.empty() ? "" : ", ") + n;
        return {errc::invalid_argument,
                "--yardsticks: '" + name + "' is none of " + known + "; or write all"};
      }
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
      at = comma + 1;
    }
  }
  if (with_truth) out.emplace_back("rate-oracle");
  return out;
}

} // namespace forestage::cluster
