// The messages of a price search, and the shard's half of it: counting candidates. See price.hpp for the
// search itself.
//
// Invariants. Units are in one total order: greater benefit first, then smaller hash of the resource, then
// smaller name (bytes, for the case that two hashes collide), then smaller unit. A request names a range of
// one field of that order as `rank`s, which grow as units get less preferable. merge() only adds, takes
// minima and maxima, and unites: it is commutative and associative, so the sum over shards does not depend on
// how resources are split or messages are ordered.
#pragma once

#include "models/allocation/benefit.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace forestage::models {

// Rank of a benefit: 0 for the greatest possible one, 2^31 for the least.
[[nodiscard]] constexpr std::uint64_t rank_of(benefit worth) noexcept {
  return static_cast<std::uint64_t>(std::int64_t{greatest_benefit.fixed} - worth.fixed);
}
// The inverse. Pre: rank <= 2^31.
[[nodiscard]] constexpr benefit benefit_at(std::uint64_t rank) noexcept {
  return {static_cast<std::int32_t>(std::int64_t{greatest_benefit.fixed} - static_cast<std::int64_t>(rank))};
}
inline constexpr std::uint64_t last_benefit_rank = rank_of(least_benefit);

enum class price_field : std::uint8_t {
  benefit = 0, // Ranks are rank_of(benefit).
  hash = 1,    // Ranks are hashes of resources; only units worth exactly price_request::tied count.
};

enum class answer_form : std::uint8_t {
  histogram = 0, // Counts by bin: price_answer::bins.
  runs = 1,      // The units themselves, run by run: price_answer::runs.
};

// What the allocator asks every shard.
struct price_request {
  answer_form form = answer_form::histogram;
  price_field field = price_field::benefit;
  std::uint64_t first_rank = 0; // The range, both ends inside.
  std::uint64_t last_rank = last_benefit_rank;
  std::uint8_t shift = 0; // Bin of a rank: (rank - first_rank) >> shift.
  benefit tied{};         // For price_field::hash.

  friend bool operator==(const price_request&, const price_request&) = default;
};

inline constexpr std::uint64_t max_bins = std::uint64_t{1} << 16;

// Requests come from other nodes: the range is one, and has at most max_bins bins. Errors: invalid_data.
[[nodiscard]] status validate(const price_request& request);

// Counts of the units whose rank falls in one bin. Only bins with units exist.
struct histogram_bin {
  std::uint32_t bin = 0;
  std::uint64_t units = 0;
  std::uint64_t runs = 0; // Runs of equal units of one resource that they form: what sending them would cost.
  std::uint64_t lowest_rank = 0; // Ranks that really occur, so that the next round looks at nothing else.
  std::uint64_t highest_rank = 0;

  friend bool operator==(const histogram_bin&, const histogram_bin&) = default;
};

// Units first_unit .. last_unit (both inside) of a resource, all worth the same.
struct unit_run {
  std::uint64_t benefit_rank = 0;
  std::uint64_t hash = 0;
  std::string resource;
  std::uint32_t first_unit = 0;
  std::uint32_t last_unit = 0;

  [[nodiscard]] std::uint64_t units() const noexcept { return std::uint64_t{last_unit} - first_unit + 1; }
  friend auto operator<=>(const unit_run&, const unit_run&) = default; // The total order of units.
};

// What a shard answers, and what the sum of answers is. Bins rise strictly, runs are in the order of units.
struct price_answer {
  std::vector<histogram_bin> bins;
  std::vector<unit_run> runs;

  friend bool operator==(const price_answer&, const price_answer&) = default;
};

// Adds an answer to the same request. O(bins + runs).
void merge(price_answer& sum, const price_answer& other);

// The shard's answer. A shard answers every round of a search from the same candidates. Time: the candidates,
// times the logarithm of their steps, plus the distinct steps in the range. Pre: validate(request).
[[nodiscard]] price_answer answer(const price_request& request, const candidate_set& candidates);

} // namespace forestage::models
