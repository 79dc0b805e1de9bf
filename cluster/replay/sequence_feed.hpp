// Intents of the sequence model for a replay: what the log's own peers asked for says what they ask for next.
//
// The requests of each round are folded in event time. When interval t has ended, what the model says about
// later ones (at least lead + 1 ahead: the others come too late to act on) is stamped with what such words
// have been worth, and put into the round as declarations of the source `sequence`, made in t; those that
// came follow as kept. A segment is a region. Nothing later than t is looked at. Deterministic: it depends
// on the log and the settings alone, so a resumed run says the same. Memory is bounded by the model's
// settings, and by most_rows for the requests of open rounds (round_feeder.hpp).
#pragma once

#include "cluster/replay/round_feeder.hpp"
#include "cluster/replay/unknown_counts.hpp"
#include "models/intents/promise_record.hpp"
#include "models/sequence/sequence_model.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

namespace forestage::cluster {

// What was said for the evaluation part; the rest: of the whole run.
struct sequence_totals {
  std::int64_t declared = 0, kept = 0; // requests
  double promised = 0;                 // sum of the probabilities that the declared ones carried
  double credibility = 1;              // at the end
  std::size_t keys = 0;                // that something was said about
  std::uint64_t left_out = 0;          // requests without a peer, late, or for want of room
};

// The model's settings for a run. Errors: invalid_argument when it cannot look as far ahead as the lead asks.
[[nodiscard]] models::result<models::sequence_settings> sequence_settings_of(const replay_options& options);

class sequence_feed {
public:
  // Pre: settings are those of sequence_settings_of(), their window begins at the horizon of decisions.
  sequence_feed(const models::sequence_settings& settings, log_survey& survey, round_function on_round);

  // The requests of the round that comes next, by time.
  void on_requests(peer_requests requests);
  [[nodiscard]] models::status on_round(actors::routed_round round);
  [[nodiscard]] sequence_totals totals() const;

private:
  void close(models::interval_number t, const unknown_counts& unknown, actors::routed_round& round,
             class round_names& names);

  // What was promised for an interval, in the order in which it was.
  struct promise {
    std::uint64_t key = 0; // packed()
    std::int64_t ahead = 0;
    double probability = 0;
  };

  models::sequence_settings settings_;
  log_survey& survey_;
  round_function on_round_;
  models::sequence_model model_;
  models::promise_record record_;
  std::vector<std::vector<promise>> promised_; // by target modulo window_to + 1
  peer_requests requests_;
  std::unordered_set<std::uint64_t> keys_;
  sequence_totals totals_;
};

} // namespace forestage::cluster
