#include "actors/shard/shard_core.hpp"

#include <algorithm>
#include <utility>

namespace forestage::actors {

using models::cell;
using models::errc;
using models::result;

namespace {

// The place of a cell or planned interval in a vector that rises by interval.
template <class Vector> auto place_of(Vector& items, interval_number t) {
  return std::lower_bound(items.begin(), items.end(), t,
                          [](const auto& item, interval_number limit) { return item.interval < limit; });
}

// Entries come nearly in order.
void add_part(std::vector<models::segment_cell>& parts, const models::segment_cell& part) {
  const auto before = [](const models::segment_cell& a, const models::segment_cell& b) {
    return std::pair{a.interval, a.segment} < std::pair{b.interval, b.segment};
  };
  if (parts.empty() || before(parts.back(), part)) {
    parts.push_back(part);
    return;
  }
  const auto at = std::lower_bound(parts.begin(), parts.end(), part, before);
  if (at != parts.end() && !before(part, *at))
    at->count += part.count;
  else
    parts.insert(at, part);
}

std::vector<interval_range> merged(std::vector<interval_range> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const interval_range& a, const interval_range& b) { return a.from < b.from; });
  std::vector<interval_range> out;
  for (const auto& r : ranges) {
    if (!out.empty() && r.from <= out.back().to)
      out.back().to = std::max(out.back().to, r.to);
    else
      out.push_back(r);
  }
  return out;
}

// Adds a round's wishes to a plan.
void append(key_plan& plan, const key_plan& wishes) {
  const auto shift = static_cast<std::uint32_t>(plan.steps.size());
  for (auto u : wishes.units) {
    u.first_step += shift;
    u.last_step += shift;
    plan.units.push_back(u);
  }
  plan.steps.insert(plan.steps.end(), wishes.steps.begin(), wishes.steps.end());
}

} // namespace

resource_index shard_core::index_of(const models::resource_id& id) {
  const auto [at, fresh] = indices_.try_emplace(id, static_cast<resource_index>(resources_.size()));
  if (fresh) {
    resources_.emplace_back();
    resources_.back().id = id;
    resources_.back().traced = settings_->trace && settings_->trace->traces(id);
    resources_.back().kind = settings_->catalogue.kind_of(id.text());
  }
  return at->second;
}

region_number shard_core::number_of(const models::region_id& id) {
  const auto [at, fresh] =
      region_numbers_.try_emplace(id, region_number{static_cast<std::uint32_t>(regions_.size())});
  if (fresh) regions_.push_back(id);
  return at->second;
}

shard_core::region_state& shard_core::region_of(resource_state& resource, region_number region) {
  const auto at = std::lower_bound(resource.regions.begin(), resource.regions.end(), region,
                                   [](const region_state& r, region_number n) { return r.region < n; });
  if (at != resource.regions.end() && at->region == region) return *at;
  return *resource.regions.insert(at, region_state{.region = region, .cells = {}});
}

bool shard_core::fold_counts(const messages::event_counts& counts) {
  auto& highest = sessions_[counts.session];
  if (counts.sequence <= highest) return false;
  highest = counts.sequence;
  std::vector<resource_index> resources;
  for (const auto& id : counts.resources)
    resources.push_back(index_of(id));
  std::vector<region_number> regions;
  for (const auto& id : counts.regions)
    regions.push_back(number_of(id));
  std::vector<std::uint32_t> segments{0}; // unknown
  for (const auto& id : counts.segments)
    segments.push_back(settings_->segments.number_of(id.text()));
  for (const auto& m : counts.missing) {
    auto& resource = resources_[resources[m.resource]];
    region_of(resource, regions[m.region]).missing.push_back(m.interval);
    resource.has_cells = true;
  }
  for (const auto& e : counts.entries) {
    if (e.cell.count == 0) continue;
    auto& resource = resources_[resources[e.resource]];
    auto& cells = region_of(resource, regions[e.region]).cells;
    resource.has_cells = true;
    counted_ += e.cell.count;
    if (segments[e.segment] != 0)
      add_part(region_of(resource, regions[e.region]).parts,
               {e.cell.interval, e.cell.count, segments[e.segment]});
    if (cells.empty() || cells.back().interval < e.cell.interval) {
      cells.push_back(e.cell);
      continue;
    }
    const auto at = place_of(cells, e.cell.interval);
    if (at != cells.end() && at->interval == e.cell.interval)
      at->count += e.cell.count;
    else
      cells.insert(at, e.cell);
  }
  return true;
}

bool shard_core::fold_intents(const messages::intent_events& intents) {
  if (intents.empty()) return false;
  auto& highest = sessions_[intents.session];
  if (intents.sequence <= highest) return false;
  highest = intents.sequence;
  std::vector<resource_index> resources;
  for (const auto& id : intents.resources)
    resources.push_back(index_of(id));
  std::vector<region_number> regions;
  for (const auto& id : intents.regions)
    regions.push_back(number_of(id));
  for (const auto& d : intents.declarations) {
    auto& resource = resources_[resources[d.resource]];
    region_of(resource, regions[d.region]).declarations.push_back(d.is);
    resource.has_cells = true;
  }
  for (const auto& k : intents.kept) {
    auto& resource = resources_[resources[k.resource]];
    region_of(resource, regions[k.region]).kept.push_back(k.is);
    resource.has_cells = true;
  }
  return true;
}

messages::event_counts shard_core::fold_gathered(interval_number to) {
  auto gathered = inbox_.take(to);
  (void)fold_counts(gathered.counts);
  (void)fold_intents(gathered.intents);
  return std::move(gathered.counts);
}

std::vector<due_resource> shard_core::begin_round(const round_context& round) {
  context_ = round;
  region_table_ = std::make_shared<const region_table>(facts_of_regions());
  settled_ = false;
  pool_statistics_ = {};
  round_yardsticks_ = {};
  round_threshold_ = round_cost_ = round_no_intents_ = {};
  round_requests_ = round_worked_ = round_left_out_ = 0;
  views_.clear();
  std::vector<due_resource> due;
  for (resource_index i = 0; i < resources_.size(); ++i) {
    auto& resource = resources_[i];
    if (!resource.active && !resource.woken && !resource.has_cells) continue;
    resource.woken = false;
    due_resource d{i, {}, resource.traced};
    if (resource.has_cells)
      for (auto& region : resource.regions) {
        close_missing(region);
        round_left_out_ += static_cast<std::int64_t>(region.missing.size());
        if (!region.cells.empty() || !region.declarations.empty() || !region.kept.empty() ||
            !region.missing.empty())
          d.cells.push_back(
              {region.region, region.cells, region.declarations, region.kept, region.missing, region.parts});
      }
    due.push_back(std::move(d));
  }
  return due;
}

void shard_core::close_missing(region_state& region) {
  auto& missing = region.missing;
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  std::erase_if(missing, [&](interval_number t) {
    const auto at = place_of(region.cells, t);
    return at != region.cells.end() && at->interval == t;
  });
}

region_table shard_core::facts_of_regions() const {
  static const models::segment_parameters unlearned;
  const auto& shares = settings_->models.settings.without().pooling ? unlearned : context_.pool.segments;
  std::shared_ptr<const models::segment_prior> of_others; // regions may be many, those known are few
  const auto prior_of = [&](std::uint64_t id) {
    const auto make = [&] {
      return std::make_shared<const models::segment_prior>(shares.prior_of(id, settings_->segments.size()));
    };
    if (shares.knows(id)) return make();
    if (!of_others) of_others = make();
    return of_others;
  };
  region_table out;
  out.reserve(regions_.size());
  for (const auto& region : regions_) {
    std::vector<interval_range> ranges;
    for (const auto& o : context_.outages)
      if (o.everywhere || o.region == region.text()) ranges.push_back({o.from, o.to});
    const auto id = region.hash();
    out.push_back({settings_->clock_of(region), merged(std::move(ranges)), id, {}});
    if (!settings_->segments.empty()) out.back().segments = prior_of(id);
  }
  return out;
}

std::string shard_core::activate(resource_index i) {
  resources_[i].active = true;
  return std::exchange(resources_[i].passive, {});
}

void shard_core::passivate(resource_index i, std::string state) {
  resources_[i].active = false;
  resources_[i].passive = std::move(state);
}

std::vector<resource_index> shard_core::active_resources() const {
  std::vector<resource_index> out;
  for (resource_index i = 0; i < resources_.size(); ++i)
    if (resources_[i].active) out.push_back(i);
  return out;
}

void shard_core::absorb(resource_index i, resource_result r) {
  auto& resource = resources_[i];
  if (r.pool) pool_statistics_.merge(*r.pool);
  round_yardsticks_ += r.yardsticks;
  round_threshold_ += r.threshold;
  round_no_intents_ += r.no_intents;
  scores_.intents += r.intents;
  if (r.segments) scores_.segments += *r.segments;
  round_worked_ += r.forecast.worked;
  scores_.forecast += r.forecast;
  if (r.calibration) scores_.trace.add(*r.calibration);
  scores_.hindsight.merge(r.hindsight);
  for (auto& from : r.regions) {
    auto& region = region_of(resource, from.region);
    append(region.plans[0], from.plan);
    append(region.plans[1], from.without_intents);
    region.runs = std::move(from.runs);
    region.threshold_runs = std::move(from.threshold_runs);
    if (from.said.empty()) continue;
    if (const auto key = settings_->trace->find(resource.id, regions_[from.region.value()]))
      for (const auto& point : from.said)
        scores_.trace.add_forecast(*settings_->trace, *key, point);
  }
}

round_report shard_core::report() const {
  round_report out;
  out.number = context_.number;
  out.pool = pool_statistics_;
  out.warmup = scores_.warmup;
  if (!settled_ && context_.from < settings_->evaluation()) out.warmup += round_yardsticks_;
  out.key_intervals = round_worked_;
  std::vector<bool> wanted(regions_.size(), false);
  for (const auto& resource : resources_) {
    if (resource.active) ++out.active_resources;
    // Before the evaluation part nothing is planned and no yardstick is cut.
    if (!settings_->budgeted || context_.to + settings_->models.settings.horizon() <= settings_->evaluation())
      continue;
    for (const auto& region : resource.regions)
      if (!region.plans[0].units.empty() || !region.plans[1].units.empty() || !region.runs.empty() ||
          !region.threshold_runs.empty() || !region.cells.empty())
        wanted[region.region.value()] = true;
  }
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) out.regions.push_back(regions_[i]);
  return out;
}

const std::vector<models::candidate_set>& shard_core::candidates(const models::region_id& id,
                                                                 plan_kind kind) {
  const auto number = number_of(id);
  auto& sets = views_[number].candidates[static_cast<std::size_t>(kind)];
  if (!sets.empty()) return sets;
  sets.resize(static_cast<std::size_t>(context_.to - context_.from));
  const auto first = context_.from + settings_->models.settings.horizon();
  for (const auto& resource : resources_) {
    const auto region = std::lower_bound(resource.regions.begin(), resource.regions.end(), number,
                                         [](const region_state& r, region_number n) { return r.region < n; });
    if (region == resource.regions.end() || region->region != number) continue;
    const auto hash = resource.id.hash();
    const auto& plan = plan_of(*region, kind);
    for (auto u = place_of(plan.units, first); u != plan.units.end(); ++u)
      sets[static_cast<std::size_t>(u->interval - first)].add(
          resource.id.text(), hash,
          std::span{plan.steps}.subspan(u->first_step, u->last_step - u->first_step));
  }
  return sets;
}

result<std::vector<models::numbered_answer>>
shard_core::answer(const models::region_id& region, std::span<const models::numbered_request> requests,
                   plan_kind kind) {
  return models::answer(requests, candidates(region, kind));
}

std::vector<offered_resource> shard_core::offer(const models::region_id& id) const {
  std::vector<offered_resource> out;
  const auto number = region_numbers_.find(id);
  if (number == region_numbers_.end()) return out;
  for (const auto& resource : resources_)
    for (const auto& region : resource.regions)
      if (region.region == number->second &&
          (!region.runs.empty() || !region.threshold_runs.empty() || !region.cells.empty()))
        out.push_back({resource.id, region.runs, region.threshold_runs, region.cells, region.missing});
  return out;
}

void shard_core::price(const resource_state& resource, key_plan& plan,
                       std::span<const models::unit_price> prices) const {
  const auto first = context_.from + settings_->models.settings.horizon();
  const auto hash = resource.id.hash();
  for (auto u = place_of(plan.units, first); u != plan.units.end(); ++u) {
    const models::candidate wanted{
        resource.id.text(), hash, std::span{plan.steps}.subspan(u->first_step, u->last_step - u->first_step)};
    u->units = models::allocation_at(prices[static_cast<std::size_t>(u->interval - first)], wanted);
  }
}

models::unit_sums shard_core::score(key_plan& plan, const region_state& region) const {
  models::unit_sums out;
  auto c = region.cells.begin();
  auto& units = plan.units;
  auto u = units.begin();
  for (; u != units.end() && u->interval < context_.to; ++u) {
    while (c != region.cells.end() && c->interval < u->interval)
      ++c;
    if (std::binary_search(region.missing.begin(), region.missing.end(), u->interval)) continue;
    const bool hit = c != region.cells.end() && c->interval == u->interval;
    out += models::score_interval(hit ? c->count : 0, u->units);
  }
  units.erase(units.begin(), u);
  for (auto& left : units)
    left.first_step = left.last_step = 0;
  plan.steps.clear();
  return out;
}

void shard_core::score(region_state& region) {
  // What nothing was held for is cold as well: that is added up over the round.
  for (auto [sums, plan] : {std::pair{&round_cost_, plan_kind::real},
                            std::pair{&round_no_intents_, plan_kind::without_intents}}) {
    if (plan == plan_kind::without_intents && !settings_->prices_both()) continue;
    const auto scored = score(region.plans[static_cast<std::size_t>(plan)], region);
    sums->used += scored.used;
    sums->waste += scored.waste;
  }
  region.cells.clear();
  region.parts.clear();
  region.declarations.clear();
  region.kept.clear();
  region.missing.clear();
  region.runs.clear();
  region.threshold_runs.clear();
}

// For a report: the round's requests by hour of the week, and the curve of a traced key. Pre: the plan is
// fixed.
void shard_core::trace_outcome(const resource_state& resource, const region_state& region) {
  const auto& settings = *settings_->trace;
  const auto seconds = settings_->models.settings.grid().seconds();
  const auto key =
      resource.traced ? settings.find(resource.id, regions_[region.region.value()]) : std::nullopt;
  const auto& plan = plan_of(region, plan_kind::real).units;
  auto u = plan.begin();
  const auto until = place_of(plan, context_.to);
  const auto outcome = [&](interval_number t, std::int64_t demand, std::int64_t units) {
    if (std::binary_search(region.missing.begin(), region.missing.end(), t)) return;
    if (demand > 0)
      scores_.trace.add_hour(models::hour_of_week(t.value() * seconds), {demand, std::min(demand, units)});
    if (key) scores_.trace.add_outcome(settings, *key, t, demand, units);
  };
  for (const auto& c : region.cells) {
    for (; u != until && u->interval < c.interval; ++u)
      outcome(u->interval, 0, u->units);
    const bool planned = u != until && u->interval == c.interval;
    outcome(c.interval, c.count, planned ? u->units : 0);
    if (planned) ++u;
  }
  for (; u != until; ++u)
    outcome(u->interval, 0, u->units);
}

void shard_core::settle(std::span<const region_prices> prices, std::span<const region_outcome> outcomes) {
  std::unordered_map<std::uint32_t, const region_prices*> by_region;
  for (const auto& p : prices)
    by_region[number_of(p.region).value()] = &p;
  for (auto& resource : resources_) {
    for (auto& region : resource.regions) {
      for (const auto& c : region.cells)
        round_requests_ += c.count;
      if (const auto p = by_region.find(region.region.value()); p != by_region.end()) {
        price(resource, region.plans[0], p->second->prices);
        price(resource, region.plans[1], p->second->without_intents);
      }
      if (settings_->trace && context_.from >= settings_->evaluation()) trace_outcome(resource, region);
      score(region);
    }
    // A resource keeps no place for a region without a plan.
    std::erase_if(resource.regions,
                  [](const region_state& r) { return r.plans[0].units.empty() && r.plans[1].units.empty(); });
    resource.has_cells = false;
  }
  if (context_.from < settings_->evaluation()) {
    scores_.warmup += round_yardsticks_;
  } else {
    const auto& naive = round_yardsticks_.of(models::yardstick::last_day);
    scores_.forecast.naive_error += naive.cold + naive.waste;
    scores_.left_out += round_left_out_;
    const auto day = settings_->models.settings.grid().day(context_.from);
    round_cost_.cold = round_requests_ - round_cost_.used;
    scores_.policies[cost_policy].add(day, round_cost_);
    if (settings_->prices_both()) {
      round_no_intents_.cold = round_requests_ - round_no_intents_.used;
      scores_.policies[no_intents_index].add(day, round_no_intents_);
    }
    if (settings_->budgeted) {
      for (const auto& o : outcomes)
        for (std::size_t i = 0; i < policy_count; ++i)
          if (i != cost_policy && i != no_intents_index) scores_.policies[i].add(day, o.policies[i]);
    } else {
      scores_.add_yardsticks(day, round_yardsticks_);
      if (settings_->intents) scores_.policies[no_intents_index].add(day, round_no_intents_);
      if (settings_->threshold) scores_.policies[threshold_index].add(day, round_threshold_);
    }
  }
  views_.clear();
  settled_ = true;
}

std::vector<interval_plan> shard_core::plans() const {
  std::map<interval_number, interval_plan> out;
  for (const auto& resource : resources_)
    for (const auto& region : resource.regions)
      for (const auto& u : plan_of(region, plan_kind::real).units) {
        if (u.interval < context_.to || u.units <= 0) continue;
        auto& plan = out[u.interval];
        plan.interval = u.interval;
        plan.resources.push_back({resource.id, regions_[region.region.value()], u.units});
      }
  std::vector<interval_plan> all;
  for (auto& [interval, plan] : out)
    all.push_back(std::move(plan));
  return all;
}

std::int64_t shard_core::planned(const models::resource_id& resource, const models::region_id& region,
                                 interval_number t, plan_kind kind) const {
  const auto i = indices_.find(resource);
  const auto number = region_numbers_.find(region);
  if (i == indices_.end() || number == region_numbers_.end()) return 0;
  for (const auto& r : resources_[i->second].regions) {
    if (r.region != number->second) continue;
    const auto& units = plan_of(r, kind).units;
    const auto u = place_of(units, t);
    return u != units.end() && u->interval == t ? u->units : 0;
  }
  return 0;
}

} // namespace forestage::actors
