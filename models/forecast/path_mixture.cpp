#include "models/forecast/path_mixture.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace forestage::models {

namespace {

std::vector<weighting> make_weightings() {
  std::vector<weighting> out;
  for (const double share : {1.0, 0.3, 0.03})
    for (const double pooled : {0.0, 4.0, 20.0})
      for (const double rate : {15.0, 40.0, 100.0, 250.0, 1'000.0})
        out.push_back({rate, pooled, share});
  return out;
}

std::size_t phases_apart(std::size_t a, std::size_t b) {
  const auto apart = a > b ? a - b : b - a;
  return std::min(apart, path_mixture::phases - apart);
}

} // namespace

std::span<const weighting> weightings() {
  static const std::vector<weighting> all = make_weightings();
  return all;
}

path_mixture::path_mixture(std::size_t experts, std::vector<std::size_t> block_ends,
                           const mixture_settings& settings, std::vector<double> prior)
    : experts_(experts)
    , block_ends_(std::move(block_ends))
    , settings_(settings)
    , prior_(std::move(prior))
    , losses_(phases * experts * block_ends_.size(), 0) {
  assert(experts > 0 && !block_ends_.empty() && (prior_.empty() || prior_.size() == experts));
  if (prior_.empty()) prior_.assign(experts, 1);
}

void path_mixture::score(std::span<const float> paths, std::span<const float> actual, double spread,
                         std::size_t phase) {
  assert(paths.size() == experts_ * horizon() && actual.size() == horizon() && phase < phases);
  for (auto& loss : losses_)
    loss *= settings_.memory;
  for (auto& w : weight_)
    w *= settings_.memory;
  ++weight_[phase];
  ++scored_;
  for (std::size_t e = 0; e < experts_; ++e) {
    const auto path = paths.subspan(e * horizon(), horizon());
    for (std::size_t b = 0; b < blocks(); ++b) {
      double sum = 0;
      for (std::size_t k = block_begin(b); k < block_ends_[b]; ++k)
        sum += std::abs(double{path[k]} - double{actual[k]});
      const auto length = static_cast<double>(block_ends_[b] - block_begin(b));
      losses_[(phase * experts_ + e) * blocks() + b] += sum / length / spread;
    }
  }
}

double path_mixture::mean_losses(std::size_t phase, double share, std::span<double> out) const {
  double weight = 0;
  std::fill(out.begin(), out.end(), 0.0);
  for (std::size_t p = 0; p < phases; ++p) {
    const double s = std::pow(share, static_cast<double>(phases_apart(p, phase)));
    weight += s * weight_[p];
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] += s * losses_[p * out.size() + i];
  }
  if (weight > 0)
    for (auto& v : out)
      v /= weight;
  return weight;
}

std::vector<double> path_mixture::weights(const weighting& how, const path_mixture& pooled,
                                          std::size_t phase) const {
  const auto size = experts_ * blocks();
  std::vector<double> out(size), all(size);
  const double own = mean_losses(phase, how.phase_share, out);
  const double others = how.pooled_paths > 0 ? pooled.mean_losses(phase, how.phase_share, all) : 0;
  const double worth = others > 0 ? how.pooled_paths : 0;
  if (own + worth <= 0) {
    std::fill(out.begin(), out.end(), 1.0 / static_cast<double>(experts_));
    return out;
  }
  for (std::size_t i = 0; i < size; ++i)
    out[i] = (own * out[i] + worth * all[i]) / (own + worth);
  for (std::size_t b = 0; b < blocks(); ++b) {
    double best = out[b], sum = 0;
    for (std::size_t e = 1; e < experts_; ++e)
      best = std::min(best, out[e * blocks() + b]);
    const double unit = best + settings_.floor;
    for (std::size_t e = 0; e < experts_; ++e) {
      auto& w = out[e * blocks() + b];
      w = prior_[e] * std::exp(-how.rate * (w - best) / unit);
      sum += w;
    }
    for (std::size_t e = 0; e < experts_; ++e)
      out[e * blocks() + b] /= sum;
  }
  return out;
}

void path_mixture::mix(std::span<const float> paths, std::span<const double> weights,
                       std::span<float> path) const {
  assert(paths.size() == experts_ * horizon() && path.size() == horizon());
  for (std::size_t b = 0; b < blocks(); ++b)
    for (std::size_t k = block_begin(b); k < block_ends_[b]; ++k) {
      double sum = 0;
      for (std::size_t e = 0; e < experts_; ++e)
        sum += weights[e * blocks() + b] * double{paths[e * horizon() + k]};
      path[k] = static_cast<float>(sum);
    }
}

weighting_choice::weighting_choice(std::size_t blocks)
    : blocks_(blocks)
    , losses_(path_mixture::phases * blocks * weightings().size(), 0) {}

void weighting_choice::add(std::size_t phase, std::size_t block, std::size_t which, double loss) {
  for (std::size_t p = 0; p < path_mixture::phases; ++p)
    losses_[(p * blocks_ + block) * weightings().size() + which] +=
        loss * std::exp2(-2.0 * static_cast<double>(phases_apart(p, phase)));
}

std::vector<double> weighting_choice::shares(std::size_t phase, std::size_t block) const {
  constexpr double rate = 100; // a weighting that cost 1 % more counts a third
  const auto n = weightings().size();
  const auto begin = losses_.begin() + static_cast<std::ptrdiff_t>((phase * blocks_ + block) * n);
  std::vector<double> out(begin, begin + static_cast<std::ptrdiff_t>(n));
  const double least = *std::min_element(out.begin(), out.end());
  double sum = 0;
  for (auto& w : out) {
    w = least > 0 ? std::exp(-rate * (w - least) / least) : w > 0 ? 0 : 1;
    sum += w;
  }
  for (auto& w : out)
    w /= sum;
  return out;
}

std::size_t weighting_choice::best(std::size_t phase, std::size_t block) const {
  const auto begin =
      losses_.begin() + static_cast<std::ptrdiff_t>((phase * blocks_ + block) * weightings().size());
  return static_cast<std::size_t>(
      std::min_element(begin, begin + static_cast<std::ptrdiff_t>(weightings().size())) - begin);
}

} // namespace forestage::models
