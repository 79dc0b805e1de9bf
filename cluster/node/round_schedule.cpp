#include "cluster/node/round_schedule.hpp"

#include <algorithm>

namespace forestage::cluster {

using models::interval_number;

namespace {

constexpr std::int64_t ms_per_second = 1'000;

std::int64_t start_ms(models::interval_grid grid, interval_number n) {
  return grid.start(n) * ms_per_second;
}

// Of [from, to): milliseconds that some span covers.
std::int64_t covered(std::int64_t from, std::int64_t to, std::vector<down_span> downs) {
  std::sort(downs.begin(), downs.end(), [](const auto& a, const auto& b) { return a.from_ms < b.from_ms; });
  std::int64_t sum = 0, until = from;
  for (const auto& d : downs) {
    const auto begin = std::max(d.from_ms, until), end = std::min(d.to_ms, to);
    if (end <= begin) continue;
    sum += end - begin;
    until = end;
  }
  return sum;
}

} // namespace

std::optional<closing_round> round_schedule::due(std::int64_t now_ms) const {
  if (now_ms < due_from_ms()) return std::nullopt;
  const auto complete_ms = now_ms - grace_ms_;
  const auto seconds = complete_ms / ms_per_second - (complete_ms % ms_per_second < 0 ? 1 : 0);
  const auto day_end = open_ + (grid_.per_day() - grid_.slot_of_day(open_));
  return closing_round{open_, std::min(grid_.at(seconds), day_end)};
}

std::int64_t round_schedule::due_from_ms() const noexcept {
  return start_ms(grid_, open_ + 1) + grace_ms_;
}

std::vector<models::outage> outages_in(const closing_round& round, models::interval_grid grid,
                                       std::span<const down_span> downs) {
  constexpr std::int64_t tenth = 10;
  std::vector<models::outage> out;
  for (auto n = round.from; n < round.to; ++n) {
    const auto from = start_ms(grid, n), to = start_ms(grid, n + 1);
    if (tenth * covered(from, to, {downs.begin(), downs.end()}) <= to - from) continue;
    if (!out.empty() && out.back().to == n)
      out.back().to = n + 1;
    else
      out.push_back({n, n + 1});
  }
  return out;
}

} // namespace forestage::cluster
