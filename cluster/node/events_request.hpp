// The body of POST /v1/events, as counts: what a service says has been asked for. Pure.
//
//   {"session": "billing", "sequence": 17, "region": "eu",
//    "events": [{"resource": "room/42", "region": "us", "time": "2026-01-01T12:00:00Z", "count": 3}]}
//
// `resource` is all that an event needs: once, now, in the region of the body. A batch counts as a whole or,
// where anything in it is wrong, not at all. Event time as with agents (actors/peer/report_fold.hpp).
#pragma once

#include "messages/convert.hpp"
#include "models/interval.hpp"
#include "models/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace forestage::cluster {

struct events_context {
  models::interval_grid grid;
  std::int64_t received_ms = 0; // unix
  std::size_t most_events = 10'000;
};

struct events_request {
  std::string session; // as the service named itself; empty: it did not, and a repetition counts again
  messages::event_counts counts; // entries by resource, region and interval; without session and sequence
  std::uint64_t sequence = 0;
  std::uint64_t requests = 0;
  std::uint64_t ahead = 0; // requests of a clock that runs ahead: counted in the interval after receipt
};

// Errors: invalid_data, naming the event and what to change; limit_exceeded.
[[nodiscard]] models::result<events_request> parse_events(std::string_view body,
                                                          const events_context& context);

} // namespace forestage::cluster
