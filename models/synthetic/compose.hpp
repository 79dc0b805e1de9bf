// From a few options to the truth of a whole synthetic world: who asks for what, where, and when. Pure; the
// same options give the same truth on every platform. The expected number of requests is exactly
// options.events (to rounding).
#pragma once

#include "models/synthetic/rate_model.hpp"

#include <cstdint>

namespace forestage::models::synthetic {

struct options {
  std::int64_t first_day = 20'454; // days since the unix epoch; 2026-01-01
  std::uint32_t days = 14;         // 1 .. 3660
  double events = 1e6;             // expected requests of the whole span; at most max_events_per_day a day
  std::uint32_t resources = 1'000; // 1 .. 10,000,000
  std::uint32_t regions = 4;       // 1 .. 64
  std::uint32_t peers = 20'000;    // at least one per region, at most 1e9
  double zipf = 0.9;               // popularity of rank k is proportional to k^-zipf; 0 .. 3
  std::uint32_t flash = 3; // flash crowds, 1 % of the requests each and at most 20 % together; at most 10,000
  std::uint32_t sessions = 10; // resources that live on a timetable, 0.4 % each and at most 30 % together
  double habits = 0.1;         // share of the requests that are habits of peers; 0 .. 0.9
  double births = 0.1;         // share of the resources that are born or die within the span; 0 .. 0.9
  bool weekly = true;          // weekends differ, and half of the sessions are weekly
  std::uint64_t seed = 1;
};

inline constexpr double max_events_per_day = 1e8;
// A peer has at most this many habits on average; what does not fit is spread over the other requests.
inline constexpr std::uint32_t max_habits_per_peer = 4;

// Errors: invalid_argument, naming the command line's option.
[[nodiscard]] status validate(const options& wanted);

// The most sessions that leave one ordinary resource. 0 for options that validate refuses.
[[nodiscard]] std::uint32_t most_sessions(const options& wanted);

// Errors: those of validate.
[[nodiscard]] result<parameters> compose(const options& wanted);

} // namespace forestage::models::synthetic
