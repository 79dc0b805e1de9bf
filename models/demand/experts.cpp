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
}

void expert_mix::scale(float factor) {
  for (auto& cost : costs_)
    cost *= factor;
}

void expert_mix::prefer(expert e) {
  constexpr float slight = 1e-6F; // far below what a request costs
  costs_.fill(slight);
  costs_[static_cast<std::size_t>(e)] = 0;
}

expert expert_mix::best() const noexcept {
  std::size_t best = 0;
  for (std::size_t i = 1; i < expert_count; ++i)
    if (costs_[i] < costs_[best]) best = i;
  return static_cast<expert>(best);
}

float expert_mix::allocate(const expert_allocations& allocations) const {
  constexpr float averaged_from = 8; // units
  constexpr float steepness = 20;
  const auto cheapest = static_cast<std::size_t>(best());
  const float alone = allocations[cheapest];
  // A weighted mean cannot exceed the largest of its parts.
  float largest = 0;
  for (std::size_t i = 0; i < expert_count; ++i)
    largest = std::max(largest, allocations[i]);
  if (largest < averaged_from - 0.5F) return alone;
  const float least = costs_[cheapest];
  float weights = 0;
  float sum = 0;
  for (std::size_t i = 0; i < expert_count; ++i) {
    const float exponent =
        least > 0 ? -steepness * (costs_[i] / least - 1) : (costs_[i] <= 0 ? 0.0F : -100.0F);
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
