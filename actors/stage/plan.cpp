#include "actors/stage/plan.hpp"

#include <algorithm>
#include <tuple>

namespace forestage::actors {

std::vector<interval_plan> merge_plans(const std::vector<const std::vector<interval_plan>*>& parts,
                                       models::interval_number from, models::interval_number to) {
  std::vector<interval_plan> out;
  for (auto t = from; t < to; t = t + 1)
    out.push_back({t, {}});
  for (const auto* part : parts)
    for (const auto& plan : *part) {
      if (plan.interval < from || plan.interval >= to) continue;
      auto& all = out[static_cast<std::size_t>(plan.interval - from)].resources;
      all.insert(all.end(), plan.resources.begin(), plan.resources.end());
    }
  for (auto& plan : out)
    std::sort(plan.resources.begin(), plan.resources.end(), [](const auto& a, const auto& b) {
      return std::tuple{-a.units, a.resource, a.region} < std::tuple{-b.units, b.resource, b.region};
    });
  return out;
}

} // namespace forestage::actors
