#include "models/demand/rhythm.hpp"

#include "models/demand/gram.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

constexpr float enough = 4;            // requests an hour, from which on all keys weigh the same
constexpr double kept_a_day = 0.95170; // half-life 14 days

std::int64_t intervals_an_hour(const demand_settings& settings) {
  return std::max<std::int64_t>(1, 3'600 / settings.grid().seconds());
}

// Sums by hour of the week become those by hour of the day.
std::array<double, day_hours> by_day(const std::array<double, rhythm_hours>& week) {
  std::array<double, day_hours> day{};
  for (std::size_t h = 0; h < rhythm_hours; ++h)
    day[h % day_hours] += week[h];
  return day;
}

template <std::size_t N> void to_mean_one(std::array<double, N>& shape) {
  double sum = 0;
  for (const double x : shape)
    sum += x;
  for (double& x : shape)
    x = sum > 0 ? x * static_cast<double>(N) / sum : 1;
}

struct shape {
  std::array<double, day_hours> day{};
  std::array<double, rhythm_hours> week{};
};

// toward: what is believed before anything was seen.
shape shrunk(const std::array<double, rhythm_hours>& came, const std::array<double, rhythm_hours>& watched,
             const shape& toward) {
  constexpr double prior = rhythm_parameters::prior_hours;
  shape out;
  const auto day_came = by_day(came);
  const auto day_watched = by_day(watched);
  // Levels are those of the days before: a kind that grows has come more often than its level says.
  double all_came = 0;
  double all_watched = 0;
  for (std::size_t h = 0; h < day_hours; ++h) {
    all_came += day_came[h];
    all_watched += day_watched[h];
  }
  const double growth = all_came > 0 ? all_came / all_watched : 1;
  for (std::size_t h = 0; h < day_hours; ++h)
    out.day[h] = (day_came[h] / growth + prior * toward.day[h]) / (day_watched[h] + prior);
  to_mean_one(out.day);
  for (std::size_t h = 0; h < rhythm_hours; ++h) {
    const auto hour = h % day_hours;
    const double believed = out.day[hour] * toward.week[h] / std::max(1e-3, toward.day[hour]);
    out.week[h] = (came[h] / growth + prior * believed) / (watched[h] + prior);
  }
  to_mean_one(out.week);
  return out;
}

shape even() {
  shape s;
  s.day.fill(1);
  s.week.fill(1);
  return s;
}

} // namespace

std::size_t rhythm_hour(const demand_settings& settings, interval_number t) {
  return static_cast<std::size_t>(settings.slot(t).week_slot * settings.grid().seconds() / 3'600);
}

kind_sums& rhythm_statistics::sums_of(kind_number kind) {
  const auto at = std::lower_bound(kinds.begin(), kinds.end(), kind,
                                   [](const kind_sums& s, kind_number k) { return s.kind < k; });
  if (at != kinds.end() && at->kind == kind) return *at;
  return *kinds.insert(at, kind_sums{kind, {}, {}});
}

void rhythm_statistics::add(const demand_settings& settings, kind_number kind, interval_number from,
                            interval_number to, std::span<const cell> cells, float level) {
  auto& sums = sums_of(kind);
  const auto step = intervals_an_hour(settings);
  const float hourly = level * static_cast<float>(step);
  const auto pull = to_fixed(static_cast<double>(std::min(1.0F, hourly / enough)), unit);
  for (auto t = from; t < to; t = t + step) {
    auto& watched = sums.watched[rhythm_hour(settings, t)];
    watched = saturating_add(watched, pull);
  }
  const double per_request = 1 / static_cast<double>(std::max(hourly, enough));
  for (const auto& c : cells) {
    auto& came = sums.came[rhythm_hour(settings, c.interval)];
    // Ten times its level at most: a crowd is no rhythm.
    const double count =
        std::min(static_cast<double>(c.count), 10 * static_cast<double>(std::max(hourly, enough)));
    came = saturating_add(came, to_fixed(count * per_request, unit));
  }
}

void rhythm_statistics::merge(const rhythm_statistics& other) {
  for (const auto& theirs : other.kinds) {
    auto& ours = sums_of(static_cast<kind_number>(theirs.kind));
    for (std::size_t h = 0; h < rhythm_hours; ++h) {
      ours.came[h] = saturating_add(ours.came[h], theirs.came[h]);
      ours.watched[h] = saturating_add(ours.watched[h], theirs.watched[h]);
    }
  }
}

void rhythm_parameters::learn(const rhythm_statistics& sums) {
  for (auto& k : kinds_)
    for (std::size_t h = 0; h < rhythm_hours; ++h) {
      k.came[h] *= kept_a_day;
      k.watched[h] *= kept_a_day;
    }
  for (const auto& more : sums.kinds) {
    auto at = std::lower_bound(kinds_.begin(), kinds_.end(), more.kind,
                               [](const known& k, std::uint32_t kind) { return k.kind < kind; });
    if (at == kinds_.end() || at->kind != more.kind) at = kinds_.insert(at, known{more.kind, {}, {}});
    for (std::size_t h = 0; h < rhythm_hours; ++h) {
      at->came[h] += static_cast<double>(more.came[h]) / rhythm_statistics::unit;
      at->watched[h] += static_cast<double>(more.watched[h]) / rhythm_statistics::unit;
    }
  }
}

rhythm rhythm_parameters::of(kind_number kind) const {
  std::array<double, rhythm_hours> came{};
  std::array<double, rhythm_hours> watched{};
  const known* own = nullptr;
  for (const auto& k : kinds_) {
    if (kind != 0 && k.kind == kind) own = &k;
    for (std::size_t h = 0; h < rhythm_hours; ++h) {
      came[h] += k.came[h];
      watched[h] += k.watched[h];
    }
  }
  auto found = shrunk(came, watched, even());
  if (own != nullptr) found = shrunk(own->came, own->watched, found);
  rhythm out{};
  std::transform(found.week.begin(), found.week.end(), out.begin(),
                 [](double x) { return static_cast<float>(x); });
  return out;
}

std::array<float, day_hours> daily(std::span<const float, rhythm_hours> hours) {
  std::array<float, day_hours> day{};
  for (std::size_t h = 0; h < rhythm_hours; ++h)
    day[h % day_hours] += hours[h] * day_hours / rhythm_hours;
  return day;
}

float of_day_bin(const std::array<float, day_hours>& day, std::size_t bin, std::size_t bins) {
  // From the middle of one hour to that of the next.
  const float at = (static_cast<float>(bin) + 0.5F) * day_hours / static_cast<float>(bins) - 0.5F + day_hours;
  const auto low = static_cast<std::size_t>(at);
  const float part = at - static_cast<float>(low);
  return (1 - part) * day[low % day_hours] + part * day[(low + 1) % day_hours];
}

rhythm seed_of(const demand_settings& settings, const rhythm& kind, std::span<const cell> cells) {
  double came = 0;
  double usual = 0;
  for (const auto& c : cells.subspan(1))
    came += static_cast<double>(c.count);
  for (auto t = cells.front().interval + 1; t <= cells.back().interval; ++t)
    usual += static_cast<double>(kind[rhythm_hour(settings, t)]);
  const double level = came / std::max(1e-3, usual);
  rhythm expected{};
  for (std::size_t h = 0; h < rhythm_hours; ++h)
    expected[h] = static_cast<float>(level * static_cast<double>(kind[h]));
  return expected;
}

} // namespace forestage::models
