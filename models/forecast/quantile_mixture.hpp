// Several sets of quantile paths weighted by what they cost before, level by level: the last layer of a
// panel's forecast, which keeps it from losing to a simple model for long.
//
// Loss of a candidate at a level and block of the horizon: its mean pinball loss (Koenker and Bassett,
// Econometrica 46, 1978) over the realised paths so far, in the values' own unit, which is what a forecast is
// scored in. Weights: prior * exp(-rate * (loss - best) / best), exponentially weighted averages; losses over
// all series, each in units of its own mean loss, count like `pooled_paths` paths of the series itself. A
// tail level is seen less often, so losses there move weights less. Quantiles are averaged as quantiles
// (Vincent 1912; Lichtendahl, Grushka-Cockayne and Winkler, Management Science 59, 2013).
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

// How much a candidate counts whatever it costs: always, and beside that before anything is known.
struct candidate_prior {
  double always = 1, at_first = 0;
  friend bool operator==(const candidate_prior&, const candidate_prior&) = default;
};

class quantile_mixture {
public:
  static constexpr std::array<double, 8> levels{0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.99};

  // prior: of each candidate; the sum of `always` is above 0. memory: what a loss is worth after the next
  // one.
  quantile_mixture(std::vector<candidate_prior> prior, std::size_t blocks, double memory);

  // losses: candidates x levels x blocks, one after the other, of a realised path. Into pooled, too, in units
  // of the series' mean loss so far.
  void score(std::span<const double> losses, quantile_mixture& pooled);
  // By candidate; they sum to 1. Between two levels straight in q.
  [[nodiscard]] std::vector<double> weights(double q, std::size_t block,
                                            const quantile_mixture& pooled) const;

  [[nodiscard]] std::size_t candidates() const noexcept { return prior_.size(); }
  [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
  [[nodiscard]] std::size_t size() const noexcept { return losses_.size(); }

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) { archive(blocks_, memory_, losses_, paths_); }
  [[nodiscard]] bool same_shape(const quantile_mixture& other) const {
    return blocks_ == other.blocks_ && memory_ == other.memory_ && losses_.size() == other.losses_.size();
  }

private:
  void add(std::span<const double> losses);
  // Over candidates, levels and blocks; 0 before the first path.
  [[nodiscard]] double mean_loss() const;
  [[nodiscard]] std::vector<double> weights_at(std::size_t level, std::size_t block,
                                               const quantile_mixture& pooled) const;

  std::vector<candidate_prior> prior_;
  std::size_t blocks_;
  double memory_;
  std::vector<double> losses_; // candidates x levels x blocks: decayed sums
  double paths_ = 0;           // decayed
};

} // namespace forestage::models
