// Experts' paths weighted by what they cost before: exponentially weighted averages per block of the horizon.
//
// Loss of an expert in a block: half its mean absolute error there, half that over the whole horizon, over
// the realised paths so far. Weights: exp(-rate * relative loss), relative to the best expert's loss and a
// floor of the series' own spread. (Vovk, Aggregating strategies, 1990; Cesa-Bianchi and Lugosi, Prediction,
// Learning, and Games, 2006, ch. 2; the blocks and the relative loss are measured in docs/models.md.)
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

struct mixture_settings {
  double floor = 0.02; // of the spread, added to the best loss
  double memory = 1;   // what a loss is worth after the next one: 1 forgets nothing
  double share_of_block = 1;
};

class path_mixture {
public:
  // block_ends: ascending, the last one is the horizon.
  path_mixture(std::size_t experts, std::vector<std::size_t> block_ends,
               const mixture_settings& settings = {});

  // A realised path: the experts' (experts x horizon, one after the other) and what came.
  void score(std::span<const float> paths, std::span<const float> actual);
  // The weighted path. spread: of the series, such as its standard deviation over two weeks.
  // rate: of the exponential; 15 spreads the weights over like experts, 400 follows the best one.
  void mix(std::span<const float> paths, double spread, double rate, std::span<float> path) const;
  // The weights in a block; equal ones before the first score.
  [[nodiscard]] std::vector<double> weights(std::size_t block, double spread, double rate) const;

  [[nodiscard]] std::size_t experts() const noexcept { return experts_; }
  [[nodiscard]] std::size_t horizon() const noexcept { return block_ends_.back(); }
  [[nodiscard]] double scored() const noexcept { return weight_; }

private:
  [[nodiscard]] std::size_t block_begin(std::size_t block) const {
    return block == 0 ? 0 : block_ends_[block - 1];
  }

  std::size_t experts_;
  std::vector<std::size_t> block_ends_;
  mixture_settings settings_;
  std::vector<double> losses_; // experts x blocks: sums of absolute errors, decayed
  double weight_ = 0;          // paths scored, decayed
};

} // namespace forestage::models
