// By how much a level has changed: of one series, and of many together.
//
// The log ratios of a panel's series have a mean and a variance between series beyond what each is uncertain
// by, and a series' own ratio is drawn to the mean the more, the less it is known itself (random effects:
// DerSimonian and Laird, Meta-analysis in clinical trials, Controlled Clinical Trials 7, 1986).
#pragma once

#include <cmath>
#include <span>

namespace forestage::models {

struct level_ratio {
  double log = 0, variance = 0; // of the estimate

  // Beyond twentyfold: an outage or its end, not a level.
  [[nodiscard]] bool is_level() const { return std::abs(log) <= std::log(20.0) && std::isfinite(variance); }
};

struct shared_ratio {
  bool known = false;
  double log = 0, variance = 0; // of the mean
  double between = 0;           // variance between series

  // Nearly all series move to the same side.
  [[nodiscard]] bool agrees() const { return known && std::abs(log) > 3 * std::sqrt(between); }
  template <class Archive> void fields(Archive& archive) { archive(known, log, variance, between); }
};

// Those that are no levels, or whose variance is 0, do not count.
[[nodiscard]] shared_ratio shared_of(std::span<const level_ratio> ratios);
// A series' ratio, from its own and what is known of all.
[[nodiscard]] double drawn_log(const level_ratio& own, const shared_ratio& shared);

} // namespace forestage::models
