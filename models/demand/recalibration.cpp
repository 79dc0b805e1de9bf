#include "models/demand/recalibration.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace forestage::models {

namespace {

constexpr auto knot_count = recalibration_levels.size();
constexpr float least_logit = -12, most_logit = 12;
constexpr float least_gap = 0.01F; // between logits of neighbours

float logit(float p) {
  return std::log(p / (1 - p));
}

// How far an observation moves a knot, in units of 1 / density: the empirical quantile's step while there are
// few (after a start worth `ballast` of them), then a constant for what the key has come to be.
float step_after(std::uint16_t seen) {
  static const float ballast = getenv("RB") ? atof(getenv("RB")) : 20.0F;
  static const float least = getenv("RS") ? atof(getenv("RS")) : 0.004F;
  return std::max(least, 1 / (ballast + static_cast<float>(seen)));
}

} // namespace

float probability_map::operator()(float p) const noexcept {
  float left = 0;
  float from = 0;
  for (std::size_t k = 0; k < knot_count; ++k) {
    if (p < knots[k]) return from + (recalibration_levels[k] - from) * (p - left) / (knots[k] - left);
    left = knots[k];
    from = recalibration_levels[k];
  }
  return std::min(1.0F, from + (1 - from) * (p - left) / (1 - left));
}

double probability_map::inverse(double level) const noexcept {
  double left = 0;
  double from = 0;
  for (std::size_t k = 0; k < knot_count; ++k) {
    const double to = static_cast<double>(recalibration_levels[k]);
    const double right = static_cast<double>(knots[k]);
    if (level < to) return left + (right - left) * (level - from) / (to - from);
    left = right;
    from = to;
  }
  return left + (1 - left) * (level - from) / (1 - from);
}

recalibration::recalibration() {
  for (auto& c : classes_)
    for (std::size_t k = 0; k < knot_count; ++k)
      c.logits[k] = logit(recalibration_levels[k]);
}

probability_map recalibration::map(float mean) const noexcept {
  const auto& c = classes_[class_of(mean)];
  probability_map out;
  if (c.seen == 0) return out;
  for (std::size_t k = 0; k < knot_count; ++k)
    out.knots[k] = c.logits[k] <= least_logit ? 0 : 1 / (1 + std::exp(-c.logits[k]));
  return out;
}

void recalibration::observe(float mean, double below, double at_most) noexcept {
  auto& c = classes_[class_of(mean)];
  const float step = step_after(c.seen);
  const auto from = static_cast<float>(below);
  const float mass = static_cast<float>(at_most) - from;
  for (std::size_t k = 0; k < knot_count; ++k) {
    const float level = recalibration_levels[k];
    const float covered =
        mass > 0 ? std::clamp((level - from) / mass, 0.0F, 1.0F) : level >= from ? 1.0F : 0.0F;
    c.logits[k] =
        std::clamp(c.logits[k] + step * (level - covered) / (level * (1 - level)), least_logit, most_logit);
  }
  // Each learns for itself; where two have crossed they make room for each other.
  std::sort(c.logits.begin(), c.logits.end());
  for (std::size_t k = 1; k < knot_count; ++k)
    c.logits[k] = std::max(c.logits[k], c.logits[k - 1] + least_gap);
  if (c.seen < 65'535) ++c.seen;
}

} // namespace forestage::models
