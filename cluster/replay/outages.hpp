// Finds, round by round, where the source of a log's requests has failed (models/demand/outage_watch.hpp).
//
// Sees every round of a log, those that a resumed run has folded already included: what it finds depends on
// the log alone, not on shards, threads or restarts.
#pragma once

#include "actors/router.hpp"
#include "models/demand/outage_watch.hpp"

#include <cstdint>

namespace forestage::cluster {

struct outage_totals {
  std::int64_t intervals = 0;        // in which the whole log had failed
  std::int64_t region_intervals = 0; // the same, summed over regions that failed alone
};

class outage_finder {
public:
  explicit outage_finder(models::interval_grid grid)
      : watch_(grid) {}
  // Adds a round's outages to it. Rounds come in order, none left out.
  void look_at(actors::routed_round& round);
  [[nodiscard]] const outage_totals& totals() const noexcept { return totals_; }

private:
  models::outage_watch watch_;
  outage_totals totals_;
};

} // namespace forestage::cluster
