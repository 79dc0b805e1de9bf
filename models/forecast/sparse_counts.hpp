// A count that is mostly zero: how likely a request is, and how large, each an exponential average, as
// Teunter, Syntetos and Babai (European Journal of Operational Research 214, 2011) keep them: the probability
// decays with every zero, the size moves only when something came. The quantiles are those of a hurdle model:
// zero with probability 1 - p, else 1 plus a negative binomial count with the mean and variance of what came.
//
// Good: rooms and routes that are idle most of the time. Bad: rhythms, which it does not know; the time of
// day is another candidate (analogue_bands.hpp).
#pragma once

#include <cstddef>
#include <span>

namespace forestage::models {

class sparse_counts {
public:
  // season: observations; the probability has a half-life of two seasons, sizes of 28 that came.
  explicit sparse_counts(std::size_t season);

  void observe(double count);
  // More than half of what came lately was zero, and something came at all.
  [[nodiscard]] bool sparse() const noexcept { return probability_ < 0.5 && came_ > 0; }
  [[nodiscard]] double mean() const noexcept { return probability_ * size_; }
  // Quantiles of the next observations, all alike. @pre qs ascending, between 0 and 1.
  void quantiles(std::span<const double> qs, std::span<double> out) const;

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) {
    archive(rate_, probability_, size_, square_, seen_, came_);
  }
  [[nodiscard]] bool same_shape(const sparse_counts& other) const { return rate_ == other.rate_; }

private:
  double rate_;
  double probability_ = 0, size_ = 0, square_ = 0; // square: mean of the squared sizes
  double seen_ = 0, came_ = 0;
};

} // namespace forestage::models
