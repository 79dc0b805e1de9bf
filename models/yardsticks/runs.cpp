#include "models/yardsticks/runs.hpp"

namespace forestage::models::yardsticks {

// first_day_ is ceil((lead + 1) / per_day).
fractile_slots::fractile_slots(std::int64_t per_day, std::int64_t lead, double cost_under, double cost_over)
    : per_day_(per_day)
    , first_day_((lead + per_day) / per_day)
    , counts_(static_cast<std::size_t>(per_day * fractile_days))
    , sizes_(static_cast<std::size_t>(per_day))
    , touched_(static_cast<std::size_t>((per_day + 63) / 64)) {
  for (auto days = first_day_; days <= fractile_days; ++days) {
    const auto n = days - first_day_ + 1;
    places_[static_cast<std::size_t>(days)] =
        static_cast<std::size_t>(n - fractile_rank(cost_under, cost_over, n) + 1);
  }
}

void fractile_slots::gather(const key_round& round) {
  std::size_t next = 0;
  for (auto day = fractile_days; day >= first_day_; --day) {
    const auto start = round.from - day * per_day_;
    const auto stop = round.to - day * per_day_;
    for (next = first_at(round.known, next, start); next < round.own && round.known[next].offset < stop;
         ++next) {
      const auto slot = static_cast<std::size_t>(round.known[next].offset - start);
      counts_[slot * fractile_days + sizes_[slot]++] = round.known[next].count;
      touched_[slot / 64] |= std::uint64_t{1} << (slot % 64);
    }
  }
}

} // namespace forestage::models::yardsticks
