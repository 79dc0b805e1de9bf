#include "models/forecast/level_evidence.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

std::size_t place(std::size_t window, double mean) {
  return 2 * window + (mean > 0 ? 1 : 0);
}

} // namespace

void level_evidence::observe(const deviation_windows& recent) {
  for (std::size_t w = 0; w < deviation_windows::count; ++w)
    if (const auto mean = recent.mean(w)) {
      auto& largest = current_[place(w, *mean)];
      largest = std::max(largest, std::abs(*mean));
    }
  if (++seen_ % season_ != 0) return;
  for (std::size_t i = 0; i < largest_.size(); ++i)
    largest_[i] = std::max(largest_[i], previous_[i]);
  previous_ = current_;
  current_ = {};
}

level_finding level_evidence::look(const deviation_windows& recent, std::size_t first) const {
  if (seen_ <= quiet_) return {};
  double strength = settings_.from, mean = 0;
  for (auto w = first; w < deviation_windows::count; ++w) {
    const double here = recent.mean(w).value_or(0);
    const double known = std::max(largest_[place(w, here)],
                                  settings_.least / std::sqrt(static_cast<double>(recent.length(w))));
    if (std::abs(here) <= strength * known) continue;
    strength = std::abs(here) / known;
    mean = here;
  }
  if (mean == 0) return {};
  return {1 - std::pow(strength / settings_.from, -settings_.tail), strength, recent.run(mean)};
}

} // namespace forestage::models
