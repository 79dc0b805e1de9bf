#include "models/forecast/scenario_mixture.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace forestage::models {

namespace {

constexpr auto& levels = scenario_levels;
constexpr auto n = levels.size();
using values = std::array<double, n>;

// Shares below y, and at or below it.
struct shares {
  double below = 0, at_most = 0;
};

// Beyond the outermost quantiles as between the two next to them, as far as 0 and 1.
double between(const values& v, std::size_t i, double y) {
  const auto j = std::clamp<std::size_t>(i, 1, n - 1);
  const double gap = v[j] - v[j - 1];
  if (!(gap > 0)) return i == 0 ? 0 : 1;
  return std::clamp(levels[j - 1] + (levels[j] - levels[j - 1]) * (y - v[j - 1]) / gap, 0.0, 1.0);
}

shares shares_at(const values& v, double y) {
  const auto place = [&](const double* found) { return static_cast<std::size_t>(found - v.data()); };
  const auto i = place(std::lower_bound(v.data(), v.data() + n, y));
  const auto j = place(std::upper_bound(v.data(), v.data() + n, y));
  if (i == j) {
    const double share = between(v, i, y);
    return {share, share};
  }
  // Where a forecast begins or ends in a value, that has what is left there.
  return {i == 0 && j > 1 ? 0 : levels[i], j == n && i + 1 < n ? 1 : levels[j - 1]};
}

} // namespace

std::vector<std::vector<float>> mixed_quantiles(const std::vector<std::vector<float>>& usual,
                                                const std::vector<std::vector<float>>& other,
                                                double probability, std::span<const double> qs) {
  assert(usual.size() == n && other.size() == n && probability >= 0 && probability <= 1);
  const auto steps = usual.front().size();
  std::vector<std::vector<float>> out(qs.size(), std::vector<float>(steps));
  values one{}, two{};
  std::vector<double> all(2 * n);
  for (std::size_t k = 0; k < steps; ++k) {
    for (std::size_t l = 0; l < n; ++l) {
      one[l] = double{usual[l][k]};
      two[l] = double{other[l][k]};
    }
    std::merge(one.begin(), one.end(), two.begin(), two.end(), all.begin());
    const auto mixed = [&](double y) {
      const auto a = shares_at(one, y), b = shares_at(two, y);
      return shares{(1 - probability) * a.below + probability * b.below,
                    (1 - probability) * a.at_most + probability * b.at_most};
    };
    // The mixture's share goes straight from one of the values to the next, and jumps where one has mass.
    constexpr double rounding = 1e-12;
    double before = all.front(), share = 0;
    std::size_t q = 0;
    for (const double y : all) {
      const auto here = mixed(y);
      for (; q < qs.size() && qs[q] <= here.at_most + rounding; ++q) {
        const double up = y > before && here.below > share ? (qs[q] - share) / (here.below - share) : 1;
        out[q][k] = static_cast<float>(before + (y - before) * std::clamp(up, 0.0, 1.0));
      }
      before = y;
      share = here.at_most;
    }
    for (; q < qs.size(); ++q)
      out[q][k] = static_cast<float>(before);
  }
  return out;
}

} // namespace forestage::models
