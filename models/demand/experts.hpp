// The experts that a key's allocation is mixed from, and the one rule over all of them: weight by own past
// cost.
//
// An expert answers with a number of units for an interval. Its past cost (cost_under per cold request,
// cost_over per unit that stood idle) fades with a half-life of 28 days. Small allocations follow the
// cheapest expert alone; from 8 units on, the mean of all, weighted by exp(-20 (C / C_min - 1)):
// exponentially weighted averaging (Vovk 1990) on relative costs. A young key's C / C_min - 1 leans on what
// experts cost on young keys elsewhere (expert_prior.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace forestage::models {

enum class expert : std::uint8_t {
  none,
  last_count,  // the newest known count
  keepalive_3, // largest of the last W counts
  keepalive_6,
  keepalive_12,
  keepalive_48,
  keepalive_288,
  keepalive_3_plus, // the same with a quarter on top
  keepalive_6_plus,
  last_day,
  last_week,
  same_time_fractile, // fractile of this time on the last 14 days
  all_time_fractile,  // fractile of everything seen
  base,               // base demand state, by the half-hour's scale
  base_recent,        // base demand state, by the recent scale
  counts,             // negative binomial around the count features' mean
  counts_low,         // at twice the upper tail
  counts_high,        // at half the upper tail
  deviations,         // mean + c standard deviations, c learned
  regression,         // linear quantile regression
  indicators,         // largest j with P(d >= j) above the critical ratio
  headroom_last,      // learned headroom on …
  headroom_3,
  headroom_6,
  headroom_12,
  headroom_seasonal,
  headroom_seasonal_3,
  headroom_mean,
  headroom_base,
  blend, // weighted mean of all the others, weights learned by their regrets
  count_
};

inline constexpr std::size_t expert_count = static_cast<std::size_t>(expert::count_);
inline constexpr std::size_t expert_lanes = 32; // padded for whole vector registers

[[nodiscard]] std::string_view to_string(expert e) noexcept;

// Whole units, as floats: exact up to 2^24.
using expert_allocations = std::array<float, expert_lanes>;

// What each expert is believed to cost above the cheapest, as a share of its cost.
using expert_excess = std::array<float, expert_lanes>;

class expert_mix {
public:
  // Folds what each expert's allocation would have cost.
  void observe(const expert_allocations& allocations, float count, float cost_under, float cost_over,
               float kept);
  // prior: what each is believed to cost above the cheapest, as a share (expert_prior.hpp); it counts as
  // prior_intervals observations.
  [[nodiscard]] float allocate(const expert_allocations& allocations, const expert_excess& prior) const;
  [[nodiscard]] expert best(const expert_excess& prior) const noexcept;
  [[nodiscard]] float cost(expert e) const noexcept { return costs_[static_cast<std::size_t>(e)]; }
  void scale(float factor);
  static constexpr float prior_intervals = 8;

  template <class Archive> void fields(Archive& archive) { archive(costs_, observed_); }

private:
  // Cost of each over that of the cheapest, less one, prior included.
  [[nodiscard]] expert_excess excess(const expert_excess& prior) const noexcept;

  std::array<float, expert_lanes> costs_{};
  float observed_ = 0; // intervals
};

// A convex combination of the experts, learned: polynomially weighted averages with multiple learning rates
// (ML-Poly; Gaillard, Stoltz, van Erven 2014) on the cost's subgradient. It is compared with the best fixed
// combination, where the rule above is compared with the best expert, and it has no rate to be tuned.
class expert_blend {
public:
  // Folds an interval: what the experts and the blend (allocations[blend]) had said, and the count.
  void observe(const expert_allocations& allocations, float count, float cost_under, float cost_over,
               float kept);
  // The weighted mean, not rounded; expert::blend itself is left out. Before anything was learned all weigh
  // the same.
  [[nodiscard]] float allocate(const expert_allocations& allocations) const;
  // What was learned so far counts as a share `factor` of itself.
  void scale(float factor);

  template <class Archive> void fields(Archive& archive) { archive(regrets_, squares_, largest_, weights_); }

private:
  static constexpr std::array<float, expert_lanes> even() {
    std::array<float, expert_lanes> weights{};
    for (std::size_t i = 0; i < static_cast<std::size_t>(expert::blend); ++i)
      weights[i] = 1.0F / static_cast<float>(expert::blend);
    return weights;
  }

  std::array<float, expert_lanes> regrets_{}, squares_{}, largest_{}, weights_ = even();
};

} // namespace forestage::models
