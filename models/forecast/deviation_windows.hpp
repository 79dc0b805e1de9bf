// The last deviations of a series from what was said of it, and their means over parts of a short season:
// the last 24th, 12th, eighth, quarter, half and whole.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace forestage::models {

class deviation_windows {
public:
  static constexpr std::size_t count = 6;
  static constexpr std::size_t eighth = 2; // the third of them; from it on three observations at least

  explicit deviation_windows(std::size_t short_season);

  // To +-6; not-a-number counts as nothing.
  [[nodiscard]] static double held(double deviation);
  // Held, too.
  void observe(double deviation);
  // None before so many were seen since the beginning or since forget().
  [[nodiscard]] std::optional<double> mean(std::size_t window) const;
  [[nodiscard]] std::size_t length(std::size_t window) const { return lengths_[window]; }
  // How many of the last deviations make the run to one side that this mean tells of: the largest sum of
  // deviations less half their mean (cumulative sum: E. S. Page, Continuous inspection schemes, Biometrika
  // 41, 1954), and again with the mean of that run, since the window may have begun before it.
  [[nodiscard]] std::size_t run(double mean) const;
  void forget();

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) { archive(recent_, next_, seen_, sums_); }
  [[nodiscard]] bool same_shape(const deviation_windows& other) const {
    return recent_.size() == other.recent_.size() && lengths_ == other.lengths_;
  }

private:
  // The i-th latest, from 1. @pre 1 <= i <= seen_.
  [[nodiscard]] double latest(std::size_t i) const {
    return recent_[(next_ + recent_.size() - i) % recent_.size()];
  }

  std::array<std::size_t, count> lengths_{};
  std::vector<double> recent_; // a ring
  std::size_t next_ = 0, seen_ = 0;
  std::array<double, count> sums_{};
};

} // namespace forestage::models
