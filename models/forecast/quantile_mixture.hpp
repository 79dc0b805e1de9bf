// Several sets of quantile paths weighted by what they cost before, level by level: the last layer of a panel's
// forecast, which keeps it from losing to a simple model for long.
//
// Loss of a candidate at a level and block of the horizon: its mean pinball loss (Koenker and Bassett,
// Econometrica 46, 1978) over the realised paths so far, in the values' own units over the series' mean change
// from season to season, which is what a forecast is scored in. Weights: prior * exp(-rate * (loss - best) / best),
// the loss over all series counting like `pooled_paths` paths of its own. Quantiles are averaged as quantiles
// (Vincent 1912; Lichtendahl, Grushka-Cockayne, Winkler, Management Science 59, 2013).
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

class quantile_mixture {
public:
  static constexpr std::array<double, 8> levels{0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.99};

  // prior: of each candidate, above 0. memory: what a loss is worth after the next one.
  quantile_mixture(std::vector<double> prior, std::size_t blocks, double memory);

  // losses: candidates x levels x blocks, one after the other, of a realised path.
  void score(std::span<const double> losses);
  // By candidate; they sum to 1. Between two levels straight in q.
  [[nodiscard]] std::vector<double> weights(double q, std::size_t block,
                                            const quantile_mixture& pooled) const;

  // Over candidates, levels and blocks; 0 before the first path.
  [[nodiscard]] double mean_loss() const;

  [[nodiscard]] std::size_t candidates() const noexcept { return prior_.size(); }
  [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) {
    archive(prior_, blocks_, memory_, losses_, paths_);
  }
  [[nodiscard]] bool same_shape(const quantile_mixture& other) const {
    return prior_ == other.prior_ && blocks_ == other.blocks_ && memory_ == other.memory_ &&
           losses_.size() == other.losses_.size();
  }

private:
  [[nodiscard]] std::vector<double> weights_at(std::size_t level, std::size_t block,
                                               const quantile_mixture& pooled) const;

  std::vector<double> prior_;
  std::size_t blocks_;
  double memory_;
  std::vector<double> losses_; // candidates x levels x blocks: decayed sums
  double paths_ = 0;           // decayed
};

} // namespace forestage::models
