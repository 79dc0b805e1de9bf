// Declarations for a replay: simulated from the log itself, stamped with what each peer's word has been worth,
// and put into the rounds in which they become known.
//
// A round goes on once so many later ones have come that everything declared in it is known: simulated peers
// declare for requests that lie ahead. The book of credibilities is kept here, as a proxy keeps it of its
// peers; shards get stamped declarations. Deterministic: it depends on the log and the settings alone, so a
// resumed run simulates the same.
#pragma once

#include "cluster/replay/round_feeder.hpp"
#include "models/intents/credibility.hpp"
#include "models/synthetic/declarations.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace forestage::cluster {

// "p=.5,noshow=.3,lead=1-3": errors name the key and the remedy (invalid_argument).
[[nodiscard]] models::result<models::synthetic::intent_simulation> parse_intents(std::string_view text);
// The same settings, all of them, in the form that parse_intents() reads.
[[nodiscard]] std::string to_string(const models::synthetic::intent_simulation& intents);

// A key that peers declare for.
struct busy_key {
  std::uint32_t resource = 0, region = 0; // numbers of the survey's tables
  double mean = 0;                        // requests an interval of the warm-up part
};

// The `top` keys with the most requests in the warm-up part, the busiest first; ties in the order of names. A
// pass over the log. Errors: those of feed_rounds().
[[nodiscard]] models::result<std::vector<busy_key>>
busiest_keys(const request_log& log, const models::interval_grid& grid, log_survey& survey, std::uint32_t top,
             const progress_function& progress);

// What was declared in the evaluation part.
struct intent_totals {
  std::int64_t declared = 0, kept = 0; // requests
  double weight = 0;                   // sum of the declared requests' credibility
  std::size_t keys = 0;
  std::uint64_t forgotten_peers = 0; // the whole run
};

class intent_feed {
public:
  intent_feed(const models::synthetic::intent_simulation& simulation,
              const models::synthetic::simulated_span& span, std::vector<busy_key> keys, log_survey& survey,
              round_function on_round);

  [[nodiscard]] models::status on_round(actors::routed_round round);
  // The rounds that wait for later ones, when there are none.
  [[nodiscard]] models::status finish();
  [[nodiscard]] intent_totals totals() const;

private:
  [[nodiscard]] models::status release();
  void add_intents(actors::routed_round& round);

  models::synthetic::simulated_span span_;
  std::vector<busy_key> keys_;
  log_survey& survey_;
  round_function on_round_;
  models::synthetic::declaration_simulator simulator_;
  models::credibility_book book_;
  std::vector<models::synthetic::simulated_events::resolved> known_; // outcomes of the interval before
  std::unordered_map<std::uint64_t, std::uint32_t> key_of_;          // (resource, region) -> index in keys_
  std::deque<actors::routed_round> waiting_;
  intent_totals totals_;
};

} // namespace forestage::cluster
