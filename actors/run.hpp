// What all actors of a run share, and the results that travel between their cores. Plain values, immutable
// once a run has begun.
#pragma once

#include "actors/shard/inbox_limits.hpp"
#include "models/allocation/benefit.hpp"
#include "models/allocation/price.hpp"
#include "models/catalogue/catalogue.hpp"
#include "models/demand/hindsight.hpp"
#include "models/demand/key_model.hpp"
#include "models/demand/outage_watch.hpp"
#include "models/demand/segments/segment_watch.hpp"
#include "models/ids.hpp"
#include "models/intents/intent_state.hpp"
#include "models/metrics/score.hpp"
#include "models/metrics/trace.hpp"
#include "models/yardsticks/tracker.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace forestage::actors {

using models::interval_number;
using models::region_number;

// The founding rule: round(mean) units where the mean is above the threshold.
struct threshold_policy {
  double above = 0.5; // requests an interval
};

// A region's clock: 0, that of run_settings::models; else 1 + an index into run_settings::other_clocks.
using clock_number = std::uint16_t;

struct run_settings {
  models::model_context models;
  models::yardstick_settings yardsticks;
  bool budgeted = false; // plans are priced; candidates and yardstick runs are kept for it
  std::optional<threshold_policy> threshold{};
  std::optional<models::trace_settings> trace{}; // what a report wants kept; none: nothing
  bool hindsight = false; // what the experts said is sampled, for the best fixed mix; without a budget only
  std::uint32_t shards = 64;
  models::catalogue catalogue{};
  models::segment_table segments{}; // told apart; empty: none
  bool intents = false;             // declarations are folded, and the cost without them is scored beside
  models::intent_context forward{};
  bool live = false; // rounds fold what agents have sent (batch_inbox.hpp), not counts that come with them
  inbox_limits inbox{};
  std::size_t active_to_model = 8; // active intervals in 14 days after which a key gets a demand model;
  std::size_t dense_to_model = 3;  // so many when they are more than 1 - fractile of the intervals so far,
  std::int64_t requests_to_model = 32; // or so many requests

  // Regions in other time zones: the same in all but the clock.
  std::vector<models::model_context> other_clocks{};
  std::map<models::region_id, clock_number> clocks{}; // of the regions that do not follow `models`

  [[nodiscard]] clock_number clock_of(const models::region_id& region) const {
    const auto at = clocks.find(region);
    return at == clocks.end() ? clock_number{0} : at->second;
  }
  [[nodiscard]] const models::model_context& models_at(clock_number clock) const {
    return clock == 0 ? models : other_clocks[clock - std::size_t{1}];
  }
  // Under a budget the plan without declarations has a price of its own, and is kept beside the real one.
  [[nodiscard]] bool prices_both() const noexcept { return budgeted && intents; }
  [[nodiscard]] interval_number evaluation() const noexcept { return yardsticks.evaluation; }
  [[nodiscard]] models::unit_costs costs() const noexcept {
    return {yardsticks.cost_under, yardsticks.cost_over};
  }
};

using run_settings_ptr = std::shared_ptr<const run_settings>;

// What is in force during a round: the intervals that close, and what the pool and the warm-up have taught.
struct round_context {
  std::uint64_t number = 0; // rounds count from 1
  interval_number from{},
      to{}; // closed by this round; within one UTC day, on one side of the evaluation's start
  models::pool_parameters pool;
  models::tuned_choice tuned;
  std::vector<models::outage> outages{}; // known by its end, the newest most_outages, by their beginning

  // The round's own ones join those before.
  void add_outages(const std::vector<models::outage>& more);
  template <class Archive> void fields(Archive& archive) { archive(number, from, to, pool, tuned, outages); }
};

inline void round_context::add_outages(const std::vector<models::outage>& more) {
  outages.insert(outages.end(), more.begin(), more.end());
  if (outages.size() > models::most_outages)
    outages.erase(outages.begin(), outages.end() - static_cast<std::ptrdiff_t>(models::most_outages));
}

using round_context_ptr = std::shared_ptr<const round_context>;

// One key's decision for one interval.
struct planned_units {
  interval_number interval{};
  std::int64_t units = 0; // without a budget: the allocation; with one: the most a price may buy
  std::uint32_t first_step =
      0; // its steps of benefit, when budgeted: [first_step, last_step) of the plan's steps
  std::uint32_t last_step = 0;
  template <class Archive> void fields(Archive& archive) { archive(interval, units, first_step, last_step); }
};

struct key_plan {
  std::vector<planned_units> units; // rising intervals, units > 0
  std::vector<models::benefit_step> steps;
  template <class Archive> void fields(Archive& archive) { archive(units, steps); }
};

// Sums over the keys of a run and its evaluation part, exact in any order.
struct forecast_sums {
  static constexpr double unit = 1024.0;
  std::int64_t key_intervals = 0;  // that a model was asked for
  std::int64_t covered = 0;        // of them, those with demand at or below the allocation
  std::int64_t absolute_error = 0; // sum of |d - mean|, in units of 1/1024 request
  std::int64_t requests = 0;       // over all keys, those without a model included
  std::int64_t shortage = 0;       // sum of (d - a)+, a: the allocation without any budget
  std::int64_t excess = 0;         // sum of (a - d)+
  std::int64_t naive_error = 0;    // sum of |d - d of a day before|, over all keys
  std::int64_t worked = 0;         // key-intervals for which a model did any work, warm-up included

  forecast_sums& operator+=(const forecast_sums& other) noexcept {
    key_intervals += other.key_intervals;
    covered += other.covered;
    absolute_error += other.absolute_error;
    requests += other.requests;
    shortage += other.shortage;
    excess += other.excess;
    naive_error += other.naive_error;
    worked += other.worked;
    return *this;
  }
  friend bool operator==(const forecast_sums&, const forecast_sums&) = default;
};

// What the forward look has come to over the keys with declarations, in the evaluation part; without budgets.
struct intent_sums {
  std::int64_t keys_intervals = 0; // decided with declarations taken into account
  std::int64_t used = 0;           // of them, decided by the posterior
  std::int64_t requests = 0, in_time = 0;
  std::int64_t cold = 0, idle = 0;                 // of what was allocated
  std::int64_t cold_without = 0, idle_without = 0; // of what would have been
  std::int64_t dropped = 0;                        // declarations, the whole run

  intent_sums& operator+=(const intent_sums& other) noexcept {
    keys_intervals += other.keys_intervals;
    used += other.used;
    requests += other.requests;
    in_time += other.in_time;
    cold += other.cold;
    idle += other.idle;
    cold_without += other.cold_without;
    idle_without += other.idle_without;
    dropped += other.dropped;
    return *this;
  }
  friend bool operator==(const intent_sums&, const intent_sums&) = default;
};

// The requests of a resource in a region during a round, and what was declared.
struct region_cells {
  region_number region{};
  std::vector<models::cell> cells;                 // rising, counts > 0
  std::vector<models::declaration> declarations{}; // made in the round, in that order
  std::vector<models::kept_intents> kept{};        // of its requests, in their order
  std::vector<interval_number> missing{};          // rising: counts that the log leaves open
  std::vector<models::segment_cell> parts{}; // of the cells, by interval and segment; `other` is the rest
};

// What a shard's forecasters know of its regions, by region number; what lies beyond the end is as default.
struct interval_range {
  interval_number from{}, to{};
};
struct region_facts {
  clock_number clock = 0;
  std::vector<interval_range> outages{}; // rising, apart from each other; those of earlier rounds, too
  std::uint64_t id = 0;                  // hash of its name
  std::shared_ptr<const models::segment_prior> segments{}; // when any are told apart
};
using region_table = std::vector<region_facts>;

// What a round brought for one region of a resource.
struct region_result {
  region_number region{};
  key_plan plan;              // for [from + horizon, to + horizon), evaluation part only
  key_plan without_intents{}; // the same, for settings.prices_both(): as if nothing was declared
  std::vector<models::allocation_run> runs; // of yardsticks, for [from, to), when budgeted
  std::vector<models::allocation_run>
      threshold_runs;                      // of the threshold policy (its policy field means nothing)
  std::vector<models::curve_point> said{}; // of a traced resource
};

struct resource_result {
  std::vector<region_result> regions; // those with anything to say
  models::yardstick_sums yardsticks;
  models::unit_sums threshold;
  models::unit_sums no_intents; // when settings.intents, without a budget
  intent_sums intents;
  forecast_sums forecast;
  std::unique_ptr<models::pool_statistics> pool;         // when any key has a model
  std::unique_ptr<models::segment_sums> segments;        // when any are told apart
  std::unique_ptr<models::calibration_sums> calibration; // when the run is traced
  models::hindsight_sample hindsight;
  bool idle = false; // nothing will happen until the next request: the resource may be passivated
};

} // namespace forestage::actors
