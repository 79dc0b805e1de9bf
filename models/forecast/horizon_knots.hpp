// Steps of a horizon at which something is learned; between them it is straight in the logarithm of the step.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

class horizon_knots {
public:
  // 1, 2, 3, 6, 12, 24, 48, ... up to `horizon`, and horizon itself; half as dense again past 96.
  explicit horizon_knots(std::size_t horizon);

  [[nodiscard]] std::size_t size() const noexcept { return steps_.size(); }
  [[nodiscard]] std::size_t step(std::size_t knot) const { return steps_[knot]; }
  [[nodiscard]] std::size_t horizon() const noexcept { return steps_.back(); }
  // The value at a step, 1 to horizon, of one known at the knots.
  [[nodiscard]] double at(std::size_t step, std::span<const double> by_knot) const {
    const auto& p = places_[step - 1];
    return p.share > 0 ? (1 - p.share) * by_knot[p.below] + p.share * by_knot[p.below + 1] : by_knot[p.below];
  }

  // The same for every step: out[k - 1] is the value at step k. Pre: as many as the horizon.
  void spread(std::span<const double> by_knot, std::span<float> out) const;

private:
  struct place {
    std::size_t below = 0;
    double share = 0; // of the knot above
  };
  std::vector<std::size_t> steps_;
  std::vector<place> places_; // by step - 1
  std::vector<float> shares_; // the same shares
};

} // namespace forestage::models
