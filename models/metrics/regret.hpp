// Regret: how far a policy's cost is from the oracle's, measured by the best simple yardstick.
//
//   regret = (C - C_oracle) / (C_best - C_oracle): 0 is the oracle, 1 the best yardstick, above 1 a loss
//   against it.
//
// C_oracle is the cost of knowing the demand (0 without a budget). The best yardstick is chosen in hindsight
// on the evaluation part. Where the oracle is nearly as dear as the yardstick nothing is left to gain and the
// ratio is noise: then there is no regret. regret_field measures against what is in use today; regret_strict
// adds yardsticks that were given the cost ratio or tuned on the warm-up part, and is the only one that
// speaks for a forecaster.
#pragma once

#include "models/metrics/score.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace forestage::models {

inline constexpr std::array<std::string_view, 7> field_yardsticks{
    "reactive", "keepalive-3", "keepalive-6", "keepalive-12", "last-day", "last-week", "static-q"};
inline constexpr std::array<std::string_view, 10> strict_yardsticks{
    "reactive",  "keepalive-3", "keepalive-6", "keepalive-12",   "last-day",
    "last-week", "static-q",    "tod14",       "reactive-tuned", "last-week-tuned"};

// No regret when the oracle's cost is at least this share of the yardstick's.
inline constexpr double no_room_share = 0.95;

struct named_cost {
  std::string_view name;
  double cost = 0.0;

  friend bool operator==(const named_cost&, const named_cost&) = default;
};

// The cheapest member of a set, the earlier one of equals; none when a member is missing: a smaller set would
// flatter.
[[nodiscard]] std::optional<named_cost> best_of(std::span<const std::string_view> set,
                                                std::span<const named_cost> costs) noexcept;

// None when oracle >= no_room_share * best.
[[nodiscard]] std::optional<double> regret(double policy, double oracle, double best) noexcept;

// The leverage of a log: what doing nothing costs, relative to the best yardstick. None when that costs
// nothing.
[[nodiscard]] std::optional<double> cost_none_over_best(double none, double best) noexcept;

// The standard error of the ratio r = sum(a) / sum(b) over days as blocks, linearised:
//   sqrt(sum_d (a_d - r * b_d)^2) / sum(b)
// a, b: one entry a day, equally long. It ignores that neighbouring days are alike. None with fewer than two
// days or when sum(b) is not above 0. Source: W. G. Cochran, Sampling Techniques, 3rd ed., 1977, chapter 6
// (ratio estimators).
[[nodiscard]] std::optional<double> ratio_standard_error(std::span<const double> a,
                                                         std::span<const double> b) noexcept;

// The standard error of the regret of `policy` against the yardstick `best`: the above on daily costs above
// the oracle's.
[[nodiscard]] std::optional<double> regret_standard_error(const policy_score& policy,
                                                          const policy_score& best,
                                                          const policy_score& oracle,
                                                          const unit_costs& costs);

struct named_score {
  std::string_view name;
  policy_score score;
};

struct regret_summary {
  std::optional<double> regret_field;
  std::optional<double> regret_strict;
  std::optional<double> regret_se;           // Of regret_strict.
  std::optional<double> cost_none_over_best; // Against the best strict yardstick.
  std::string_view best_field;               // Names out of the sets above; empty when a member was missing.
  std::string_view best_strict;
};

// All of the above for one policy. scores: of every yardstick of strict_yardsticks and of "none", in any
// order, on the same log and budget. What cannot be said stays empty.
[[nodiscard]] regret_summary summarize_regret(const policy_score& policy, const policy_score& oracle,
                                              std::span<const named_score> scores, const unit_costs& costs);

} // namespace forestage::models
