#include "models/demand/experts.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

std::string_view to_string(expert e) noexcept {
  constexpr std::array<std::string_view, expert_count> names{"none",
                                                             "last-count",
                                                             "keepalive-3",
                                                             "keepalive-6",
                                                             "keepalive-12",
                                                             "keepalive-48",
                                                             "keepalive-288",
                                                             "keepalive-3-plus",
                                                             "keepalive-6-plus",
                                                             "last-day",
                                                             "last-week",
                                                             "same-time-fractile",
                                                             "all-time-fractile",
                                                             "base",
                                                             "base-recent",
                                                             "counts",
                                                             "counts-low",
                                                             "counts-high",
                                                             "deviations",
                                                             "regression",
                                                             "indicators",
                                                             "headroom-last",
                                                             "headroom-3",
                                                             "headroom-6",
                                                             "headroom-12",
                                                             "headroom-seasonal",
                                                             "headroom-seasonal-3",
                                                             "headroom-mean",
                                                             "headroom-base",
                                                             "blend"};
  const auto index = static_cast<std::size_t>(e);
  return index < names.size() ? names[index] : "unknown";
}

void expert_mix::observe(const expert_allocations& allocated, float count, float cost_under, float cost_over,
                         float kept) {
  for (std::size_t i = 0; i < expert_lanes; ++i) {
    const float missing = count - allocated[i];
    costs_[i] = costs_[i] * kept + std::max(cost_under * missing, -cost_over * missing);
  }
  observed_ += 1;
}

void expert_mix::scale(float factor) {
  for (auto& cost : costs_)
    cost *= factor;
}

expert_excess expert_mix::excess(const expert_excess& prior) const noexcept {
  const float least = *std::min_element(costs_.begin(), costs_.begin() + expert_count);
  const float worth = prior_intervals / std::max(1.0F, observed_);
  // While nothing has cost anything, only the prior tells them apart; what has is far behind.
  const float per_cost = least > 0 ? 1 / least : 1e6F;
  expert_excess out{};
  for (std::size_t i = 0; i < expert_count; ++i)
    out[i] = (costs_[i] - least) * per_cost + worth * prior[i];
  return out;
}

expert expert_mix::best(const expert_excess& prior) const noexcept {
  const auto all = excess(prior);
  return static_cast<expert>(std::min_element(all.begin(), all.begin() + expert_count) - all.begin());
}

float expert_mix::allocate(const expert_allocations& allocations, const expert_excess& prior) const {
  constexpr float averaged_from = 8; // units
  constexpr float steepness = 20;
  const auto all = excess(prior);
  const auto cheapest =
      static_cast<std::size_t>(std::min_element(all.begin(), all.begin() + expert_count) - all.begin());
  const float alone = allocations[cheapest];
  // A weighted mean cannot exceed the largest of its parts.
  float largest = 0;
  for (std::size_t i = 0; i < expert_count; ++i)
    largest = std::max(largest, allocations[i]);
  if (largest < averaged_from - 0.5F) return alone;
  float weights = 0;
  float sum = 0;
  for (std::size_t i = 0; i < expert_count; ++i) {
    const float exponent = -steepness * (all[i] - all[cheapest]);
    if (exponent < -16) continue; // a weight under 1e-7
    const float weight = std::exp(exponent);
    weights += weight;
    sum += weight * allocations[i];
  }
  const float mean = std::floor(sum / weights + 0.5F);
  return mean >= averaged_from ? mean : alone;
}

void expert_blend::observe(const expert_allocations& allocated, float count, float cost_under,
                           float cost_over, float kept) {
  const float said = allocated[static_cast<std::size_t>(expert::blend)];
  const float slope = count > said ? -cost_under : cost_over; // of the cost, by the unit
  float sum = 0;
  for (std::size_t i = 0; i < expert_lanes; ++i) {
    const bool takes_part = i < static_cast<std::size_t>(expert::blend);
    const float regret = takes_part ? slope * (said - allocated[i]) : 0.0F;
    regrets_[i] = regrets_[i] * kept + regret;
    squares_[i] = squares_[i] * kept + regret * regret;
    largest_[i] = std::max(largest_[i] * kept, regret * regret);
    const float weight = regrets_[i] > 0 ? regrets_[i] / (largest_[i] + squares_[i]) : 0.0F;
    weights_[i] = weight;
    sum += weight;
  }
  if (!(sum > 0)) {
    weights_ = even(); // no expert would have been better
    return;
  }
  const float scale = 1 / sum;
  for (auto& weight : weights_)
    weight *= scale;
}

void expert_blend::scale(float factor) {
  for (auto* sums : {&regrets_, &squares_})
    for (auto& sum : *sums)
      sum *= factor;
}

float expert_blend::allocate(const expert_allocations& allocations) const {
  std::array<float, 4> lanes{};
  for (std::size_t i = 0; i < expert_lanes; i += 4)
    for (std::size_t k = 0; k < 4; ++k)
      lanes[k] += weights_[i + k] * allocations[i + k];
  return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
}

} // namespace forestage::models
