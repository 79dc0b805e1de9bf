#include "models/metrics/score.hpp"

#include <algorithm>
#include <cassert>

namespace forestage::models {

namespace {

std::optional<double> ratio(std::int64_t numerator, std::int64_t denominator) noexcept {
  if (denominator == 0) return std::nullopt;
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

} // namespace

unit_sums score_interval(std::int64_t demand, std::int64_t units) noexcept {
  assert(demand >= 0 && units >= 0);
  const auto used = std::min(demand, units);
  return {used, demand - used, units - used};
}

double cost(const unit_sums& sums, const unit_costs& costs) noexcept {
  return costs.cost_under * static_cast<double>(sums.cold) +
         costs.cost_over * static_cast<double>(sums.waste);
}

void policy_score::add(std::int64_t day, std::int64_t demand, std::int64_t units) {
  add(day, score_interval(demand, units));
}

void policy_score::add(std::int64_t day, const unit_sums& sums) {
  total_ += sums;
  at(day) += sums;
}

void policy_score::merge(const policy_score& other) {
  const auto days = other.days_; // A copy: a score may be merged into itself.
  total_ += unit_sums{other.total_};
  for (const auto& [day, sums] : days)
    at(day) += sums;
}

unit_sums policy_score::on(std::int64_t day) const noexcept {
  const auto place = std::ranges::lower_bound(days_, day, {}, &day_sums::day);
  return place != days_.end() && place->day == day ? place->sums : unit_sums{};
}

unit_sums& policy_score::at(std::int64_t day) {
  if (!days_.empty() && days_.back().day == day) return days_.back().sums;
  auto place = std::ranges::lower_bound(days_, day, {}, &day_sums::day);
  if (place == days_.end() || place->day != day) place = days_.insert(place, {day, {}});
  return place->sums;
}

std::optional<double> cost_per_request(const unit_sums& sums, const unit_costs& costs) noexcept {
  if (sums.requests() == 0) return std::nullopt;
  return cost(sums, costs) / static_cast<double>(sums.requests());
}

std::optional<double> waste_per_request(const unit_sums& sums) noexcept {
  return ratio(sums.waste, sums.requests());
}

std::optional<double> warm_ratio(const unit_sums& sums) noexcept {
  return ratio(sums.used, sums.requests());
}

std::optional<double> precision(const unit_sums& sums) noexcept {
  return ratio(sums.used, sums.allocated());
}

std::optional<double> coverage(const unit_sums& sums, const unit_sums& none) noexcept {
  return ratio(none.cold - sums.cold, none.cold);
}

std::optional<double> replay_timeliness(const unit_sums& sums) noexcept {
  return ratio(sums.used, sums.used);
}

} // namespace forestage::models
