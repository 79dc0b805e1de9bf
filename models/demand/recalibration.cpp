#include "models/demand/recalibration.hpp"

#include "models/demand/gram.hpp"
#include "models/lanes.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

constexpr auto knot_count = recalibration_levels.size();
constexpr float least_logit = -16, most_logit = 16;
constexpr float zero_logit = -14;  // from here down a knot stands at 0: its level is extra mass on zero
constexpr float least_gap = 0.01F; // between logits of neighbours

float logit(float p) {
  return std::log(p / (1 - p));
}

// Not-a-number, which a damaged state may hold, is the least.
double bounded(float log_odds) {
  return static_cast<double>(log_odds > least_logit ? std::min(log_odds, most_logit) : least_logit);
}

// How far an observation moves a knot, in units of 1 / density: the empirical quantile's step while there are
// few (after a start worth `ballast` of them), then a constant for what the key has come to be.
float step_after(std::uint16_t seen) {
  constexpr float ballast = 20;
  constexpr float least = 0.015F;
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

recalibration_start::recalibration_start() {
  for (auto& c : classes)
    for (std::size_t k = 0; k < knot_count; ++k)
      c[k] = logit(recalibration_levels[k]);
}

void recalibration_statistics::merge(const recalibration_statistics& other) noexcept {
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    classes_[c].weight = saturating_add(classes_[c].weight, other.classes_[c].weight);
    for (std::size_t k = 0; k < knot_count; ++k)
      classes_[c].log_odds[k] = saturating_add(classes_[c].log_odds[k], other.classes_[c].log_odds[k]);
  }
}

recalibration_start recalibration_statistics::mean() const {
  recalibration_start out;
  for (std::size_t c = 0; c < classes_.size(); ++c)
    for (std::size_t k = 0; k < knot_count; ++k) {
      const double sum = static_cast<double>(classes_[c].log_odds[k]) / unit;
      out.classes[c][k] =
          static_cast<float>((sum + identity_weight * static_cast<double>(out.classes[c][k])) /
                             (static_cast<double>(classes_[c].weight) + identity_weight));
    }
  return out;
}

recalibration::recalibration(const recalibration_start& start) {
  start_from(start);
}

void recalibration::start_from(const recalibration_start& start) noexcept {
  for (std::size_t c = 0; c < classes_.size(); ++c)
    if (classes_[c].seen == 0) classes_[c].logits = start.classes[c];
}

void recalibration::report(recalibration_statistics& pool) const noexcept {
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    constexpr std::uint16_t enough = 1'000;
    const auto weight = std::min(classes_[c].seen, enough);
    pool.classes_[c].weight = saturating_add(pool.classes_[c].weight, weight);
    for (std::size_t k = 0; k < knot_count; ++k)
      pool.classes_[c].log_odds[k] =
          saturating_add(pool.classes_[c].log_odds[k], weight * std::llround(bounded(classes_[c].logits[k]) *
                                                                             recalibration_statistics::unit));
  }
}

probability_map recalibration::map(float mean) const noexcept {
  const auto& c = classes_[class_of(mean)];
  probability_map out;
  for (std::size_t k = 0; k < knot_count; ++k)
    out.knots[k] = c.logits[k] <= zero_logit ? 0 : 1 / (1 + exponential(-c.logits[k]));
  return out;
}

void recalibration::observe(float mean, double below, double at_most) noexcept {
  auto& c = classes_[class_of(mean)];
  const float step = step_after(c.seen);
  const auto from = static_cast<float>(below);
  const float mass = static_cast<float>(at_most) - from;
  for (std::size_t k = 0; k < knot_count; ++k) {
    const float level = recalibration_levels[k];
    const float covered = mass > 0        ? std::clamp((level - from) / mass, 0.0F, 1.0F)
                          : level >= from ? 1.0F
                                          : 0.0F;
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
