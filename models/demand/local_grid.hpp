// Local time on the interval grid: which local interval of a time zone an interval of the UTC grid is.
//
// The grid itself stays UTC: intervals are numbered, closed and evaluated in UTC. What repeats by the day and
// the week repeats in local time, so profiles number intervals by what a local clock shows when an interval
// begins. Where the offset is no multiple of the interval (India's +5:30 with hours) that is the local
// interval which holds this moment.
// On the day of a change a local interval occurs twice or not at all. Clocks set forward: the local intervals
// that are passed over are skipped; nothing is learned of them, and nothing is forgotten. Clocks set back:
// the local intervals come again; the first occurrence teaches the profiles, the repeated one does not.
// Whatever is not periodic (levels, averages, errors, costs) learns from every interval of the UTC grid.
// Value type, immutable; O(log changes) per question, and nothing where the zone has no change.
#pragma once

#include "models/interval.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace forestage::models {

// From this moment on, until the next one, local clocks are this far ahead of UTC.
struct utc_offset {
  std::int64_t from_second = 0; // unix
  std::int32_t seconds = 0;
  friend bool operator==(const utc_offset&, const utc_offset&) = default;
};

class local_grid {
public:
  // UTC.
  explicit local_grid(interval_grid grid)
      : local_grid(grid, {}) {}
  // offsets: rising by time; the first one holds before it, too; none: UTC. Errors: invalid_argument (not
  // rising, or more than 26 hours from UTC).
  [[nodiscard]] static result<local_grid> make(interval_grid grid, const std::vector<utc_offset>& offsets);

  // What the local clock shows at the beginning of t.
  [[nodiscard]] interval_number local(interval_number t) const noexcept { return t + at(t).shift; }
  // The first interval that shows it; for one that is skipped, the one that the offset before says.
  [[nodiscard]] interval_number first_with(interval_number local) const noexcept;

  // Whether the local interval of t has occurred before.
  [[nodiscard]] bool repeated(interval_number t) const noexcept { return t < at(t).repeats_until; }
  // The local intervals skipped between t - 1 and t.
  [[nodiscard]] std::int64_t skipped_before(interval_number t) const noexcept {
    const auto& s = at(t);
    return s.from == t ? s.skips : 0;
  }

  // The first interval of a stretch of constant offset that t lies in; of the next one.
  [[nodiscard]] interval_number changed(interval_number t) const noexcept { return at(t).from; }
  [[nodiscard]] interval_number next_change(interval_number t) const noexcept;
  // Where the repeated intervals that t lies among end.
  [[nodiscard]] interval_number repeats_until(interval_number t) const noexcept {
    return at(t).repeats_until;
  }
  [[nodiscard]] bool constant() const noexcept { return stretches_.size() == 1; }

  static constexpr interval_number never{std::numeric_limits<std::int64_t>::max() / 4};
  static constexpr interval_number always{std::numeric_limits<std::int64_t>::min() / 4};

private:
  // A span of constant offset.
  struct stretch {
    interval_number from{};
    std::int64_t shift = 0;          // local number - number
    std::int64_t skips = 0;          // local intervals passed over at its beginning
    interval_number repeats_until{}; // its intervals before this show what has been shown before
  };
  local_grid(interval_grid grid, std::vector<stretch> stretches);
  [[nodiscard]] const stretch& at(interval_number t) const noexcept {
    return constant() ? stretches_.front() : stretches_[index_of(t)];
  }
  [[nodiscard]] std::size_t index_of(interval_number t) const noexcept;

  interval_grid grid_;
  std::vector<stretch> stretches_; // the first one has no beginning
};

} // namespace forestage::models
