// Fractiles of counts: the newsvendor rank, the k-th largest of a few values, and a tally of many.
//
// A unit too few costs `cost_under`, a unit too many `cost_over`; the allocation of least expected cost is
// the fractile tau = cost_under / (cost_under + cost_over) of the demand. Counts are requests per interval.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::models::yardsticks {

// ceil(tau * n), at least 1 and at most n: which of n sorted values is their tau-fractile. Computed from the
// costs, not from a rounded tau, and forgiving by 1e-9, so that 9:1 of 10 values is the 9th.
// Preconditions: n >= 1, costs >= 0, their sum > 0.
// Source: the newsvendor's critical fractile (Arrow, Harris and Marschak 1951).
[[nodiscard]] std::int64_t fractile_rank(double cost_under, double cost_over, std::int64_t n) noexcept;

// The k-th largest value; reorders `values`. Precondition: 1 <= k <= values.size().
[[nodiscard]] std::uint32_t kth_largest(std::span<std::uint32_t> values, std::size_t k) noexcept;

// How often each count occurred. Memory: at most 32 bytes per distinct count (and 128 bytes). Value type.
class count_tally {
public:
  // Amortised O(log distinct). Precondition: count >= 1.
  void add(std::uint32_t count);

  // The k-th largest of all counts added; 0 when fewer than k were added (the rest were zeros).
  // Precondition: k >= 1.
  [[nodiscard]] std::uint32_t kth_largest(std::int64_t k) const;

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  // Canonical bytes: equal tallies give equal bytes, whatever the order of the additions.
  void write_to(std::string& bytes) const;
  // Consumes what write_to wrote. False, and an empty tally, when the bytes are truncated or mean nothing.
  [[nodiscard]] bool read_from(std::string_view& bytes);

private:
  struct entry {
    std::uint32_t count = 0;
    std::uint32_t occurrences = 0;
  };
  // Sorts all, the first `sorted` being sorted already, and makes one entry of equal counts.
  static void sort_and_merge(std::vector<entry>& entries, std::size_t sorted);

  std::vector<entry> entries_; // the first sorted_ ascending by count and distinct, the others as they came
  std::uint32_t sorted_ = 0;
};

} // namespace forestage::models::yardsticks
