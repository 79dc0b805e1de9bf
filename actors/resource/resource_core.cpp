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

constexpr std::uint8_t format_version = 2;

// The marginal benefits of a decision's units: exactly where units are few, at 128 levels of probability
// where they are many.
void append_steps(const run_settings& settings, const models::decision& d, std::int64_t cap, key_plan& plan) {
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
      const auto unit = std::clamp<std::int64_t>(std::llround(models::gamma_quantile(d, 1 - p)), 0, cap);
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
  if (!settings.threshold) return;
  const auto units = mean > settings.threshold->above ? std::llround(mean) : 0;
  out.threshold += models::score_interval(count, units);
  if (settings.budgeted && units > 0)
    region.threshold_runs.push_back({models::yardstick::none, t, t + 1, units});
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
                                       const std::vector<region_cells>& cells, bool traced) {
  for (const auto& region : cells)
    (void)key_of(region.region);
  resource_result out;
  out.idle = true;
  std::size_t next = 0;
  for (auto& k : keys_) {
    while (next < cells.size() && cells[next].region < k.region)
      ++next;
    const bool has = next < cells.size() && cells[next].region == k.region;
    advance_key(settings, round, k, has ? std::span<const cell>{cells[next].cells} : std::span<const cell>{},
                traced, out);
  }
  return out;
}

void resource_core::advance_key(const run_settings& settings, const round_context& round, key& k,
                                std::span<const cell> cells, bool traced, resource_result& out) {
  auto& work = workspace(settings.yardsticks);
  work.choose(round.tuned);
  region_result region{k.region, {}, {}, {}, {}};
  const bool evaluated = round.from >= settings.evaluation();
  k.yardsticks.advance(work, cells, round.from, round.to, out.yardsticks,
                       settings.budgeted && evaluated ? &region.runs : nullptr);
  out.idle = out.idle && k.yardsticks.idle(work, round.to, round.to + (std::int64_t{1} << 24));

  if (evaluated)
    for (const auto& c : cells)
      out.forecast.requests += c.count;
  advance_model(settings, round, k, cells, traced, region, out);
  if (!region.plan.units.empty() || !region.runs.empty() || !region.threshold_runs.empty() ||
      !region.said.empty())
    out.regions.push_back(std::move(region));
}

void resource_core::advance_model(const run_settings& settings, const round_context& round, key& k,
                                  std::span<const cell> cells, bool traced, region_result& region,
                                  resource_result& out) {
  const bool evaluated = round.from >= settings.evaluation();
  const auto& context = settings.models;
  const auto per_day = context.settings.per_day();

  std::size_t next = 0;
  bool created = false;
  if (!k.model) {
    // Until it has been active a few times, a key is only remembered.
    while (next < cells.size() && !k.model) {
      const auto& c = cells[next];
      std::erase_if(k.young, [&](const cell& old) { return old.interval < c.interval - 14 * per_day; });
      k.young.push_back(c);
      if (k.young.size() >= settings.active_to_model) {
        k.model = std::make_unique<key_model>(context, round.pool, k.young.front().interval);
        // The newest one is observed below, as any other.
        for (std::size_t i = 0; i + 1 < k.young.size(); ++i) {
          k.model->skip(context, k.young[i].interval);
          k.model->observe(context, static_cast<float>(k.young[i].count));
        }
        k.young = {};
        created = true;
        break;
      }
      if (evaluated) score(settings, nullptr, c.interval, c.count, traced, out, region);
      ++next;
    }
    if (!k.model) return;
  }

  auto& model = *k.model;
  // A new model decides nothing for the time before the request that made it: nobody could have known that it
  // would come.
  constexpr interval_number end_of_time{std::numeric_limits<std::int64_t>::max()};
  constexpr models::awake_span never{end_of_time, end_of_time};
  auto wakes = created ? never : model.wakes(context).value_or(never);
  for (auto t = std::max(model.next(), round.from); t < round.to; ++t) {
    const bool active = next < cells.size() && cells[next].interval == t;
    const bool awake = active || wakes.from <= t;
    if (!awake) {
      // What was decided before it fell asleep still stands.
      auto until = std::min(next < cells.size() ? cells[next].interval : round.to, wakes.from);
      if (const auto decided = model.next_pending()) until = std::min(until, *decided);
      if (until > t) {
        t = until - 1;
        continue;
      }
    }
    model.skip(context, t);
    if (awake && !created && model.refit_due(context)) model.refit(context, round.pool);
    const auto count = active ? cells[next].count : 0;
    if (active) ++next;
    if (evaluated) score(settings, model.pending(context, t), t, count, traced, out, region);
    model.observe(context, static_cast<float>(count));
    ++out.forecast.worked;
    if (!awake) continue;
    if (active || wakes.until <= model.next()) wakes = model.wakes(context).value_or(never);
    const auto decision = model.predict(context);
    if (decision.allocation <= 0 || decision.interval < settings.evaluation()) continue;
    const auto cap = std::min<std::int64_t>(decision.allocation, 2'000'000'000);
    if (settings.budgeted)
      append_steps(settings, decision, cap, region.plan);
    else
      region.plan.units.push_back({decision.interval, cap, 0, 0});
  }
  if (model.next() > round.from && context.settings.slot(round.to - 1).ends_day) {
    if (!out.pool) out.pool = std::make_unique<models::pool_statistics>();
    model.report(*out.pool);
  }
  out.idle = out.idle && cells.empty() && !model.next_pending() && wakes.from >= round.to + per_day;
}

void resource_core::write_to(std::string& bytes) const {
  const auto begin = bytes.size();
  models::byte_writer write{bytes};
  write(format_version, static_cast<std::uint64_t>(keys_.size()));
  for (const auto& k : keys_) {
    std::string yardsticks;
    k.yardsticks.write_to(yardsticks);
    write(k.region, static_cast<std::uint8_t>(k.model ? 1 : 0), k.young, yardsticks);
    if (k.model) write(*k.model);
  }
  models::seal(bytes, begin);
}

result<resource_core> resource_core::read_from(const run_settings& settings, std::string_view bytes) {
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
  resource_core core;
  for (std::uint64_t i = 0; i < size && read.ok(); ++i) {
    key k;
    std::uint8_t has_model = 0;
    std::string yardsticks;
    read(k.region, has_model, k.young, yardsticks);
    std::string_view rest = yardsticks;
    auto tracker = models::yardstick_tracker::read_from(rest);
    if (!read.ok() || !tracker) return damaged;
    k.yardsticks = std::move(*tracker);
    if (has_model != 0) {
      k.model = std::make_unique<key_model>();
      read(*k.model);
      if (!read.ok() || !k.model->fits(settings.models)) return damaged;
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
    sum += k.young.capacity() * sizeof(cell) + (k.model ? k.model->bytes() : 0);
  return sum;
}

} // namespace forestage::actors
