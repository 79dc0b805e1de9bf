#include "models/forecast/band_paths.hpp"

#include "models/lanes.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

// Twice as wide registers where the machine has them: the same operations on each number, so the same bits.
// Sanitizers and other compilers take the plain form.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) &&                 \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FORESTAGE_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define FORESTAGE_WIDE
#endif

namespace forestage::models {

FORESTAGE_WIDE void exponentials(std::span<float> x) noexcept {
  for (float& each : x)
    each = exponential(each);
}

float value_scale::value(double z) const noexcept {
  z = std::min(z, ceiling);
  return static_cast<float>(plain_log ? unit * std::exp(z) : std::max(0.0, std::expm1(z)));
}

FORESTAGE_WIDE void band_path(std::span<const float> path, std::span<const float> scales,
                              std::span<const float> offsets, const value_scale& scale,
                              std::span<float> out) noexcept {
  assert(scales.size() == path.size() && offsets.size() == path.size() && out.size() == path.size());
  const auto most = static_cast<float>(scale.ceiling);
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k] = std::min(path[k] + scales[k] * offsets[k], most);
  exponentials(out);
  const auto unit = static_cast<float>(scale.unit);
  if (scale.plain_log)
    for (float& v : out)
      v *= unit;
  else
    for (float& v : out)
      v = std::max(0.0F, v - 1);
}

} // namespace forestage::models

#undef FORESTAGE_WIDE
