#include "models/demand/count_histogram.hpp"

#include <cmath>

namespace forestage::models {

namespace {

std::size_t class_of(float count) {
  if (count < 16) return static_cast<std::size_t>(count) - 1;
  int exponent = 0;
  const float mantissa = std::frexp(count, &exponent); // [0.5, 1)
  return 15 + static_cast<std::size_t>(exponent - 5) * 8 + static_cast<std::size_t>((mantissa - 0.5F) * 16);
}

float value_of(std::size_t index) {
  if (index < 15) return static_cast<float>(index) + 1;
  const auto octave = static_cast<int>((index - 15) / 8) + 5;
  return std::floor(std::ldexp(0.5F + static_cast<float>((index - 15) % 8) / 16 + 1.0F / 32, octave));
}

} // namespace

void count_histogram::add(float count) {
  if (count < 1) return;
  const auto index = class_of(count);
  if (classes_.size() <= index) classes_.resize(index + 1);
  ++classes_[index];
}

float count_histogram::quantile(float level, std::int64_t seen) const {
  // From the top: how many may lie above the quantile.
  const auto rank =
      static_cast<std::int64_t>(std::ceil(static_cast<double>(level) * static_cast<double>(seen) - 1e-6));
  auto above = seen - rank;
  for (std::size_t i = classes_.size(); i-- > 0;) {
    above -= classes_[i];
    if (above < 0) return value_of(i);
  }
  return 0;
}

} // namespace forestage::models
