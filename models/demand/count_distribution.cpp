#include "models/demand/count_distribution.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace forestage::models {

namespace {

constexpr std::int64_t exact_up_to = 512;

double gamma_shape(float mean, float dispersion) {
  return 1 / (1 / std::max(1e-9, static_cast<double>(mean)) + static_cast<double>(dispersion));
}

// P(D <= count), by the cube root of a gamma variable being about normal.
double gamma_at_most(const decision& d, std::int64_t count) {
  const double shape = gamma_shape(d.mean, d.dispersion);
  const double ratio = (static_cast<double>(count) + 0.5) / std::max(1e-9, static_cast<double>(d.mean));
  const double z = 3 * std::sqrt(shape) * (std::cbrt(ratio) - 1 + 1 / (9 * shape));
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

std::pair<double, double> gamma_distribution_at(const decision& d, std::int64_t count) {
  return {count == 0 ? 0.0 : gamma_at_most(d, count - 1), gamma_at_most(d, count)};
}

// {P(D < count), P(D <= count)} before the map. Pre: count < exact_up_to.
std::pair<double, double> exact_distribution_at(const decision& d, std::int64_t count) {
  std::array<float, exact_up_to> survival;
  const auto used = std::span{survival}.first(static_cast<std::size_t>(count) + 1);
  d.unmapped_survival(used);
  const double at_most = 1 - static_cast<double>(used.back());
  const double below = count == 0 ? 0.0 : 1 - static_cast<double>(used[used.size() - 2]);
  return {std::min(below, at_most), at_most};
}

// The map may put more on zero than the forecast has there, but nothing before it.
std::pair<double, double> mapped(const decision& d, std::int64_t count,
                                 const std::pair<double, double>& ends) {
  const auto map = [&](double p) { return static_cast<double>(d.map(static_cast<float>(p))); };
  return {count == 0 ? 0.0 : map(ends.first), map(ends.second)};
}

} // namespace

double gamma_quantile(float mean, float dispersion, double level) {
  const double shape = gamma_shape(mean, dispersion);
  const double h = 1 - 1 / (9 * shape) + normal_quantile(level) / (3 * std::sqrt(shape));
  return static_cast<double>(mean) * h * h * h;
}

double gamma_quantile(const decision& said, double level) {
  return gamma_quantile(said.mean, said.dispersion, said.map.inverse(level));
}

std::pair<double, double> distribution_at(const decision& said, std::int64_t count) {
  return mapped(said, count,
                count < exact_up_to ? exact_distribution_at(said, count)
                                    : gamma_distribution_at(said, count));
}

std::pair<double, double> quick_distribution_at(const decision& said, std::int64_t count) {
  constexpr float busy = 60;
  return mapped(said, count,
                count < exact_up_to && !(said.mean > busy) ? exact_distribution_at(said, count)
                                                           : gamma_distribution_at(said, count));
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
