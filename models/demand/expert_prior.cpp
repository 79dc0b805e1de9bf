#include "models/demand/expert_prior.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

// At cost ratios of 4, 9 and 19, in the order of `expert`.
constexpr std::array<std::array<float, 3>, expert_count> excess{
    {{0.90F, 0.98F, 1.01F}, {0.07F, 0.26F, 0.52F}, {0.00F, 0.03F, 0.22F}, {0.09F, 0.00F, 0.08F},
     {0.21F, 0.04F, 0.04F}, {0.35F, 0.14F, 0.07F}, {0.35F, 0.15F, 0.07F}, {0.14F, 0.00F, 0.02F},
     {0.29F, 0.07F, 0.00F}, {0.78F, 0.86F, 0.92F}, {0.90F, 0.98F, 1.01F}, {0.79F, 0.87F, 0.92F},
     {0.53F, 0.56F, 0.62F}, {0.30F, 0.28F, 0.25F}, {0.32F, 0.28F, 0.28F}, {0.33F, 0.31F, 0.37F},
     {0.38F, 0.37F, 0.39F}, {0.39F, 0.36F, 0.38F}, {0.45F, 0.39F, 0.39F}, {0.32F, 0.30F, 0.31F},
     {0.50F, 0.52F, 0.58F}, {0.10F, 0.17F, 0.32F}, {0.08F, 0.05F, 0.12F}, {0.14F, 0.05F, 0.06F},
     {0.21F, 0.09F, 0.05F}, {0.10F, 0.17F, 0.32F}, {0.13F, 0.19F, 0.33F}, {0.41F, 0.46F, 0.57F},
     {0.26F, 0.31F, 0.44F}, {0.09F, 0.11F, 0.25F}}};

} // namespace

std::array<float, expert_lanes> expert_prior(float fractile) {
  const std::array<float, 3> at{std::log(4.0F), std::log(9.0F), std::log(19.0F)};
  const float ratio = std::clamp(std::log(fractile / (1 - fractile)), at[0], at[2]);
  const std::size_t low = ratio < at[1] ? 0 : 1;
  const float part = (ratio - at[low]) / (at[low + 1] - at[low]);
  std::array<float, expert_lanes> out{};
  for (std::size_t i = 0; i < expert_count; ++i)
    out[i] = excess[i][low] + part * (excess[i][low + 1] - excess[i][low]);
  const float least = *std::min_element(out.begin(), out.begin() + expert_count);
  for (std::size_t i = 0; i < expert_count; ++i)
    out[i] -= least;
  return out;
}

} // namespace forestage::models
