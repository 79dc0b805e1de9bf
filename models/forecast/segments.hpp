// Segments: series that behave alike, found by k-means on what they look like.
#pragma once

#include "models/forecast/smoother_bank.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace forestage::models {

// What a series looks like: the profile of its long season (unit variance), its autocorrelation at one step
// and at both seasons, its spread. Empty when it is shorter than two long seasons.
[[nodiscard]] std::vector<double> features_of(std::span<const float> series, season_lengths seasons);

// Lloyd's k-means from k-means++ seeds, deterministic by seed. rows: of equal length, at least one.
// Returns the cluster of each row, 0 to k - 1; some may be empty.
[[nodiscard]] std::vector<std::uint32_t> k_means(const std::vector<std::vector<double>>& rows, std::size_t k,
                                                 std::uint64_t seed);

} // namespace forestage::models
