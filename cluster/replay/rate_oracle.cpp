#include "cluster/replay/rate_oracle.hpp"

#include "models/allocation/price.hpp"
#include "models/demand/negative_binomial.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace forestage::cluster {

namespace {

constexpr double busy =
    500; // a mean from which on the sums below would take long, and the approximation is good to 1e-5

// P(d >= j) = P(Gamma(j) <= mean), for j >= 1 (Wilson, Hilferty 1931).
double busy_survival(double mean, double j) {
  const double z = 3 * std::sqrt(j) * (std::cbrt(mean / j) - 1 + 1 / (9 * j));
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

std::int64_t busy_quantile(double mean, double level) {
  auto a = std::max<std::int64_t>(0, std::llround(mean + models::normal_quantile(level) * std::sqrt(mean)));
  while (busy_survival(mean, static_cast<double>(a + 1)) > 1 - level)
    ++a;
  while (a > 0 && busy_survival(mean, static_cast<double>(a)) <= 1 - level)
    --a;
  return a;
}

} // namespace

std::int64_t poisson_quantile(double mean, double level) {
  if (!(mean > 0)) return 0;
  if (mean > busy) return busy_quantile(mean, level);
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

std::vector<double> poisson_survival(double mean, std::int64_t most) {
  std::vector<double> out(static_cast<std::size_t>(most));
  if (mean > busy) {
    for (std::size_t j = 1; j <= out.size(); ++j)
      out[j - 1] = busy_survival(mean, static_cast<double>(j));
    return out;
  }
  double p = std::exp(-mean);
  double below = 0;
  for (std::size_t j = 1; j <= out.size(); ++j) {
    below += p; // P(d < j)
    out[j - 1] = std::max(0.0, 1 - below);
    p *= mean / static_cast<double>(j);
  }
  return out;
}

namespace {

// What the oracle holds ready for a resource in an interval.
struct holding {
  std::uint32_t resource = 0;
  double mean = 0;
  std::int64_t units = 0;
};

// The units that are worth most to whoever knows the rates, exactly as many as the budget allows.
models::status fit(std::vector<holding>& held, std::int64_t budget, const models::unit_costs& costs,
                   const models::synthetic::parameters& truth) {
  std::int64_t total = 0;
  for (const auto& h : held)
    total += h.units;
  if (total <= budget) return models::success();
  models::candidate_set wishes;
  for (const auto& h : held) {
    const auto& name = truth.resources[h.resource].name;
    const auto survival = poisson_survival(h.mean, h.units);
    wishes.add(
        name.text(), name.hash(),
        models::steps_of(
            static_cast<std::uint32_t>(h.units), [&](std::uint32_t j) { return survival[j - 1]; }, costs));
  }
  const auto price = models::find_price(budget, {&wishes, 1});
  if (!price) return price.failure();
  for (std::size_t k = 0; k < held.size(); ++k)
    held[k].units = models::allocation_at(*price, wishes[k]);
  return models::success();
}

std::int64_t demand_at(const std::vector<models::cell>& cells, models::interval_number t) {
  const auto at =
      std::lower_bound(cells.begin(), cells.end(), t,
                       [](const models::cell& c, models::interval_number n) { return c.interval < n; });
  return at != cells.end() && at->interval == t ? at->count : 0;
}

} // namespace

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

  // What it holds where nobody knows the demand is not scored, as for any policy.
  std::set<std::pair<std::uint64_t, models::interval_number>> unknown;
  for (const auto& m : events.missing)
    if (resources[m.resource] && regions[m.region])
      unknown.emplace((std::uint64_t{*resources[m.resource]} << 32U) | *regions[m.region], m.interval);

  std::vector<double> rates(length);
  std::vector<std::vector<holding>> held(length);
  for (std::uint32_t region = 0; region < truth.regions.size(); ++region) {
    for (std::uint32_t resource = 0; resource < truth.resources.size(); ++resource) {
      truth_.rates(grid, resource, region, round.from, rates);
      for (std::size_t i = 0; i < length; ++i) {
        if (rates[i] < 1 - level) continue; // P(d >= 1) <= mean
        if (const auto units = poisson_quantile(rates[i], level); units > 0)
          held[i].push_back({resource, rates[i], units});
      }
    }
    for (std::size_t i = 0; i < length; ++i) {
      if (settings_->budgeted)
        if (auto fits = fit(held[i], budget_of_(truth.regions[region].name), settings_->costs(), truth);
            !fits)
          return fits;
      for (const auto& h : held[i]) {
        const auto key = (std::uint64_t{h.resource} << 32U) | region;
        const auto t = round.from + static_cast<std::int64_t>(i);
        if (!unknown.empty() && unknown.contains({key, t})) continue;
        const auto at = requests.find(key);
        const auto demand = at != requests.end() ? demand_at(at->second, t) : 0;
        const auto used = std::min(demand, h.units);
        sums.used += used;
        sums.cold -= used;
        sums.waste += h.units - used;
      }
      held[i].clear();
    }
  }
  score_.add(day, sums);
  return models::success();
}

} // namespace forestage::cluster
