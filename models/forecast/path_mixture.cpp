#include "models/forecast/path_mixture.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace forestage::models {

path_mixture::path_mixture(std::size_t experts, std::vector<std::size_t> block_ends,
                           const mixture_settings& settings)
    : experts_(experts)
    , block_ends_(std::move(block_ends))
    , settings_(settings)
    , losses_(experts * block_ends_.size(), 0) {
  assert(experts > 0 && !block_ends_.empty());
}

void path_mixture::score(std::span<const float> paths, std::span<const float> actual) {
  assert(paths.size() == experts_ * horizon() && actual.size() == horizon());
  for (auto& loss : losses_)
    loss *= settings_.memory;
  weight_ = weight_ * settings_.memory + 1;
  for (std::size_t e = 0; e < experts_; ++e) {
    const auto path = paths.subspan(e * horizon(), horizon());
    for (std::size_t b = 0; b < block_ends_.size(); ++b) {
      double sum = 0;
      for (std::size_t k = block_begin(b); k < block_ends_[b]; ++k)
        sum += std::abs(double{path[k]} - double{actual[k]});
      losses_[e * block_ends_.size() + b] += sum;
    }
  }
}

std::vector<double> path_mixture::weights(std::size_t block, double spread, double rate) const {
  std::vector<double> out(experts_, 1.0 / static_cast<double>(experts_));
  if (weight_ <= 0) return out;
  const auto blocks = block_ends_.size();
  const auto length = static_cast<double>(block_ends_[block] - block_begin(block));
  const double share = blocks > 1 ? settings_.share_of_block : 0;
  for (std::size_t e = 0; e < experts_; ++e) {
    double whole = 0;
    for (std::size_t b = 0; b < blocks; ++b)
      whole += losses_[e * blocks + b];
    out[e] = (share * losses_[e * blocks + block] / length +
              (1 - share) * whole / static_cast<double>(horizon())) /
             weight_;
  }
  const double best = *std::min_element(out.begin(), out.end());
  const double unit = best + settings_.floor * spread + 1e-12;
  double sum = 0;
  for (auto& w : out) {
    w = std::exp(-rate * (w - best) / unit);
    sum += w;
  }
  for (auto& w : out)
    w /= sum;
  return out;
}

void path_mixture::mix(std::span<const float> paths, double spread, double rate,
                       std::span<float> path) const {
  assert(paths.size() == experts_ * horizon() && path.size() == horizon());
  for (std::size_t b = 0; b < block_ends_.size(); ++b) {
    const auto w = weights(b, spread, rate);
    for (std::size_t k = block_begin(b); k < block_ends_[b]; ++k) {
      double sum = 0;
      for (std::size_t e = 0; e < experts_; ++e)
        sum += w[e] * double{paths[e * horizon() + k]};
      path[k] = static_cast<float>(sum);
    }
  }
}

} // namespace forestage::models
