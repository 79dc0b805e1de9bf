// The second pass over a log: its rows become rounds of counts, in order of time.
//
// A round is what closes together: the intervals of a UTC day, cut where the evaluation part begins. Rows may
// lie behind the newest one by as much as the survey saw; so many rounds stay open. Memory: the rows of the
// open rounds, folded to counts. Who wants to know who asked gets the requests of each round one by one as
// well; these are kept unfolded, at most most_rows of them.
#pragma once

#include "actors/router.hpp"
#include "cluster/replay/survey.hpp"

#include <deque>
#include <functional>
#include <optional>

namespace forestage::cluster {

// The intervals of each round of a span, in order.
struct round_span {
  models::interval_number from{}, to{};
};
[[nodiscard]] std::vector<round_span> rounds_of(const models::interval_grid& grid,
                                                models::interval_number first,
                                                models::interval_number evaluation,
                                                models::interval_number end);

// Receives each round; an error ends the pass.
using round_function = std::function<models::status(actors::routed_round)>;

// A row of the log whose peer is known. Numbers are those of the survey's tables; peer: its name's hash.
struct peer_request {
  std::int64_t time_us = 0;
  std::uint64_t peer = 0;
  std::uint32_t resource = 0, region = 0;
  models::interval_number interval{};
};
// Of a round, by time; rows of one moment in the order of the log.
struct peer_requests {
  std::vector<peer_request> all;
  std::uint64_t left_out = 0; // without a peer, or beyond most_rows
};
inline constexpr std::size_t most_rows = std::size_t{1} << 25; // of all open rounds: 1.3 GB

// Receives the requests of a round, just before the round itself.
using requests_function = std::function<void(peer_requests)>;

// on_requests may be empty: nobody asks who asked. Errors: those of the reader and of the function;
// limit_exceeded for 2^32 requests of a key in an interval.
[[nodiscard]] models::status feed_rounds(const request_log& log, const models::interval_grid& grid,
                                         log_survey& survey, const round_function& on_round,
                                         const progress_function& progress,
                                         const requests_function& on_requests = {});

} // namespace forestage::cluster
