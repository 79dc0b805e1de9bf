#include "models/forecast/horizon_knots.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace forestage::models {

horizon_knots::horizon_knots(std::size_t horizon) {
  constexpr std::array<std::size_t, 11> usual{1, 2, 3, 6, 12, 24, 48, 96, 144, 216, 288};
  for (const auto k : usual)
    if (k < horizon) steps_.push_back(k);
  while (!steps_.empty() && steps_.back() * 2 < horizon)
    steps_.push_back(steps_.back() * 2);
  steps_.push_back(std::max<std::size_t>(1, horizon));
  for (std::size_t k = 1; k <= steps_.back(); ++k) {
    const auto above =
        static_cast<std::size_t>(std::lower_bound(steps_.begin(), steps_.end(), k) - steps_.begin());
    if (above == 0) {
      places_.push_back({0, 0});
      continue;
    }
    const double share =
        std::log(static_cast<double>(k) / static_cast<double>(steps_[above - 1])) /
        std::log(static_cast<double>(steps_[above]) / static_cast<double>(steps_[above - 1]));
    places_.push_back({above - 1, share});
  }
  for (const auto& p : places_)
    shares_.push_back(static_cast<float>(p.share));
}

void horizon_knots::spread(std::span<const double> by_knot, std::span<float> out) const {
  std::size_t k = 0;
  for (; k < steps_.front(); ++k)
    out[k] = static_cast<float>(by_knot.front());
  for (std::size_t n = 1; n < steps_.size(); ++n) {
    const auto from = static_cast<float>(by_knot[n - 1]);
    const auto rise = static_cast<float>(by_knot[n] - by_knot[n - 1]);
    for (; k < steps_[n]; ++k)
      out[k] = from + shares_[k] * rise;
  }
}

} // namespace forestage::models
