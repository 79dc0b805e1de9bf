// How experts compare before a key has shown it: what each costs above the cheapest on keys that are a few
// intervals old, as a share of the cheapest's cost (mean of logarithms). Measured on the first halves of
// fourteen logs at intervals from a minute to an hour, keys of 3 to 64 intervals, at cost ratios of 4, 9 and
// 19 (docs/models.md); between them it is interpolated by the logarithm of the ratio, beyond them the nearest
// stands.
#pragma once

#include "models/demand/experts.hpp"

#include <array>

namespace forestage::models {

// By expert; >= 0, 0 for the cheapest. fractile: cost_under / (cost_under + cost_over), in (0, 1).
[[nodiscard]] std::array<float, expert_lanes> expert_prior(float fractile);

} // namespace forestage::models
