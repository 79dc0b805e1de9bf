#include "models/intents/posterior.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

void poisson_binomial(std::span<const float> weights, std::span<float> out) {
  std::fill(out.begin(), out.end(), 0.0F);
  out[0] = 1;
  for (std::size_t n = 0; n < weights.size(); ++n) {
    const float w = weights[n];
    for (std::size_t v = n + 1; v > 0; --v)
      out[v] = out[v] * (1 - w) + out[v - 1] * w;
    out[0] *= 1 - w;
  }
}

void to_distribution(std::span<const float> survival, count_distribution& out) {
  constexpr float least = 1e-12F;
  float before = 1;
  for (std::size_t y = 0; y < posterior_counts; ++y) {
    const float after = y + 1 < posterior_counts && y < survival.size() ? std::min(survival[y], before) : 0;
    out[y] = std::max(least, before - after);
    before = after;
  }
}

namespace {

void tilt(const count_distribution& p, float ratio, count_distribution& out) {
  float power = 1;
  float sum = 0;
  for (std::size_t y = 0; y < posterior_counts; ++y) {
    out[y] = p[y] * power;
    sum += out[y];
    power *= ratio;
  }
  for (auto& q : out)
    q /= sum;
}

} // namespace

void tilt_to(std::size_t quantile, float level, count_distribution& p) {
  const auto now = quantile_of(p, level);
  if (now == quantile || quantile + 1 >= posterior_counts) return;
  // Bisection of log r between no tilt and one that goes far enough.
  const float direction = quantile > now ? 1.0F : -1.0F;
  float near = 0;
  float far = direction;
  count_distribution tilted;
  const auto enough = [&](float log_ratio) {
    tilt(p, std::exp(log_ratio), tilted);
    const auto at = quantile_of(tilted, level);
    return direction > 0 ? at >= quantile : at <= quantile;
  };
  while (!enough(far)) {
    near = far;
    far *= 2;
    if (std::fabs(far) > 4) return; // no tilt of a sane size gets there
  }
  for (int i = 0; i < 12; ++i) {
    const float middle = (near + far) / 2;
    (enough(middle) ? far : near) = middle;
  }
  (void)enough(far);
  p = tilted;
}

float mean_of(const count_distribution& p) {
  float sum = 0;
  for (std::size_t y = 1; y < posterior_counts; ++y)
    sum += static_cast<float>(y) * p[y];
  return sum;
}

void tilt_to_mean(float mean, count_distribution& p) {
  // Where the distribution has run into its floor it goes on as a Poisson distribution would: a floor,
  // tilted, would be a second mode at the far end.
  constexpr double floor = 1e-9;
  std::array<double, posterior_counts> base{};
  for (std::size_t y = 0; y < posterior_counts; ++y) {
    base[y] = static_cast<double>(p[y]);
    if (y < 2 || base[y] > floor) continue;
    const double ratio = std::min(1.0, base[y - 1] / base[y - 2]);
    base[y] = std::min(base[y], base[y - 1] * ratio * static_cast<double>(y - 1) / static_cast<double>(y));
  }
  std::array<double, posterior_counts> tilted{};
  const auto tilt = [&](double log_ratio) {
    const double ratio = std::exp(log_ratio);
    double power = 1;
    double sum = 0;
    double weighted = 0;
    for (std::size_t y = 0; y < posterior_counts; ++y) {
      tilted[y] = base[y] * power;
      sum += tilted[y];
      weighted += static_cast<double>(y) * tilted[y];
      power *= ratio;
    }
    for (auto& q : tilted)
      q /= sum;
    return weighted / sum;
  };
  double low = -8;
  double high = 6;
  for (int i = 0; i < 20; ++i) {
    const double middle = (low + high) / 2;
    (tilt(middle) < static_cast<double>(mean) ? low : high) = middle;
  }
  (void)tilt(low);
  for (std::size_t y = 0; y < posterior_counts; ++y)
    p[y] = static_cast<float>(tilted[y]);
}

void thinned_posterior(const count_distribution& prior, std::span<const float> true_declared, float q,
                       count_distribution& out) {
  constexpr float negligible = 1e-6F;
  out.fill(0);
  count_distribution likely;
  float sum_of_all = 0;
  for (std::size_t v = 0; v < std::min(true_declared.size(), posterior_counts); ++v) {
    if (true_declared[v] < negligible) continue;
    // C(y, v) (1 - q)^(y - v) from y = v on; q^v is common to all y.
    float term = 1;
    float sum = 0;
    for (std::size_t y = v; y < posterior_counts; ++y) {
      likely[y] = prior[y] * term;
      sum += likely[y];
      term *= (1 - q) * static_cast<float>(y + 1) / static_cast<float>(y + 1 - v);
    }
    if (!(sum > 0)) continue;
    const float scale = true_declared[v] / sum;
    for (std::size_t y = v; y < posterior_counts; ++y)
      out[y] += likely[y] * scale;
    sum_of_all += true_declared[v];
  }
  if (sum_of_all > 0)
    for (auto& p : out)
      p /= sum_of_all;
}

std::size_t quantile_of(const count_distribution& p, float level) {
  constexpr float rounding = 1e-5F;
  float sum = 0;
  for (std::size_t a = 0; a < posterior_counts; ++a) {
    sum += p[a];
    if (sum >= level - rounding) return a;
  }
  return posterior_counts - 1;
}

void survival_of(const count_distribution& p, std::span<float> out) {
  float above = 0;
  for (std::size_t j = posterior_counts; j-- > 1;) {
    above += p[j];
    if (j - 1 < out.size()) out[j - 1] = std::min(1.0F, above);
  }
  for (std::size_t j = posterior_counts - 1; j < out.size(); ++j)
    out[j] = 0;
}

} // namespace forestage::models
