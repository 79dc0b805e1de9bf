#include "models/demand/negative_binomial.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

double normal_quantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  constexpr double tail = 0.02425;
  if (p > 1 - tail) return -normal_quantile(1 - p);
  if (p < tail) {
    const double q = std::sqrt(-2 * std::log(p));
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  }
  const double q = p - 0.5;
  const double r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

namespace {

constexpr float poisson_below = 1e-4F; // a phi under this changes no quantile

// P(d = 0) and the recursion P(d = a) = P(d = a - 1) * ratio(a).
struct mass_recursion {
  mass_recursion(float mean_, float phi_)
      : mean(mean_)
      , poisson(phi_ < poisson_below) {
    if (poisson) {
      zero = std::exp(-mean);
    } else {
      r = 1 / phi_;
      q = mean / (r + mean);
      zero = std::exp(-r * std::log1p(mean * phi_));
    }
  }
  [[nodiscard]] float ratio(int a) const {
    const auto n = static_cast<float>(a);
    return poisson ? mean / n : q * (r + n - 1) / n;
  }
  float mean, r = 0, q = 0, zero = 1;
  bool poisson;
};

} // namespace

std::array<int, 3> negative_binomial_quantiles(float mean, float phi,
                                               const std::array<quantile_level, 3>& levels) {
  std::array<int, 3> out{};
  // P(d >= 1) <= mean: below the highest level's tail every quantile is zero (Markov's inequality).
  if (!(mean > 1 - levels[2].p)) return out;
  if (mean > 60) {
    const float shape = 1 / (1 / mean + phi);
    const float root = std::sqrt(shape);
    for (std::size_t i = 0; i < 3; ++i) {
      const float h = 1 - 1 / (9 * shape) + levels[i].z / (3 * root);
      out[i] = std::max(0, static_cast<int>(std::ceil(std::min(1e9F, mean * h * h * h - 0.5F))));
    }
    return out;
  }
  const mass_recursion mass{mean, phi};
  float p = mass.zero;
  float below = p;
  int a = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    while (below < levels[i].p && a < 2'000) {
      ++a;
      p *= mass.ratio(a);
      below += p;
    }
    out[i] = a;
  }
  return out;
}

void negative_binomial_survival(float mean, float phi, std::span<float> out) {
  const mass_recursion mass{std::max(mean, 1e-9F), phi};
  float p = mass.zero;
  float at_least = 1;
  int a = 0;
  for (auto& value : out) {
    at_least = std::max(0.0F, at_least - p);
    value = at_least;
    ++a;
    p *= mass.ratio(a);
  }
}

} // namespace forestage::models
