// What a truth must satisfy, whoever made it: our own composition or a file.
#include "models/synthetic/rate_model.hpp"

#include <cmath>
#include <numeric>

namespace forestage::models::synthetic {
namespace {

status wrong(std::string text) {
  return {errc::invalid_data, std::move(text)};
}

bool within(double value, double low, double high) {
  return value >= low && value <= high;
} // false for NaN

} // namespace

status check_span(const parameters& all) {
  if (all.days < 1 || all.days > 3'660) return wrong("days must be 1 to 3660");
  if (all.first_day < -200'000 || all.first_day > 200'000)
    return wrong("the start is too far from the year 1970");
  return success();
}

status check(const parameters&, const region& item) {
  if (item.name.text().empty()) return wrong("a region needs a name");
  if (item.utc_offset_minutes < -14 * 60 || item.utc_offset_minutes > 14 * 60)
    return wrong("utc_offset_minutes must be -840 to 840");
  if (item.peers < 1 || item.peers > 0xffffffffU - item.first_peer)
    return wrong("peers must be at least 1, and their last number below 2^32");
  return success();
}

status check(const parameters&, const resource_class& item) {
  if (item.name.empty() || item.name.size() > max_name_bytes || !is_utf8(item.name))
    return wrong("a class needs a name of at most 256 bytes of UTF-8");
  if (!within(item.floor, 1e-6, 1e6)) return wrong("floor must be 0.000001 to 1000000");
  if (!within(item.weekend_factor, 0, 1e3)) return wrong("weekend_factor must be 0 to 1000");
  for (const auto& peak : item.peaks) {
    if (peak.minute >= minutes_per_day) return wrong("a peak's minute must be 0 to 1439");
    if (!within(peak.width_minutes, 1, minutes_per_day))
      return wrong("a peak's width must be 1 to 1440 minutes");
    if (!within(peak.height, 0, 1e6)) return wrong("a peak's height must be 0 to 1000000");
  }
  return success();
}

status check(const parameters& all, const resource& item) {
  if (item.class_number >= all.classes.size()) return wrong("its class does not exist");
  if (!within(item.rate, 0, 1e9)) return wrong("rate must be 0 to 1e9 requests a minute");
  if (item.born < 0 || item.dies > all.span_minutes() || item.born >= item.dies)
    return wrong("its life must be within the span: 0 <= born < dies <= " +
                 std::to_string(all.span_minutes()) + " minutes");
  if (item.shares.size() != all.regions.size())
    return wrong("it needs one share for each of the " + std::to_string(all.regions.size()) + " regions");
  const auto sum = std::accumulate(item.shares.begin(), item.shares.end(), std::uint64_t{0});
  if (sum != share_whole)
    return wrong("its shares must sum to " + std::to_string(share_whole) + ", not " + std::to_string(sum));
  return success();
}

status check(const parameters& all, const pulse& item) {
  if (item.resource >= all.resources.size()) return wrong("its resource does not exist");
  if (item.region >= all.regions.size()) return wrong("its region does not exist");
  if (item.first_minute < 0 || item.first_minute >= all.span_minutes())
    return wrong("it must start within the span");
  if (item.minutes < 1 || item.minutes > all.span_minutes())
    return wrong("its length must be 1 minute to the span's length");
  if (item.period_minutes != 0 && (item.period_minutes < item.minutes || item.period_minutes < 60 ||
                                   item.period_minutes > 366 * minutes_per_day))
    return wrong("its period must be 0 (once), or an hour to 366 days and not below its length");
  if (!within(item.decay_minutes, 0.1, 1e5)) return wrong("decay_minutes must be 0.1 to 100000");
  if (!within(item.height, 0, 1e9)) return wrong("height must be 0 to 1e9 requests a minute");
  return success();
}

status check(const parameters& all, const habit& item) {
  if (item.resource >= all.resources.size()) return wrong("its resource does not exist");
  if (item.region >= all.regions.size()) return wrong("its region does not exist");
  if (item.minute >= minutes_per_day) return wrong("its minute must be 0 to 1439");
  if (item.spread_minutes > 240) return wrong("spread_minutes must be 0 to 240");
  if (!within(item.strength, 0, 1e6)) return wrong("strength must be 0 to 1000000 requests a day");
  return success();
}

} // namespace forestage::models::synthetic
