#include "cluster/replay/outages.hpp"

#include <utility>
#include <vector>

namespace forestage::cluster {

void outage_finder::look_at(actors::routed_round& round) {
  const auto length = static_cast<std::size_t>(round.to - round.from);
  models::outage_watch::totals totals;
  totals.all.resize(length);
  std::vector<std::vector<std::int64_t>*> of_region;
  for (const auto& region : round.events.regions) {
    if (!watch_.watches(region.text())) {
      of_region.push_back(nullptr);
      continue;
    }
    auto& counts = totals.regions[region.text()];
    counts.resize(length);
    of_region.push_back(&counts);
  }
  for (const auto& e : round.events.entries) {
    const auto i = static_cast<std::size_t>(e.cell.interval - round.from);
    totals.all[i] += e.cell.count;
    if (auto* const counts = of_region[e.region]) (*counts)[i] += e.cell.count;
  }
  round.outages = watch_.fold(round.from, totals);
  for (const auto& o : round.outages)
    (o.everywhere ? totals_.intervals : totals_.region_intervals) += o.to - o.from;
}

} // namespace forestage::cluster
