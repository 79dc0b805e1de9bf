#include "models/demand/gram.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

void gram::add(const feature_vector& features, float y, float w) {
  const auto x = features; // a copy of its own, which no sum can overlap, stays in registers
  for (std::size_t i = 0; i < feature_count; ++i) {
    const float wx = w * x[i];
    for (std::size_t j = 0; j < feature_lanes; ++j)
      xx[i][j] += wx * x[j];
  }
  const float wy = w * y;
  for (std::size_t j = 0; j < feature_lanes; ++j)
    xy[j] += wy * x[j];
  rows += 1;
}

void gram::scale(float factor) {
  for (auto& row : xx)
    for (auto& value : row)
      value *= factor;
  for (auto& value : xy)
    value *= factor;
  rows *= factor;
}

void gram::add_scaled(const gram& other, float factor) {
  for (std::size_t i = 0; i < feature_count; ++i)
    for (std::size_t j = 0; j < feature_lanes; ++j)
      xx[i][j] += factor * other.xx[i][j];
  for (std::size_t j = 0; j < feature_lanes; ++j)
    xy[j] += factor * other.xy[j];
  rows += factor * other.rows;
}

weight_vector non_negative_weights(const gram& g, const weight_vector& start) {
  weight_vector w = start;
  weight_vector per_diagonal{};
  for (std::size_t i = 0; i < feature_count; ++i) {
    if (g.xx[i][i] > 0)
      per_diagonal[i] = 1 / g.xx[i][i];
    else
      w[i] = 0;
  }
  constexpr int rounds = 16; // weights start from yesterday's
  for (int round = 0; round < rounds; ++round) {
    float moved = 0;
    for (std::size_t i = 0; i < feature_count; ++i) {
      const float next = std::max(0.0F, w[i] + (g.xy[i] - dot(g.xx[i], w)) * per_diagonal[i]);
      moved = std::max(moved, std::fabs(next - w[i]));
      w[i] = next;
    }
    if (moved < 1e-4F) break;
  }
  return w;
}

std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept {
  constexpr std::int64_t limit = (std::int64_t{1} << 62) - 1;
  return std::clamp(a + b, -limit, limit); // both sides are within the limit, so the sum cannot overflow
}

std::int64_t to_fixed(double value, double unit) noexcept {
  if (!(std::fabs(value) < 1e300)) return 0;
  constexpr double limit = 4.6e18;
  return static_cast<std::int64_t>(std::llround(std::clamp(value * unit, -limit, limit)));
}

void pooled_gram::add(const gram& g) {
  for (std::size_t i = 0; i < feature_count; ++i)
    for (std::size_t j = 0; j < feature_count; ++j) {
      auto& sum = xx[i * feature_count + j];
      sum = saturating_add(sum, to_fixed(static_cast<double>(g.xx[i][j]), unit));
    }
  for (std::size_t j = 0; j < feature_count; ++j)
    xy[j] = saturating_add(xy[j], to_fixed(static_cast<double>(g.xy[j]), unit));
  rows = saturating_add(rows, to_fixed(static_cast<double>(g.rows), unit));
}

void pooled_gram::merge(const pooled_gram& other) {
  for (std::size_t i = 0; i < xx.size(); ++i)
    xx[i] = saturating_add(xx[i], other.xx[i]);
  for (std::size_t i = 0; i < xy.size(); ++i)
    xy[i] = saturating_add(xy[i], other.xy[i]);
  rows = saturating_add(rows, other.rows);
}

gram pooled_gram::to_gram() const {
  gram g;
  for (std::size_t i = 0; i < feature_count; ++i)
    for (std::size_t j = 0; j < feature_count; ++j)
      g.xx[i][j] = static_cast<float>(static_cast<double>(xx[i * feature_count + j]) / unit);
  for (std::size_t j = 0; j < feature_count; ++j)
    g.xy[j] = static_cast<float>(static_cast<double>(xy[j]) / unit);
  g.rows = static_cast<float>(static_cast<double>(rows) / unit);
  return g;
}

} // namespace forestage::models
