// Weighted least squares with non-negative weights, learned from additive statistics.
//
// A gram holds sums of w x x' and w x y. Sums of single keys live in floats and fade; those of a pool are
// fixed-point integers, so that adding them up in any order, over any number of shards, gives the same bits.
#pragma once

#include "models/demand/count_features.hpp"

#include <array>
#include <cstdint>

namespace forestage::models {

using weight_vector = std::array<float, feature_lanes>;

// Of one key. Rows of the matrix are padded to whole vector registers.
struct gram {
  std::array<feature_vector, feature_count> xx{};
  feature_vector xy{};
  float rows = 0;

  // Adds one observation y with its features and weight w.
  void add(const feature_vector& features, float y, float w);
  void scale(float factor);
  void add_scaled(const gram& other, float factor);

  template <class Archive> void fields(Archive& archive) { archive(xx, xy, rows); }
};

// Sum of products of two padded vectors, in four lanes: the order of the additions is fixed and fits vector
// registers.
template <std::size_t N>
[[nodiscard]] inline float dot(const std::array<float, N>& a, const std::array<float, N>& b) {
  static_assert(N % 4 == 0);
  std::array<float, 4> lanes{};
  for (std::size_t i = 0; i < N; i += 4)
    for (std::size_t k = 0; k < 4; ++k)
      lanes[k] += a[i + k] * b[i + k];
  return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
}

// argmin over w >= 0 of w'A w - 2 b'w, by coordinate descent from `start`. At most 16 rounds or until no
// weight moves by 1e-4: weights start from yesterday's, so they settle over days. (Franc, Hlavac, Navara
// 2005, sequential coordinate-wise algorithm for non-negative least squares.)
[[nodiscard]] weight_vector non_negative_weights(const gram& g, const weight_vector& start);

// Additive statistics of a pool, in units of 2^-20. Sums saturate at +-(2^62 - 1).
struct pooled_gram {
  static constexpr double unit = 1048576.0;
  std::array<std::int64_t, feature_count * feature_count> xx{};
  std::array<std::int64_t, feature_count> xy{};
  std::int64_t rows = 0;

  // Adds what a key gathered since it last reported.
  void add(const gram& g);
  void merge(const pooled_gram& other);
  [[nodiscard]] gram to_gram() const;

  friend bool operator==(const pooled_gram&, const pooled_gram&) = default;
  template <class Archive> void fields(Archive& archive) { archive(xx, xy, rows); }
};

[[nodiscard]] std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept;
[[nodiscard]] std::int64_t to_fixed(double value, double unit) noexcept;

} // namespace forestage::models
