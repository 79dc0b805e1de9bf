#include "models/forecast/level_watch.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

// Deviations are held to +-most; means count beyond so many times the largest one, and beyond `least` on the
// shortest window, which one deviation alone cannot reach; on others as chance shrinks.
constexpr double most = 6, beyond = 1.4, least = 2.5;
constexpr std::size_t shortest = 3; // observations

} // namespace

level_watch::level_watch(std::size_t short_season, std::size_t quiet)
    : quiet_(quiet)
    , recent_(std::max(shortest, short_season) + 1, 0) {
  for (std::size_t w = 0; w < windows; ++w)
    lengths_[w] = std::max(shortest, short_season >> (windows - 1 - w));
}

std::optional<std::size_t> level_watch::observe(double deviation) {
  // Not-a-number counts as nothing.
  const double d = deviation >= -most ? std::min(deviation, most) : deviation < -most ? -most : 0;
  recent_[next_] = d;
  next_ = (next_ + 1) % recent_.size();
  count_ = std::min(count_ + 1, recent_.size());
  ++seen_;
  std::size_t found = 0;
  double mean = 0;
  for (std::size_t w = 0; w < windows; ++w) {
    sums_[w] += d;
    if (count_ > lengths_[w]) sums_[w] -= latest(lengths_[w] + 1);
    if (count_ < lengths_[w]) continue;
    const double here = sums_[w] / static_cast<double>(lengths_[w]);
    if (std::abs(here) <= largest_[w]) continue;
    if (found == 0 && seen_ > quiet_ &&
        std::abs(here) >
            std::max(beyond * largest_[w],
                     least * std::sqrt(static_cast<double>(shortest) / static_cast<double>(lengths_[w])))) {
      found = lengths_[w];
      mean = here;
    }
    largest_[w] = std::abs(here);
  }
  if (found == 0) return std::nullopt;
  double sum = 0, best = 0;
  std::size_t run = 1;
  for (std::size_t i = 1; i <= count_; ++i) {
    sum += (mean > 0 ? latest(i) : -latest(i)) - std::abs(mean) / 2;
    if (sum > best) {
      best = sum;
      run = i;
    }
  }
  count_ = 0;
  sums_ = {};
  return run;
}

} // namespace forestage::models
