// Tells when a series has left its level for another one: a run of deviations to one side such as it has
// never had.
//
// Over the last eighth, quarter, half and whole of a short season, the mean of the deviations from what the
// profile said (in units of its scale, each held to +-6) against the largest such mean so far: beyond 1.4
// times that it (and beyond what chance does) is a new level. What is known to come and go (matches, storms,
// holidays) has been the largest before, so only what was never seen counts, and each kind of it once. Where
// the run began: the largest sum of deviations less half their mean (cumulative sum: E. S. Page, Continuous
// inspection schemes, Biometrika 41, 1954).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace forestage::models {

class level_watch {
public:
  // Nothing is told before `quiet` deviations were seen.
  level_watch(std::size_t short_season, std::size_t quiet);

  // How many of the last observations, this one included, belong to another level.
  [[nodiscard]] std::optional<std::size_t> observe(double deviation);

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) {
    archive(recent_, next_, count_, seen_, sums_, largest_);
  }
  [[nodiscard]] bool same_shape(const level_watch& other) const {
    return recent_.size() == other.recent_.size() && quiet_ == other.quiet_;
  }

private:
  static constexpr std::size_t windows = 4;
  // The i-th latest, from 1. @pre 1 <= i <= count_.
  [[nodiscard]] double latest(std::size_t i) const {
    return recent_[(next_ + recent_.size() - i) % recent_.size()];
  }

  std::array<std::size_t, windows> lengths_{};
  std::size_t quiet_;
  std::vector<double> recent_; // a ring
  std::size_t next_ = 0, count_ = 0, seen_ = 0;
  std::array<double, windows> sums_{}, largest_{};
};

} // namespace forestage::models
