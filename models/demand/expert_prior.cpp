#include "models/demand/expert_prior.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

// By class; in the order of `expert`; at cost ratios of 4, 9 and 19.
constexpr std::array<std::array<std::array<float, 3>, expert_count>, expert_classes> measured{{
    {{
        {0.21F, 0.32F, 0.59F}, {0.22F, 0.25F, 0.48F}, {0.26F, 0.14F, 0.30F}, {0.38F, 0.12F, 0.18F},
        {0.54F, 0.16F, 0.07F}, {0.84F, 0.37F, 0.12F}, {0.89F, 0.46F, 0.20F}, {0.61F, 0.34F, 0.39F},
        {0.82F, 0.42F, 0.36F}, {0.00F, 0.15F, 0.42F}, {0.21F, 0.32F, 0.59F}, {0.00F, 0.14F, 0.38F},
        {0.22F, 0.14F, 0.11F}, {0.19F, 0.10F, 0.19F}, {0.09F, 0.00F, 0.00F}, {0.19F, 0.13F, 0.21F},
        {0.20F, 0.17F, 0.25F}, {0.30F, 0.19F, 0.26F}, {0.21F, 0.09F, 0.07F}, {0.15F, 0.05F, 0.04F},
        {0.18F, 0.12F, 0.19F}, {0.24F, 0.27F, 0.49F}, {0.26F, 0.15F, 0.31F}, {0.35F, 0.12F, 0.19F},
        {0.45F, 0.15F, 0.08F}, {0.24F, 0.27F, 0.49F}, {0.22F, 0.22F, 0.43F}, {0.21F, 0.23F, 0.45F},
        {0.15F, 0.21F, 0.46F}, {0.21F, 0.27F, 0.54F},
    }},
    {{
        {0.48F, 0.80F, 1.02F}, {0.11F, 0.37F, 0.68F}, {0.01F, 0.11F, 0.33F}, {0.08F, 0.03F, 0.12F},
        {0.22F, 0.04F, 0.00F}, {0.46F, 0.23F, 0.08F}, {0.46F, 0.24F, 0.08F}, {0.16F, 0.11F, 0.20F},
        {0.32F, 0.13F, 0.08F}, {0.42F, 0.70F, 0.93F}, {0.48F, 0.80F, 1.02F}, {0.42F, 0.70F, 0.92F},
        {0.20F, 0.34F, 0.48F}, {0.00F, 0.00F, 0.02F}, {0.02F, 0.04F, 0.05F}, {0.22F, 0.25F, 0.44F},
        {0.25F, 0.34F, 0.37F}, {0.35F, 0.44F, 0.54F}, {0.52F, 0.46F, 0.46F}, {0.31F, 0.31F, 0.34F},
        {0.13F, 0.26F, 0.45F}, {0.13F, 0.35F, 0.61F}, {0.02F, 0.12F, 0.29F}, {0.05F, 0.04F, 0.12F},
        {0.12F, 0.04F, 0.01F}, {0.13F, 0.35F, 0.61F}, {0.06F, 0.25F, 0.49F}, {0.24F, 0.35F, 0.57F},
        {0.07F, 0.27F, 0.53F}, {0.10F, 0.26F, 0.53F},
    }},
    {{
        {1.03F, 1.08F, 1.04F}, {0.07F, 0.29F, 0.54F}, {0.00F, 0.07F, 0.24F}, {0.09F, 0.04F, 0.11F},
        {0.21F, 0.09F, 0.08F}, {0.32F, 0.17F, 0.10F}, {0.33F, 0.17F, 0.10F}, {0.12F, 0.00F, 0.01F},
        {0.27F, 0.07F, 0.00F}, {0.88F, 0.93F, 0.94F}, {1.03F, 1.08F, 1.04F}, {0.88F, 0.93F, 0.93F},
        {0.57F, 0.60F, 0.63F}, {0.35F, 0.38F, 0.35F}, {0.39F, 0.40F, 0.40F}, {0.38F, 0.39F, 0.41F},
        {0.40F, 0.42F, 0.42F}, {0.44F, 0.42F, 0.39F}, {0.46F, 0.45F, 0.43F}, {0.33F, 0.35F, 0.35F},
        {0.55F, 0.59F, 0.61F}, {0.10F, 0.17F, 0.28F}, {0.10F, 0.07F, 0.11F}, {0.16F, 0.10F, 0.08F},
        {0.23F, 0.15F, 0.10F}, {0.10F, 0.17F, 0.28F}, {0.14F, 0.20F, 0.29F}, {0.46F, 0.52F, 0.56F},
        {0.30F, 0.32F, 0.39F}, {0.07F, 0.07F, 0.14F},
    }},
}};

} // namespace

expert_prior::expert_prior(float fractile) {
  const std::array<float, 3> at{std::log(4.0F), std::log(9.0F), std::log(19.0F)};
  const float ratio = std::clamp(std::log(fractile / (1 - fractile)), at[0], at[2]);
  const std::size_t low = ratio < at[1] ? 0 : 1;
  const float part = (ratio - at[low]) / (at[low + 1] - at[low]);
  for (std::size_t c = 0; c < expert_classes; ++c) {
    auto& excess = excess_[c];
    for (std::size_t i = 0; i < expert_count; ++i)
      excess[i] = measured[c][i][low] + part * (measured[c][i][low + 1] - measured[c][i][low]);
    const float least = *std::min_element(excess.begin(), excess.begin() + expert_count);
    for (std::size_t i = 0; i < expert_count; ++i)
      excess[i] -= least;
  }
}

const expert_excess& expert_prior::of(float mean) const noexcept {
  constexpr std::array<float, expert_classes - 1> limits{0.3F, 3};
  std::size_t c = 0;
  while (c < limits.size() && mean >= limits[c])
    ++c;
  return excess_[c];
}

} // namespace forestage::models
