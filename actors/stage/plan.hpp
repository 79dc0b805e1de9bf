// Plans as they travel from shards to whoever carries them out. Plain values.
#pragma once

#include "models/ids.hpp"
#include "models/interval.hpp"

#include <cstdint>
#include <vector>

namespace forestage::actors {

struct planned_resource {
  models::resource_id resource;
  models::region_id region;
  std::int64_t units = 0;
  friend bool operator==(const planned_resource&, const planned_resource&) = default;
};

// Units that are planned for an interval, over all regions.
struct interval_plan {
  models::interval_number interval{};
  std::vector<planned_resource> resources; // most units first, then by resource and region
};

// Plans of several shards as one, of [from, to): every interval comes, in rising order, with or without
// resources.
[[nodiscard]] std::vector<interval_plan>
merge_plans(const std::vector<const std::vector<interval_plan>*>& parts, models::interval_number from,
            models::interval_number to);

} // namespace forestage::actors
