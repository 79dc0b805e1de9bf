// Which counts of a round nobody knows: those that the log leaves open, and those of an outage.
#pragma once

#include "cluster/replay/intent_keys.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace forestage::cluster {

// A key whose requests came is known, whatever its region's source did: to be asked of keys without a count.
class unknown_counts {
public:
  unknown_counts() = default;
  unknown_counts(const actors::routed_round& round, log_survey& survey);

  // Key as numbers of the survey's tables, packed().
  [[nodiscard]] bool operator()(std::uint64_t key, models::interval_number t) const;

private:
  struct span {
    models::interval_number from{}, to{};
    std::optional<std::uint32_t> region{}; // none: everywhere
  };
  std::vector<span> outages_;
  std::set<std::pair<std::uint64_t, models::interval_number>> open_;
};

} // namespace forestage::cluster
