#include "models/forecast/level_ratio.hpp"

#include <algorithm>
#include <cstddef>

namespace forestage::models {

shared_ratio shared_of(std::span<const level_ratio> ratios) {
  const auto counts = [](const level_ratio& r) { return r.is_level() && r.variance > 0; };
  struct sums {
    double weights = 0, squares = 0, logs = 0;
  };
  const auto weigh = [&](double between) {
    sums out;
    for (const auto& r : ratios) {
      if (!counts(r)) continue;
      const double weight = 1 / (r.variance + between);
      out.weights += weight;
      out.squares += weight * weight;
      out.logs += weight * r.log;
    }
    return out;
  };
  const auto n = static_cast<std::size_t>(std::count_if(ratios.begin(), ratios.end(), counts));
  if (n < 2) return {};
  const auto fixed = weigh(0);
  double spread = 0;
  for (const auto& r : ratios) {
    const double off = r.log - fixed.logs / fixed.weights;
    if (counts(r)) spread += off * off / r.variance;
  }
  shared_ratio out;
  out.known = true;
  out.between =
      std::max(0.0, (spread - static_cast<double>(n - 1)) / (fixed.weights - fixed.squares / fixed.weights));
  const auto random = weigh(out.between);
  out.log = random.logs / random.weights;
  out.variance = 1 / random.weights;
  return out;
}

double drawn_log(const level_ratio& own, const shared_ratio& shared) {
  if (!shared.known) return own.log;
  if (!own.is_level() || !(own.variance > 0)) return shared.log;
  const double trust = shared.between / (shared.between + own.variance);
  return trust * own.log + (1 - trust) * shared.log;
}

} // namespace forestage::models
