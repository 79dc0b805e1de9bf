// Which time zone each region of a log lives in, as --time-zone says.
#pragma once

#include "actors/run.hpp"
#include "cluster/replay/survey.hpp"
#include "models/demand/local_grid.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::cluster {

// Regions that a pattern (* and ?) matches live in a zone; without a pattern, all that no other rule matches.
struct zone_rule {
  std::optional<std::string> regions;
  std::string zone;
};

// "Europe/Berlin" or "eu-*=Europe/Berlin", each. Errors: invalid_argument, also for two rules for all other
// regions, and for zones that do not exist.
[[nodiscard]] models::result<std::vector<zone_rule>> parse_zone_rules(const std::vector<std::string>& texts);

struct region_zones {
  // The offsets of each zone that is in use, by clock number; the first is that of all regions not in
  // `clocks`.
  std::vector<std::vector<models::utc_offset>> offsets;
  std::map<models::region_id, actors::clock_number> clocks;
  std::vector<std::string> warnings; // patterns that match no region
};

// The first rule that matches a region decides; UTC where none does. The tables reach three weeks beyond the
// log. Errors: invalid_argument, storage_failed.
[[nodiscard]] models::result<region_zones> assign_zones(const std::vector<zone_rule>& rules,
                                                        const log_survey& survey);

// For a fingerprint: another table is another run. Empty without rules.
[[nodiscard]] std::string to_text(const region_zones& zones);

} // namespace forestage::cluster
