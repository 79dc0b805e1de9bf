// What keys with declarations learn from each other: when kept declarations come, what share of requests is
// declared in time, what each reading of the posterior has cost against the forecast alone, and how far
// declarations for the intervals beside the decided one move it. Integers in, so that the sum does not depend
// on shards or order; once a day they become parameters.
#pragma once

#include <array>
#include <cstdint>

namespace forestage::models {

// Allocations that the sparse form weighs: the forecast alone, then twelve readings of the posterior.
inline constexpr std::size_t intent_readings = 13;
// Nothing promised; nothing but requests beside; about one; more.
inline constexpr std::size_t intent_situations = 4;
using reading_costs = std::array<std::array<double, intent_readings>, intent_situations>;
// Ways to take the declarations for the intervals beside the decided one (models/intents/burst.hpp).
inline constexpr std::size_t burst_choices = 6;

// Sums of a round over the keys with declarations.
struct intent_statistics {
  static constexpr double cost_unit = 16;
  std::int64_t requests = 0, in_time = 0; // of them, declared in time and kept
  std::array<std::int64_t, 3> shifts{};   // kept declarations by came - target = -1, 0, 1
  std::int64_t cost_without = 0;          // of the allocations without intents, in units of 1/16
  std::int64_t cost_with = 0;             // of those that the posterior proposed, capped
  std::array<std::array<std::int64_t, intent_readings>, intent_situations>
      readings{}; // costs in units of 1/16
  static constexpr double burst_unit = 1024;
  std::int64_t beside = 0; // requests declared for the intervals beside, / 1024
  std::array<std::int64_t, burst_choices> burst_losses{}; // quasi-likelihood, in units of 1/1024

  intent_statistics& operator+=(const intent_statistics& other) noexcept;
  friend bool operator==(const intent_statistics&, const intent_statistics&) = default;
  template <class Archive> void fields(Archive& archive) {
    archive(requests, in_time, shifts, cost_without, cost_with, readings, beside, burst_losses);
  }
};

struct intent_parameters {
  double requests = 1, in_time = 0.01;
  std::array<double, 3> shifts{0.1, 1, 0.1};
  double cost_without = 0, cost_with = 0;
  reading_costs readings{};
  double beside = 0;
  std::array<double, burst_choices> burst_losses{};

  // The share of requests that is declared in time.
  [[nodiscard]] float in_time_share() const noexcept;
  // Requests declared for the two intervals beside one, per request in it.
  [[nodiscard]] float beside_share() const noexcept { return static_cast<float>(beside / requests); }
  // Of kept declarations, the share whose request comes `shift` intervals after its target. shift: -1 to 1.
  [[nodiscard]] float kernel(int shift) const noexcept;
  // Cost with the forward look over that without it, for all keys; 1 until something is known.
  [[nodiscard]] float cost_ratio() const noexcept;

  friend bool operator==(const intent_parameters&, const intent_parameters&) = default;
  template <class Archive> void fields(Archive& archive) {
    archive(requests, in_time, shifts, cost_without, cost_with, readings, beside, burst_losses);
  }
};

// A day's sums. What was known forgets with a half-life of seven days (the kernel by .9999 a declaration).
[[nodiscard]] intent_parameters learn_intents(const intent_statistics& sums, const intent_parameters& before);

} // namespace forestage::models
