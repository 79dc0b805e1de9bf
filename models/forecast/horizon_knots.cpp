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
}

} // namespace forestage::models
