// The names that a round's intents use, each once, by number of the survey's tables.
#pragma once

#include "cluster/replay/survey.hpp"
#include "messages/convert.hpp"

#include <cstdint>
#include <unordered_map>

namespace forestage::cluster {

class round_names {
public:
  // Both must outlive it. Names that are there already are found again.
  round_names(log_survey& survey, messages::intent_events& intents)
      : survey_(survey)
      , intents_(intents) {
    for (const auto& id : intents_.resources)
      resources_.emplace(survey_.resources.number_of(id.text()),
                         static_cast<std::uint32_t>(resources_.size()));
    for (const auto& id : intents_.regions)
      regions_.emplace(survey_.regions.number_of(id.text()), static_cast<std::uint32_t>(regions_.size()));
  }

  // The place of the survey's resource (region) `number` in the round's list.
  std::uint32_t resource(std::uint32_t number) {
    return place(resources_, number, intents_.resources, survey_.resources);
  }
  std::uint32_t region(std::uint32_t number) {
    return place(regions_, number, intents_.regions, survey_.regions);
  }

private:
  using places = std::unordered_map<std::uint32_t, std::uint32_t>;
  static std::uint32_t place(places& known, std::uint32_t number, auto& names, const auto& table) {
    const auto [at, fresh] = known.try_emplace(number, static_cast<std::uint32_t>(names.size()));
    if (fresh) names.push_back(table[number]);
    return at->second;
  }

  log_survey& survey_;
  messages::intent_events& intents_;
  places resources_, regions_;
};

} // namespace forestage::cluster
