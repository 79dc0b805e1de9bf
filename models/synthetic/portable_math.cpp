#include "models/synthetic/portable_math.hpp"

#include <cmath>
#include <limits>

namespace forestage::models::synthetic {
namespace {

// ln 2 in two parts: k * high is exact for |k| < 2^20.
constexpr double ln2_high = 0x1.62e42fefap-1;
constexpr double ln2_low = 0x1.cf79abc9e3b3ap-40;

} // namespace

double portable_exp(double x) noexcept {
  if (x < -700) return 0;
  if (x > 700) return std::numeric_limits<double>::infinity();
  // x = k ln 2 + r with |r| <= ln 2 / 2; then the Taylor series of exp(r), whose 14th term is below 2^-58.
  const double k = std::floor(x / (ln2_high + ln2_low) + 0.5);
  const double r = (x - k * ln2_high) - k * ln2_low;
  double sum = 1;
  for (int n = 13; n > 0; --n)
    sum = 1 + sum * r / n;
  return std::ldexp(sum, static_cast<int>(k));
}

double portable_log(double x) noexcept {
  // x = m 2^e with sqrt(1/2) <= m < sqrt(2); log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.172.
  int e = 0;
  double m = std::frexp(x, &e);
  if (m < 0.70710678118654752) {
    m *= 2;
    --e;
  }
  const double s = (m - 1) / (m + 1);
  const double square = s * s;
  double sum = 0;
  for (int n = 23; n > 0; n -= 2)
    sum = sum * square + 1.0 / n;
  return e * ln2_high + (2 * s * sum + e * ln2_low);
}

} // namespace forestage::models::synthetic
