// Yardsticks: the simple policies that a prediction has to beat, what they cost, and how the tuned ones are
// chosen.
//
// In interval t a yardstick holds a[t] units ready and d[t] requests come: cold = (d - a)+, waste = (a - d)+,
// both in units and unit-intervals. docs/yardsticks.md defines each policy. Everything here is an exact
// integer; only the choice of the tuned yardsticks weighs sums with costs. Pure value types.
// models/yardsticks/tracker.hpp scores a key.
#pragma once

#include "models/interval.hpp"
#include "models/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace forestage::models {

// The policies, in the order of a score card. Values are indices.
enum class yardstick : std::uint8_t {
  none = 0,         // nothing is ever ready
  reactive = 1,     // the newest count that is known
  keepalive_3 = 2,  // the largest of the newest 3 that are known
  keepalive_6 = 3,  // of 6
  keepalive_12 = 4, // of 12
  last_day = 5,     // the count of the same interval a day ago
  last_week = 6,    // a week ago
  static_q = 7,     // one number for ever: the key's tau-fractile over the warm-up part
  tod14 = 8,        // the tau-fractile of the same time of day over the last 14 days
  reactive_tuned =
      9, // the largest of the newest W times h, (W, h) the best of the warm-up part over all keys
  last_week_tuned = 10, // last_week times h, likewise
  oracle = 11,          // exactly what comes
};
inline constexpr std::size_t yardstick_count = 12;

// As on the command line and in a score card: "keepalive-3".
[[nodiscard]] std::string_view to_string(yardstick policy) noexcept;

// The grid that the tuned yardsticks are chosen from: windows in intervals, headroom h in quarters
// (1, 1.25, 1.5, 2, 3).
inline constexpr std::array<std::int32_t, 6> tuned_windows{1, 3, 6, 12, 48, 288};
inline constexpr std::array<std::int32_t, 5> tuned_headroom_quarters{4, 5, 6, 8, 12};

// ceil(h * x) for h in quarters.
[[nodiscard]] constexpr std::int64_t with_headroom(std::int64_t x, std::int64_t quarters) noexcept {
  return (x * quarters + 3) / 4;
}

// Indices into the two grids.
struct tuned_choice {
  std::uint8_t window = 0;        // of reactive_tuned, into tuned_windows
  std::uint8_t headroom = 0;      // of reactive_tuned, into tuned_headroom_quarters
  std::uint8_t week_headroom = 0; // of last_week_tuned, into tuned_headroom_quarters
  friend bool operator==(const tuned_choice&, const tuned_choice&) = default;
};

// Of one run; the same for every key of it.
struct yardstick_settings {
  std::int64_t lead =
      1; // L: the allocation of t knows the counts of the intervals up to t - L - 1. 0 to 1,000,000
  std::int64_t per_day = 288;    // intervals of a day. 1 to 86,400
  std::int64_t per_week = 2'016; // intervals of a week. 1 to 604,800
  interval_number first; // the log's first interval; every count before it is zero and not part of the log
  interval_number evaluation; // the evaluation part's first interval; [first, evaluation) is the warm-up part
  double cost_under = 9.0;    // of one cold request
  double cost_over = 1.0;     // of one unit that was ready and not used, per interval

  // The fractile that the costs imply, cost_under / (cost_under + cost_over).
  [[nodiscard]] double tau() const noexcept { return cost_under / (cost_under + cost_over); }

  friend bool operator==(const yardstick_settings&, const yardstick_settings&) = default;
};

// Errors: invalid_argument, naming the field.
[[nodiscard]] status validate(const yardstick_settings& settings);

// Totals of one policy over some intervals and keys. cold = requests - used, waste = allocated - used.
struct policy_sums {
  std::int64_t cold = 0;      // requests that found nothing ready
  std::int64_t waste = 0;     // unit-intervals ready and not used
  std::int64_t allocated = 0; // unit-intervals ready
  std::int64_t used = 0;      // sum of min(a, d)
  friend bool operator==(const policy_sums&, const policy_sums&) = default;
};

// Totals of one candidate of a tuned yardstick.
struct candidate_sums {
  std::int64_t cold = 0;
  std::int64_t waste = 0;
  friend bool operator==(const candidate_sums&, const candidate_sums&) = default;
};

// What the yardsticks did in some intervals, over some keys. Exact, so the order of merging never matters.
// static_q and the two tuned policies exist in the evaluation part only (zero sums before); the candidates in
// the warm-up part only.
struct yardstick_sums {
  using candidates = std::array<candidate_sums, tuned_headroom_quarters.size()>;

  std::int64_t requests = 0;
  std::array<policy_sums, yardstick_count> policies{};
  std::array<candidates, tuned_windows.size()> windows{}; // reactive_tuned, by window and headroom
  candidates weeks{};                                     // last_week_tuned, by headroom

  [[nodiscard]] policy_sums& of(yardstick policy) noexcept {
    return policies[static_cast<std::size_t>(policy)];
  }
  [[nodiscard]] const policy_sums& of(yardstick policy) const noexcept {
    return policies[static_cast<std::size_t>(policy)];
  }
  yardstick_sums& operator+=(const yardstick_sums& other) noexcept;
  friend bool operator==(const yardstick_sums&, const yardstick_sums&) = default;
};

// The candidates of least cost_under * cold + cost_over * waste; of equals, the first of the grid (shortest
// window, least headroom). `warmup`: the sums of the whole warm-up part over every key.
[[nodiscard]] tuned_choice choose_tuned(const yardstick_sums& warmup,
                                        const yardstick_settings& settings) noexcept;

} // namespace forestage::models
