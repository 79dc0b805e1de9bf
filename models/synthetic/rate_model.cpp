#include "models/synthetic/rate_model.hpp"

#include "models/synthetic/portable_math.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace forestage::models::synthetic {
namespace {

constexpr std::int64_t thursday = 3; // 1970-01-01, counted from Monday

double shape(const resource_class& of, std::int64_t minute_of_day) {
  double sum = of.floor;
  for (const auto& peak : of.peaks) {
    auto distance = std::abs(minute_of_day - static_cast<std::int64_t>(peak.minute));
    distance = std::min(distance, minutes_per_day - distance);
    const double x = static_cast<double>(distance) / peak.width_minutes;
    sum += peak.height * portable_exp(-x * x / 2);
  }
  return sum;
}

// The part of a pulse's weight that lies in its minutes [from, to): a geometric series.
double pulse_weight(double decay_minutes, std::int64_t from, std::int64_t to) {
  const double ratio = portable_exp(-1 / decay_minutes);
  return (portable_exp(-static_cast<double>(from) / decay_minutes) -
          portable_exp(-static_cast<double>(to) / decay_minutes)) /
         (1 - ratio);
}

// The part of a triangle of whole (spread + 1)^2 that lies below offset d (-spread .. spread + 1).
std::int64_t triangle_below(std::int64_t spread, std::int64_t d) {
  const auto n = std::clamp(d + spread, std::int64_t{0}, 2 * spread + 1); // minutes of it
  const auto rising = std::min(n, spread + 1);
  const auto falling = n - rising;
  return rising * (rising + 1) / 2 + falling * (2 * spread - falling + 1) / 2;
}

} // namespace

cycle_table::cycle_table(std::span<const resource_class> classes) {
  sums_.reserve(classes.size() * (minutes_per_week + 1));
  for (const auto& of : classes) {
    const auto begin = sums_.size();
    sums_.push_back(0);
    for (std::int64_t day = 0; day < 7; ++day)
      for (std::int64_t minute = 0; minute < minutes_per_day; ++minute)
        sums_.push_back(sums_.back() + shape(of, minute) * (day >= 5 ? of.weekend_factor : 1));
    const double scale = static_cast<double>(minutes_per_week) / sums_.back();
    for (auto i = begin; i < sums_.size(); ++i)
      sums_[i] *= scale;
  }
}

std::span<const double> cycle_table::sums(std::uint32_t class_number) const noexcept {
  return std::span{sums_}.subspan(class_number * static_cast<std::size_t>(minutes_per_week + 1),
                                  minutes_per_week + 1);
}

std::int64_t cycle_table::minute_of_week(std::int64_t unix_minute, std::int32_t utc_offset_minutes) noexcept {
  const auto rest = (unix_minute + utc_offset_minutes + thursday * minutes_per_day) % minutes_per_week;
  return rest < 0 ? rest + minutes_per_week : rest;
}

double cycle_table::integral(std::uint32_t class_number, std::int32_t utc_offset_minutes,
                             std::int64_t unix_minute, std::int64_t minutes) const noexcept {
  const auto sums = this->sums(class_number);
  const auto from = minute_of_week(unix_minute, utc_offset_minutes);
  const auto weeks = (from + minutes) / minutes_per_week;
  const auto to = (from + minutes) % minutes_per_week;
  const double sum = static_cast<double>(weeks) * sums.back() + sums[static_cast<std::size_t>(to)] -
                     sums[static_cast<std::size_t>(from)];
  return std::max(sum, 0.0); // across a week's end, rounding may leave less than nothing
}

double expected(const pulse& item, std::int64_t span_minutes, std::int64_t from, std::int64_t to) noexcept {
  to = std::min(to, span_minutes);
  if (to <= from || to <= item.first_minute) return 0;
  double sum = 0;
  const auto period = item.period_minutes;
  // The first occurrence that ends after `from`.
  const auto past = from - item.first_minute - item.minutes;
  auto start = item.first_minute;
  if (past >= 0) {
    if (period == 0) return 0;
    start += (past / period + 1) * period;
  }
  for (; start < to; start += period) {
    const auto a = std::max(from - start, std::int64_t{0});
    const auto b = std::min(to - start, item.minutes);
    if (a < b) sum += pulse_weight(item.decay_minutes, a, b);
    if (period == 0) break;
  }
  return item.height * sum;
}

double expected(const habit& item, std::int64_t from, std::int64_t to) noexcept {
  if (to <= from) return 0;
  const std::int64_t spread = item.spread_minutes;
  const auto day_floor = [](std::int64_t m) {
    return m >= 0 ? m / minutes_per_day : -((minutes_per_day - 1 - m) / minutes_per_day);
  };
  // The triangle is cyclic within the day, so a day holds all of it; count the parts of the copies around
  // each day touched.
  std::int64_t parts = 0;
  const auto whole_day = (spread + 1) * (spread + 1);
  const auto below = [&](std::int64_t minute) { // parts in [0, minute) of a day
    std::int64_t sum = 0;
    for (const auto middle :
         {static_cast<std::int64_t>(item.minute) - minutes_per_day, static_cast<std::int64_t>(item.minute),
          static_cast<std::int64_t>(item.minute) + minutes_per_day})
      sum += triangle_below(spread, minute - middle) - triangle_below(spread, -middle);
    return sum;
  };
  const auto first = day_floor(from);
  const auto last = day_floor(to);
  parts =
      (last - first) * whole_day + below(to - last * minutes_per_day) - below(from - first * minutes_per_day);
  return item.strength * static_cast<double>(parts) / static_cast<double>(whole_day);
}

rate_model::rate_model(parameters truth)
    : truth_(std::move(truth))
    , cycles_(truth_.classes) {}

result<rate_model> rate_model::make(parameters truth) {
  const auto place = [](std::string_view part, std::size_t i, const status& wrong) {
    return error{wrong.failure().code,
                 std::string{part} + " " + std::to_string(i) + ": " + wrong.failure().text};
  };
  if (const auto ok = check_span(truth); !ok) return ok.failure();
  if (truth.regions.empty() || truth.classes.empty() || truth.resources.empty())
    return {errc::invalid_data, "a truth needs at least one region, one class and one resource"};
  if (truth.regions.size() > 1'024 || truth.classes.size() > 64)
    return {errc::invalid_data, "a truth may have 1024 regions and 64 classes at most"};
  const auto all_right = [&](std::string_view part, const auto& items) -> std::optional<error> {
    for (std::size_t i = 0; i < items.size(); ++i)
      if (const auto ok = check(truth, items[i]); !ok) return place(part, i, ok);
    return std::nullopt;
  };
  if (auto wrong = all_right("region", truth.regions)) return *wrong;
  if (auto wrong = all_right("class", truth.classes)) return *wrong;
  if (auto wrong = all_right("resource", truth.resources)) return *wrong;
  if (auto wrong = all_right("pulse", truth.pulses)) return *wrong;
  if (auto wrong = all_right("habit", truth.habits)) return *wrong;

  rate_model made{std::move(truth)};
  for (std::uint32_t i = 0; i < made.truth_.regions.size(); ++i)
    if (!made.region_numbers_.emplace(made.truth_.regions[i].name.text(), i).second)
      return {errc::invalid_data, "region " + std::to_string(i) + ": its name is taken by another region"};
  made.resource_numbers_.reserve(made.truth_.resources.size());
  for (std::uint32_t i = 0; i < made.truth_.resources.size(); ++i)
    if (!made.resource_numbers_.emplace(made.truth_.resources[i].name.text(), i).second)
      return {errc::invalid_data,
              "resource " + std::to_string(i) + ": its name is taken by another resource"};
  const auto group = [&](grouping& into, const auto& items) {
    into.starts.assign(made.truth_.resources.size() + 1, 0);
    for (const auto& item : items)
      ++into.starts[item.resource + 1];
    for (std::size_t i = 1; i < into.starts.size(); ++i)
      into.starts[i] += into.starts[i - 1];
    auto next = into.starts;
    into.members.resize(items.size());
    for (std::uint32_t i = 0; i < items.size(); ++i)
      into.members[next[items[i].resource]++] = i;
  };
  group(made.pulses_, made.truth_.pulses);
  group(made.habits_, made.truth_.habits);
  return made;
}

std::optional<std::uint32_t> rate_model::find_resource(std::string_view name) const {
  const auto found = resource_numbers_.find(name);
  return found == resource_numbers_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<std::uint32_t> rate_model::find_region(std::string_view name) const {
  const auto found = region_numbers_.find(name);
  return found == region_numbers_.end() ? std::nullopt : std::optional{found->second};
}

std::span<const std::uint32_t> rate_model::pulses_of(std::uint32_t resource) const noexcept {
  return std::span{pulses_.members}.subspan(pulses_.starts[resource],
                                            pulses_.starts[resource + 1] - pulses_.starts[resource]);
}

std::span<const std::uint32_t> rate_model::habits_of(std::uint32_t resource) const noexcept {
  return std::span{habits_.members}.subspan(habits_.starts[resource],
                                            habits_.starts[resource + 1] - habits_.starts[resource]);
}

status rate_model::rates(const interval_grid& grid, std::string_view resource, std::string_view region,
                         interval_number first, std::span<double> out) const {
  if (grid.seconds() % 60 != 0)
    return {errc::invalid_argument,
            "the truth of a synthetic log is known by the minute; use an interval of whole minutes, not " +
                std::to_string(grid.seconds()) + " s"};
  const auto resource_number = find_resource(resource);
  if (!resource_number)
    return {errc::not_found, "the truth does not know the resource '" + std::string{resource} +
                                 "'; use the truth that was written together with this log"};
  const auto region_number = find_region(region);
  if (!region_number)
    return {errc::not_found, "the truth does not know the region '" + std::string{region} +
                                 "'; use the truth that was written together with this log"};
  rates(grid, *resource_number, *region_number, first, out);
  return success();
}

void rate_model::add_cycle(std::uint32_t resource, std::uint32_t region, std::int64_t from, std::int64_t step,
                           std::span<double> out) const {
  const auto& of = truth_.resources[resource];
  const double rate = of.rate * of.shares[region] / share_whole;
  if (rate == 0) return;
  const auto offset = truth_.regions[region].utc_offset_minutes;
  const auto origin = truth_.first_day * minutes_per_day;
  const auto sums = cycles_.sums(of.class_number);
  const auto step_of_week = static_cast<std::size_t>(step);
  for (std::size_t i = 0; i < out.size();) {
    const auto begin = std::max(from, of.born);
    const auto end = std::min(from + step, of.dies);
    auto week = static_cast<std::size_t>(cycle_table::minute_of_week(origin + from, offset));
    // The run of intervals that lie in the life and in this week as a whole: the common case, without a
    // branch inside.
    const auto fit = static_cast<std::int64_t>((minutes_per_week - static_cast<std::int64_t>(week)) / step);
    const auto run = begin == from
                         ? std::min({fit, (of.dies - from) / step, static_cast<std::int64_t>(out.size() - i)})
                         : 0;
    if (run <= 0) {
      if (begin < end)
        out[i] += rate * cycles_.integral(of.class_number, offset, origin + begin, end - begin);
      ++i;
      from += step;
      continue;
    }
    for (auto before = sums[week]; auto& value : out.subspan(i, static_cast<std::size_t>(run))) {
      const auto after = sums[week += step_of_week];
      value += rate * (after - before);
      before = after;
    }
    i += static_cast<std::size_t>(run);
    from += run * step;
  }
}

void rate_model::rates(const interval_grid& grid, std::uint32_t resource, std::uint32_t region,
                       interval_number first, std::span<double> out) const {
  const auto step = grid.seconds() / 60;
  const auto from = grid.start(first) / 60 - truth_.first_day * minutes_per_day;
  const auto& of = truth_.resources[resource];
  std::fill(out.begin(), out.end(), 0.0);
  add_cycle(resource, region, from, step, out);
  // Adds to the intervals, each once, that are touched by windows of `length` at start, start + period, …
  const auto add = [&](std::int64_t start, std::int64_t length, std::int64_t period,
                       const auto& item_expected) {
    const auto count = static_cast<std::int64_t>(out.size());
    if (const auto past = from - start - length; past >= 0 && period > 0)
      start += (past / period + 1) * period;
    for (std::int64_t done = 0; done < count && start < from + count * step; start += period) {
      const auto last = std::min(count, (start + length - from + step - 1) / step);
      for (auto n = std::max(done, (start - from) / step); n < last; ++n) {
        const auto begin = std::max(from + n * step, of.born);
        const auto end = std::min(from + (n + 1) * step, of.dies);
        if (begin < end) out[static_cast<std::size_t>(n)] += item_expected(begin, end);
      }
      done = std::max(done, last);
      if (period == 0) break;
    }
  };
  for (const auto number : pulses_of(resource))
    if (const auto& item = truth_.pulses[number]; item.region == region)
      add(item.first_minute, item.minutes, item.period_minutes,
          [&](std::int64_t a, std::int64_t b) { return expected(item, truth_.span_minutes(), a, b); });
  for (const auto number : habits_of(resource))
    if (const auto& item = truth_.habits[number]; item.region == region) {
      const std::int64_t spread = item.spread_minutes;
      // From the day before the span on, whose triangle may reach into it: habits are cyclic.
      add(item.minute - spread - minutes_per_day, 2 * spread + 1, minutes_per_day,
          [&](std::int64_t a, std::int64_t b) { return expected(item, a, b); });
    }
}

double rate_model::expected_requests() const {
  double sum = 0;
  const auto origin = truth_.first_day * minutes_per_day;
  for (const auto& of : truth_.resources)
    for (std::size_t g = 0; g < truth_.regions.size(); ++g)
      if (of.shares[g] != 0)
        sum += of.rate * of.shares[g] / share_whole *
               cycles_.integral(of.class_number, truth_.regions[g].utc_offset_minutes, origin + of.born,
                                of.dies - of.born);
  for (const auto& item : truth_.pulses)
    sum += expected(item, truth_.span_minutes(), truth_.resources[item.resource].born,
                    truth_.resources[item.resource].dies);
  for (const auto& item : truth_.habits)
    sum += expected(item, truth_.resources[item.resource].born, truth_.resources[item.resource].dies);
  return sum;
}

} // namespace forestage::models::synthetic
