#include "models/demand/count_distribution.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace forestage::models {

namespace {

constexpr std::int64_t exact_up_to = 512;

double gamma_shape(const decision& d) {
  return 1 / (1 / std::max(1e-9, static_cast<double>(d.mean)) + static_cast<double>(d.dispersion));
}

// P(D <= count), by the cube root of a gamma variable being about normal.
double gamma_at_most(const decision& d, std::int64_t count) {
  const double shape = gamma_shape(d);
  const double ratio = (static_cast<double>(count) + 0.5) / std::max(1e-9, static_cast<double>(d.mean));
  const double z = 3 * std::sqrt(shape) * (std::cbrt(ratio) - 1 + 1 / (9 * shape));
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

} // namespace

double gamma_quantile(const decision& said, double level) {
  const double shape = gamma_shape(said);
  const double h = 1 - 1 / (9 * shape) + normal_quantile(level) / (3 * std::sqrt(shape));
  return static_cast<double>(said.mean) * h * h * h;
}

std::pair<double, double> distribution_at(const decision& said, std::int64_t count) {
  if (count >= exact_up_to) return {gamma_at_most(said, count - 1), gamma_at_most(said, count)};
  std::array<float, exact_up_to> survival;
  const auto used = std::span{survival}.first(static_cast<std::size_t>(count) + 1);
  said.survival(used);
  const double at_most = 1 - static_cast<double>(used.back());
  const double below = count == 0 ? 0.0 : 1 - static_cast<double>(used[used.size() - 2]);
  return {std::min(below, at_most), at_most};
}

void count_quantiles(const decision& said, std::span<const double> levels, std::span<std::int64_t> out) {
  std::array<float, exact_up_to> survival;
  // Most keys are small: a short stretch first.
  std::size_t known = 0;
  std::size_t d = 0; // P(D <= d) = 1 - survival[d]
  std::int64_t least = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    while (d < static_cast<std::size_t>(exact_up_to)) {
      if (d == known) {
        known = known == 0 ? 16 : std::min<std::size_t>(known * 4, exact_up_to);
        said.survival(std::span{survival}.first(known));
      }
      if (1 - static_cast<double>(survival[d]) >= levels[i]) break;
      ++d;
    }
    const auto found = d < static_cast<std::size_t>(exact_up_to)
                           ? static_cast<std::int64_t>(d)
                           : std::max(exact_up_to, static_cast<std::int64_t>(std::ceil(std::clamp(
                                                       gamma_quantile(said, levels[i]) - 0.5, 0.0, 1e15))));
    out[i] = least = std::max(least, found);
  }
}

} // namespace forestage::models
