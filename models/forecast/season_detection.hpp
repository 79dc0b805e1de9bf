// Which seasons a panel has, from its values alone: peaks of the pooled autocorrelation.
//
// Series are taken on the log scale, without a cubic trend, and their autocorrelations (by the periodogram;
// Wiener, Khinchin) averaged. A lag is a season when the autocorrelation has a peak there that is higher than
// chance and than what lies before it, and there is one at twice the lag. The one with the highest
// peak is taken, of almost equal ones the shortest; then a divisor with a peak of its own, else the first
// multiple that repeats better than the multiples beside it: short and long season. A level that wanders has
// no peaks and gets none.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

struct found_seasons {
  std::vector<std::size_t> lengths;    // none, one or two, ascending, the longer a multiple of the shorter
  std::vector<double> autocorrelation; // at each
};

// series: >= 0, finite. Only seasons that were seen four times are found. Deterministic; at most 128 series
// and the newest 32,768 observations of each are looked at.
[[nodiscard]] found_seasons detect_seasons(std::span<const std::span<const double>> series);

// The mean autocorrelation of the panel at a lag; 0 where no series is twice as long.
[[nodiscard]] double pooled_autocorrelation(std::span<const std::span<const double>> series, std::size_t lag);

} // namespace forestage::models
