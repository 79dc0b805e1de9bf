// When the rounds of a live node close, and which intervals nobody can have counted in full. No clock:
// whoever asks says what time it is.
//
// An interval is complete `grace` after its end. A round closes every complete interval that is open, at most
// to the end of its UTC day. Invariants: rounds follow each other without a gap; none closes an interval
// before it is complete; a clock that goes back closes nothing.
#pragma once

#include "models/demand/outage_watch.hpp"
#include "models/interval.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace forestage::cluster {

struct closing_round {
  models::interval_number from{}, to{};
  friend bool operator==(const closing_round&, const closing_round&) = default;
};

// Unix milliseconds [from, to) in which the node took no requests.
struct down_span {
  std::int64_t from_ms = 0, to_ms = 0;
  friend bool operator==(const down_span&, const down_span&) = default;
};

class round_schedule {
public:
  // open: the first interval that is not closed.
  round_schedule(models::interval_grid grid, std::int64_t grace_ms, models::interval_number open)
      : grid_(grid)
      , grace_ms_(grace_ms)
      , open_(open) {}

  [[nodiscard]] models::interval_number open() const noexcept { return open_; }
  // The round that is to be closed at `now_ms` (unix); none: nothing is complete.
  [[nodiscard]] std::optional<closing_round> due(std::int64_t now_ms) const;
  // From when on it is.
  [[nodiscard]] std::int64_t due_from_ms() const noexcept;
  void closed(models::interval_number to) { open_ = to; }

private:
  models::interval_grid grid_;
  std::int64_t grace_ms_;
  models::interval_number open_;
};

// The intervals of a round of which more than a tenth lies in `downs`: their counts say too little. Rising,
// apart from each other.
[[nodiscard]] std::vector<models::outage> outages_in(const closing_round& round, models::interval_grid grid,
                                                     std::span<const down_span> downs);

} // namespace forestage::cluster
