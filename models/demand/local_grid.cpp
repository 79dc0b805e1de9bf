#include "models/demand/local_grid.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace forestage::models {

local_grid::local_grid(interval_grid grid, std::vector<stretch> stretches)
    : grid_(grid)
    , stretches_(std::move(stretches)) {
  if (stretches_.empty()) stretches_.push_back({always, 0, 0, always});
}

result<local_grid> local_grid::make(interval_grid grid, const std::vector<utc_offset>& offsets) {
  constexpr std::int32_t farthest = 26 * 3'600;
  std::vector<stretch> stretches;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const auto& o = offsets[i];
    if (o.seconds < -farthest || o.seconds > farthest)
      return {errc::invalid_argument, "a time zone that is " + std::to_string(o.seconds) +
                                          " s from UTC: no more than 26 hours are possible"};
    if (i > 0 && o.from_second <= offsets[i - 1].from_second)
      return {errc::invalid_argument, "the changes of a time zone are not in order of time"};
    // The first interval that begins with this offset, and what its clock shows then.
    auto from = grid.at(o.from_second);
    if (grid.start(from) < o.from_second) ++from;
    const auto shift = grid.at(grid.start(from) + o.seconds) - from;
    if (stretches.empty()) {
      stretches.push_back({always, shift, 0, always});
      continue;
    }
    if (stretches.back().from == from) stretches.pop_back();
    const auto forward = shift - stretches.back().shift;
    if (forward == 0) continue; // less than an interval
    if (forward > 0)
      stretches.push_back({from, shift, forward, from});
    else
      stretches.push_back({from, shift, 0, from - forward});
  }
  return local_grid{grid, std::move(stretches)};
}

std::size_t local_grid::index_of(interval_number t) const noexcept {
  const auto after = std::upper_bound(stretches_.begin(), stretches_.end(), t,
                                      [](interval_number n, const stretch& s) { return n < s.from; });
  return static_cast<std::size_t>(after - stretches_.begin()) - 1;
}

interval_number local_grid::first_with(interval_number local) const noexcept {
  for (std::size_t i = 0; i + 1 < stretches_.size(); ++i) {
    const auto t = local - stretches_[i].shift;
    // What is skipped before the next stretch lies between the two clocks.
    if (t < stretches_[i + 1].from || local < stretches_[i + 1].from + stretches_[i + 1].shift) return t;
  }
  return local - stretches_.back().shift;
}

interval_number local_grid::next_change(interval_number t) const noexcept {
  if (constant()) return never;
  const auto next = index_of(t) + 1;
  return next < stretches_.size() ? stretches_[next].from : never;
}

} // namespace forestage::models
