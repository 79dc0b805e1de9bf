#include "models/forecast/quantile_mixture.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace forestage::models {

namespace {

// How sharply losses decide; paths that the loss over all series is worth; paths (at the median) after which
// losses move weights half as much as in the end; paths after which what counts at first counts half.
constexpr double rate = 30, pooled_paths = 20, half_sure = 20, half_begun = 6;

} // namespace

quantile_mixture::quantile_mixture(std::vector<candidate_prior> prior, std::size_t blocks, double memory)
    : prior_(std::move(prior))
    , blocks_(blocks)
    , memory_(memory)
    , losses_(prior_.size() * levels.size() * blocks, 0) {
  assert(!prior_.empty() && blocks > 0);
}

void quantile_mixture::add(std::span<const double> losses) {
  assert(losses.size() == losses_.size());
  paths_ = memory_ * paths_ + 1;
  for (std::size_t i = 0; i < losses.size(); ++i)
    losses_[i] = memory_ * losses_[i] + losses[i];
}

void quantile_mixture::score(std::span<const double> losses, quantile_mixture& pooled) {
  add(losses);
  std::vector<double> relative(losses.begin(), losses.end());
  if (const double unit = mean_loss(); unit > 0)
    for (auto& loss : relative)
      loss /= unit;
  pooled.add(relative);
}

double quantile_mixture::mean_loss() const {
  double sum = 0;
  for (const double loss : losses_)
    sum += loss;
  return paths_ > 0 ? sum / paths_ / static_cast<double>(losses_.size()) : 0;
}

std::vector<double> quantile_mixture::weights_at(std::size_t level, std::size_t block,
                                                 const quantile_mixture& pooled) const {
  const double worth = std::min(pooled_paths, pooled.paths_);
  const double paths = paths_ + worth;
  const double mean = mean_loss();
  const double per_pooled = worth > 0 ? worth / pooled.paths_ * (mean > 0 ? mean : 1) : 0;
  std::vector<double> out(candidates(), 0);
  for (std::size_t c = 0; c < out.size(); ++c) {
    const auto at = (c * levels.size() + level) * blocks_ + block;
    if (paths > 0) out[c] = (losses_[at] + per_pooled * pooled.losses_[at]) / paths;
  }
  const double best = *std::min_element(out.begin(), out.end());
  const double seen = paths * 4 * levels[level] * (1 - levels[level]);
  const double steepness = rate * seen / (seen + half_sure);
  const double begun = half_begun / (paths + half_begun);
  double sum = 0;
  for (std::size_t c = 0; c < out.size(); ++c) {
    // A candidate that was never wrong: the others count as far as they were not either.
    const double worse = best > 0 ? (out[c] - best) / best : out[c] > 0 ? 1 : 0;
    out[c] = (prior_[c].always + begun * prior_[c].at_first) * std::exp(-steepness * worse);
    sum += out[c];
  }
  for (auto& w : out)
    w /= sum;
  return out;
}

std::vector<double> quantile_mixture::weights(double q, std::size_t block,
                                              const quantile_mixture& pooled) const {
  const auto above =
      static_cast<std::size_t>(std::lower_bound(levels.begin(), levels.end(), q) - levels.begin());
  if (above == 0) return weights_at(0, block, pooled);
  if (above == levels.size()) return weights_at(levels.size() - 1, block, pooled);
  auto out = weights_at(above, block, pooled);
  const double share = (q - levels[above - 1]) / (levels[above] - levels[above - 1]);
  if (share >= 1) return out;
  const auto below = weights_at(above - 1, block, pooled);
  for (std::size_t c = 0; c < out.size(); ++c)
    out[c] = share * out[c] + (1 - share) * below[c];
  return out;
}

} // namespace forestage::models
