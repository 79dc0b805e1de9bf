// What an agent reports, as counts by resource and interval: the batch that goes to the shards. No CAF, clock
// or I/O.
//
// Event time: an event counts in the interval of its own time when that is within one interval of receipt.
// What claims to come later counts in the interval after receipt; what is older keeps its own interval: the
// shard counts it as late. An event that makes no sense is left out, and the first one is named; the others
// count.
#pragma once

#include "messages/agent.pb.h"
#include "messages/convert.hpp"
#include "models/ids.hpp"
#include "models/interval.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace forestage::actors {

// The interval that an event counts in; ahead: its own would be later than the one after receipt.
struct event_interval {
  models::interval_number interval{};
  bool ahead = false;
};
[[nodiscard]] event_interval interval_of_event(std::int64_t event_ms, std::int64_t received_ms,
                                               models::interval_grid grid) noexcept;

struct report_context {
  models::interval_grid grid;
  std::int64_t received_ms = 0; // unix
  models::region_id region;
  std::string session; // with its peer: names the sequence of reports
  v1::Provenance provenance = v1::PROVENANCE_REPORTED;
  std::optional<models::segment_id> segment{};
};

struct folded_report {
  messages::event_counts counts; // by resource and interval, both rising
  std::uint64_t requests = 0;
  std::uint64_t ahead = 0;   // of a clock that runs ahead: clamped
  std::uint64_t refused = 0; // events that make no sense
  std::string first_refusal; // names it; empty: none
};

[[nodiscard]] folded_report fold_report(const v1::Report& report, const report_context& context);

} // namespace forestage::actors
