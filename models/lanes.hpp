// Arithmetic on padded arrays, in an order of its own that fits vector registers: the same bits on every
// machine, with or without wide registers, and whatever its C library.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace forestage::models {

// Sum of all, in four lanes.
template <std::size_t N> [[nodiscard]] inline float sum_of(const std::array<float, N>& values) {
  static_assert(N % 4 == 0);
  std::array<float, 4> lanes{};
  for (std::size_t i = 0; i < N; i += 4)
    for (std::size_t k = 0; k < 4; ++k)
      lanes[k] += values[i + k];
  return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
}

// The least. @pre no NaN
template <std::size_t N> [[nodiscard]] inline float least_of(const std::array<float, N>& values) {
  static_assert(N % 4 == 0);
  std::array<float, 4> lanes{values[0], values[1], values[2], values[3]};
  for (std::size_t i = 4; i < N; i += 4)
    for (std::size_t k = 0; k < 4; ++k)
      lanes[k] = values[i + k] < lanes[k] ? values[i + k] : lanes[k];
  return std::min(std::min(lanes[0], lanes[2]), std::min(lanes[1], lanes[3]));
}

// The greatest. @pre no NaN
template <std::size_t N> [[nodiscard]] inline float greatest_of(const std::array<float, N>& values) {
  static_assert(N % 4 == 0);
  std::array<float, 4> lanes{values[0], values[1], values[2], values[3]};
  for (std::size_t i = 4; i < N; i += 4)
    for (std::size_t k = 0; k < 4; ++k)
      lanes[k] = lanes[k] < values[i + k] ? values[i + k] : lanes[k];
  return std::max(std::max(lanes[0], lanes[2]), std::max(lanes[1], lanes[3]));
}

// e^x within 2e-7 of itself for x in [-87, 88]; beyond, as if at that end. Cody and Waite's reduction to
// [-ln 2 / 2, ln 2 / 2] and a polynomial (Moshier's Cephes library, expf).
[[nodiscard]] inline float exponential(float x) {
  x = x < -87.0F ? -87.0F : x;
  x = x > 88.0F ? 88.0F : x;
  constexpr float rounder = 12582912.0F; // 1.5 * 2^23: what is added to it is rounded to a whole number
  const float shifted = x * 1.44269504F + rounder;
  const float whole = shifted - rounder;
  const float rest = (x - whole * 0.693359375F) - whole * -2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * rest + 1.3981999507e-3F;
  p = p * rest + 8.3334519073e-3F;
  p = p * rest + 4.1665795894e-2F;
  p = p * rest + 1.6666665459e-1F;
  p = p * rest + 5.0000001201e-1F;
  const float mantissa = (p * rest * rest + rest) + 1;
  const auto power = std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(rounder);
  return mantissa * std::bit_cast<float>((power + 127) << 23);
}

} // namespace forestage::models
