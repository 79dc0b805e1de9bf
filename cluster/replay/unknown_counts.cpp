#include "cluster/replay/unknown_counts.hpp"

#include <algorithm>

namespace forestage::cluster {

unknown_counts::unknown_counts(const actors::routed_round& round, log_survey& survey) {
  for (const auto& o : round.outages)
    outages_.push_back(
        {o.from, o.to, o.everywhere ? std::nullopt : std::optional{survey.regions.number_of(o.region)}});
  const auto& events = round.events;
  if (events.missing.empty()) return;
  std::vector<std::uint32_t> resources;
  std::vector<std::uint32_t> regions;
  for (const auto& id : events.resources)
    resources.push_back(survey.resources.number_of(id.text()));
  for (const auto& id : events.regions)
    regions.push_back(survey.regions.number_of(id.text()));
  for (const auto& m : events.missing)
    open_.emplace(packed(resources[m.resource], regions[m.region]), m.interval);
}

bool unknown_counts::operator()(std::uint64_t key, models::interval_number t) const {
  const auto region = static_cast<std::uint32_t>(key);
  return std::any_of(
             outages_.begin(), outages_.end(),
             [&](const span& o) { return o.from <= t && t < o.to && (!o.region || *o.region == region); }) ||
         open_.contains({key, t});
}

} // namespace forestage::cluster
