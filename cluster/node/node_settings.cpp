#include "cluster/node/node_settings.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace forestage::cluster {

using models::result;

namespace {

constexpr std::int64_t ms_per_second = 1'000, no_limit = 1'000'000'000;

std::int64_t interval_seconds(const node_config& config) {
  return config.demand.interval_ms / ms_per_second;
}

// The configuration says it of 300 s, the models count in intervals.
double cost_over(const node_config& config) {
  constexpr double per = 300;
  return config.allocation.cost_over * static_cast<double>(interval_seconds(config)) / per;
}

} // namespace

result<actors::run_settings_ptr> settings_of(const node_config& config, models::interval_number first) {
  models::demand_options demand;
  demand.interval_seconds = interval_seconds(config);
  demand.lead = config.allocation.lead;
  demand.cost_under = config.allocation.cost_under;
  demand.cost_over = cost_over(config);
  demand.first = first;
  auto made = models::demand_settings::make(demand);
  if (!made) return made.failure();
  models::model_context context{std::move(*made)};
  models::yardstick_settings yardsticks;
  yardsticks.lead = demand.lead;
  yardsticks.per_day = context.settings.per_day();
  yardsticks.per_week = context.settings.per_week();
  yardsticks.first = first;
  yardsticks.evaluation = first; // a node plans and is scored from its first interval on
  yardsticks.cost_under = demand.cost_under;
  yardsticks.cost_over = demand.cost_over;
  auto settings =
      std::make_shared<actors::run_settings>(actors::run_settings{std::move(context), yardsticks});
  settings->budgeted = !config.allocation.budget.empty();
  settings->intents = true;
  settings->forward = models::intent_context{settings->models.settings};
  settings->shards = static_cast<std::uint32_t>(config.cluster.shards);
  if (config.allocation.policy == allocation_policy::threshold)
    settings->threshold = actors::threshold_policy{config.allocation.threshold};
  settings->live = true;
  return actors::run_settings_ptr{std::move(settings)};
}

std::int64_t budget_of(const node_config& config, const models::region_id& region) {
  const auto* units = value_for(config.allocation.budget, region.text());
  return units == nullptr ? no_limit : *units;
}

std::string history_text(const node_config& config) {
  const auto& a = config.allocation;
  return nlohmann::ordered_json{
      {"format", 1},
      {"demand.interval", interval_seconds(config)},
      {"cluster.shards", config.cluster.shards},
      {"allocation.lead", a.lead},
      {"allocation.cost_under", a.cost_under},
      {"allocation.cost_over", a.cost_over},
      {"allocation.budget", !a.budget.empty()},
      {"allocation.threshold", a.policy == allocation_policy::threshold ? a.threshold : -1}}
      .dump();
}

} // namespace forestage::cluster
