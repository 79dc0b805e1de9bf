#include "models/forecast/segments.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace forestage::models {

namespace {

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

double autocorrelation(const std::vector<double>& z, std::size_t lag) {
  if (lag >= z.size()) return 0;
  double sum = 0;
  for (std::size_t i = lag; i < z.size(); ++i)
    sum += z[i] * z[i - lag];
  return sum / static_cast<double>(z.size() - lag);
}

std::vector<std::vector<double>> first_centres(const std::vector<std::vector<double>>& rows, std::size_t k,
                                               std::mt19937_64& random) {
  const auto uniform = [&random] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  std::vector<std::vector<double>> centres{rows[random() % rows.size()]};
  std::vector<double> nearest(rows.size(), std::numeric_limits<double>::max());
  while (centres.size() < k) {
    double sum = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      nearest[i] = std::min(nearest[i], distance(rows[i], centres.back()));
      sum += nearest[i];
    }
    double left = uniform() * sum;
    std::size_t chosen = 0;
    while (chosen + 1 < rows.size() && left >= nearest[chosen])
      left -= nearest[chosen++];
    centres.push_back(rows[chosen]);
  }
  return centres;
}

} // namespace

std::vector<double> features_of(std::span<const float> series, season_lengths seasons) {
  const auto cycle = std::max(seasons.long_season, seasons.short_season);
  const auto cycles = std::min<std::size_t>(3, series.size() / cycle);
  if (cycles < 2) return {};
  const auto last = series.last(cycles * cycle);
  double mean = 0, squares = 0;
  for (const float v : last)
    mean += double{v};
  mean /= static_cast<double>(last.size());
  for (const float v : last)
    squares += (double{v} - mean) * (double{v} - mean);
  const double spread = std::sqrt(squares / static_cast<double>(last.size())) + 1e-3;
  std::vector<double> z;
  for (const float v : last)
    z.push_back((double{v} - mean) / spread);
  std::vector<double> out(cycle, 0);
  const double weight = 2 / std::sqrt(static_cast<double>(cycle)) / static_cast<double>(cycles);
  for (std::size_t i = 0; i < z.size(); ++i)
    out[i % cycle] += z[i] * weight;
  for (const auto lag : {std::size_t{1}, seasons.short_season, seasons.long_season})
    out.push_back(autocorrelation(z, lag));
  out.push_back(0.3 * std::log(spread));
  return out;
}

std::vector<std::uint32_t> k_means(const std::vector<std::vector<double>>& rows, std::size_t k,
                                   std::uint64_t seed) {
  constexpr int rounds = 50;
  std::mt19937_64 random{seed};
  auto centres = first_centres(rows, std::min(k, rows.size()), random);
  std::vector<std::uint32_t> labels(rows.size(), 0);
  for (int round = 0; round < rounds; ++round) {
    bool changed = round == 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::uint32_t best = 0;
      double least = std::numeric_limits<double>::max();
      for (std::size_t c = 0; c < centres.size(); ++c)
        if (const double d = distance(rows[i], centres[c]); d < least) {
          least = d;
          best = static_cast<std::uint32_t>(c);
        }
      changed = changed || labels[i] != best;
      labels[i] = best;
    }
    if (!changed) break;
    std::vector<std::size_t> members(centres.size(), 0);
    auto sums = std::vector<std::vector<double>>(centres.size(), std::vector<double>(rows[0].size(), 0));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ++members[labels[i]];
      for (std::size_t f = 0; f < rows[i].size(); ++f)
        sums[labels[i]][f] += rows[i][f];
    }
    for (std::size_t c = 0; c < centres.size(); ++c)
      if (members[c] > 0)
        for (std::size_t f = 0; f < sums[c].size(); ++f)
          centres[c][f] = sums[c][f] / static_cast<double>(members[c]);
  }
  return labels;
}

} // namespace forestage::models
