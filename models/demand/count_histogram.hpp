// How often each count of a key occurred, and the fractile of them all: exact to 15, then eight classes an
// octave. Zeros are not kept: whoever asks says how many intervals were seen. Value type; 4 bytes a class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace forestage::models {

class count_histogram {
public:
  void add(float count);
  // Smallest class value a with at least `level` of `seen` observations (zeros included) at or below it.
  [[nodiscard]] float quantile(float level, std::int64_t seen) const;
  void refresh(float level, std::int64_t seen) { cached_ = quantile(level, seen); }
  // As of the last refresh().
  [[nodiscard]] float cached() const noexcept { return cached_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return classes_.capacity() * sizeof(std::uint32_t); }

  template <class Archive> void fields(Archive& archive) { archive(classes_, cached_); }

private:
  std::vector<std::uint32_t> classes_; // of counts >= 1
  float cached_ = 0;
};

} // namespace forestage::models
