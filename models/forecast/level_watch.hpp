// Tells when a series has left its level for another one: a run of deviations to one side such as it has
// never had.
//
// Over the last eighth, quarter, half and whole of a short season, the mean of the deviations from what the
// profile said (in units of its scale: deviation_windows.hpp) against the largest such mean so far:
// beyond 1.4 times that it (and beyond what chance does) is a new level. What is known to come and go
// (matches, storms, holidays) has been the largest before, so only what was never seen counts, and each kind
// of it once.
#pragma once

#include "models/forecast/deviation_windows.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace forestage::models {

class level_watch {
public:
  // Nothing is told before `quiet` deviations were seen.
  explicit level_watch(std::size_t quiet)
      : quiet_(quiet) {}

  // After each deviation: how many of the last ones belong to another level.
  [[nodiscard]] std::optional<std::size_t> observe(const deviation_windows& recent);

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) { archive(seen_, largest_); }
  [[nodiscard]] bool same_shape(const level_watch& other) const { return quiet_ == other.quiet_; }

private:
  std::size_t quiet_, seen_ = 0;
  std::array<double, deviation_windows::count> largest_{};
};

} // namespace forestage::models
