// Declarations for a replay: simulated from the log itself, stamped with what each peer's word has been
// worth, and put into the rounds in which they become known. What was declared for a count that nobody knows
// has no outcome: it teaches nothing about its peer.
//
// A round goes on once so many later ones have come that everything declared in it is known: simulated peers
// declare for requests that lie ahead. The book of credibilities is kept here, as a proxy keeps it of its
// peers; shards get stamped declarations. Deterministic: it depends on the log and the settings alone, so a
// resumed run simulates the same.
#pragma once

#include "cluster/replay/intent_keys.hpp"
#include "cluster/replay/unknown_counts.hpp"
#include "models/intents/credibility.hpp"
#include "models/synthetic/declarations.hpp"

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace forestage::cluster {

// What was declared for the evaluation part.
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
  // Whether nobody knows what came for a key in an interval of the round at hand or the one before.
  [[nodiscard]] bool unknown(std::uint32_t key, models::interval_number t) const;
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
  unknown_counts now_, before_; // of the round at hand, and of the one before
  intent_totals totals_;
};

} // namespace forestage::cluster
