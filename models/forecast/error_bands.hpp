// Bands around a path: quantiles of its past errors by knot of the horizon, in units of the series' own scale
// at that time of day, each series' own shrunk toward those of all series, centred on the path.
//
// Four kinds of errors are kept: plain ones and ones over the series' own size of error (which serves panels
// whose series are unlike each other), each with a long and a short memory. The kind whose quantiles have
// cost least so far at the nearest of six levels, by the pinball loss (Koenker and Bassett, Econometrica 46,
// 1978) over all series, is used.
//
// Invariants: the offset of the median is 0, below it none is above 0, above it none below; all are finite.
// Two levels read from two kinds can cross: whoever draws bands keeps them in order.
#pragma once

#include "models/forecast/residual_histogram.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

class error_bands {
public:
  explicit error_bands(std::size_t knots)
      : knots_(knots) {}

  // A realised error at a knot. pooled: of all series; learns too. memory: what earlier errors of this series
  // are worth afterwards, in the long memory.
  void learn(std::size_t knot, double scaled_error, error_bands& pooled, double memory);
  // By knot: what is added to the path, in units of the scale, to get quantile q. 0 where nothing is known.
  [[nodiscard]] std::vector<double> offsets(double q, const error_bands& pooled) const;
  // The same for several quantiles, one after the other.
  [[nodiscard]] std::vector<double> offsets(std::span<const double> qs, const error_bands& pooled) const;

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) { archive(knots_, losses_); }
  [[nodiscard]] bool same_shape(const error_bands& other) const {
    return knots_.size() == other.knots_.size();
  }

private:
  struct kind {
    std::size_t index;
    bool sized;
    double haste; // the power of the memory
  };
  static constexpr std::array<kind, 4> kinds{{{0, false, 1}, {1, true, 1}, {2, false, 4}, {3, true, 4}}};
  struct errors {
    std::array<residual_histogram, kinds.size()> spread;
    std::array<double, kinds.size()> sum{}, count{}; // of the errors' sizes
  };
  struct relative {
    double sum = 1, count = 1; // sizes in units of the pooled ones, and how many
  };
  // How much larger this series' errors are than those of all, over all knots.
  [[nodiscard]] relative ratio(const kind& which, const error_bands& pooled) const;
  // How large they are at a knot: the pooled size times that ratio.
  [[nodiscard]] static double size(std::size_t knot, const kind& which, const error_bands& pooled,
                                   const relative& to);
  [[nodiscard]] double quantile(std::size_t knot, const kind& which, double q,
                                const error_bands& pooled) const;
  void quantiles(std::size_t knot, const kind& which, std::span<const double> qs, const error_bands& pooled,
                 std::span<double> out) const;

  std::vector<errors> knots_;
  static constexpr std::array<double, 6> levels{0.025, 0.1, 0.25, 0.75, 0.9, 0.975};
  [[nodiscard]] const kind& best_kind(double q) const;

  std::array<std::array<double, kinds.size()>, levels.size()> losses_{}; // the pooled ones decide
};

} // namespace forestage::models
