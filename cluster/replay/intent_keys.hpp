// The keys of a log that are declared for: the busiest ones, and those that the operator's calendar names.
#pragma once

#include "adapters/logs/calendar.hpp"
#include "cluster/replay/round_feeder.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace forestage::cluster {

// A key in one number: those of its resource and region in the survey's tables.
[[nodiscard]] constexpr std::uint64_t packed(std::uint32_t resource, std::uint32_t region) noexcept {
  return std::uint64_t{resource} << 32U | region;
}

// Calls f(key, interval, count) for every entry of a round, key as numbers of the survey's tables.
template <class Function>
void for_each_entry(const messages::event_counts& events, log_survey& survey, const Function& f) {
  std::vector<std::uint32_t> resources;
  std::vector<std::uint32_t> regions;
  for (const auto& id : events.resources)
    resources.push_back(survey.resources.number_of(id.text()));
  for (const auto& id : events.regions)
    regions.push_back(survey.regions.number_of(id.text()));
  for (const auto& e : events.entries)
    f(packed(resources[e.resource], regions[e.region]), e.cell.interval, e.cell.count);
}

// A key that peers declare for.
struct busy_key {
  std::uint32_t resource = 0, region = 0; // numbers of the survey's tables
  double mean = 0;                        // requests an interval of the warm-up part
};

// Keys (packed) with their requests in the warm-up part.
using key_totals = std::unordered_map<std::uint64_t, std::int64_t>;

// Counts the keys of the warm-up part, in a pass over the log; `whole`: those that come later are in it too,
// with 0. Errors: those of feed_rounds().
[[nodiscard]] models::result<key_totals> count_keys(const request_log& log, const models::interval_grid& grid,
                                                    log_survey& survey, bool whole,
                                                    const progress_function& progress);

// The `top` keys with the most requests, the busiest first; ties in the order of names.
[[nodiscard]] std::vector<busy_key> busiest_keys(const key_totals& totals, const log_survey& survey,
                                                 std::uint32_t top);

// What the calendar announces for a key in an interval.
struct announcement {
  std::uint32_t resource = 0, region = 0;
  models::interval_number target{};
  std::uint32_t expected = 0;
  std::uint64_t row = 0; // stable number of the row's resource pattern: who is to be believed
};

struct announcements {
  std::vector<announcement> all;  // by target
  std::vector<std::string> notes; // rows that name nothing of the log
};

// The rows of a calendar, interval by interval: a window's requests spread evenly over its intervals. Globs
// match the keys of the log; a resource named outright need not be in it (nor its region, when that is named
// too).
[[nodiscard]] announcements announce(const std::vector<adapters::logs::calendar_row>& rows,
                                     const key_totals& keys, const models::interval_grid& grid,
                                     log_survey& survey);

} // namespace forestage::cluster
