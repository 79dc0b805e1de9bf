// Allocations as runs: each yardstick of a key, turned from its non-zero counts into the spans where it holds
// something ready.
//
// Every function emits emit(allocation, from, to) with allocation > 0, ascending, disjoint, inside the round;
// where nothing is emitted the allocation is 0. Offsets are intervals since the log's first. Work grows with
// the counts that matter to the round, never with its length. Internal to models/yardsticks. Pure.
#pragma once

#include "models/interval.hpp"
#include "models/yardsticks/fractile.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace forestage::models::yardsticks {

// A non-zero count, 8 bytes: a run over 800,000 keys keeps 14 days of them.
struct stored_cell {
  std::int32_t offset = 0; // intervals since the log's first
  std::uint32_t count = 0;
  friend bool operator==(const stored_cell&, const stored_cell&) = default;
};

inline constexpr std::int64_t fractile_days = 14;

// One round of a key: the intervals [from, to), at most a day, and what is known at its end.
struct key_round {
  std::span<const stored_cell> known; // ascending; the round's own counts included
  std::size_t own = 0;                // the first of `known` that lies in the round
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t lead = 0;
  std::span<const interval_number>
      missing{};           // ascending: what is not known even now, in the round and around
  interval_number first{}; // of the log

  [[nodiscard]] std::span<const stored_cell> own_cells() const noexcept { return known.subspan(own); }
};

// The first of `cells` from index `start` on whose offset is at least `offset`: galloping, so that a near one
// is found at once.
[[nodiscard]] inline std::size_t first_at(std::span<const stored_cell> cells, std::size_t start,
                                          std::int64_t offset) noexcept {
  std::size_t step = 1;
  auto low = start;
  auto high = start;
  while (high < cells.size() && cells[high].offset < offset) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = std::min(high, cells.size());
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (cells[middle].offset < offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// max d[t-L-W .. t-L-1]: each count holds from t = u+L+1 to u+L+W. A monotone queue keeps the counts that are
// not yet dominated by a newer one at least as large, so its front is the maximum. `queue` is scratch of at
// least known.size().
template <class Emit>
void window_runs(const key_round& round, std::int64_t window, std::span<stored_cell> queue, Emit& emit) {
  const auto enters_after = round.lead + 1;
  const auto leaves_after = enters_after + window;
  auto next = round.own;
  while (next > 0 && round.known[next - 1].offset + leaves_after > round.from)
    --next;
  std::size_t head = 0;
  std::size_t tail = 0;
  auto at = round.from; // everything before is emitted
  const auto emit_front_until = [&](std::int64_t until) {
    if (until <= at) return;
    emit(static_cast<std::int64_t>(queue[head].count), at, until);
    at = until;
  };
  for (; next < round.known.size(); ++next) {
    const auto cell = round.known[next];
    const auto enters = cell.offset + enters_after;
    if (enters >= round.to) break;
    for (; head < tail && queue[head].offset + leaves_after <= enters; ++head)
      emit_front_until(queue[head].offset + leaves_after);
    if (head == tail) {
      at = std::max(at, enters);
    } else if (cell.count > queue[head].count) {
      emit_front_until(enters);
      tail = head;
    } else {
      while (tail > head && queue[tail - 1].count <= cell.count)
        --tail;
    }
    queue[tail++] = cell;
  }
  for (; head < tail && at < round.to; ++head)
    emit_front_until(std::min(queue[head].offset + leaves_after, round.to));
}

// d[t-shift]; nothing when the lead makes it unknown.
template <class Emit> void shifted_runs(const key_round& round, std::int64_t shift, Emit& emit) {
  if (shift < round.lead + 1) return;
  const auto before = [](const stored_cell& cell, std::int64_t offset) { return cell.offset < offset; };
  auto cell = std::lower_bound(round.known.begin(), round.known.end(), round.from - shift, before);
  for (; cell != round.known.end() && cell->offset + shift < round.to; ++cell)
    emit(static_cast<std::int64_t>(cell->count), cell->offset + shift, cell->offset + shift + 1);
}

// The tau-fractile of d[t-j*day], j = 1 .. 14. A slot (t - from) takes part in at most 14 counts; only slots
// with as many non-zero counts as the fractile's place from the top are worth looking at.
class fractile_slots {
public:
  // Preconditions: as fractile_rank; per_day >= 1.
  fractile_slots(std::int64_t per_day, std::int64_t lead, double cost_under, double cost_over);

  template <class Emit> void runs(const key_round& round, Emit& emit) {
    gather(round);
    // How many of the 14 days lie in the log: it grows by one within the round, at `grows`.
    const auto days = round.from / per_day_;
    const auto grows = (days + 1) * per_day_ - round.from;
    const std::array places{place_from_top(days), place_from_top(days + 1)};
    const auto words = static_cast<std::size_t>((round.to - round.from + 63) / 64);
    for (std::size_t word = 0; word < words; ++word) {
      for (auto bits = touched_[word]; bits != 0; bits &= bits - 1) {
        const auto slot = static_cast<std::int64_t>(word * 64) + std::countr_zero(bits);
        const auto place = places[slot < grows ? 0 : 1];
        const auto index = static_cast<std::size_t>(slot);
        const auto found = static_cast<std::size_t>(sizes_[index]);
        sizes_[index] = 0;
        if (place == 0 || found < place) continue;
        const std::span values{counts_.data() + index * fractile_days, found};
        emit(static_cast<std::int64_t>(kth_largest(values, place)), round.from + slot, round.from + slot + 1);
      }
      touched_[word] = 0;
    }
  }

private:
  void gather(const key_round& round);
  // The fractile's place from the top when `days` whole days of the log lie behind; 0 when none of the counts
  // is known.
  [[nodiscard]] std::size_t place_from_top(std::int64_t days) const noexcept {
    return places_[static_cast<std::size_t>(std::min(days, fractile_days))];
  }

  std::int64_t per_day_ = 0;
  std::int64_t first_day_ = 1; // the least j whose count the lead leaves known
  std::array<std::size_t, fractile_days + 1> places_{};
  std::vector<std::uint32_t> counts_; // 14 per slot; scratch, empty between calls
  std::vector<std::uint8_t> sizes_;
  std::vector<std::uint64_t> touched_; // one bit per slot
};

} // namespace forestage::models::yardsticks
