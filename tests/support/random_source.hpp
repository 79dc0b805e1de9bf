// Random numbers of tests: the same on every machine, which the standard library's distributions are not.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace forestage::tests {

// SplitMix64.
class random_source {
public:
  explicit random_source(std::uint64_t seed)
      : state_(seed) {}

  std::uint64_t next() {
    auto z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  // In [0, bound); bound >= 1.
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }
  // In [least, most].
  std::int64_t between(std::int64_t least, std::int64_t most) { return least + below(most - least + 1); }
  // In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1p-53; }
  bool chance(double p) { return uniform() < p; }
  // Poisson distributed; means up to a few hundred.
  std::int64_t poisson(double mean) {
    const double limit = std::exp(-mean);
    std::int64_t n = 0;
    for (double product = uniform(); product > limit; product *= uniform())
      ++n;
    return n;
  }
  template <class T> void shuffle(std::vector<T>& items) {
    for (auto i = static_cast<std::int64_t>(items.size()); i > 1; --i)
      std::swap(items[static_cast<std::size_t>(i - 1)], items[static_cast<std::size_t>(below(i))]);
  }

private:
  std::uint64_t state_;
};

} // namespace forestage::tests
