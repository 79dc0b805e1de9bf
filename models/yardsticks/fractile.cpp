#include "models/yardsticks/fractile.hpp"

#include "models/yardsticks/bytes.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>

namespace forestage::models::yardsticks {

namespace {
constexpr std::uint64_t most_32_bits = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t least_tail = 8; // unsorted entries that are not worth sorting yet
} // namespace

std::int64_t fractile_rank(double cost_under, double cost_over, std::int64_t n) noexcept {
  assert(n >= 1 && cost_under >= 0 && cost_over >= 0 && cost_under + cost_over > 0);
  const auto exact = cost_under * static_cast<double>(n) / (cost_under + cost_over);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(exact - 1e-9)), 1, n);
}

std::uint32_t kth_largest(std::span<std::uint32_t> values, std::size_t k) noexcept {
  assert(k >= 1 && k <= values.size());
  if (k == 1) return *std::max_element(values.begin(), values.end());
  if (k == 2) {
    auto largest = std::max(values[0], values[1]);
    auto second = std::min(values[0], values[1]);
    for (const auto value : values.subspan(2)) {
      second = std::max(second, std::min(largest, value));
      largest = std::max(largest, value);
    }
    return second;
  }
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(k) - 1;
  std::nth_element(values.begin(), place, values.end(), std::greater<>{});
  return *place;
}

void count_tally::add(std::uint32_t count) {
  assert(count >= 1);
  // A search without branches: the counts of a busy key are unpredictable.
  std::size_t found = 0;
  for (std::size_t left = sorted_; left > 1;) {
    const auto half = left / 2;
    found = entries_[found + half].count <= count ? found + half : found;
    left -= half;
  }
  if (sorted_ > 0 && entries_[found].count == count) {
    ++entries_[found].occurrences;
    return;
  }
  entries_.push_back({count, 1});
  if (entries_.size() - sorted_ < std::max<std::size_t>(least_tail, sorted_)) return;
  sort_and_merge(entries_, sorted_);
  sorted_ = static_cast<std::uint32_t>(entries_.size());
}

std::uint32_t count_tally::kth_largest(std::int64_t k) const {
  assert(k >= 1);
  auto sorted = entries_;
  sort_and_merge(sorted, sorted_);
  for (auto place = sorted.rbegin(); place != sorted.rend(); ++place) {
    k -= place->occurrences;
    if (k <= 0) return place->count;
  }
  return 0;
}

void count_tally::sort_and_merge(std::vector<entry>& entries, std::size_t sorted) {
  const auto less = [](const entry& a, const entry& b) { return a.count < b.count; };
  const auto tail = entries.begin() + static_cast<std::ptrdiff_t>(sorted);
  std::sort(tail, entries.end(), less);
  std::inplace_merge(entries.begin(), tail, entries.end(), less);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (kept > 0 && entries[kept - 1].count == entries[i].count)
      entries[kept - 1].occurrences += entries[i].occurrences;
    else
      entries[kept++] = entries[i];
  }
  entries.resize(kept);
}

void count_tally::write_to(std::string& bytes) const {
  auto sorted = entries_;
  sort_and_merge(sorted, sorted_);
  write_varint(bytes, sorted.size());
  std::uint32_t before = 0;
  for (const auto& one : sorted) {
    write_varint(bytes, one.count - before);
    write_varint(bytes, one.occurrences);
    before = one.count;
  }
}

bool count_tally::read_from(std::string_view& bytes) {
  *this = {};
  std::uint64_t size = 0;
  if (!read_varint_up_to(bytes, size, bytes.size() / 2)) return false;
  std::vector<entry> entries;
  entries.reserve(size);
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < size; ++i) {
    std::uint64_t step = 0;
    std::uint64_t occurrences = 0;
    if (!read_varint_up_to(bytes, step, most_32_bits - count) || step == 0) return false;
    if (!read_varint_up_to(bytes, occurrences, most_32_bits) || occurrences == 0) return false;
    count += step;
    entries.push_back({static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(occurrences)});
  }
  entries_ = std::move(entries);
  sorted_ = static_cast<std::uint32_t>(entries_.size());
  return true;
}

} // namespace forestage::models::yardsticks
