#include "adapters/time_zones/time_zones.hpp"

#include <date/tz.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

namespace forestage::adapters {

using models::errc;
using models::result;

namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Insertions, deletions and replacements that make one of the other (Levenshtein 1966).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row[b.size()];
}

// The names most like it; a place alone ("berlin") is like Europe/Berlin.
std::string nearest(const std::string& wanted, const date::tzdb& known) {
  constexpr std::size_t shown = 3, longest = 64;
  const auto text = lower(std::string_view{wanted}.substr(0, longest));
  std::vector<std::pair<std::size_t, std::string>> all;
  for (const auto& zone : known.zones) {
    const auto name = lower(zone.name());
    if (name.starts_with("posix/") || name.starts_with("right/")) continue; // the same again
    const auto place = name.substr(name.rfind('/') + 1);
    all.emplace_back(std::min(distance(text, name), distance(text, place)), zone.name());
  }
  const auto count = std::min(shown, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end());
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += (i == 0 ? "" : i + 1 == count ? " or " : ", ") + all[i].second;
  return out;
}

} // namespace

result<std::vector<models::utc_offset>> offsets_of(const std::string& zone, std::int64_t from_second,
                                                   std::int64_t to_second) {
  const date::tzdb* known = nullptr;
  try {
    known = &date::get_tzdb();
  } catch (const std::exception& failure) {
    return {errc::storage_failed, std::string{"the time zones of this system cannot be read ("} +
                                      failure.what() + "): install the package tzdata"};
  }
  try {
    const auto* found = date::locate_zone(zone);
    std::vector<models::utc_offset> out;
    for (auto at = from_second; at <= to_second;) {
      const auto info = found->get_info(date::sys_seconds{std::chrono::seconds{at}});
      const auto seconds = static_cast<std::int32_t>(info.offset.count());
      if (out.empty() || out.back().seconds != seconds) out.push_back({at, seconds});
      const auto end = info.end.time_since_epoch().count();
      if (end <= at) break; // the last stretch
      at = end;
    }
    return out;
  } catch (const std::exception&) {
    return {errc::invalid_argument, "there is no time zone '" + zone + "'; like it are " +
                                        nearest(zone, *known) +
                                        " (IANA names: the files below /usr/share/zoneinfo)"};
  }
}

} // namespace forestage::adapters
