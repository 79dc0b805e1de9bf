// Which level to ask for so that the quantile of level q comes out at q: learned online from where what came
// lay among the quantiles that were said.
//
// p_k, the level asked for at level l_k, by block of the horizon, moves after every realised path by
// rate * (l_k - share) / (l_k (1 - l_k)) in log-odds; share: of the block's steps at or below the quantile of
// level p_k. So the share below each quantile comes out at its level in the long run, whatever the forecast
// does (I. Gibbs, E. Candes, Adaptive conformal inference under distribution shift, NeurIPS 2021). A series'
// own p_k and those of all are averaged in log-odds, and what chance makes of the average where the forecast
// is right is not followed. Where a forecast puts mass on a number, as on counts,
// the expectation of the randomised probability integral transform is what counts (Czado, Gneiting, Held,
// Biometrics 65, 2009): nothing is drawn.
//
// Invariants: 0 < p_1 < ... < p_n < 1; asked() rises with q; new, it is q itself.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

// Where a value lies in a forecast distribution: P(Y < y) and P(Y <= y).
struct distribution_place {
  double below = 0, at_most = 1;
};
// Of a value, or, width > 0, of all that rounds to it, among quantiles at levels, both ascending: straight in
// log-odds between two of them and some way beyond. Nothing lies below 0. @pre at least two levels.
[[nodiscard]] distribution_place place_among(std::span<const double> levels,
                                             std::span<const double> quantiles, double value, double width);

class level_correction {
public:
  static constexpr std::array<double, 7> levels{0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975};

  explicit level_correction(std::size_t blocks);

  // A block of a realised path, not empty. pooled: of all series, `members` of them; learns too.
  // haste: what a path is worth, 1 where two of them begin in a season.
  void learn(std::size_t block, std::span<const distribution_place> came, level_correction& pooled,
             std::size_t members, double haste);
  // The level to ask for, in (0, 1).
  [[nodiscard]] double asked(double q, std::size_t block, const level_correction& pooled) const;

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) { archive(shifts_); }
  [[nodiscard]] bool same_shape(const level_correction& other) const {
    return shifts_.size() == other.shifts_.size();
  }

private:
  void move(std::size_t block, std::span<const distribution_place> came, double rate);

  std::vector<double> shifts_; // blocks x levels: log-odds of p_k less those of l_k
};

} // namespace forestage::models
