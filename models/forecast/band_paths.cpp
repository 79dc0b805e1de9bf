#include "models/forecast/band_paths.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>

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
  constexpr float to_nearest = 12'582'912; // 1.5 * 2^23: adding and taking it away rounds
  constexpr float per_octave = 1.44269504F, octave_high = 0.693359375F, octave_low = -2.12194440e-4F;
  for (float& each : x) {
    const float held = std::min(std::max(each, -87.0F), 88.0F);
    const float octaves = held * per_octave + to_nearest - to_nearest;
    const float r = held - octaves * octave_high - octaves * octave_low;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    const float power = std::bit_cast<float>((static_cast<std::int32_t>(octaves) + 127) << 23);
    each = (p * r * r + r + 1) * power;
  }
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
