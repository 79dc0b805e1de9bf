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
                                                             "headroom-base"};
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

expert expert_mix::best() const noexcept {
  std::size_t best = 0;
  for (std::size_t i = 1; i < expert_count; ++i)
    if (costs_[i] < costs_[best]) best = i;
  return static_cast<expert>(best);
}

float expert_mix::allocate(const expert_allocations& allocations) const {
  constexpr float averaged_from = 8; // units
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
    const float exponent = least > 0 ? -15 * (costs_[i] / least - 1) : (costs_[i] <= 0 ? 0.0F : -100.0F);
    if (exponent < -16) continue; // a weight under 1e-7
    const float weight = std::exp(exponent);
    weights += weight;
    sum += weight * allocations[i];
  }
  const float mean = std::floor(sum / weights + 0.5F);
  return mean >= averaged_from ? mean : alone;
}

} // namespace forestage::models
