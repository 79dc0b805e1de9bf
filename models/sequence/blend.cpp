#include "models/sequence/blend.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

constexpr std::size_t count_classes = 8;              // n: under 1, 2, 4 .. 64, more
constexpr double prior_requests = 8;                  // that the start is worth
constexpr std::array<double, 4> spreads{1, 2, 4, 12}; // T: 1, 2, 3 to 6, more

} // namespace

std::size_t blend_class(double n, std::size_t distinct) noexcept {
  const auto seen =
      n < 1 ? 0 : 1 + std::min<std::size_t>(count_classes - 2, static_cast<std::size_t>(std::log2(n)));
  const std::size_t spread = distinct <= 1 ? 0 : distinct == 2 ? 1 : distinct <= 6 ? 2 : 3;
  return spread * count_classes + seen;
}

double witten_bell(std::size_t blend_class) noexcept {
  const auto n = std::exp2(static_cast<double>(blend_class % count_classes)) * 0.75;
  const auto t = spreads[std::min(blend_class / count_classes, spreads.size() - 1)];
  return t / (n + t);
}

double blend_weights::passes(std::size_t level, std::size_t of_class, const blend_weights* all) const {
  const auto& s = of_.of[level].of[of_class];
  const auto start = all != nullptr ? all->passes(level, of_class, nullptr) : witten_bell(of_class);
  return (s.passed + prior_requests * start) / (s.passed + s.stopped + prior_requests);
}

void blend_weights::fold(const blend_sums& sums, double kept) {
  for (std::size_t level = 0; level < sequence_levels; ++level)
    for (std::size_t c = 0; c < blend_classes; ++c) {
      auto& into = of_.of[level].of[c];
      const auto& from = sums.of[level][c];
      into.passed = into.passed * kept + static_cast<double>(from.passed) / blend_unit;
      into.stopped = into.stopped * kept + static_cast<double>(from.stopped) / blend_unit;
    }
}

} // namespace forestage::models
