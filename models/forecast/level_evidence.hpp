// How much what came last looks like another level, before anybody is sure of it.
//
// The mean deviation over each window (deviation_windows.hpp) against the largest such mean to the same side
// until a season ago. What is s times as far says of a new level with probability 1 - (s / from)^-tail: what
// is left is how likely the largest of what comes and goes is passed so far when its tail is Pareto's (V.
// Pareto 1896). Until a season ago: a new level is not its own precedent.
#pragma once

#include "models/forecast/deviation_windows.hpp"

#include <array>
#include <cstddef>

namespace forestage::models {

struct level_finding {
  double probability = 0; // 0: nothing unusual
  double strength = 0;    // s
  std::size_t run = 0;    // how many of the last observations belong to it
};

struct evidence_settings {
  double from = 1, tail = 4; // what all do at once seldom comes and goes
  double least = 4.3; // what a mean is held against at least, on one deviation; on more as chance shrinks
};

class level_evidence {
public:
  // Nothing is told before `quiet` deviations; season: of how many.
  level_evidence(std::size_t season, std::size_t quiet, const evidence_settings& settings = {})
      : settings_(settings)
      , season_(season)
      , quiet_(quiet) {}

  // After each deviation.
  void observe(const deviation_windows& recent);
  // From this window on.
  [[nodiscard]] level_finding look(const deviation_windows& recent, std::size_t first = 0) const;

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) { archive(seen_, current_, previous_, largest_); }
  [[nodiscard]] bool same_shape(const level_evidence& other) const {
    return season_ == other.season_ && quiet_ == other.quiet_;
  }

private:
  using means = std::array<double, 2 * deviation_windows::count>; // by window: down, up

  evidence_settings settings_;
  std::size_t season_, quiet_, seen_ = 0;
  means current_{}, previous_{}, largest_{}; // of this season, the one before, all before those
};

} // namespace forestage::models
