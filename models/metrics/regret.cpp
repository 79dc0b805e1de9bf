#include "models/metrics/regret.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace forestage::models {

std::optional<named_cost> best_of(std::span<const std::string_view> set,
                                  std::span<const named_cost> costs) noexcept {
  std::optional<named_cost> best;
  for (const auto name : set) {
    const auto found = std::ranges::find(costs, name, &named_cost::name);
    if (found == costs.end()) return std::nullopt;
    if (!best || found->cost < best->cost) best = named_cost{name, found->cost};
  }
  return best;
}

std::optional<double> regret(double policy, double oracle, double best) noexcept {
  if (oracle >= no_room_share * best) return std::nullopt;
  return (policy - oracle) / (best - oracle);
}

std::optional<double> cost_none_over_best(double none, double best) noexcept {
  if (!(best > 0.0)) return std::nullopt;
  return none / best;
}

std::optional<double> ratio_standard_error(std::span<const double> a, std::span<const double> b) noexcept {
  if (a.size() != b.size() || a.size() < 2) return std::nullopt;
  const auto sum_a = std::accumulate(a.begin(), a.end(), 0.0);
  const auto sum_b = std::accumulate(b.begin(), b.end(), 0.0);
  if (!(sum_b > 0.0)) return std::nullopt;
  const auto r = sum_a / sum_b;
  auto squares = 0.0;
  for (std::size_t day = 0; day < a.size(); ++day) {
    const auto residual = a[day] - r * b[day];
    squares += residual * residual;
  }
  return std::sqrt(squares) / sum_b;
}

std::optional<double> regret_standard_error(const policy_score& policy, const policy_score& best,
                                            const policy_score& oracle, const unit_costs& costs) {
  std::vector<std::int64_t> days;
  for (const auto* score : {&policy, &best, &oracle})
    for (const auto& each : score->days())
      days.push_back(each.day);
  std::ranges::sort(days);
  days.erase(std::unique(days.begin(), days.end()), days.end());

  std::vector<double> a;
  std::vector<double> b;
  for (const auto day : days) {
    const auto floor = cost(oracle.on(day), costs);
    a.push_back(cost(policy.on(day), costs) - floor);
    b.push_back(cost(best.on(day), costs) - floor);
  }
  return ratio_standard_error(a, b);
}

regret_summary summarize_regret(const policy_score& policy, const policy_score& oracle,
                                std::span<const named_score> scores, const unit_costs& costs) {
  std::vector<named_cost> named;
  for (const auto& each : scores)
    named.push_back({each.name, cost(each.score.total(), costs)});
  const auto own = cost(policy.total(), costs);
  const auto floor = cost(oracle.total(), costs);

  regret_summary summary;
  if (const auto best = best_of(field_yardsticks, named)) {
    summary.best_field = best->name;
    summary.regret_field = regret(own, floor, best->cost);
  }
  if (const auto best = best_of(strict_yardsticks, named)) {
    summary.best_strict = best->name;
    summary.regret_strict = regret(own, floor, best->cost);
    const auto yardstick = std::ranges::find(scores, best->name, &named_score::name);
    if (summary.regret_strict)
      summary.regret_se = regret_standard_error(policy, yardstick->score, oracle, costs);
    const auto none = std::ranges::find(named, "none", &named_cost::name);
    if (none != named.end()) summary.cost_none_over_best = cost_none_over_best(none->cost, best->cost);
  }
  return summary;
}

} // namespace forestage::models
