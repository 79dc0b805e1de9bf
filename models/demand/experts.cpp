#include "models/demand/experts.hpp"

#include "models/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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

void expert_mix::observe(const expert_allocations& allocations, float count, float cost_under,
                         float cost_over, float kept) {
  const auto allocated = allocations; // a copy that no sum can overlap
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
  const float least = least_of(costs_);
  const float worth = prior_intervals / std::max(1.0F, observed_);
  // While nothing has cost anything, only the prior tells them apart; what has is far behind.
  const float per_cost = least > 0 ? 1 / least : 1e6F;
  expert_excess out;
  for (std::size_t i = 0; i < expert_lanes; ++i)
    out[i] = (costs_[i] - least) * per_cost + worth * prior[i];
  std::fill(out.begin() + expert_count, out.end(), std::numeric_limits<float>::max());
  return out;
}

namespace {

std::size_t first_of_least(const expert_excess& all) {
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), least_of(all)) - all.begin());
}

} // namespace

expert expert_mix::best(const expert_excess& prior) const noexcept {
  return static_cast<expert>(first_of_least(excess(prior)));
}

float expert_mix::allocate(const expert_allocations& allocations, const expert_excess& prior) const {
  constexpr float averaged_from = 8; // units
  constexpr float steepness = 20;
  const auto all = excess(prior);
  const auto cheapest = first_of_least(all);
  const float alone = allocations[cheapest];
  // A weighted mean cannot exceed the largest of its parts.
  if (greatest_of(allocations) < averaged_from - 0.5F) return alone;
  std::array<float, expert_lanes> weights;
  std::array<float, expert_lanes> parts;
  const float least = all[cheapest];
  for (std::size_t i = 0; i < expert_lanes; ++i) {
    const float exponent = -steepness * (all[i] - least);
    const float weight = exponential(exponent);
    weights[i] = exponent < -16 ? 0.0F : weight; // under 1e-7
    parts[i] = weights[i] * allocations[i];
  }
  const float mean = std::floor(sum_of(parts) / sum_of(weights) + 0.5F);
  return mean >= averaged_from ? mean : alone;
}

void expert_blend::observe(const expert_allocations& allocations, float count, float cost_under,
                           float cost_over, float kept) {
  constexpr auto self = static_cast<std::size_t>(expert::blend);
  auto allocated = allocations; // a copy that no sum can overlap
  const float said = allocated[self];
  // What takes no part regrets nothing.
  std::fill(allocated.begin() + self, allocated.end(), said);
  const float slope = count > said ? -cost_under : cost_over; // of the cost, by the unit
  for (std::size_t i = 0; i < expert_lanes; ++i) {
    const float regret = slope * (said - allocated[i]);
    const float square = regret * regret;
    regrets_[i] = regrets_[i] * kept + regret;
    squares_[i] = squares_[i] * kept + square;
    const float faded = largest_[i] * kept;
    largest_[i] = faded < square ? square : faded;
    const float weight = regrets_[i] / (largest_[i] + squares_[i]);
    weights_[i] = regrets_[i] > 0 ? weight : 0.0F;
  }
  const float sum = sum_of(weights_);
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
