// The second pass over a log: its rows become rounds of counts, in order of time.
//
// A round is what closes together: the intervals of a UTC day, cut where the evaluation part begins. Rows may
// lie behind the newest one by as much as the survey saw; so many rounds stay open. Memory: the rows of the
// open rounds, folded to counts.
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

// Errors: those of the reader and of the function; limit_exceeded for 2^32 requests of a key in an interval.
[[nodiscard]] models::status feed_rounds(const request_log& log, const models::interval_grid& grid,
                                         log_survey& survey, const round_function& on_round,
                                         const progress_function& progress);

} // namespace forestage::cluster
