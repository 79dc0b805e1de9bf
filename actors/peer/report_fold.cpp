#include "actors/peer/report_fold.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace forestage::actors {

namespace {

constexpr std::int64_t ms_per_second = 1'000;
// Years from 1970 to 2400, in milliseconds: what lies beyond is no time of an event.
constexpr std::int64_t last_ms = 13'569'465'600'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// The resource that an event asks for, and how often; none: it asks for nothing.
struct asked {
  const std::string* resource = nullptr;
  std::uint32_t count = 0;
};

asked asked_by(const v1::Event& event) {
  if (event.has_request())
    return {&event.request().resource(), std::max<std::uint32_t>(1, event.request().count())};
  if (event.has_start())
    return {&event.start().resource(), std::max<std::uint32_t>(1, event.start().slots())};
  return {};
}

} // namespace

event_interval interval_of_event(std::int64_t event_ms, std::int64_t received_ms,
                                 models::interval_grid grid) noexcept {
  const auto interval_ms = grid.seconds() * ms_per_second;
  const auto own = floor_div(event_ms, interval_ms), last = floor_div(received_ms, interval_ms) + 1;
  return {models::interval_number{std::min(own, last)}, own > last};
}

folded_report fold_report(const v1::Report& report, const report_context& context) {
  folded_report out;
  auto& counts = out.counts;
  counts.session = context.session;
  counts.sequence = report.sequence();
  counts.provenance = context.provenance;
  const auto refuse = [&out](int event, const std::string& why) {
    if (out.refused++ == 0) out.first_refusal = "event " + std::to_string(event) + ": " + why;
  };
  std::map<std::pair<std::string, models::interval_number>, std::uint64_t> cells;
  for (int i = 0; i < report.events_size(); ++i) {
    const auto& event = report.events(i);
    if (event.what_case() == v1::Event::WHAT_NOT_SET) {
      refuse(i, "of a kind that this node does not know");
      continue;
    }
    const auto [resource, count] = asked_by(event);
    if (resource == nullptr) continue; // of a session's end, or its quality
    if (auto id = models::resource_id::make(*resource); !id) {
      refuse(i, id.failure().text);
      continue;
    }
    std::int64_t at = 0;
    if (__builtin_add_overflow(report.base_ms(), event.after_ms(), &at) || at < 0 || at > last_ms) {
      refuse(i, "its time is none since 1970");
      continue;
    }
    const auto [interval, ahead] = interval_of_event(at, context.received_ms, context.grid);
    if (ahead) out.ahead += count;
    cells[{*resource, interval}] += count;
    out.requests += count;
  }
  if (cells.empty()) return out;
  counts.regions.push_back(context.region);
  if (context.segment) counts.segments.push_back(*context.segment);
  for (const auto& [key, count] : cells) {
    if (counts.resources.empty() || counts.resources.back().text() != key.first)
      counts.resources.push_back(models::resource_id::make(key.first).value());
    messages::event_counts::entry entry;
    entry.resource = static_cast<std::uint32_t>(counts.resources.size() - 1);
    entry.cell.interval = key.second;
    entry.cell.count =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max()));
    entry.segment = context.segment ? 1 : 0;
    counts.entries.push_back(entry);
  }
  return out;
}

} // namespace forestage::actors
