// A stream of random numbers that depends on its key alone: SplitMix64 (Steele, Lea, Flood 2014) started at a
// hash of the key. Two keys give independent streams, so what is drawn for one (resource, region, day) does
// not depend on what was drawn before it, on the order of iteration or on threads. Integer and IEEE 754 basic
// operations only. Value type.
#pragma once

#include "models/synthetic/portable_math.hpp"

#include <cstdint>
#include <initializer_list>

namespace forestage::models::synthetic {

class random_stream {
public:
  // The key is a list of numbers; by convention the seed, what is drawn, and of what.
  explicit constexpr random_stream(std::initializer_list<std::uint64_t> key) noexcept {
    for (const auto part : key)
      state_ = mix(state_ ^ mix(part + step));
  }

  constexpr std::uint64_t bits() noexcept { return mix(state_ += step); }
  // In [0, 1), 53 bits.
  constexpr double uniform() noexcept { return static_cast<double>(bits() >> 11U) * 0x1p-53; }
  constexpr double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }
  // In 0 .. count - 1. Precondition: count >= 1. The bias is below count * 2^-32, of no consequence here.
  constexpr std::uint32_t below(std::uint32_t count) noexcept {
    return static_cast<std::uint32_t>(((bits() >> 32U) * count) >> 32U);
  }
  // Exponential with mean 1.
  double exponential() noexcept { return -portable_log(1 - uniform()); }
  // Poisson by inversion, in pieces of at most 16, so the cost is that of the events themselves.
  std::uint64_t poisson(double mean) noexcept {
    std::uint64_t count = 0;
    for (; mean > 16; mean -= 16)
      count += poisson_piece(16);
    return count + poisson_piece(mean);
  }

private:
  static constexpr std::uint64_t step = 0x9e3779b97f4a7c15ULL;

  static constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31U);
  }

  std::uint64_t poisson_piece(double mean) noexcept {
    const double u = uniform();
    if (u < 1 - mean) return 0; // exp(-mean) >= 1 - mean: most cells of a sparse log end here
    double probability = portable_exp(-mean);
    double sum = probability;
    std::uint64_t count = 0;
    while (u >= sum && count < 200) {
      ++count;
      probability *= mean / static_cast<double>(count);
      sum += probability;
    }
    return count;
  }

  std::uint64_t state_ = 0;
};

} // namespace forestage::models::synthetic
