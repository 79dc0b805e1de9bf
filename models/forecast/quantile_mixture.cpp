#include "models/forecast/quantile_mixture.hpp"

#include "models/forecast/knob.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace forestage::models {

quantile_mixture::quantile_mixture(std::vector<double> prior, std::size_t blocks, double memory)
    : prior_(std::move(prior))
    , blocks_(blocks)
    , memory_(memory)
    , losses_(prior_.size() * levels.size() * blocks, 0) {
  assert(!prior_.empty() && blocks > 0);
}

void quantile_mixture::score(std::span<const double> losses) {
  assert(losses.size() == losses_.size());
  paths_ = memory_ * paths_ + 1;
  for (std::size_t i = 0; i < losses.size(); ++i)
    losses_[i] = memory_ * losses_[i] + losses[i];
}

double quantile_mixture::mean_loss() const {
  double sum = 0;
  for (const double l : losses_)
    sum += l;
  return paths_ > 0 ? sum / paths_ / static_cast<double>(losses_.size()) : 0;
}

std::vector<double> quantile_mixture::weights_at(std::size_t level, std::size_t block,
                                                 const quantile_mixture& pooled) const {
  const double rate = KNOB("QRATE", 15), pooled_paths = KNOB("QPOOL", 4), early = KNOB("QEARLY", 4);
  std::vector<double> out(prior_.size());
  const double worth = std::min(pooled_paths, pooled.paths_);
  const double paths = paths_ + worth;
  const double own_mean = mean_loss();
  const double own_unit = KNOB("QNORM", 1) > 0 ? (own_mean > 0 ? own_mean : 1) : 1;
  double best = 0;
  for (std::size_t c = 0; c < out.size(); ++c) {
    const auto at = (c * levels.size() + level) * blocks_ + block;
    out[c] = paths > 0
                 ? (losses_[at] + (worth > 0 ? worth * own_unit * pooled.losses_[at] / pooled.paths_ : 0)) / paths
                 : 0;
    best = c == 0 ? out[c] : std::min(best, out[c]);
  }
  // With few paths a difference says little.
  const double q = levels[level];
  const double seen = paths * (KNOB("QTAIL", 1) > 0 ? std::pow(4 * q * (1 - q), KNOB("QTAIL", 1)) : 1);
  const double sure = rate * seen / (seen + early);
  double sum = 0;
  const double begin = KNOB("QBEGIN", 4) / (paths + KNOB("QBEGIN", 4));
  for (std::size_t c = 0; c < out.size(); ++c) {
    out[c] = (prior_[c] + (c == 2 ? begin : 0)) * (best > 0 ? std::exp(-sure * (out[c] - best) / best) : 1);
    sum += out[c];
  }
  for (auto& w : out)
    w /= sum;
  return out;
}

std::vector<double> quantile_mixture::weights(double q, std::size_t block,
                                              const quantile_mixture& pooled) const {
  const auto above = static_cast<std::size_t>(std::lower_bound(levels.begin(), levels.end(), q) -
                                              levels.begin());
  if (above == 0) return weights_at(0, block, pooled);
  if (above == levels.size()) return weights_at(levels.size() - 1, block, pooled);
  auto out = weights_at(above, block, pooled);
  if (levels[above] == q) return out;
  const double share = (q - levels[above - 1]) / (levels[above] - levels[above - 1]);
  const auto below = weights_at(above - 1, block, pooled);
  for (std::size_t c = 0; c < out.size(); ++c)
    out[c] = share * out[c] + (1 - share) * below[c];
  return out;
}

} // namespace forestage::models
