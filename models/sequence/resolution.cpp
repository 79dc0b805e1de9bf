#include "models/sequence/resolution.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace forestage::models {

// -- delays: 1, 2, 3, 4-5, 6-7, 8-11, 12-15, ...
std::size_t delay_class(std::int64_t intervals) noexcept {
  const auto d = static_cast<std::uint64_t>(std::max<std::int64_t>(1, intervals));
  const auto octave = static_cast<std::size_t>(std::bit_width(d)) - 1;
  const auto half = octave == 0 ? 0 : (d >> (octave - 1)) & 1U;
  return std::min(delay_classes - 1, octave == 0 ? 0 : 2 * octave - 1 + static_cast<std::size_t>(half));
}

std::int64_t delay_of(std::size_t delay_class) noexcept {
  if (delay_class == 0) return 1;
  const auto octave = (delay_class + 1) / 2;
  const auto half = (delay_class + 1) % 2;
  return (std::int64_t{1} << octave) + (half != 0 ? std::int64_t{1} << (octave - 1) : 0);
}

std::size_t delay_regime(std::int64_t delay) noexcept {
  return delay <= 0 ? 0 : delay == 1 ? 1 : delay <= 3 ? 2 : 3;
}

double return_times::after(std::int64_t ahead, std::size_t regime) const {
  const auto c = delay_class(ahead);
  const auto width = static_cast<double>(delay_of(c + 1) - delay_of(c));
  const auto share = came_[regime][c] / (visits_[regime] + 2);
  return std::clamp(share, 0.0, 1.0) / width;
}

double return_times::median(std::size_t regime) const {
  double all = 0;
  for (const auto n : came_[regime])
    all += n;
  double sum = 0;
  for (std::size_t c = 0; c < delay_classes; ++c)
    if ((sum += came_[regime][c]) * 2 >= all && sum > 0) return static_cast<double>(delay_of(c));
  return 1;
}

void return_times::fold(const delay_sums& sums, double kept) {
  for (std::size_t r = 0; r < delay_regimes; ++r) {
    visits_[r] = visits_[r] * kept + static_cast<double>(sums.visits[r]);
    for (std::size_t c = 0; c < delay_classes; ++c)
      came_[r][c] = came_[r][c] * kept + static_cast<double>(sums.came[r][c]);
  }
}

// -- track record
std::size_t probability_class(double p) noexcept {
  const auto half_bits = 2 * std::log2(std::max(p, 1e-12) / std::max(1 - p, 1e-12)) + 16;
  return static_cast<std::size_t>(std::clamp(half_bits, 0.0, static_cast<double>(probability_classes - 1)));
}

double track_record::worth(double p, const track_record* all) const {
  constexpr double prior = 64;
  const auto c = probability_class(p);
  const auto start = all != nullptr ? all->worth(p, nullptr) : std::clamp(p, 0.0, 1.0);
  return (arrived_[c] + prior * start) / (predicted_[c] + prior);
}

void track_record::fold(const outcome_sums& sums, double kept) {
  for (std::size_t c = 0; c < probability_classes; ++c) {
    predicted_[c] = predicted_[c] * kept + static_cast<double>(sums.predicted[c]);
    arrived_[c] = arrived_[c] * kept + static_cast<double>(sums.arrived[c]);
  }
}

// -- skill
bool skill::proven() const noexcept {
  return requests_ >= 64 && gain_ > 0.01 * requests_ && gain_ > 4 * std::sqrt(square_);
}

double skill::gain() const noexcept {
  return requests_ > 0 ? gain_ / requests_ : 0;
}

void skill::fold(const skill_sums& sums, double kept) {
  constexpr double unit = 1'024;
  requests_ = requests_ * kept + static_cast<double>(sums.requests);
  gain_ = gain_ * kept + static_cast<double>(sums.gain) / unit;
  square_ = square_ * kept + static_cast<double>(sums.square) / unit;
}

} // namespace forestage::models
