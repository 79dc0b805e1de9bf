// The sparse form of the forward look: what a few declarations say about a small count. Free functions.
//
// Of the requests y of an interval, each is declared in time with probability q; of the visible declarations,
// V are true, V ~ Poisson-binomial of their weights. With the forecast P(y) without intents,
//   P(y | D) = sum_v P(V = v) * P(y) C(y, v) q^v (1 - q)^(y - v) / sum_y' (the same).
// A declaration both adds itself and lowers the rest, and having none lowers P(y >= 1). Source: notes on
// allocation §6.1; the thinning of a count is binomial.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace forestage::models {

inline constexpr std::size_t most_visible = 30;     // declared requests that one decision looks at
inline constexpr std::size_t posterior_counts = 64; // counts 0 .. 63

using count_distribution = std::array<float, posterior_counts>;

// out[v] = P(V = v) for independent events of the given probabilities; out is one longer than weights, and
// weights are at most most_visible. O(n^2) (Hodges, Le Cam 1960: the exact recursion).
void poisson_binomial(std::span<const float> weights, std::span<float> out);

// Turns survival P(y >= j), j = 1.., into probabilities of 0 .. 63; what lies above is given to 63. A
// survival that rises counts as flat; every count keeps at least 1e-12.
void to_distribution(std::span<const float> survival, count_distribution& out);

// Tilts p (exponentially: p(y) r^y) no more than it takes for its quantile at `level` to be `quantile`: a
// decision that knows more than the forecast moves the forecast. Quantiles beyond the distribution leave it
// as it is. (Esscher 1932.)
void tilt_to(std::size_t quantile, float level, count_distribution& p);

[[nodiscard]] float mean_of(const count_distribution& p);

// Tilts p until its mean is `mean`, as far as its counts allow.
void tilt_to_mean(float mean, count_distribution& p);

// P(y | D). true_declared: P(V = v). q in [0, 1).
void thinned_posterior(const count_distribution& prior, std::span<const float> true_declared, float q,
                       count_distribution& out);

// The smallest a with P(y <= a) >= level.
[[nodiscard]] std::size_t quantile_of(const count_distribution& p, float level);
// out[j - 1] = P(y >= j); beyond the distribution's end 0.
void survival_of(const count_distribution& p, std::span<float> out);

} // namespace forestage::models
