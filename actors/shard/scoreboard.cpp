#include "actors/shard/scoreboard.hpp"

namespace forestage::actors {

std::string_view policy_name(std::size_t index) noexcept {
  switch (index) {
  case cost_policy:
    return "cost";
  case threshold_index:
    return "threshold";
  case rate_oracle_index:
    return "rate-oracle";
  case no_intents_index:
    return "cost-no-intents";
  default:
    return models::to_string(static_cast<models::yardstick>(index - first_yardstick));
  }
}

bool takes_part(std::size_t index, const run_settings& settings) noexcept {
  switch (index) {
  case threshold_index:
    return settings.threshold.has_value();
  case rate_oracle_index:
    return false;
  case no_intents_index:
    return settings.intents;
  default:
    return index < policy_count;
  }
}

void scoreboard::merge(const scoreboard& other) {
  for (std::size_t i = 0; i < policy_count; ++i)
    policies[i].merge(other.policies[i]);
  warmup += other.warmup;
  forecast += other.forecast;
  trace.merge(other.trace);
  hindsight.merge(other.hindsight);
  intents += other.intents;
  segments += other.segments;
  left_out += other.left_out;
}

void scoreboard::add_yardsticks(std::int64_t day, const models::yardstick_sums& sums) {
  for (std::size_t i = 0; i < models::yardstick_count; ++i) {
    const auto& p = sums.policies[i];
    policies[first_yardstick + i].add(day, models::unit_sums{p.used, p.cold, p.waste});
  }
}

} // namespace forestage::actors
