#include "models/demand/outage_watch.hpp"

#include <algorithm>

namespace forestage::models {

namespace {

constexpr std::int64_t seconds_per_hour = 3'600;
constexpr std::int64_t weeks_back = 2;
constexpr std::int64_t hours_around = 3;
constexpr std::int64_t hours_to_be_sure = 2;
constexpr std::size_t most_regions = 256; // that are watched one by one

} // namespace

silence_watch::silence_watch(interval_grid grid, std::int64_t silent)
    : hour_(std::max<std::int64_t>(1, seconds_per_hour / grid.seconds()))
    , per_day_(grid.per_day())
    , per_week_(grid.per_week())
    , works_(grid.seconds() <= seconds_per_hour)
    , totals_(works_ ? static_cast<std::size_t>(weeks_back * per_week_ + (hours_around + 1) * hour_) : 1)
    , next_(silent)
    , silent_(silent) {}

std::int64_t silence_watch::hour_from(std::int64_t at) {
  if (at < 0) return -1;
  std::int64_t sum = 0;
  for (auto i = at; i < at + hour_; ++i) {
    const auto total = place(i);
    if (total == unknown) return -1;
    sum += total;
  }
  return sum;
}

std::int64_t silence_watch::least_hour(std::int64_t at) {
  std::int64_t least = -1;
  for (std::int64_t week = 1; week <= weeks_back; ++week)
    for (std::int64_t hour = -hours_around; hour < hours_around; ++hour) {
      const auto sum = hour_from(at - week * per_week_ + hour * hour_);
      if (sum >= 0 && (least < 0 || sum < least)) least = sum;
    }
  return std::max<std::int64_t>(0, least);
}

bool silence_watch::observe(std::int64_t total, bool known) {
  if (!works_) return false;
  const auto at = next_++;
  constexpr std::int64_t most = unknown - std::int64_t{1};
  place(at) = known ? static_cast<std::uint32_t>(std::min(total, most)) : unknown;
  if (total > 0) {
    if (silent_ > 0 && !out_) longest_ = std::max(longest_, expected_);
    silent_ = 0;
    out_ = false;
    return false;
  }
  if (silent_++ == 0) {
    before_ = std::max<std::int64_t>(0, hour_from(at - hour_));
    expected_ = 0;
  }
  if (!known) return false;
  // It began when silence was usual, or after an hour too quiet to tell.
  if (!out_ && (silent_ > hours_to_be_sure * hour_ || hours_to_be_sure * before_ < surely_heard))
    return false;
  if (silent_ > per_day_) return false; // it is believed
  const auto hour = least_hour(at);
  if (!out_) {
    expected_ += std::min(hour, before_);
    out_ = expected_ >= std::max(surely_heard * hour_, 2 * longest_);
  }
  if (!out_ || hour < surely_heard) return false;
  place(at) = unknown;
  return true;
}

bool outage_watch::watches(std::string_view region) const {
  return regions_.size() < most_regions || regions_.find(region) != regions_.end();
}

std::vector<outage> outage_watch::fold(interval_number from, const totals& round) {
  for (const auto& [region, counts] : round.regions)
    if (watches(region)) regions_.try_emplace(region, grid_, folded_);
  const auto length = static_cast<std::int64_t>(round.all.size());
  folded_ += length;
  std::vector<outage> out;
  const auto held = [&](std::int64_t i, const std::string* region) {
    const auto t = from + i;
    const auto open = std::find_if(out.rbegin(), out.rend(), [&](const outage& o) {
      return o.to == t && o.everywhere == (region == nullptr) && (region == nullptr || o.region == *region);
    });
    if (open != out.rend())
      open->to = t + 1;
    else
      out.push_back({t, t + 1, region == nullptr, region == nullptr ? std::string{} : *region});
  };
  for (std::int64_t i = 0; i < length; ++i) {
    const auto total = round.all[static_cast<std::size_t>(i)];
    const bool all = all_.observe(total);
    if (all) held(i, nullptr);
    // With one region, its silence is that of the log.
    if (regions_.size() < 2) {
      for (auto& [region, watch] : regions_)
        watch.observe(total, !all);
      continue;
    }
    for (auto& [region, watch] : regions_) {
      const auto counts = round.regions.find(region);
      const auto here = counts == round.regions.end() ? 0 : counts->second[static_cast<std::size_t>(i)];
      if (watch.observe(here, !all)) held(i, &region);
    }
  }
  return out;
}

} // namespace forestage::models
