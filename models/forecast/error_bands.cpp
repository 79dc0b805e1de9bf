#include "models/forecast/error_bands.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

// Errors that the size of all series is worth against a series' own; what a pooled size is worth after the
// next one; errors that a series needs before its own quantiles count; the largest error that is told apart,
// in units of the scale.
constexpr double size_prior = 2, pooled_memory = 0.999, least_own = 5, most = 1e6;

double pinball(double error, double q, double at) {
  return error >= at ? q * (error - at) : (1 - q) * (at - error);
}

// Shares of own and pooled quantiles differ by level, so the difference of two levels can have the wrong
// sign.
double on_its_side(double offset, double q) {
  return q < 0.5 ? std::min(offset, 0.0) : q > 0.5 ? std::max(offset, 0.0) : 0.0;
}

} // namespace

error_bands::relative error_bands::ratio(const kind& which, const error_bands& pooled) const {
  const auto i = which.index;
  double sum = size_prior, count = size_prior;
  for (std::size_t n = 0; n < knots_.size(); ++n) {
    const auto& all = pooled.knots_[n];
    if (all.count[i] <= 0 || all.sum[i] <= 0) continue;
    sum += knots_[n].sum[i] / (all.sum[i] / all.count[i]);
    count += knots_[n].count[i];
  }
  return {sum, count};
}

double error_bands::size(std::size_t knot, const kind& which, const error_bands& pooled, const relative& to) {
  const auto i = which.index;
  const auto& here = pooled.knots_[knot];
  return (here.count[i] > 0 ? here.sum[i] / here.count[i] : 1) * to.sum / to.count;
}

double error_bands::quantile(std::size_t knot, const kind& which, double q, const error_bands& pooled) const {
  double out = 0;
  quantiles(knot, which, {&q, 1}, pooled, {&out, 1});
  return out;
}

void error_bands::quantiles(std::size_t knot, const kind& which, std::span<const double> qs,
                            const error_bands& pooled, std::span<double> out) const {
  const auto& all = pooled.knots_[knot].spread[which.index];
  const auto& own = knots_[knot].spread[which.index];
  std::fill(out.begin(), out.end(), 0.0);
  if (all.count() <= 0) return;
  all.quantiles(qs, out);
  const double n = own.count();
  if (n <= least_own) return;
  constexpr double shrinkage = 9.5;
  std::array<double, 8> mine{};
  for (std::size_t from = 0; from < qs.size(); from += mine.size()) {
    const auto some = qs.subspan(from, std::min(mine.size(), qs.size() - from));
    own.quantiles(some, std::span{mine}.first(some.size()));
    for (std::size_t i = 0; i < some.size(); ++i) {
      const double tail = std::sqrt(std::min(some[i], 1 - some[i]));
      const double share = n / (n + shrinkage / (tail * std::sqrt(tail))); // the tail's power of -0.75
      out[from + i] = share * mine[i] + (1 - share) * out[from + i];
    }
  }
}

void error_bands::learn(std::size_t knot, double scaled_error, error_bands& pooled, double memory) {
  const double error = std::clamp(scaled_error, -most, most);
  std::array<double, kinds.size()> sizes{};
  for (const auto& which : kinds)
    sizes[which.index] = size(knot, which, pooled, ratio(which, pooled));
  const double size_before = std::max(1e-9, sizes[1]);
  for (const auto& which : kinds) {
    const double median = quantile(knot, which, 0.5, pooled);
    const double unit = which.sized ? sizes[which.index] : 1;
    for (std::size_t l = 0; l < levels.size(); ++l)
      pooled.losses_[l][which.index] +=
          pinball(error, levels[l],
                  on_its_side(quantile(knot, which, levels[l], pooled) - median, levels[l]) * unit) /
          size_before;
  }
  auto& own = knots_[knot];
  auto& all = pooled.knots_[knot];
  for (const auto& which : kinds) {
    const auto i = which.index;
    const double kept = std::pow(memory, which.haste);
    const double e = which.sized ? error / std::max(1e-9, sizes[i]) : error;
    own.spread[i].decay(kept);
    own.spread[i].add(e);
    all.spread[i].add(e);
    own.sum[i] = own.sum[i] * kept + std::abs(error);
    own.count[i] = own.count[i] * kept + 1;
    all.sum[i] = all.sum[i] * pooled_memory + std::abs(error);
    all.count[i] = all.count[i] * pooled_memory + 1;
  }
}

const error_bands::kind& error_bands::best_kind(double q) const {
  std::size_t nearest = 0;
  for (std::size_t l = 1; l < levels.size(); ++l)
    if (std::abs(levels[l] - q) < std::abs(levels[nearest] - q)) nearest = l;
  const auto& losses = losses_[nearest];
  return kinds[static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin())];
}

std::vector<double> error_bands::offsets(double q, const error_bands& pooled) const {
  return offsets(std::span{&q, 1}, pooled);
}

std::vector<double> error_bands::offsets(std::span<const double> qs, const error_bands& pooled) const {
  std::vector<double> out(qs.size() * knots_.size());
  std::vector<const kind*> chosen;
  for (const double q : qs)
    chosen.push_back(&pooled.best_kind(q));
  for (const auto& which : kinds) {
    std::vector<double> levels_here;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < qs.size(); ++i)
      if (chosen[i] == &which) {
        levels_here.push_back(qs[i]);
        places.push_back(i);
      }
    if (places.empty()) continue;
    levels_here.push_back(0.5);
    std::vector<double> values(levels_here.size());
    const auto of_all = which.sized ? ratio(which, pooled) : relative{};
    for (std::size_t n = 0; n < knots_.size(); ++n) {
      quantiles(n, which, levels_here, pooled, values);
      const double unit = which.sized ? size(n, which, pooled, of_all) : 1;
      for (std::size_t i = 0; i < places.size(); ++i)
        out[places[i] * knots_.size() + n] = on_its_side(values[i] - values.back(), levels_here[i]) * unit;
    }
  }
  return out;
}

} // namespace forestage::models
