// What agents say they are going to need, as a shard folds it. Plain values.
//
// A declaration is made in an interval and aims at a later one. Whoever passes it on (the proxy of the peer;
// in replay, the simulation's desk) stamps it with what the peer's word has been worth until then. When its
// request comes, or does not, its outcome follows; a shard hears of those that were kept.
#pragma once

#include "models/interval.hpp"

#include <cstdint>

namespace forestage::models {

// Who declares. Each has a credibility of its own.
enum class intent_source : std::uint8_t {
  agent = 0,     // a peer's agent
  operators = 1, // the operator's calendar
  sequence = 2   // what a peer's recent requests say of its next one (models/sequence)
};
inline constexpr std::size_t intent_source_count = 3;

struct declaration {
  interval_number made{};     // the interval in which it was made: known once that has closed
  interval_number target{};   // the interval in which the requests are expected
  std::uint64_t peer = 0;     // who, as a stable number
  std::uint32_t expected = 1; // requests, at least 1
  float weight = 0;           // probability that it is kept, as judged when it was made: 0 to 1
  intent_source source = intent_source::agent;

  friend bool operator==(const declaration&, const declaration&) = default;
  template <class Archive> void fields(Archive& archive) {
    archive(made, target, peer, expected, weight, source);
  }
};

// Requests that had been declared and came.
struct kept_intents {
  interval_number came{};  // the interval of the requests
  std::int8_t shift = 0;   // came - target, -1 to 1
  bool in_time = false;    // the allocation of the interval could have known of them
  std::uint32_t count = 0; // requests
  intent_source source = intent_source::agent;

  friend bool operator==(const kept_intents&, const kept_intents&) = default;
  template <class Archive> void fields(Archive& archive) { archive(came, shift, in_time, count, source); }
};

} // namespace forestage::models
