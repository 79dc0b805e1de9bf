#include "actors/resource/resource_core.hpp"

#include "models/demand/count_distribution.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace forestage::actors {

using models::cell;
using models::errc;
using models::key_model;
using models::result;

namespace {

constexpr std::uint8_t format_version = 7; // 7: segments

double large_quantile(const models::decision& d, double level) {
  return models::gamma_quantile(d, level);
}
double large_quantile(const models::intent_decision& d, double level) {
  return models::gamma_quantile(d.mean, d.dispersion, level);
}

// The marginal benefits of a decision's units: exactly where units are few, at 128 levels of probability
// where they are many. Curve: survival(span) and, for many units, large_quantile.
template <class Curve>
void append_steps(const run_settings& settings, const Curve& d, std::int64_t cap, key_plan& plan) {
  constexpr std::int64_t exact_up_to = 512;
  const auto costs = settings.costs();
  std::vector<models::benefit_step> steps;
  if (cap <= exact_up_to) {
    std::array<float, exact_up_to> survival;
    const auto used = std::span{survival}.first(static_cast<std::size_t>(cap));
    d.survival(used);
    steps = models::steps_of(std::span<const float>{used}, costs);
  } else {
    // Levels of the gamma approximation.
    constexpr int levels = 128;
    std::int64_t last = 0;
    for (int i = levels; i >= 1 && last < cap; --i) {
      const double p = (i - 0.5) / levels;
      const auto unit = std::clamp<std::int64_t>(std::llround(large_quantile(d, 1 - p)), 0, cap);
      if (unit > last) steps.push_back({static_cast<std::uint32_t>(unit), models::benefit_of(p, costs)});
      last = std::max(last, unit);
    }
    if (last < cap)
      steps.push_back({static_cast<std::uint32_t>(cap), models::benefit_of(0.25 / levels, costs)});
  }
  plan.units.push_back({d.interval, cap, static_cast<std::uint32_t>(plan.steps.size()),
                        static_cast<std::uint32_t>(plan.steps.size() + steps.size())});
  plan.steps.insert(plan.steps.end(), steps.begin(), steps.end());
}

template <class Curve>
void plan_units(const run_settings& settings, const Curve& curve, interval_number t, std::int64_t units,
                key_plan& plan) {
  const auto cap = std::min<std::int64_t>(units, 2'000'000'000);
  if (settings.budgeted)
    append_steps(settings, curve, cap, plan);
  else
    plan.units.push_back({t, cap, 0, 0});
}

// Scratch memory of the thread: it holds nothing from one key to the next, and is made anew when a thread
// turns to another run.
models::yardstick_workspace& workspace(const models::yardstick_settings& settings) {
  thread_local std::optional<models::yardstick_workspace> work;
  if (!work || work->settings() != settings) work = models::yardstick_workspace::make(settings).value();
  return *work;
}

// For a report.
void trace_said(const models::decision& said, interval_number t, std::uint32_t count, bool traced,
                resource_result& out, region_result& region) {
  if (!out.calibration) out.calibration = std::make_unique<models::calibration_sums>();
  const auto [below, at_most] = models::distribution_at(said, count);
  out.calibration->add(static_cast<double>(said.mean), {below, at_most});
  if (!traced) return;
  models::curve_point point;
  point.interval = t;
  point.mean = std::llround(static_cast<double>(said.mean) * models::curve_point::mean_unit);
  models::count_quantiles(said, models::curve_levels, point.quantiles);
  region.said.push_back(point);
}

constexpr interval_number end_of_time{std::numeric_limits<std::int64_t>::max()};

// The intervals of a key whose count is not known: of its region's outages, and those that the log leaves
// open.
class unknown_intervals {
public:
  unknown_intervals(std::span<const interval_range> outages, std::span<const interval_number> own)
      : outages_(outages)
      , own_(own) {}
  // The first one at t or later.
  [[nodiscard]] interval_number next(interval_number t) const {
    if (outages_.empty() && own_.empty()) return end_of_time;
    const auto outage = std::upper_bound(outages_.begin(), outages_.end(), t,
                                         [](interval_number n, const interval_range& r) { return n < r.to; });
    const auto own = std::lower_bound(own_.begin(), own_.end(), t);
    return std::min(outage == outages_.end() ? end_of_time : std::max(t, outage->from),
                    own == own_.end() ? end_of_time : *own);
  }
  // Whether the log itself leaves t open: nobody can say what a policy was worth in it.
  [[nodiscard]] bool left_open(interval_number t) const {
    return std::binary_search(own_.begin(), own_.end(), t);
  }

private:
  std::span<const interval_range> outages_;
  std::span<const interval_number> own_;
};

// Folds zeros up to `until`, except where nothing is known.
void skip_to(key_model& model, const models::model_context& context, interval_number until,
             const unknown_intervals& unknown) {
  for (auto t = unknown.next(model.next()); t < until; t = unknown.next(model.next())) {
    model.skip(context, t);
    model.miss(context);
  }
  model.skip(context, until);
}

// Whether a key that was active in these intervals gets a demand model: after a few of them; sooner, while
// the log is young, when they are so dense that a unit may pay in any interval.
bool deserves_model(const run_settings& settings, const std::vector<cell>& young) {
  if (young.size() >= settings.active_to_model) return true;
  const auto& demand = settings.models.settings;
  const auto watched =
      static_cast<double>(std::min(14 * demand.per_day(), young.back().interval - demand.first() + 1));
  if (static_cast<double>(young.size()) <= (1 - static_cast<double>(demand.fractile())) * watched)
    return false;
  std::int64_t requests = 0;
  for (const auto& c : young)
    requests += c.count;
  return young.size() >= settings.dense_to_model || requests >= settings.requests_to_model;
}

// The units of the threshold policy where this was said.
std::int64_t threshold_units(const run_settings& settings, const models::decision* said) {
  const double mean = said == nullptr ? 0 : static_cast<double>(said->mean);
  return mean > settings.threshold->above ? std::llround(mean) : 0;
}

// What the threshold policy holds takes its share of a budget, whether or not the count will be known.
void offer_threshold(const run_settings& settings, const models::decision* said, interval_number t,
                     region_result& region) {
  if (!settings.threshold || !settings.budgeted) return;
  if (const auto units = threshold_units(settings, said); units > 0)
    region.threshold_runs.push_back({models::yardstick::none, t, t + 1, units});
}

// Scores what a model said about an interval whose count is now known.
void score(const run_settings& settings, const models::decision* said, interval_number t, std::uint32_t count,
           bool traced, resource_result& out, region_result& region) {
  if (settings.trace && said != nullptr) trace_said(*said, t, count, traced, out, region);
  const double mean = said == nullptr ? 0 : static_cast<double>(said->mean);
  const auto allocation = said == nullptr ? 0 : said->allocation;
  out.forecast.absolute_error +=
      static_cast<std::int64_t>(std::llround(std::fabs(count - mean) * forecast_sums::unit));
  out.forecast.shortage += std::max<std::int64_t>(0, count - allocation);
  out.forecast.excess += std::max<std::int64_t>(0, allocation - count);
  if (said != nullptr) {
    ++out.forecast.key_intervals;
    if (count <= allocation) ++out.forecast.covered;
  }
  if (settings.intents && !settings.budgeted) out.no_intents += models::score_interval(count, allocation);
  if (!settings.threshold) return;
  out.threshold += models::score_interval(count, threshold_units(settings, said));
  offer_threshold(settings, said, t, region);
}

} // namespace

resource_core::key& resource_core::key_of(region_number region) {
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), region,
                                   [](const key& k, region_number r) { return k.region < r; });
  if (at != keys_.end() && at->region == region) return *at;
  key fresh;
  fresh.region = region;
  return *keys_.insert(at, std::move(fresh));
}

resource_result resource_core::advance(const run_settings& settings, const round_context& round,
                                       const std::vector<region_cells>& cells, bool traced,
                                       const region_table& regions) {
  for (const auto& region : cells)
    (void)key_of(region.region);
  resource_result out;
  out.idle = true;
  std::size_t next = 0;
  for (auto& k : keys_) {
    while (next < cells.size() && cells[next].region < k.region)
      ++next;
    const bool has = next < cells.size() && cells[next].region == k.region;
    const auto number = std::size_t{k.region.value()};
    advance_key(settings, round, number < regions.size() ? regions[number] : region_facts{}, k,
                has ? &cells[next] : nullptr, traced, out);
  }
  return out;
}

void resource_core::advance_key(const run_settings& settings, const round_context& round,
                                const region_facts& facts, key& k, const region_cells* has, bool traced,
                                resource_result& out) {
  const auto cells = has != nullptr ? std::span<const cell>{has->cells} : std::span<const cell>{};
  auto& work = workspace(settings.yardsticks);
  work.choose(round.tuned);
  region_result region;
  region.region = k.region;
  const bool evaluated = round.from >= settings.evaluation();
  k.yardsticks.advance(work, cells, round.from, round.to, out.yardsticks,
                       settings.budgeted && evaluated ? &region.runs : nullptr,
                       has != nullptr ? std::span{has->missing} : std::span<const interval_number>{});
  out.idle = out.idle && k.yardsticks.idle(work, round.to, round.to + (std::int64_t{1} << 24));

  if (evaluated)
    for (const auto& c : cells)
      out.forecast.requests += c.count;
  if (!k.intents && has != nullptr && !has->declarations.empty())
    k.intents = std::make_unique<models::intent_state>();
  if (facts.segments && !k.segments) k.segments = std::make_unique<models::segment_watch>();
  std::vector<models::decision> decisions;
  advance_model(settings, round, facts, k, has, traced, k.intents ? &decisions : nullptr, region, out);
  if (k.intents) advance_intents(settings, round, facts, k, has, decisions, region, out);
  if (!region.plan.units.empty() || !region.without_intents.units.empty() || !region.runs.empty() ||
      !region.threshold_runs.empty() || !region.said.empty())
    out.regions.push_back(std::move(region));
}

void resource_core::advance_model(const run_settings& settings, const round_context& round,
                                  const region_facts& facts, key& k, const region_cells* has, bool traced,
                                  std::vector<models::decision>* decisions, region_result& region,
                                  resource_result& out) {
  const auto cells = has != nullptr ? std::span<const cell>{has->cells} : std::span<const cell>{};
  const unknown_intervals unknown{facts.outages, has != nullptr ? std::span{has->missing}
                                                                : std::span<const interval_number>{}};
  const bool evaluated = round.from >= settings.evaluation();
  const auto& context = settings.models_at(facts.clock);
  const auto per_day = context.settings.per_day();

  std::size_t next = 0;
  bool created = false;
  interval_number made{}; // by the request of this interval, when it was created now
  if (!k.model) {
    // Until it has been active a few times, a key is only remembered.
    while (next < cells.size() && !k.model) {
      const auto& c = cells[next];
      std::erase_if(k.young, [&](const cell& old) { return old.interval < c.interval - 14 * per_day; });
      k.young.push_back(c);
      if (deserves_model(settings, k.young)) {
        k.model = std::make_unique<key_model>(context, round.pool, k.young.front().interval);
        if (!round.pool.rhythms.empty() && k.young.size() > 1 && !context.settings.without().pooling)
          k.model->seed(context, round.pool,
                        models::seed_of(context.settings, round.pool.rhythms.of(kind_), k.young));
        // The newest one is observed below, as any other.
        for (std::size_t i = 0; i + 1 < k.young.size(); ++i) {
          skip_to(*k.model, context, k.young[i].interval, unknown);
          k.model->observe(context, static_cast<float>(k.young[i].count));
          // What it would have said about the time that is known already is what its experts begin to be
          // judged by.
          if (k.young[i].interval + context.settings.horizon() < c.interval) (void)k.model->predict(context);
        }
        k.young = {};
        created = true;
        made = c.interval;
        break;
      }
      if (evaluated) score(settings, nullptr, c.interval, c.count, traced, out, region);
      observe_segments(settings, facts, k, has, c.interval, c.count, evaluated, out);
      ++next;
    }
    if (!k.model) return;
  }

  auto& model = *k.model;
  const float level_before = model.mean_so_far();
  // A new model decides nothing for the time before the request that made it: nobody could have known that it
  // would come.
  constexpr models::awake_span never{end_of_time, end_of_time};
  auto wakes = created ? never : model.wakes(context).value_or(never);
  for (auto t = std::max(model.next(), round.from); t < round.to; ++t) {
    const bool active = next < cells.size() && cells[next].interval == t;
    const bool awake = active || wakes.from <= t;
    const auto next_unknown = unknown.next(t);
    const bool missing = !active && next_unknown == t;
    const bool left_open = missing && unknown.left_open(t);
    if (!awake && !missing) {
      // What was decided before it fell asleep still stands.
      auto until =
          std::min({next < cells.size() ? cells[next].interval : round.to, wakes.from, next_unknown});
      if (const auto decided = model.next_pending()) until = std::min(until, *decided);
      if (until > t) {
        t = until - 1;
        continue;
      }
    }
    skip_to(model, context, t, unknown);
    if (awake && !created && model.refit_due(context)) model.refit(context, round.pool);
    const auto count = active ? cells[next].count : 0;
    if (active) ++next;
    if (evaluated) {
      // What a new model would have said of the past was said by nobody.
      const auto* said = created && t <= made ? nullptr : model.pending(context, t);
      if (left_open)
        offer_threshold(settings, said, t, region);
      else
        score(settings, said, t, count, traced, out, region);
      if (said != nullptr && settings.hindsight && !left_open)
        out.hindsight.add(t.value(), *model.pending_experts(t), static_cast<float>(said->allocation),
                          static_cast<float>(count), settings.costs());
    }
    if (left_open) {
      if (k.segments) k.segments->miss(t);
    } else if (active || model.pending(context, t) != nullptr)
      observe_segments(settings, facts, k, has, t, count, evaluated, out);
    // A resource that was passive catches up with what it missed: that is no work of any round.
    if (awake || model.pending(context, t) != nullptr) ++out.forecast.worked;
    if (missing)
      model.miss(context);
    else
      model.observe(context, static_cast<float>(count));
    if (!awake) continue;
    if (active || wakes.until <= model.next()) wakes = model.wakes(context).value_or(never);
    const auto decision = model.predict(context);
    if (k.segments && facts.segments) k.segments->decide(context, *facts.segments, decision);
    if (decisions != nullptr) decisions->push_back(decision);
    if (decision.allocation <= 0 || decision.interval < settings.evaluation()) continue;
    if (decisions == nullptr)
      plan_units(settings, decision, decision.interval, decision.allocation, region.plan);
    if (settings.prices_both())
      plan_units(settings, decision, decision.interval, decision.allocation, region.without_intents);
  }
  // Rounds end with UTC days, whatever the region's clock shows.
  if (model.next() > round.from && context.settings.grid().slot_of_day(round.to) == 0) {
    if (!out.pool) out.pool = std::make_unique<models::pool_statistics>();
    model.report(*out.pool);
    // Of what a key does on its first day, its level is not known yet.
    if (level_before > 0 && round.to - round.from == per_day && model.start() + per_day <= round.from)
      out.pool->rhythms.add(context.settings, kind_, round.from, round.to, cells, level_before);
  }
  out.idle = out.idle && cells.empty() && !model.next_pending() && wakes.from >= round.to + per_day;
}

void resource_core::observe_segments(const run_settings& settings, const region_facts& facts, key& k,
                                     const region_cells* has, interval_number t, std::uint32_t count,
                                     bool evaluated, resource_result& out) {
  if (!k.segments || !facts.segments) return;
  std::span<const models::segment_cell> parts;
  if (has != nullptr) {
    const auto [from, to] = std::equal_range(
        has->parts.begin(), has->parts.end(), models::segment_cell{t, 0, 0},
        [](const models::segment_cell& a, const models::segment_cell& b) { return a.interval < b.interval; });
    parts = {from, to};
  }
  const auto& demand = settings.models_at(facts.clock).settings;
  if (evaluated && !out.segments) out.segments = std::make_unique<models::segment_sums>();
  k.segments->observe(demand, *facts.segments, t, count, parts, evaluated ? out.segments.get() : nullptr);
  if (count == 0) return;
  if (!out.pool) out.pool = std::make_unique<models::pool_statistics>();
  std::int64_t rest = count;
  const auto hour = models::rhythm_hour(demand, t);
  for (const auto& part : parts) {
    out.pool->segments.add(facts.id, static_cast<models::segment_number>(part.segment), hour, part.count);
    rest -= part.count;
  }
  if (rest > 0) out.pool->segments.add(facts.id, 0, hour, rest);
}

void resource_core::advance_intents(const run_settings& settings, const round_context& round,
                                    const region_facts& facts, key& k, const region_cells* has,
                                    std::span<const models::decision> decisions, region_result& region,
                                    resource_result& out) {
  auto& forward = *k.intents;
  const auto& context = settings.forward;
  const auto& pooled = round.pool.intents;
  const auto dropped = forward.dropped();
  const unknown_intervals unknown{facts.outages, has != nullptr ? std::span{has->missing}
                                                                : std::span<const interval_number>{}};
  // Outages that it slept through.
  if (forward.folded() != interval_number{})
    for (auto t = unknown.next(forward.folded() + 1); t < round.from; t = unknown.next(t + 1))
      (void)forward.miss(context, t);
  models::intent_statistics shared;
  std::size_t cell_at = 0;
  std::size_t declared_at = 0;
  std::size_t kept_at = 0;
  std::size_t decision_at = 0;
  for (auto t = round.from; t < round.to; ++t) {
    std::uint32_t count = 0;
    std::int64_t in_time = 0;
    if (has != nullptr) {
      if (cell_at < has->cells.size() && has->cells[cell_at].interval == t)
        count = has->cells[cell_at++].count;
      for (; declared_at < has->declarations.size() && has->declarations[declared_at].made <= t;
           ++declared_at)
        forward.declare(has->declarations[declared_at]);
      for (; kept_at < has->kept.size() && has->kept[kept_at].came <= t; ++kept_at) {
        forward.keep(has->kept[kept_at]);
        if (has->kept[kept_at].in_time) in_time += has->kept[kept_at].count;
      }
    }
    const bool missing = count == 0 && unknown.next(t) == t;
    const auto scored = missing ? forward.miss(context, t) : forward.observe(context, t, count, shared);
    if (round.from >= settings.evaluation() && !(missing && unknown.left_open(t))) {
      auto& sums = out.intents;
      sums.requests += count;
      sums.in_time += in_time;
      sums.keys_intervals += scored.decided ? 1 : 0;
      sums.used += scored.used ? 1 : 0;
      const std::int64_t d = count;
      sums.cold += std::max<std::int64_t>(0, d - scored.with);
      sums.idle += std::max<std::int64_t>(0, scored.with - d);
      sums.cold_without += std::max<std::int64_t>(0, d - scored.without);
      sums.idle_without += std::max<std::int64_t>(0, scored.without - d);
    }
    const auto target = t + context.horizon;
    while (decision_at < decisions.size() && decisions[decision_at].interval < target)
      ++decision_at;
    const bool decided = decision_at < decisions.size() && decisions[decision_at].interval == target;
    const auto* base = decided ? &decisions[decision_at] : nullptr;
    const auto said = forward.decide(context, pooled, t, base);
    if (said.allocation <= 0 || target < settings.evaluation()) continue;
    if (said.used)
      plan_units(settings, said, target, said.allocation, region.plan);
    else
      plan_units(settings, *base, target, said.allocation, region.plan);
  }
  out.intents.dropped += forward.dropped() - dropped;
  if (shared != models::intent_statistics{}) {
    if (!out.pool) out.pool = std::make_unique<models::pool_statistics>();
    out.pool->intents += shared;
  }
  out.idle = out.idle && !forward.pending_after(round.to - 1);
}

void resource_core::write_to(std::string& bytes) const {
  const auto begin = bytes.size();
  models::byte_writer write{bytes};
  write(format_version, static_cast<std::uint64_t>(keys_.size()));
  for (const auto& k : keys_) {
    std::string yardsticks;
    k.yardsticks.write_to(yardsticks);
    write(k.region, static_cast<std::uint8_t>(k.model ? 1 : 0), static_cast<std::uint8_t>(k.intents ? 1 : 0),
          static_cast<std::uint8_t>(k.segments ? 1 : 0), k.young, yardsticks);
    if (k.model) write(*k.model);
    if (k.intents) write(*k.intents);
    if (k.segments) write(*k.segments);
  }
  models::seal(bytes, begin);
}

result<resource_core> resource_core::read_from(const run_settings& settings, std::string_view bytes,
                                               models::kind_number kind) {
  const models::error damaged{errc::invalid_data,
                              "the state of a resource is damaged: delete the shard's snapshots and refold"};
  if (!models::unseal(bytes)) return damaged;
  models::byte_reader read{bytes};
  std::uint8_t version = 0;
  std::uint64_t size = 0;
  read(version, size);
  if (version != format_version)
    return {errc::incompatible, "the state of a resource is of format " + std::to_string(version) + ", not " +
                                    std::to_string(format_version) + ": refold it from the roll-ups"};
  if (size > bytes.size()) return damaged;
  resource_core core{kind};
  for (std::uint64_t i = 0; i < size && read.ok(); ++i) {
    key k;
    std::uint8_t has_model = 0;
    std::uint8_t has_intents = 0;
    std::uint8_t has_segments = 0;
    std::string yardsticks;
    read(k.region, has_model, has_intents, has_segments, k.young, yardsticks);
    std::string_view rest = yardsticks;
    auto tracker = models::yardstick_tracker::read_from(rest);
    if (!read.ok() || !tracker) return damaged;
    k.yardsticks = std::move(*tracker);
    if (has_model != 0) {
      k.model = std::make_unique<key_model>();
      read(*k.model);
      if (!read.ok() || !k.model->fits(settings.models)) return damaged;
    }
    if (has_intents != 0) {
      k.intents = std::make_unique<models::intent_state>();
      read(*k.intents);
      if (!read.ok()) return damaged;
    }
    if (has_segments != 0) {
      k.segments = std::make_unique<models::segment_watch>();
      read(*k.segments);
      if (!read.ok() || !k.segments->fits(settings.segments.size())) return damaged;
    }
    if (!core.keys_.empty() && !(core.keys_.back().region < k.region)) return damaged;
    core.keys_.push_back(std::move(k));
  }
  if (!read.ok() || !read.rest().empty()) return damaged;
  return core;
}

std::size_t resource_core::bytes() const noexcept {
  std::size_t sum = sizeof *this + keys_.capacity() * sizeof(key);
  for (const auto& k : keys_)
    sum += k.young.capacity() * sizeof(cell) + (k.model ? k.model->bytes() : 0) +
           (k.intents ? k.intents->bytes() : 0) + (k.segments ? k.segments->bytes() : 0);
  return sum;
}

} // namespace forestage::actors
