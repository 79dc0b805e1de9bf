#include "models/demand/hindsight.hpp"

#include "models/ids.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace forestage::models {

namespace {

float cost_of(float units, float count, float under, float over) {
  return std::max(under * (count - units), over * (units - count));
}

// Odd 64-bit constants, from SplitMix64 (Steele, Lea, Flood 2014).
constexpr std::array<std::uint64_t, expert_lanes> multipliers = [] {
  std::array<std::uint64_t, expert_lanes> out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = mixed((i + 1) * 0x9e3779b97f4a7c15ULL) | 1U;
  return out;
}();

// In (0, 1), by what is in the row: a multilinear hash of all numbers (Carter, Wegman 1979), stirred. Its
// products do not wait for each other.
double uniform_of(std::int64_t interval, const expert_allocations& experts, float decided, float count) {
  std::uint64_t sum = mixed(static_cast<std::uint64_t>(interval) * 0x9e3779b97f4a7c15ULL);
  sum += mixed((std::uint64_t{std::bit_cast<std::uint32_t>(count)} << 32U) |
               std::bit_cast<std::uint32_t>(decided));
  for (std::size_t i = 0; i < expert_count; ++i)
    sum += multipliers[i] * std::bit_cast<std::uint32_t>(experts[i]);
  return (static_cast<double>(mixed(sum) >> 11U) + 0.5) * 0x1p-53;
}

// Greater priority first: the least is on top of the heap. Rows of equal priority are equal in all but a
// freak.
bool before(const hindsight_sample::row& a, const hindsight_sample::row& b) {
  return a.priority > b.priority;
}

} // namespace

void hindsight_sample::add(std::int64_t interval, const expert_allocations& experts, float decided,
                           float count, const unit_costs& costs) {
  ++seen_;
  const auto under = static_cast<float>(costs.cost_under);
  const auto over = static_cast<float>(costs.cost_over);
  const float paid = cost_of(decided, count, under, over);
  float size = 0;
  for (std::size_t i = 0; i < expert_count; ++i)
    size = std::max(size, std::fabs(cost_of(experts[i], count, under, over) - paid));
  if (!(size > 0)) return;
  const double priority = static_cast<double>(size) / uniform_of(interval, experts, decided, count);
  if (rows_.size() == capacity && priority <= rows_.front().priority) {
    threshold_ = std::max(threshold_, priority);
    return;
  }
  row r{priority, size, count, decided, {}};
  std::copy_n(experts.begin(), expert_count, r.experts.begin());
  keep(r);
}

void hindsight_sample::keep(const row& r) {
  if (rows_.size() == capacity && r.priority <= rows_.front().priority) {
    threshold_ = std::max(threshold_, r.priority);
    return;
  }
  rows_.push_back(r);
  std::push_heap(rows_.begin(), rows_.end(), before);
  if (rows_.size() <= capacity) return;
  std::pop_heap(rows_.begin(), rows_.end(), before);
  threshold_ = std::max(threshold_, rows_.back().priority);
  rows_.pop_back();
}

void hindsight_sample::merge(const hindsight_sample& other) {
  threshold_ = std::max(threshold_, other.threshold_);
  seen_ += other.seen_;
  for (const auto& r : other.rows_)
    keep(r);
}

double hindsight_sample::multiplicity(const row& r) const noexcept {
  return std::max(1.0, threshold_ / static_cast<double>(r.size));
}

namespace {

using weights = std::array<double, expert_lanes>;

// The sample in an order of its own (the heap's depends on the order of arrival), ready for many passes.
struct problem {
  std::vector<expert_allocations> experts;
  std::vector<float> counts, multiplicities, paid;
  float under = 0, over = 0;

  problem(const hindsight_sample& sample, const unit_costs& costs)
      : under(static_cast<float>(costs.cost_under))
      , over(static_cast<float>(costs.cost_over)) {
    auto rows = sample.rows();
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      if (a.priority != b.priority) return a.priority > b.priority;
      if (a.count != b.count) return a.count < b.count;
      if (a.decided != b.decided) return a.decided < b.decided;
      return a.experts < b.experts;
    });
    for (const auto& r : rows) {
      experts.push_back(r.experts);
      counts.push_back(r.count);
      multiplicities.push_back(static_cast<float>(sample.multiplicity(r)));
      paid.push_back(cost_of(r.decided, r.count, under, over));
    }
  }

  float mixed(std::size_t i, const expert_allocations& w) const {
    std::array<float, 8> lanes{};
    for (std::size_t at = 0; at < expert_lanes; at += lanes.size())
      for (std::size_t k = 0; k < lanes.size(); ++k)
        lanes[k] += w[at + k] * experts[i][at + k];
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  }

  // Cost above what was decided, and its subgradient when asked.
  double excess(const weights& w, weights* slope) const {
    expert_allocations narrow{};
    for (std::size_t k = 0; k < expert_lanes; ++k)
      narrow[k] = static_cast<float>(w[k]);
    if (slope) slope->fill(0);
    double sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const float units = mixed(i, narrow);
      const auto times = static_cast<double>(multiplicities[i]);
      sum += times * static_cast<double>(cost_of(units, counts[i], under, over) - paid[i]);
      if (!slope) continue;
      const double by_unit = times * static_cast<double>(counts[i] > units ? -under : over);
      for (std::size_t k = 0; k < expert_lanes; ++k)
        (*slope)[k] += by_unit * static_cast<double>(experts[i][k]);
    }
    return sum;
  }
};

constexpr int steps = 1'000;

void descend(const problem& p, weights w, weights& best, double& least) {
  weights slope{};
  weights sum{};
  for (int step = 1; step <= steps; ++step) {
    const double value = p.excess(w, &slope);
    if (value < least) {
      least = value;
      best = w;
    }
    const auto [low, high] = std::minmax_element(slope.begin(), slope.begin() + expert_count);
    const double range = *high - *low;
    if (!(range > 0)) return;
    const double lowest = *low;
    const double rate = 2 / std::sqrt(static_cast<double>(step));
    double total = 0;
    for (std::size_t k = 0; k < expert_count; ++k) {
      w[k] *= std::exp(-rate * (slope[k] - lowest) / range);
      w[k] = std::max(w[k], 1e-12); // so that every expert can come back
      total += w[k];
    }
    for (std::size_t k = 0; k < expert_count; ++k) {
      w[k] /= total;
      if (step > steps / 2) sum[k] += w[k] / (steps - steps / 2);
    }
  }
  // The mean of the later weights: smoother than the last ones.
  if (const double value = p.excess(sum, nullptr); value < least) {
    least = value;
    best = sum;
  }
}

} // namespace

std::optional<hindsight_mix> best_fixed_mix(const hindsight_sample& sample, const unit_costs& costs) {
  if (sample.rows().empty()) return std::nullopt;
  const problem p{sample, costs};
  weights best{};
  double least = 0;
  for (std::size_t k = 0; k < expert_count; ++k) {
    weights alone{};
    alone[k] = 1;
    const double value = p.excess(alone, nullptr);
    if (k > 0 && value >= least) continue;
    least = value;
    best = alone;
  }
  weights even{};
  weights leaning{};
  for (std::size_t k = 0; k < expert_count; ++k) {
    even[k] = 1.0 / expert_count;
    leaning[k] = 0.1 / expert_count + 0.9 * best[k];
  }
  descend(p, even, best, least);
  descend(p, leaning, best, least);

  hindsight_mix out;
  out.gain = -least;
  expert_allocations narrow{};
  for (std::size_t k = 0; k < expert_lanes; ++k)
    narrow[k] = static_cast<float>(best[k]);
  for (std::size_t k = 0; k < expert_count; ++k)
    out.weights[k] = narrow[k];
  // Of a sum of estimates that are uncorrelated: each has the variance multiplicity (multiplicity - 1)
  // difference^2.
  double variance = 0;
  for (std::size_t i = 0; i < p.counts.size(); ++i) {
    const auto times = static_cast<double>(p.multiplicities[i]);
    const auto difference =
        static_cast<double>(cost_of(p.mixed(i, narrow), p.counts[i], p.under, p.over) - p.paid[i]);
    variance += times * (times - 1) * difference * difference;
  }
  out.standard_error = std::sqrt(variance);
  return out;
}

} // namespace forestage::models
