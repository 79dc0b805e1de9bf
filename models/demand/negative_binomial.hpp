// The negative binomial distribution with mean m and variance m + phi m^2, as demand models need it:
// quantiles and survival. phi = 0 is the Poisson distribution.
#pragma once

#include <array>
#include <span>

namespace forestage::models {

// Quantile of the standard normal distribution, 0 < p < 1 (P. J. Acklam's rational approximation, relative
// error 1.2e-9).
[[nodiscard]] double normal_quantile(double p);

// A level of probability with its normal quantile, computed once.
struct quantile_level {
  float p = 0.5F;
  float z = 0;
  quantile_level() = default;
  explicit quantile_level(double probability)
      : p(static_cast<float>(probability))
      , z(static_cast<float>(normal_quantile(probability))) {}
};

// Smallest a with P(d <= a) >= p, for each of three rising levels. Means above 60 go through the gamma
// distribution (Wilson and Hilferty 1931). mean >= 0, phi >= 0, finite.
[[nodiscard]] std::array<int, 3> negative_binomial_quantiles(float mean, float phi,
                                                             const std::array<quantile_level, 3>& levels);

// out[j - 1] = P(d >= j) for j = 1 .. out.size(). Non-increasing.
void negative_binomial_survival(float mean, float phi, std::span<float> out);

} // namespace forestage::models
