// Experts' paths weighted by what they cost before: exponentially weighted averages per block of the horizon.
//
// Loss of an expert in a block: its mean absolute error there over the realised paths so far, in units of the
// series' spread. Two things sharpen it where there is little to go by: paths that began in another part of
// the season count less (`phase_share`, per eighth), and the mean loss over all series counts like
// `pooled_paths` paths. Weights: exp(-rate * (loss - best) / (best + floor)). (Vovk, Aggregating strategies,
// 1990; Cesa-Bianchi and Lugosi, Prediction, Learning, and Games, 2006, ch. 2.) Which rate, share and pooling
// to use is not a constant: mixtures run side by side with all of them, and the one that cost least is
// followed (weighting_choice).
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

struct mixture_settings {
  double floor = 0.003; // added to the best loss
  double memory = 0.98; // what a loss is worth after the next one: 1 forgets nothing
  friend bool operator==(const mixture_settings&, const mixture_settings&) = default;
};

// How losses become weights.
struct weighting {
  double rate = 15;        // 15 spreads the weights over like experts, 1,000 follows the best one
  double pooled_paths = 0; // what the loss over all series is worth
  double phase_share = 1;  // what a path is worth to an origin an eighth of the season away
};
// All that are tried.
[[nodiscard]] std::span<const weighting> weightings();

class path_mixture {
public:
  static constexpr std::size_t phases = 8; // eighths of the season, the first around its beginning
  [[nodiscard]] static std::size_t phase_of(std::size_t step, std::size_t season) {
    return (step % season * phases + season / 2) / season % phases;
  }

  // block_ends: ascending, the last one is the horizon. prior: what an expert's weight is multiplied by;
  // none: all alike.
  path_mixture(std::size_t experts, std::vector<std::size_t> block_ends,
               const mixture_settings& settings = {}, std::vector<double> prior = {});

  // A realised path: the experts' (experts x horizon, one after the other) and what came; its origin's phase.
  void score(std::span<const float> paths, std::span<const float> actual, double spread, std::size_t phase);
  // Weights, experts x blocks, of a path that begins in `phase`; equal ones before the first score, whatever
  // the prior. pooled: the same mixture over all series.
  [[nodiscard]] std::vector<double> weights(const weighting& how, const path_mixture& pooled,
                                            std::size_t phase) const;
  // The weighted path.
  void mix(std::span<const float> paths, std::span<const double> weights, std::span<float> path) const;
  // Steps [begin, end) of a block.
  [[nodiscard]] std::size_t block_begin(std::size_t block) const {
    return block == 0 ? 0 : block_ends_[block - 1];
  }
  [[nodiscard]] std::size_t block_end(std::size_t block) const { return block_ends_[block]; }

  [[nodiscard]] std::size_t experts() const noexcept { return experts_; }
  [[nodiscard]] std::size_t blocks() const noexcept { return block_ends_.size(); }
  [[nodiscard]] std::size_t horizon() const noexcept { return block_ends_.back(); }
  [[nodiscard]] std::size_t scored() const noexcept { return scored_; }

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) {
    archive(experts_, block_ends_, settings_, losses_, weight_, scored_);
  }
  [[nodiscard]] bool same_shape(const path_mixture& other) const {
    return experts_ == other.experts_ && block_ends_ == other.block_ends_ && settings_ == other.settings_ &&
           prior_ == other.prior_ && losses_.size() == other.losses_.size();
  }

private:
  // Mean loss of every expert and block as seen from a phase, and the paths that it rests on.
  double mean_losses(std::size_t phase, double share, std::span<double> out) const;

  std::size_t experts_;
  std::vector<std::size_t> block_ends_;
  mixture_settings settings_;
  std::vector<double> prior_;           // by expert
  std::vector<double> losses_;          // phases x experts x blocks: sums of mean errors, decayed
  std::array<double, phases> weight_{}; // paths scored, decayed
  std::size_t scored_ = 0;
};

// Which weighting has cost least, by phase of the origin (neighbours count with half their distance's weight)
// and block of the horizon.
class weighting_choice {
public:
  explicit weighting_choice(std::size_t blocks);
  void add(std::size_t phase, std::size_t block, std::size_t which, double loss);
  [[nodiscard]] std::size_t best(std::size_t phase, std::size_t block) const;
  // By weighting; they sum to 1: what each counts where many are averaged instead.
  [[nodiscard]] std::vector<double> shares(std::size_t phase, std::size_t block) const;

private:
  std::size_t blocks_;
  std::vector<double> losses_; // phases x blocks x weightings
};

} // namespace forestage::models
