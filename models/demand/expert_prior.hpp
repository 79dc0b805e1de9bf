// How experts compare before a key has shown it: what each costs above the cheapest on keys that are a few
// intervals old, as a share of the cheapest's cost (means of logarithms). Measured on the first halves of
// fifteen logs at intervals from a minute to an hour, on keys of 3 to 128 intervals, apart for fewer than .3,
// fewer than 3 and more requests an interval, at cost ratios of 4, 9 and 19 (docs/models.md). Between these
// it is interpolated by the logarithm of the ratio; beyond them the nearest stands.
#pragma once

#include "models/demand/experts.hpp"

#include <array>
#include <cstddef>

namespace forestage::models {

inline constexpr std::size_t expert_classes = 3;

class expert_prior {
public:
  // fractile: cost_under / (cost_under + cost_over), in (0, 1).
  explicit expert_prior(float fractile);
  // By expert; >= 0, 0 for the cheapest. mean: the key's requests an interval.
  [[nodiscard]] const expert_excess& of(float mean) const noexcept;

private:
  std::array<expert_excess, expert_classes> excess_{};
};

} // namespace forestage::models
