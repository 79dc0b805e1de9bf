// The distribution of counts that a decision stands for, read in other ways than as survival. Exact for the
// first 512 counts; beyond, the gamma approximation to the negative binomial distribution (Wilson, Hilferty
// 1931), which steps of benefits are taken from as well.
#pragma once

#include "models/demand/key_model.hpp"

#include <cstdint>
#include <span>
#include <utility>

namespace forestage::models {

// The gamma approximation's quantile, not rounded: what steps of benefits stand at, too. 0 < level < 1.
[[nodiscard]] double gamma_quantile(const decision& said, double level);

// {P(D < count), P(D <= count)}. Pre: count >= 0.
[[nodiscard]] std::pair<double, double> distribution_at(const decision& said, std::int64_t count);

// out[i]: the smallest d with P(D <= d) >= levels[i]. Levels: rising, 0 < level < 1; out: as long.
void count_quantiles(const decision& said, std::span<const double> levels, std::span<std::int64_t> out);

} // namespace forestage::models
