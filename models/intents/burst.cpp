#include "models/intents/burst.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

constexpr std::array<float, burst_choices - 1> shapes{4, 1.3F, 0.4F, 0.12F, 0.03F};
constexpr float least_factor = 0.2F;

} // namespace

std::array<float, burst_choices> burst_factors(float mean, float n, float share) {
  std::array<float, burst_choices> out;
  out[0] = 1;
  for (std::size_t i = 0; i < shapes.size(); ++i)
    out[i + 1] = std::clamp((shapes[i] + n) / (shapes[i] + share * mean), least_factor, 1.0F);
  return out;
}

float quasi_loss(float mean, float dispersion, float count) {
  return (mean - count * std::log(mean)) / (1 + dispersion * mean);
}

} // namespace forestage::models
