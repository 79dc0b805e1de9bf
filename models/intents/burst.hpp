// What silence beside an interval says about it: declarations for its neighbours. Free functions.
//
// Requests come in bursts: the count of an interval and of those beside it share a level that the forecast
// does not know yet, since the newest counts that it has seen are older. With the level gamma distributed
// around the forecast's mean m with shape a, and n requests declared for the two intervals beside (of q m
// expected), the level's mean becomes m (a + n) / (a + q m): the gamma-Poisson conjugate update (Gelman et
// al. 2013, section 2.6). Only where that lowers the mean is it taken: raising it has cost more than it
// brought on every log tried (docs/intents.md). a is chosen from a few values by what each would have cost in
// quasi-likelihood (Wedderburn 1974); the first is infinite: what is declared for other intervals says
// nothing.
#pragma once

#include "models/demand/intent_pool.hpp"

#include <array>

namespace forestage::models {

// The factors, at most 1, by which each choice of the shape moves the mean. mean > 0, n >= 0; share: q.
[[nodiscard]] std::array<float, burst_choices> burst_factors(float mean, float n, float share);

// mean - count log(mean), over 1 + dispersion mean: what a forecast of `mean` cost when `count` came.
[[nodiscard]] float quasi_loss(float mean, float dispersion, float count);

} // namespace forestage::models
