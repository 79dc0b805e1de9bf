#include "cluster/replay/rate_oracle.hpp"

#include "models/allocation/largest_remainder.hpp"
#include "models/demand/negative_binomial.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <vector>

namespace forestage::cluster {

std::int64_t poisson_quantile(double mean, double level) {
  if (!(mean > 0)) return 0;
  if (mean > 500) { // Wilson, Hilferty 1931
    const double h = 1 - 1 / (9 * mean) + models::normal_quantile(level) / (3 * std::sqrt(mean));
    return std::max<std::int64_t>(0, std::llround(std::ceil(mean * h * h * h - 0.5)));
  }
  double p = std::exp(-mean);
  double below = p;
  std::int64_t a = 0;
  while (below < level && a < 5'000) {
    ++a;
    p *= mean / static_cast<double>(a);
    below += p;
  }
  return a;
}

models::status rate_oracle::score(const actors::routed_round& round) {
  if (round.from < settings_->evaluation()) return models::success();
  const auto& grid = settings_->models.settings.grid();
  const auto length = static_cast<std::size_t>(round.to - round.from);
  const auto day = grid.day(round.from);
  const double level = settings_->yardsticks.tau();
  const auto& truth = truth_.truth();

  // Requests by key of the truth; a log may hold other names, which the oracle knows nothing of.
  std::unordered_map<std::uint64_t, std::vector<models::cell>> requests;
  models::unit_sums sums;
  const auto& events = round.events;
  std::vector<std::optional<std::uint32_t>> resources, regions;
  for (const auto& id : events.resources)
    resources.push_back(truth_.find_resource(id.text()));
  for (const auto& id : events.regions)
    regions.push_back(truth_.find_region(id.text()));
  for (const auto& e : events.entries) {
    sums.cold += e.cell.count; // what turns out warm is taken off below
    if (resources[e.resource] && regions[e.region])
      requests[(std::uint64_t{*resources[e.resource]} << 32U) | *regions[e.region]].push_back(e.cell);
  }

  std::vector<double> rates(length);
  std::vector<std::vector<std::int64_t>> wanted(length);
  std::vector<std::vector<std::uint32_t>> ranks(length);
  for (std::uint32_t region = 0; region < truth.regions.size(); ++region) {
    for (std::uint32_t resource = 0; resource < truth.resources.size(); ++resource) {
      truth_.rates(grid, resource, region, round.from, rates);
      for (std::size_t i = 0; i < length; ++i) {
        if (rates[i] < 1 - level) continue; // P(d >= 1) <= mean
        const auto units = poisson_quantile(rates[i], level);
        if (units == 0) continue;
        wanted[i].push_back(units);
        ranks[i].push_back(resource);
      }
    }
    const auto budget =
        settings_->budgeted ? std::optional{budget_of_(truth.regions[region].name)} : std::nullopt;
    for (std::size_t i = 0; i < length; ++i) {
      if (budget)
        models::cut_to_budget(std::span<const std::int64_t>{wanted[i]},
                              std::span<const std::uint32_t>{ranks[i]}, *budget,
                              std::span<std::int64_t>{wanted[i]});
      const auto t = round.from + static_cast<std::int64_t>(i);
      for (std::size_t k = 0; k < wanted[i].size(); ++k) {
        std::int64_t demand = 0;
        if (const auto at = requests.find((std::uint64_t{ranks[i][k]} << 32U) | region);
            at != requests.end()) {
          const auto c = std::lower_bound(
              at->second.begin(), at->second.end(), t,
              [](const models::cell& cell, models::interval_number n) { return cell.interval < n; });
          if (c != at->second.end() && c->interval == t) demand = c->count;
        }
        const auto used = std::min(demand, wanted[i][k]);
        sums.used += used;
        sums.cold -= used;
        sums.waste += wanted[i][k] - used;
      }
      wanted[i].clear();
      ranks[i].clear();
    }
  }
  score_.add(day, sums);
  return models::success();
}

} // namespace forestage::cluster
