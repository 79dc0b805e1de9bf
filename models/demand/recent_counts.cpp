#include "models/demand/recent_counts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace forestage::models {

namespace {

constexpr std::size_t prune_at_least = 64; // dropping from the front is amortised

// The interval that shows the same time as `at`, `days` later (earlier when negative).
std::int32_t days_later(const demand_settings& settings, std::int32_t at, std::int32_t days) {
  const auto ahead = days * settings.per_day();
  const auto& clock = settings.clock();
  if (clock.constant()) return at + static_cast<std::int32_t>(ahead);
  const auto then = clock.first_with(clock.local(settings.first() + at) + ahead);
  return static_cast<std::int32_t>(then - settings.first());
}

// The first interval from which on nothing is known of the next hit: there the clock changes, or has changed
// so lately that days are of different lengths.
std::int32_t plain_until(const demand_settings& settings, std::int32_t at) {
  const auto& clock = settings.clock();
  if (clock.constant()) return std::numeric_limits<std::int32_t>::max();
  const auto t = settings.first() + at;
  const auto long_past = (same_time_days + 2) * settings.per_day();
  if (t - clock.changed(t) < long_past) return at + 1;
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::min(most, clock.next_change(t) - settings.first()));
}

} // namespace

void recent_counts::observe(const demand_settings& settings, std::int32_t at, float count) {
  if (count <= 0) return;
  const auto per_day = static_cast<std::int32_t>(settings.per_day());
  // A count is of use until its time has come round on the 14th day, seen from the horizon.
  const auto oldest = std::min(at - same_time_days * per_day, days_later(settings, at, -same_time_days));
  if (counts_.size() >= prune_at_least && counts_[counts_.size() / 2].at < oldest) {
    const auto keep = std::lower_bound(counts_.begin(), counts_.end(), oldest,
                                       [](const past_count& c, std::int32_t limit) { return c.at < limit; });
    dropped_ += static_cast<std::uint32_t>(keep - counts_.begin());
    counts_.erase(counts_.begin(), keep);
    for (auto& cursor : cursors_)
      cursor = std::max(cursor, dropped_);
  }
  counts_.push_back({at, count});
  next_hit_ = std::min(next_hit_, days_later(settings, at, 1));

  const auto window_start = at - window_lengths.back();
  if (maxima_.size() >= prune_at_least && maxima_[maxima_.size() / 2].at <= window_start)
    maxima_.erase(maxima_.begin(), std::find_if(maxima_.begin(), maxima_.end(),
                                                [&](const past_count& c) { return c.at > window_start; }));
  while (!maxima_.empty() && maxima_.back().count <= count)
    maxima_.pop_back();
  maxima_.push_back({at, count});
}

same_time recent_counts::at_same_time(const demand_settings& settings, std::int32_t at) {
  same_time out;
  if (at < next_hit_) return out;
  const auto per_day = static_cast<std::int32_t>(settings.per_day());
  std::array<float, same_time_days> hits{};
  std::size_t hit_count = 0;
  std::int32_t next = std::numeric_limits<std::int32_t>::max();
  const past_count* const counts = counts_.data();
  const auto dropped = dropped_;
  const auto end = dropped + static_cast<std::uint32_t>(counts_.size());
  const bool constant = settings.clock().constant();
  const auto later = [&](std::int32_t from, std::int32_t days) {
    return constant ? from + days * per_day : days_later(settings, from, days);
  };
  for (std::int32_t day = 1; day <= same_time_days; ++day) {
    auto cursor = cursors_[static_cast<std::size_t>(day - 1)];
    const auto wanted = later(at, -day);
    while (cursor < end && counts[cursor - dropped].at < wanted)
      ++cursor;
    // A clock that is set back shows the same time again.
    while (cursor > dropped && counts[cursor - 1 - dropped].at >= wanted)
      --cursor;
    cursors_[static_cast<std::size_t>(day - 1)] = cursor;
    auto following = cursor;
    if (cursor < end && counts[cursor - dropped].at == wanted) {
      const float count = counts[cursor - dropped].count;
      hits[hit_count++] = count;
      if (day == 1) out.last_day = count;
      if (day == 7) out.last_week = count;
      ++following;
    }
    if (following < end)
      next = std::min(next, later(counts[following - dropped].at, day));
    else if (day == 1)
      next = std::min(next, later(at + 1, 1)); // a count that comes now is seen a day later
  }
  next_hit_ = std::min(next, plain_until(settings, at));

  const auto known = std::min<std::int32_t>(same_time_days, at / per_day);
  if (known <= 0) return out;
  const auto rank =
      std::max(1, static_cast<int>(std::ceil(static_cast<double>(settings.fractile()) * known - 1e-6)));
  const auto from_top = static_cast<std::size_t>(known - rank); // 0: the largest
  if (from_top >= hit_count) return out;
  std::nth_element(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(from_top),
                   hits.begin() + static_cast<std::ptrdiff_t>(hit_count), std::greater<>{});
  out.fractile = hits[from_top];
  return out;
}

std::array<float, window_count> recent_counts::window_maxima(std::int32_t at) const {
  std::array<float, window_count> out{};
  auto first = maxima_.size();
  for (std::size_t i = 0; i < window_count; ++i) {
    const auto start = at - window_lengths[i];
    while (first > 0 && maxima_[first - 1].at > start)
      --first;
    out[i] = first < maxima_.size() ? maxima_[first].count : 0;
  }
  return out;
}

std::size_t recent_counts::active_since(std::int32_t at, std::int64_t intervals) const {
  const auto start = at - static_cast<std::int32_t>(intervals);
  const auto from = std::upper_bound(counts_.begin(), counts_.end(), start,
                                     [](std::int32_t limit, const past_count& c) { return limit < c.at; });
  return static_cast<std::size_t>(counts_.end() - from);
}

std::optional<interval_span> recent_counts::next_repeated(const demand_settings& settings, std::int32_t from,
                                                          std::int32_t reach, int days) const {
  const auto per_day = static_cast<std::int32_t>(settings.per_day());
  const auto until = from + per_day + reach;
  // When the time of day of each past count comes round again, and how many days later that is.
  struct repetition {
    std::int32_t at;
    std::int32_t days;
  };
  std::vector<repetition> next;
  next.reserve(counts_.size() + 8);
  for (auto c = counts_.rbegin(); c != counts_.rend(); ++c) {
    const auto ahead = std::max(per_day, from - reach - c->at);
    auto later = (ahead + per_day - 1) / per_day;
    if (later > same_time_days) break;
    // Where the clock changes, a day may be shorter.
    while (later > 1 && days_later(settings, c->at, later - 1) >= from - reach)
      --later;
    for (auto day = later; day <= same_time_days; ++day) {
      const auto at = days_later(settings, c->at, day);
      if (at > until + reach) break;
      if (at >= from - reach) next.push_back({at, day});
    }
  }
  std::sort(next.begin(), next.end(), [](const repetition& a, const repetition& b) {
    return a.at != b.at ? a.at < b.at : a.days < b.days;
  });
  // A repetition counts for the intervals [at - reach, at + reach]: different days come and go with time.
  std::array<std::uint32_t, same_time_days + 1> inside{};
  int different = 0;
  std::size_t come = 0;
  std::size_t gone = 0;
  std::optional<std::int32_t> begin;
  while (gone < next.size()) {
    auto at = next[gone].at + reach + 1;
    if (come < next.size()) at = std::min(at, next[come].at - reach);
    for (; gone < come && next[gone].at + reach + 1 == at; ++gone)
      if (--inside[static_cast<std::size_t>(next[gone].days)] == 0) --different;
    for (; come < next.size() && next[come].at - reach == at; ++come)
      if (++inside[static_cast<std::size_t>(next[come].days)] == 1) ++different;
    if (!begin && at > until) break;
    if (!begin && different >= days) begin = std::max(from, at);
    if (begin && different < days) return interval_span{*begin, std::min(at, until + 1)};
  }
  return std::nullopt;
}

bool recent_counts::consistent() const noexcept {
  const auto end = static_cast<std::uint64_t>(dropped_) + counts_.size();
  for (const auto cursor : cursors_)
    if (cursor < dropped_ || cursor > end) return false;
  constexpr std::int32_t last_time = 1 << 30; // a day's worth of intervals may be added to any time
  const auto plausible = [](const std::vector<past_count>& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto& c = counts[i];
      if (c.at < 0 || c.at > last_time || !std::isfinite(c.count) || !(c.count > 0)) return false;
      if (i > 0 && counts[i - 1].at >= c.at) return false;
    }
    return true;
  };
  return plausible(counts_) && plausible(maxima_);
}

} // namespace forestage::models
