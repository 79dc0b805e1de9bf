#include "models/forecast/deviation_windows.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

constexpr double most = 6;
constexpr std::size_t shortest = 3; // observations, of the windows from an eighth on

} // namespace

deviation_windows::deviation_windows(std::size_t short_season)
    : recent_(std::max(shortest, short_season) + 1, 0) {
  constexpr std::array<std::size_t, count> parts{24, 12, 8, 4, 2, 1};
  for (std::size_t w = 0; w < count; ++w)
    lengths_[w] = std::max(w < eighth ? 1 : shortest, short_season / parts[w]);
}

double deviation_windows::held(double deviation) {
  return deviation >= -most ? std::min(deviation, most) : deviation < -most ? -most : 0;
}

void deviation_windows::observe(double deviation) {
  const double d = held(deviation);
  recent_[next_] = d;
  next_ = (next_ + 1) % recent_.size();
  seen_ = std::min(seen_ + 1, recent_.size());
  for (std::size_t w = 0; w < count; ++w) {
    sums_[w] += d;
    if (seen_ > lengths_[w]) sums_[w] -= latest(lengths_[w] + 1);
  }
}

std::optional<double> deviation_windows::mean(std::size_t window) const {
  if (seen_ < lengths_[window]) return std::nullopt;
  return sums_[window] / static_cast<double>(lengths_[window]);
}

std::size_t deviation_windows::run(double mean) const {
  constexpr int most_rounds = 4;
  std::size_t out = 1;
  for (int round = 0; round < most_rounds; ++round) {
    double excess = 0, most_excess = 0, sum = 0, mean_of_run = mean;
    const auto before = out;
    for (std::size_t i = 1; i <= seen_; ++i) {
      excess += (mean > 0 ? latest(i) : -latest(i)) - std::abs(mean) / 2;
      sum += latest(i);
      if (excess <= most_excess) continue;
      most_excess = excess;
      out = i;
      mean_of_run = sum / static_cast<double>(i);
    }
    if (round > 0 && out == before) break;
    mean = mean_of_run;
  }
  return out;
}

void deviation_windows::forget() {
  seen_ = 0;
  sums_ = {};
}

} // namespace forestage::models
