// Quantiles of two forecasts of which one comes true with some probability.
//
// Of the mixture of their distributions, not an average of their quantiles: while it is open whether a level
// is a new one, what is said reaches from the one to the other. Distributions are straight between their
// quantiles at scenario_levels; a value that several levels share has the mass between them.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace forestage::models {

inline constexpr std::array<double, 23> scenario_levels{0.01, 0.025, 0.05, 0.1, 0.15, 0.2,   0.25, 0.3,
                                                        0.35, 0.4,   0.45, 0.5, 0.55, 0.6,   0.65, 0.7,
                                                        0.75, 0.8,   0.85, 0.9, 0.95, 0.975, 0.99};

// By quantile and step; in order. usual, other: by scenario_levels and step, in order. qs ascending.
[[nodiscard]] std::vector<std::vector<float>> mixed_quantiles(const std::vector<std::vector<float>>& usual,
                                                              const std::vector<std::vector<float>>& other,
                                                              double probability, // of the other
                                                              std::span<const double> qs);

} // namespace forestage::models
