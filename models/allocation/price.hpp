// The price of one more unit under a budget, found by a few rounds of integer histograms. A state machine: no
// I/O, no clock.
//
// Purpose. A region may hold `budget` units in an interval; its resources, spread over shards, want more. The
// price is the benefit at which the budget runs out, and the tie line says which of the units worth exactly
// the price still fit. A shard then allocates every unit that is worth more than the price, and those worth
// the price up to the line.
//
// Invariants. The result equals the exact greedy choice (the first `budget` units in the order of
// price_answer.hpp) for any split of the resources over shards. It holds the last unit that fits. `needed_`
// is at least 1 and at most the number of units in the current range; the range shrinks strictly from round
// to round.
//
// User's obligations, per round: 1. send request() to every shard; 2. merge() their answers, in any order; 3.
// step() the sum. Every shard answers all rounds of a search, from the same candidates; one that restarted in
// between makes the counts disagree, which step() reports: start again. A shard left out of all rounds gets
// the price of the others.
//
// Rounds. 2 or 3 for thousands of candidates (a histogram, perhaps a finer one, the units around the margin),
// 4 or 5 for a hundred thousand or for ties of tens of thousands. Never more than 4 for the benefit, 7 for
// the hashes (reached only by ids that were made to hash alike) and 1.
#pragma once

#include "models/allocation/price_answer.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace forestage::models {

// The last unit that fits, among units worth the same.
struct tie_line {
  std::uint64_t hash = 0;
  std::string resource;
  std::uint32_t unit = 0;

  friend auto operator<=>(const tie_line&, const tie_line&) = default;
};

struct unit_price {
  // Nothing: all that is wanted fits, and stands. Above greatest_benefit: nothing fits.
  std::optional<benefit> value;
  tie_line line;

  friend bool operator==(const unit_price&, const unit_price&) = default;
};

// The price at which nothing is allocated.
inline constexpr benefit prohibitive_benefit{greatest_benefit.fixed + 1};

// Units that a candidate gets at a price, 0 .. cap(). O(log steps).
[[nodiscard]] std::uint32_t allocation_at(const unit_price& price, const candidate& wanted) noexcept;

struct price_search_options {
  unsigned bin_bits = 10; // A histogram has at most 2^bin_bits bins; 1 .. 16.
  std::uint64_t run_limit =
      64; // Shards send the units themselves once so many runs of them (or fewer) are left.
};

// The search for one region and interval. Value type.
class price_search {
public:
  // budget: units; at most 0 means that nothing is allocated.
  explicit price_search(std::int64_t budget, price_search_options options = {});

  [[nodiscard]] bool done() const noexcept { return done_; }
  // What to ask the shards next. Pre: !done().
  [[nodiscard]] const price_request& request() const noexcept { return request_; }
  // Takes the merged answers to request(). Errors: invalid_data when they contradict themselves or an earlier
  // round; the search is then as it was before. Pre: !done().
  [[nodiscard]] status step(const price_answer& sum);
  // Pre: done().
  [[nodiscard]] const unit_price& price() const noexcept { return price_; }
  // Rounds of messages so far.
  [[nodiscard]] unsigned rounds() const noexcept { return rounds_; }

private:
  [[nodiscard]] status step_histogram(const price_answer& sum);
  [[nodiscard]] status step_runs(const price_answer& sum);
  void ask(answer_form form, price_field field, std::uint64_t first_rank, std::uint64_t last_rank);

  price_search_options options_;
  price_request request_;
  unit_price price_;
  std::uint64_t needed_ = 0;              // Units of the current range that fit.
  std::optional<std::uint64_t> in_range_; // Units that the current range holds; unknown in the first round.
  unsigned rounds_ = 0;
  bool done_ = false;
};

// The price over shards that are all at hand (replay, one node, tests). Errors: as step().
[[nodiscard]] result<unit_price> find_price(std::int64_t budget, std::span<const candidate_set> shards,
                                            price_search_options options = {});

struct numbered_request {
  std::uint32_t search = 0; // Index into the batch.
  price_request request;

  friend bool operator==(const numbered_request&, const numbered_request&) = default;
};

struct numbered_answer {
  std::uint32_t search = 0;
  price_answer answer;

  friend bool operator==(const numbered_answer&, const numbered_answer&) = default;
};

// Many searches that share their rounds of messages: one per interval of the horizon. Value type.
class price_batch {
public:
  // budgets: one per search.
  explicit price_batch(std::span<const std::int64_t> budgets, price_search_options options = {});

  [[nodiscard]] bool done() const noexcept;
  // One request for each search that is not done, in the order of the searches.
  [[nodiscard]] std::vector<numbered_request> requests() const;
  // The merged answers to requests(), in that order. Errors: invalid_data when one is missing, or as
  // price_search::step(); then some searches may have moved on: start the batch again.
  [[nodiscard]] status step(std::span<const numbered_answer> sums);
  [[nodiscard]] std::size_t size() const noexcept { return searches_.size(); }
  [[nodiscard]] const price_search& operator[](std::size_t i) const noexcept { return searches_[i]; }

private:
  std::vector<price_search> searches_;
};

// The shard's answers to a batch; candidates[i] belongs to search i. Errors: invalid_data for a request that
// is not valid or names no candidates.
[[nodiscard]] result<std::vector<numbered_answer>> answer(std::span<const numbered_request> requests,
                                                          std::span<const candidate_set> candidates);

// Adds the answers of another shard to the same requests.
void merge(std::vector<numbered_answer>& sum, std::span<const numbered_answer> other);

} // namespace forestage::models
