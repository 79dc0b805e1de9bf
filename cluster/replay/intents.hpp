// Declarations for a replay: simulated from the log itself, stamped with what each peer's word has been
// worth, and put into the rounds in which they become known.
//
// A round goes on once so many later ones have come that everything declared in it is known: simulated peers
// declare for requests that lie ahead. The book of credibilities is kept here, as a proxy keeps it of its
// peers; shards get stamped declarations. Deterministic: it depends on the log and the settings alone, so a
// resumed run simulates the same.
#pragma once

#include "adapters/logs/calendar.hpp"
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

// What was declared in the evaluation part.
struct intent_totals {
  std::int64_t declared = 0, kept = 0; // requests
  double weight = 0;                   // sum of the declared requests' credibility
  std::int64_t announced = 0;          // requests, by the calendar
  double calendar_credibility = 0;     // at the end
  std::size_t keys = 0;
  std::uint64_t forgotten_peers = 0; // the whole run
};

class intent_feed {
public:
  intent_feed(const models::synthetic::intent_simulation& simulation,
              const models::synthetic::simulated_span& span, std::vector<busy_key> keys,
              std::vector<announcement> calendar, log_survey& survey, round_function on_round);

  [[nodiscard]] models::status on_round(actors::routed_round round);
  // The rounds that wait for later ones, when there are none.
  [[nodiscard]] models::status finish();
  [[nodiscard]] intent_totals totals() const;

private:
  [[nodiscard]] models::status release();
  void add_intents(actors::routed_round& round);
  void add_announcements(models::interval_number t, const auto& resource_of, const auto& region_of,
                         messages::intent_events& intents);

  models::synthetic::simulated_span span_;
  std::vector<busy_key> keys_; // that peers declare for, then those that only the calendar names
  std::size_t simulated_ = 0;  // of the first kind
  std::vector<announcement> calendar_;
  std::size_t announced_ = 0; // of them, those that have been told
  std::size_t ended_ = 0;     // of them, those whose outcome is known
  log_survey& survey_;
  round_function on_round_;
  models::synthetic::declaration_simulator simulator_;
  models::credibility_book book_;
  std::deque<std::vector<std::uint32_t>> counts_;                    // of the waiting rounds, interval by key
  std::vector<models::synthetic::simulated_events::resolved> known_; // outcomes of the interval before
  std::unordered_map<std::uint64_t, std::uint32_t> key_of_;          // (resource, region) -> index in keys_
  std::deque<actors::routed_round> waiting_;
  intent_totals totals_;
};

} // namespace forestage::cluster
