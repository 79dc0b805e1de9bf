// A random walk over a demand log's functions beside the plainest model of what they mean: maps, written
// apart from every implementation. The same seed gives the same walk. Failures are reported to Boost.Test.
#pragma once

#include "actors/ports/demand_log.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>

namespace forestage::tests {

class demand_log_walk {
public:
  explicit demand_log_walk(std::uint64_t seed)
      : engine_(seed) {}

  // One call with random arguments, and the check of its answer.
  void step(actors::demand_log& log);
  // True now and then: the owner closes the log and opens it again.
  [[nodiscard]] bool wants_restart() { return below(40) == 0; }
  // Everything that is stored.
  void check_all(actors::demand_log& log);

private:
  struct shard_model {
    std::uint64_t last = 0;
    std::map<std::uint64_t, std::string> records;
    std::map<std::uint64_t, std::string> snapshots;
    std::map<std::int64_t, std::string> rollups;
  };

  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  [[nodiscard]] std::string bytes();
  void append(actors::demand_log& log);
  void snapshot(actors::demand_log& log);
  void retain(actors::demand_log& log);
  void read(actors::demand_log& log);
  void check(actors::demand_log& log, std::uint32_t shard);

  std::mt19937_64 engine_;
  std::map<std::uint32_t, shard_model> shards_;
};

} // namespace forestage::tests
