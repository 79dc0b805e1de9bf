// The scorecard of a replay: what every policy came to, as JSON with stable keys and as a table for people.
// Pure.
//
// Nothing in it depends on when, where or how fast it was made: no wall times, paths, threads or shards.
#pragma once

#include "actors/shard/scoreboard.hpp"
#include "cluster/replay/intents.hpp"
#include "cluster/replay/options.hpp"
#include "cluster/replay/outages.hpp"
#include "cluster/replay/segment_section.hpp"
#include "cluster/replay/sequence_feed.hpp"
#include "cluster/replay/survey.hpp"
#include "models/metrics/regret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace forestage::cluster {

struct policy_line {
  std::string name;
  models::unit_sums sums;
  double cost = 0;
  std::optional<double> cost_per_request, warm_ratio, waste_per_request, precision, coverage, timeliness;
  models::regret_summary regret;
};

// The best fixed mix of the experts in hindsight, and how far our own policy is from it.
struct hindsight_line {
  double cost = 0;
  std::optional<double> cost_per_request;
  double standard_error = 0;                           // of the cost, from sampling
  std::optional<double> regret;                        // our cost / this cost
  std::int64_t rows = 0;                               // of the sample
  std::vector<std::pair<std::string, double>> weights; // of at least 0.001, greatest first
};

// What the sequence model said for the evaluation part.
struct sequence_section {
  std::int64_t declared = 0, kept = 0;              // requests
  std::optional<double> kept_share, promised_share; // of the declared: that came, that were to come
  double credibility = 1;                           // of its word, at the end
  std::size_t keys = 0;                             // that it spoke of
  std::uint64_t left_out = 0;                       // requests of the log that it could not learn from
};

// What declarations were worth. Evaluation part; null where nothing was asked for.
struct intent_section {
  std::string settings;
  std::int64_t declared = 0, kept = 0; // requests
  std::optional<double> kept_share, in_time_share, mean_credibility;
  std::size_t keys = 0;                      // that were declared for
  std::optional<double> keys_requests_share; // of all requests
  std::optional<double> cost_ratio;          // of these keys, without budgets: with over without intents
  std::optional<double> cost_ratio_all;      // of all keys
  std::optional<double> used_share;          // of decisions that could know of declarations
  std::int64_t dropped = 0;                  // declarations, for want of room or credibility
  std::uint64_t forgotten_peers = 0;
  std::optional<std::int64_t> announced; // requests, by the calendar
  std::optional<double> calendar_credibility;
  std::optional<sequence_section> sequence;
};

// What the catalogue knew of the log's resources.
struct catalogue_line {
  std::size_t kinds = 0; // that it has
  std::size_t named = 0; // resources with a kind
};

struct scorecard {
  // log
  std::uint64_t rows = 0, bad_rows = 0;
  std::int64_t requests = 0, missing = 0;
  std::int64_t left_out = 0; // intervals of keys in the evaluation part that no policy is scored in
  std::string from, to;
  std::int64_t interval_seconds = 0;
  std::size_t resources = 0, regions = 0;
  std::int64_t intervals = 0, evaluated_intervals = 0;
  // settings
  std::int64_t lead = 1;
  double cost_under = 9, cost_over = 1, warmup = 0.5;
  std::string budget;
  std::optional<double> threshold;
  std::int64_t collection_size = 1;
  std::uint64_t seed = 1;
  std::string without; // sources that the models did without; empty: none
  std::optional<catalogue_line> catalogue;
  std::vector<std::string> where;
  std::vector<std::string> time_zones; // rules, as given; none: UTC
  std::string columns;
  // policies, ours first
  std::vector<policy_line> policies;
  std::optional<hindsight_line> hindsight; // when it was asked for
  std::string tuned;                       // what reactive-tuned and last-week-tuned turned out to be
  // forecast
  std::int64_t horizon = 2;
  std::optional<double> wape, mase, pinball, coverage;
  std::optional<double> skill; // 1 - mean absolute error / that of the last-day forecast

  std::optional<intent_section> intents;
  std::optional<segment_section> segments;
  outage_totals outages; // that were not learned from

  [[nodiscard]] const policy_line* find(std::string_view name) const;
};

[[nodiscard]] scorecard make_scorecard(const replay_options& options, const log_survey& survey,
                                       const std::string& columns, const actors::scoreboard& board,
                                       const models::tuned_choice& tuned);

// Adds the section on intents.
void add_intents(scorecard& card, const replay_options& options, const actors::scoreboard& board,
                 const intent_totals& totals);

// To that section. Pre: it is there.
void add_sequence(scorecard& card, const sequence_totals& totals);

[[nodiscard]] std::string to_json(const scorecard& card);

// The table, what it says, and the settings to begin with.
[[nodiscard]] std::string to_text(const scorecard& card);

// What the figures say, in a sentence or two that end with a line break.
[[nodiscard]] std::string verdict(const scorecard& card);

// "1,234,567"; "15 min" of seconds.
[[nodiscard]] std::string with_thousands(std::int64_t value);
[[nodiscard]] std::string length_text(std::int64_t seconds);

// "2001-01-01T00:01:00Z" of unix seconds.
[[nodiscard]] std::string utc_text(std::int64_t unix_seconds);

} // namespace forestage::cluster
