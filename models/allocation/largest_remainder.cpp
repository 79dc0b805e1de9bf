#include "models/allocation/largest_remainder.hpp"

#include "models/ids.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

namespace forestage::models {

namespace {

__extension__ using wide = unsigned __int128;

struct quota {
  std::uint64_t whole;
  wide remainder;
};

// a * budget / sum. Exact; the division of 64-bit numbers is several times as fast, and nearly always enough.
quota quota_of(std::uint64_t a, std::uint64_t budget, wide sum) noexcept {
  std::uint64_t product = 0;
  if ((sum >> 64U) == 0 && !__builtin_mul_overflow(a, budget, &product)) {
    const auto divisor = static_cast<std::uint64_t>(sum);
    return {product / divisor, product % divisor};
  }
  const auto exact = static_cast<wide>(a) * budget;
  return {static_cast<std::uint64_t>(exact / sum), exact % sum};
}

struct remainder_entry {
  wide remainder;
  std::uint32_t index;
};

template <class Id>
void cut(std::span<const std::int64_t> wanted, std::span<const Id> ids, std::int64_t budget,
         std::span<std::int64_t> out) {
  assert(wanted.size() == ids.size() && wanted.size() == out.size());
  const auto want = [&](std::size_t i) {
    return static_cast<std::uint64_t>(std::max(wanted[i], std::int64_t{0}));
  };
  const auto limit = static_cast<std::uint64_t>(std::max(budget, std::int64_t{0}));
  wide sum = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    sum += want(i);
  if (sum <= limit) {
    for (std::size_t i = 0; i < wanted.size(); ++i)
      out[i] = static_cast<std::int64_t>(want(i));
    return;
  }

  std::vector<remainder_entry> rest;
  rest.reserve(wanted.size());
  auto left = limit;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto [whole, remainder] = quota_of(want(i), limit, sum);
    out[i] = static_cast<std::int64_t>(whole);
    left -= whole;
    if (remainder != 0) rest.push_back({remainder, static_cast<std::uint32_t>(i)});
  }
  // The remainders sum to left * S and each is below S: there are more of them than units left.
  const auto before = [&](const remainder_entry& a, const remainder_entry& b) {
    if (a.remainder != b.remainder) return a.remainder > b.remainder;
    if (ids[a.index] != ids[b.index]) return ids[a.index] < ids[b.index];
    return a.index < b.index;
  };
  const auto last = rest.begin() + static_cast<std::ptrdiff_t>(left);
  if (left > 0 && last != rest.end()) std::nth_element(rest.begin(), last, rest.end(), before);
  for (auto entry = rest.begin(); entry != last; ++entry)
    ++out[entry->index];
}

} // namespace

void cut_to_budget(std::span<const std::int64_t> wanted, std::span<const std::string_view> ids,
                   std::int64_t budget, std::span<std::int64_t> cut_units) {
  cut(wanted, ids, budget, cut_units);
}

void cut_to_budget(std::span<const std::int64_t> wanted, std::span<const std::uint64_t> turns,
                   std::int64_t budget, std::span<std::int64_t> cut_units) {
  cut(wanted, turns, budget, cut_units);
}

std::uint64_t turn_of(std::uint64_t resource_hash, interval_number t) noexcept {
  // A step of SplitMix64 (Steele, Lea, Flood 2014): consecutive intervals give unrelated orders.
  return mixed(resource_hash + 0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(t.value()));
}

} // namespace forestage::models
