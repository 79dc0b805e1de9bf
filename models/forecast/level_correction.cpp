#include "models/forecast/level_correction.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace forestage::models {

namespace {

// How far a path moves a level, in units of 1 / density; log-odds within which levels stay, and that two
// neighbours keep between them.
constexpr double rate = 0.03, most = 6, least_gap = 0.01;
// What chance makes of a shift at level 1/2 where the forecast is right, in log-odds.
constexpr double quiet = 0.025;
// Beyond the outermost quantiles: this many times the last gap.
constexpr double farther = 3;

double log_odds(double p) {
  return std::log(p / (1 - p));
}
double probability(double odds) {
  return 1 / (1 + std::exp(-odds));
}

// What chance alone makes of a shift is not followed. What is more than that grows until the shares are
// right.
double believed(double shift, double level) {
  const double chance = quiet / std::sqrt(level * (1 - level));
  return shift > chance ? shift - chance : shift < -chance ? shift + chance : 0;
}

// Share of a place at or below p.
double share_below(const distribution_place& place, double p) {
  const double mass = place.at_most - place.below;
  return mass > 0 ? std::clamp((p - place.below) / mass, 0.0, 1.0) : place.below <= p ? 1.0 : 0.0;
}

} // namespace

distribution_place place_among(std::span<const double> levels, std::span<const double> quantiles,
                               double value, double width) {
  assert(levels.size() == quantiles.size() && levels.size() > 1);
  const auto n = levels.size();
  // Between quantiles i - 1 and i, which differ.
  const auto between = [&](std::size_t i, double at) {
    i = std::clamp<std::size_t>(i, 1, n - 1);
    const double gap = quantiles[i] - quantiles[i - 1];
    if (!(gap > 0)) return at < quantiles[i] ? 0.0 : 1.0;
    const double share = std::clamp((at - quantiles[i - 1]) / gap, -farther, 1 + farther);
    const double from = log_odds(levels[i - 1]);
    return probability(from + share * (log_odds(levels[i]) - from));
  };
  const auto place = [&](const double* found) { return static_cast<std::size_t>(found - quantiles.data()); };
  const double low = value - width / 2, high = value + width / 2;
  const auto* begin = quantiles.data();
  const auto i = place(std::lower_bound(begin, begin + n, low));
  const auto j = place(std::upper_bound(begin, begin + n, high));
  distribution_place out;
  // A forecast that ends in a value puts what is left there.
  if (low < 0 || (i == 0 && quantiles[0] <= low))
    out.below = 0;
  else
    out.below = between(i, low);
  out.at_most = j == n && quantiles[n - 1] >= high ? 1 : between(j, high);
  out.at_most = std::max(out.at_most, out.below);
  return out;
}

level_correction::level_correction(std::size_t blocks)
    : shifts_(blocks * levels.size(), 0) {}

void level_correction::move(std::size_t block, std::span<const distribution_place> came, double by) {
  assert(!came.empty());
  auto* const shift = shifts_.data() + block * levels.size();
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double level = levels[k], odds = log_odds(level), p = probability(odds + shift[k]);
    double share = 0;
    for (const auto& each : came)
      share += share_below(each, p);
    share /= static_cast<double>(came.size());
    shift[k] = std::clamp(odds + shift[k] + by * (level - share) / (level * (1 - level)), -most, most) - odds;
  }
  // Each learns for itself; where two have crossed they make room for each other.
  for (std::size_t k = 1; k < levels.size(); ++k)
    shift[k] = std::max(shift[k], shift[k - 1] + log_odds(levels[k - 1]) - log_odds(levels[k]) + least_gap);
}

void level_correction::learn(std::size_t block, std::span<const distribution_place> came,
                             level_correction& pooled, std::size_t members, double haste) {
  const double by = rate * haste;
  move(block, came, by);
  // What all series do together moves what they share twice as far as a series moves its own.
  pooled.move(block, came, by * std::min(1.0, 2 / static_cast<double>(std::max<std::size_t>(1, members))));
}

double level_correction::asked(double q, std::size_t block, const level_correction& pooled) const {
  // Log-odds to ask for at each level; where two have crossed they make room for each other.
  std::array<double, levels.size()> wanted{};
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const auto i = block * levels.size() + k;
    wanted[k] = log_odds(levels[k]) + believed((shifts_[i] + pooled.shifts_[i]) / 2, levels[k]);
    if (k > 0) wanted[k] = std::max(wanted[k], wanted[k - 1] + least_gap);
  }
  const auto shift_at = [&](std::size_t k) { return wanted[k] - log_odds(levels[k]); };
  const double odds = log_odds(q);
  double shift = 0;
  const auto above =
      static_cast<std::size_t>(std::lower_bound(levels.begin(), levels.end(), q) - levels.begin());
  if (above == 0 || above == levels.size()) {
    shift = shift_at(above == 0 ? 0 : levels.size() - 1);
  } else {
    const double from = log_odds(levels[above - 1]);
    const double share = (odds - from) / (log_odds(levels[above]) - from);
    shift = share * shift_at(above) + (1 - share) * shift_at(above - 1);
  }
  if (shift == 0) return q;
  constexpr double farthest = 12; // log-odds: the quantile of one in a hundred thousand
  return probability(std::clamp(odds + shift, -farthest, farthest));
}

} // namespace forestage::models
