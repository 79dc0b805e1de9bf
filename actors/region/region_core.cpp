#include "actors/region/region_core.hpp"

#include "models/allocation/budget.hpp"
#include "models/allocation/largest_remainder.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace forestage::actors {

namespace {

// What one policy wants in one interval: resources by rank, units > 0.
struct wishes {
  std::vector<std::uint32_t> ranks;
  std::vector<std::int64_t> units;
};

// Requests by resource rank and interval of the round.
class demand_table {
public:
  demand_table(std::span<const offered_resource* const> resources, interval_number from, std::int64_t length)
      : from_(from)
      , length_(static_cast<std::size_t>(length))
      , totals_(length_, 0)
      , rows_(resources) {
    for (const auto* r : resources)
      for (const auto& c : r->cells)
        totals_[static_cast<std::size_t>(c.interval - from)] += c.count;
  }
  [[nodiscard]] interval_number interval(std::size_t i) const { return from_ + static_cast<std::int64_t>(i); }
  [[nodiscard]] std::int64_t total(std::size_t i) const { return totals_[i]; }
  [[nodiscard]] std::int64_t of(std::uint32_t rank, std::size_t i) const {
    const auto& cells = rows_[rank]->cells;
    const auto t = interval(i);
    const auto at =
        std::lower_bound(cells.begin(), cells.end(), t,
                         [](const models::cell& c, interval_number limit) { return c.interval < limit; });
    return at != cells.end() && at->interval == t ? at->count : 0;
  }

  // Whether nobody knows the demand: what is held is not scored.
  [[nodiscard]] bool unknown(std::uint32_t rank, std::size_t i) const {
    const auto& missing = rows_[rank]->missing;
    return std::binary_search(missing.begin(), missing.end(), interval(i));
  }

private:
  interval_number from_;
  std::size_t length_;
  std::vector<std::int64_t> totals_;
  std::span<const offered_resource* const> rows_;
};

models::unit_sums cut_and_score(std::vector<wishes>& wanted, const demand_table& demand,
                                std::span<const std::uint64_t> hashes, std::int64_t budget) {
  models::unit_sums sums;
  std::vector<std::uint64_t> turns;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& w = wanted[i];
    const auto total = std::accumulate(w.units.begin(), w.units.end(), std::int64_t{0});
    if (total > budget) {
      turns.clear();
      for (const auto rank : w.ranks)
        turns.push_back(models::turn_of(hashes[rank], demand.interval(i)));
      models::cut_to_budget(std::span<const std::int64_t>{w.units}, std::span<const std::uint64_t>{turns},
                            budget, std::span<std::int64_t>{w.units});
    }
    std::int64_t used = 0;
    std::int64_t held = 0;
    for (std::size_t k = 0; k < w.ranks.size(); ++k) {
      if (w.units[k] == 0 || demand.unknown(w.ranks[k], i)) continue;
      used += std::min(w.units[k], demand.of(w.ranks[k], i));
      held += w.units[k];
    }
    sums += models::unit_sums{used, demand.total(i) - used, held - used};
    w.ranks.clear();
    w.units.clear();
  }
  return sums;
}

void add_runs(std::vector<wishes>& wanted, interval_number from, std::uint32_t rank,
              std::span<const models::allocation_run> runs) {
  for (const auto& run : runs)
    for (auto t = run.from; t < run.to; ++t) {
      auto& w = wanted[static_cast<std::size_t>(t - from)];
      w.ranks.push_back(rank);
      w.units.push_back(run.allocation);
    }
}

} // namespace

region_outcome score_under_budget(const run_settings& settings, const round_context& round,
                                  const models::region_id& region, std::int64_t budget,
                                  std::span<const offered_resource> offers) {
  region_outcome out{region, {}};
  std::vector<const offered_resource*> by_name;
  for (const auto& o : offers)
    by_name.push_back(&o);
  std::sort(by_name.begin(), by_name.end(),
            [](const auto* a, const auto* b) { return a->resource < b->resource; });
  std::vector<std::uint64_t> hashes;
  for (const auto* o : by_name)
    hashes.push_back(o->resource.hash());
  const auto length = round.to - round.from;
  const demand_table demand{by_name, round.from, length};
  std::vector<wishes> wanted(static_cast<std::size_t>(length));

  for (std::size_t y = 0; y < models::yardstick_count; ++y) {
    const auto policy = static_cast<models::yardstick>(y);
    auto& sums = out.policies[first_yardstick + y];
    if (policy == models::yardstick::oracle) {
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto used = models::oracle_units(demand.total(i), budget);
        sums += models::unit_sums{used, demand.total(i) - used, 0};
      }
      continue;
    }
    for (std::uint32_t rank = 0; rank < by_name.size(); ++rank) {
      const auto& runs = by_name[rank]->runs;
      // A policy's runs lie together.
      const auto first =
          std::find_if(runs.begin(), runs.end(), [&](const auto& r) { return r.policy == policy; });
      const auto last = std::find_if(first, runs.end(), [&](const auto& r) { return r.policy != policy; });
      add_runs(wanted, round.from, rank, {first, last});
    }
    sums = cut_and_score(wanted, demand, hashes, budget);
  }
  if (settings.threshold) {
    for (std::uint32_t rank = 0; rank < by_name.size(); ++rank)
      add_runs(wanted, round.from, rank, by_name[rank]->threshold_runs);
    out.policies[threshold_index] = cut_and_score(wanted, demand, hashes, budget);
  }
  return out;
}

} // namespace forestage::actors
