// A small random run: settings and rounds of events, as a replay would send them, with the counts at hand.
#pragma once

#include "actors/router.hpp"
#include "actors/run.hpp"
#include "tests/support/random_source.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace forestage::tests {

struct small_run_options {
  std::uint64_t seed = 1;
  std::int64_t interval_seconds = 3'600;
  std::int64_t lead = 1;
  std::int64_t days = 10;
  std::int64_t warmup_intervals = 90; // ends within a day
  std::size_t resources = 12;
  std::size_t regions = 2;
  std::uint32_t shards = 4;
  bool budgeted = false;
  bool threshold = false;
  bool traced = false;  // three keys, over the last two days
  bool unknowns = true; // outages, open counts, and a region in another time zone
  bool live = false;    // counts and intents come in batches, not with the rounds
  bool intents = false; // half of the requests are declared two intervals ahead, some by mistake
};

using counted_key = std::tuple<models::resource_id, models::region_id, models::interval_number>;

struct small_run {
  actors::run_settings_ptr settings;
  std::vector<actors::routed_round> rounds;
  std::map<counted_key, std::int64_t> counts; // non-zero ones
  std::set<counted_key> open;                 // counts that nobody knows
  std::vector<models::region_id> regions;

  [[nodiscard]] static std::int64_t budget_of(const models::region_id& region) {
    return region.text() == "region-0" ? 4 : 9;
  }
  [[nodiscard]] std::int64_t requests() const {
    std::int64_t sum = 0;
    for (const auto& [key, count] : counts)
      sum += count;
    return sum;
  }
};

// One kind of demand for each resource in turn: busy, scheduled, rare, once ever, busy for two days and again
// long after, very busy.
inline std::int64_t random_count(random_source& random, std::size_t resource, std::int64_t t,
                                 std::int64_t per_day) {
  const auto day = t / per_day;
  switch (resource % 6) {
  case 0:
    return random.poisson(1.5);
  case 1:
    return t % per_day == 9 % per_day ? 3 : 0;
  case 2:
    return random.chance(0.03) ? 1 : 0;
  case 3:
    return t == static_cast<std::int64_t>(resource) * 7 ? 2 : 0;
  case 4:
    return (day < 2 || day >= 20) && random.chance(0.25) ? random.between(1, 3) : 0;
  default:
    return random.poisson(t % per_day < per_day / 2 ? 14 : 4);
  }
}

// Declarations of a run's requests, and of one in ten that does not come, in the rounds in which they are
// made.
inline void declare_some(small_run& run, random_source& random) {
  const auto horizon = run.settings->models.settings.horizon();
  std::vector<std::map<std::string, std::uint32_t>> resources(run.rounds.size());
  std::vector<std::map<std::string, std::uint32_t>> regions(run.rounds.size());
  const auto round_of = [&](models::interval_number t) {
    return static_cast<std::size_t>(
        std::find_if(run.rounds.begin(), run.rounds.end(), [&](const auto& r) { return t < r.to; }) -
        run.rounds.begin());
  };
  const auto place = [](auto& known, auto& names, const auto& id) {
    const auto [at, fresh] = known.try_emplace(id.text(), static_cast<std::uint32_t>(names.size()));
    if (fresh) names.push_back(id);
    return at->second;
  };
  for (std::size_t i = 0; i < run.rounds.size(); ++i) {
    run.rounds[i].intents.session = "intents";
    run.rounds[i].intents.sequence = run.rounds[i].number;
  }
  std::map<models::interval_number, std::vector<std::pair<counted_key, std::int64_t>>> by_time;
  for (const auto& [key, count] : run.counts)
    by_time[std::get<2>(key)].emplace_back(key, count);
  for (const auto& [t, counted] : by_time)
    for (const auto& [key, count] : counted) {
      const auto made = t - horizon;
      if (made < run.rounds.front().from || !random.chance(0.5)) continue;
      const bool wrong = random.chance(0.1);
      const auto n = round_of(made);
      auto& intents = run.rounds[n].intents;
      const auto requests = static_cast<std::uint32_t>(count);
      intents.declarations.push_back(
          {place(resources[n], intents.resources, std::get<0>(key)),
           place(regions[n], intents.regions, std::get<1>(key)),
           {made, wrong ? t + 5 : t, random.next() % 50, requests, 0.9F, models::intent_source::agent}});
      if (wrong) continue;
      const auto m = round_of(t);
      auto& later = run.rounds[m].intents;
      later.kept.push_back({place(resources[m], later.resources, std::get<0>(key)),
                            place(regions[m], later.regions, std::get<1>(key)),
                            {t, 0, true, requests}});
    }
}

inline small_run make_small_run(const small_run_options& o) {
  small_run run;
  models::demand_options demand;
  demand.interval_seconds = o.interval_seconds;
  demand.lead = o.lead;
  const auto grid = models::interval_grid::make(o.interval_seconds).value();
  const models::interval_number first{100 * grid.per_day() + grid.per_day() / 3};
  const auto end = first + o.days * grid.per_day();
  demand.first = first;
  models::model_context context{models::demand_settings::make(demand).value()};
  models::yardstick_settings yardsticks;
  yardsticks.lead = o.lead;
  yardsticks.per_day = grid.per_day();
  yardsticks.per_week = grid.per_week();
  yardsticks.first = first;
  yardsticks.evaluation = first + o.warmup_intervals;
  auto settings =
      std::make_shared<actors::run_settings>(actors::run_settings{std::move(context), yardsticks});
  if (o.unknowns) {
    // Clocks go forward on the third day and back on the fifth.
    const auto day = [&](std::int64_t n) { return grid.start(first) + n * models::seconds_per_day; };
    demand.offsets = {{day(-1), 7'200}, {day(2), 10'800}, {day(4), 7'200}};
    settings->other_clocks.emplace_back(models::demand_settings::make(demand).value());
    settings->clocks.emplace(models::region_id::make("region-1").value(), actors::clock_number{1});
  }
  settings->budgeted = o.budgeted;
  settings->shards = o.shards;
  settings->intents = o.intents;
  settings->live = o.live;
  settings->inbox.ahead = 2 * grid.per_day(); // half of a round's batches come in the round before
  settings->forward = models::intent_context{settings->models.settings};
  if (o.threshold) settings->threshold = actors::threshold_policy{0.5};

  random_source random{o.seed};
  for (std::size_t i = 0; i < o.regions; ++i)
    run.regions.push_back(models::region_id::make("region-" + std::to_string(i)).value());
  std::vector<models::resource_id> resources;
  for (std::size_t i = 0; i < o.resources; ++i)
    resources.push_back(
        models::resource_id::make("resource/" + std::to_string(o.seed % 97) + "/" + std::to_string(i))
            .value());

  if (o.traced) {
    settings->trace = models::trace_settings{{}, end - 2 * grid.per_day(), end};
    for (const std::size_t i : {std::size_t{0}, std::size_t{5}, std::size_t{1}})
      settings->trace->keys.push_back({resources[i], run.regions[i % o.regions], 0});
  }
  run.settings = settings;

  for (auto from = first; from < end;) {
    auto to = std::min(end, from + (grid.per_day() - grid.slot_of_day(from)));
    if (from < yardsticks.evaluation && yardsticks.evaluation < to) to = yardsticks.evaluation;
    actors::routed_round round;
    round.number = run.rounds.size() + 1;
    round.from = from;
    round.to = to;
    auto& events = round.events;
    events.session = "replay";
    events.sequence = round.number;
    std::map<models::region_id, std::uint32_t> regions;
    for (std::size_t i = 0; i < resources.size(); ++i) {
      bool named = false;
      for (std::size_t k = 0; k < o.regions; ++k)
        for (auto t = from; t < to; ++t) {
          // Some resources are asked for in one region only.
          if (i % 4 == 3 && k != i % o.regions) continue;
          const auto count = random_count(random, i, t - first, grid.per_day());
          if (count == 0) continue;
          run.counts[{resources[i], run.regions[k], t}] += count;
          if (!std::exchange(named, true)) events.resources.push_back(resources[i]);
          const auto [region, fresh] =
              regions.try_emplace(run.regions[k], static_cast<std::uint32_t>(regions.size()));
          if (fresh) events.regions.push_back(run.regions[k]);
          events.entries.push_back({static_cast<std::uint32_t>(events.resources.size() - 1),
                                    region->second,
                                    {t, static_cast<std::uint32_t>(count)}});
        }
    }
    if (o.unknowns && round.to - round.from > 8) {
      // Also where there are counts: what is counted is known.
      if (round.number % 3 == 0) round.outages.push_back({from + 1, from + 3, true, {}});
      if (round.number % 2 == 0) round.outages.push_back({from + 2, from + 7, false, "region-0"});
      for (std::uint32_t i = 0; i < events.resources.size() && i < 4; ++i)
        events.missing.push_back({i, 0, from + 4 + i});
      for (const auto& m : events.missing)
        if (const counted_key key{events.resources[m.resource], events.regions[m.region], m.interval};
            !run.counts.contains(key))
          run.open.insert(key);
    }
    run.rounds.push_back(std::move(round));
    from = to;
  }
  if (o.intents) declare_some(run, random);
  return run;
}

// Scores as bytes: equal when everything in them is.
inline std::string bytes_of(const actors::run_scores& scores) {
  std::string bytes;
  models::byte_writer write{bytes};
  write(scores.board, scores.tuned, scores.counted, static_cast<std::uint64_t>(scores.resources));
  return bytes;
}

} // namespace forestage::tests
