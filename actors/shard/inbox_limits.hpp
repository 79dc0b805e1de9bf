// How much a shard keeps of what comes before its time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace forestage::actors {

struct inbox_limits {
  std::int64_t ahead = 3;               // intervals after the open one that a clock may be fast by
  std::size_t entries = 1'000'000;      // waiting: keys with a count in an interval; intents count, too
  std::size_t waiting_batches = 10'000; // for the log
  std::size_t sessions = 200'000;       // remembered
  std::int64_t session_quiet = 2'016; // intervals without a word after which a session is forgotten, at least
                                      // `ahead`
};

} // namespace forestage::actors
