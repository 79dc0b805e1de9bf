#include "models/forecast/level_watch.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

// Means count beyond so many times the largest one, and beyond `least` on three observations, which one
// deviation alone cannot reach; on more as chance shrinks.
constexpr double beyond = 1.4, least = 2.5, least_on = 3;

} // namespace

std::optional<std::size_t> level_watch::observe(const deviation_windows& recent) {
  ++seen_;
  const bool quiet = seen_ <= quiet_;
  double found = 0;
  for (auto w = deviation_windows::eighth; w < deviation_windows::count; ++w) {
    const double mean = recent.mean(w).value_or(0),
                 by_chance = least * std::sqrt(least_on / static_cast<double>(recent.length(w)));
    if (!quiet && found == 0 && std::abs(mean) > std::max(beyond * largest_[w], by_chance)) found = mean;
    largest_[w] = std::max(largest_[w], std::abs(mean));
  }
  if (found == 0) return std::nullopt;
  return recent.run(found);
}

} // namespace forestage::models
