// An endless, reproducible stream of writes to a demand log, and the comparison of two logs: what crash tests
// are made of.
//
// Step n of a seed is always the same call: usually a group of appends with roll-ups, now and then a snapshot
// or a retention. So a log that was cut off is right exactly when it equals a memory log after as many steps
// as were acknowledged, or one more.
#pragma once

#include "actors/ports/demand_log.hpp"

#include <cstdint>

namespace forestage::tests {

class demand_log_stream {
public:
  explicit demand_log_stream(std::uint64_t seed, std::size_t mean_bytes = 2'000)
      : seed_(seed)
      , mean_bytes_(mean_bytes) {}

  // Does step n. True when the log acknowledged all of it.
  [[nodiscard]] bool apply(actors::demand_log& log, std::uint64_t n) const;

private:
  std::uint64_t seed_;
  std::size_t mean_bytes_;
};

// True when both logs hold the same records, roll-ups and snapshots in the shards of a stream.
[[nodiscard]] bool same_content(actors::demand_log& a, actors::demand_log& b);

} // namespace forestage::tests
