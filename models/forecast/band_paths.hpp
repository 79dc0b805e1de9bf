// From the log scale of a series back to its values, path by path: the last and, by number, the largest step
// of a forecast. Loops without branches, so that they run in vector registers.
#pragma once

#include <limits>
#include <span>

namespace forestage::models {

// x[i] = e^x[i], within 2 units in the last place for |x| <= 87; held to e^-87 and e^88 beyond. S. Moshier's
// Cephes: reduction by multiples of ln 2, a polynomial of degree 5.
void exponentials(std::span<float> x) noexcept;

// z = log(y / unit), or log(1 + y); z above the ceiling stands for the ceiling.
struct value_scale {
  bool plain_log = false;
  double unit = 1;
  double ceiling = std::numeric_limits<double>::infinity();

  [[nodiscard]] float value(double z) const noexcept;
};

// out[k]: the value at path[k] + scales[k] * offsets[k], never below 0 with log(1 + y). All equally long.
void band_path(std::span<const float> path, std::span<const float> scales, std::span<const float> offsets,
               const value_scale& scale, std::span<float> out) noexcept;

} // namespace forestage::models
