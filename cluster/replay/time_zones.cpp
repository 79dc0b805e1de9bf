#include "cluster/replay/time_zones.hpp"

#include "adapters/logs/columns.hpp"
#include "adapters/time_zones/time_zones.hpp"
#include "models/glob.hpp"

#include <algorithm>
#include <utility>

namespace forestage::cluster {

using models::errc;
using models::result;

result<std::vector<zone_rule>> parse_zone_rules(const std::vector<std::string>& texts) {
  std::vector<zone_rule> rules;
  bool others = false;
  for (const auto& text : texts) {
    zone_rule rule;
    const auto sign = text.rfind('=');
    if (sign == std::string::npos) {
      if (std::exchange(others, true))
        return {errc::invalid_argument, "--time-zone '" + text +
                                            "': one zone for all other regions was given already; name the "
                                            "regions, such as 'eu-*=" +
                                            text + "'"};
      rule.zone = text;
    } else {
      rule.regions = text.substr(0, sign);
      rule.zone = text.substr(sign + 1);
    }
    if (auto known = adapters::offsets_of(rule.zone, 0, 0); !known)
      return models::error{known.failure().code, "--time-zone '" + text + "': " + known.failure().text};
    rules.push_back(std::move(rule));
  }
  // The one for all others comes last, wherever it was written.
  std::stable_partition(rules.begin(), rules.end(), [](const zone_rule& r) { return r.regions.has_value(); });
  return rules;
}

result<region_zones> assign_zones(const std::vector<zone_rule>& rules, const log_survey& survey) {
  constexpr std::int64_t beyond = 21 * models::seconds_per_day; // what models look back for, and ahead
  region_zones out;
  out.offsets.emplace_back();
  if (rules.empty()) return out;
  const auto offsets = [&](const std::string& zone) {
    return adapters::offsets_of(zone, survey.first_second - beyond, survey.last_second + beyond);
  };
  std::vector<std::string> zones{""};
  if (!rules.back().regions) {
    auto found = offsets(zones[0] = rules.back().zone);
    if (!found) return found.failure();
    out.offsets[0] = std::move(*found);
  }
  std::vector<bool> matched(rules.size(), false);
  for (std::uint32_t i = 0; i < survey.regions.size(); ++i) {
    const auto& region = survey.regions[i];
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const zone_rule& r) {
      return r.regions && models::matches_glob(*r.regions, region.text());
    });
    if (rule == rules.end()) continue;
    matched[static_cast<std::size_t>(rule - rules.begin())] = true;
    auto at = std::find(zones.begin(), zones.end(), rule->zone);
    if (at == zones.end()) {
      auto found = offsets(rule->zone);
      if (!found) return found.failure();
      out.offsets.push_back(std::move(*found));
      at = zones.insert(zones.end(), rule->zone);
    }
    if (const auto clock = at - zones.begin(); clock > 0)
      out.clocks.emplace(region, static_cast<actors::clock_number>(clock));
  }
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (rules[i].regions && !matched[i])
      out.warnings.push_back("--time-zone '" + *rules[i].regions + "=" + rules[i].zone +
                             "' matches no region of the log, or only such as an earlier one matches");
  return out;
}

std::string to_text(const region_zones& zones) {
  std::string text;
  for (const auto& offsets : zones.offsets) {
    for (const auto& o : offsets)
      text += std::to_string(o.from_second) + " " + std::to_string(o.seconds) + "\n";
    text += "\n";
  }
  for (const auto& [region, clock] : zones.clocks)
    text += region.text() + "\n" + std::to_string(clock) + "\n";
  return text == "\n" ? "" : text;
}

} // namespace forestage::cluster
