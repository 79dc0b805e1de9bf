// What followed what: contexts with their weighted successors, bounded, forgetting.
//
// A weight is an integer: a request of interval t adds 2^((t - landmark) / half_life), in units of 2^-20, so
// that everything that lies in the table fades at the same pace without being touched (forward decay:
// Cormode, Shkapenyuk, Srivastava, Xu 2009), and a sum does not depend on the order of its parts. Every 16
// half-lives the landmark moves and all weights are shifted. A full table forgets its lightest eighth: O(1)
// amortised, ties by key. Value types; deterministic.
#pragma once

#include "models/interval.hpp"

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace forestage::models {

// The weight of a request in each interval, and how far it can go before weights must be shifted.
class decay_clock {
public:
  explicit decay_clock(std::int64_t half_life)
      : half_life_(half_life) {}

  // Weight of one request in interval t. Pre: advance(t) was called.
  [[nodiscard]] std::uint64_t unit(interval_number t) const;
  // By how many bits all weights must be shifted down, now that t has come; 0 most of the time, 64: all gone.
  [[nodiscard]] unsigned advance(interval_number t);
  // What is left of a sum after so many intervals (>= 0).
  [[nodiscard]] double kept(std::int64_t intervals) const;

  // Whether restored state can be that of a clock that has come to t.
  [[nodiscard]] bool fits(interval_number t) const noexcept;

  template <class Archive> void fields(Archive& archive) { archive(landmark_, begun_); }

private:
  std::int64_t half_life_;
  interval_number landmark_{};
  bool begun_ = false;
};

struct successor {
  std::uint64_t resource = 0;
  std::uint64_t weight = 0;
  template <class Archive> void fields(Archive& archive) { archive(resource, weight); }
};

struct context {
  std::uint64_t total = 0;           // of all that followed, those that were forgotten included
  std::vector<successor> successors; // by resource
  template <class Archive> void fields(Archive& archive) { archive(total, successors); }
};

class context_table {
public:
  context_table(std::uint32_t most_contexts, std::uint32_t most_successors)
      : most_contexts_(most_contexts)
      , most_successors_(most_successors) {}

  [[nodiscard]] const context* find(std::uint64_t key) const;
  void add(std::uint64_t key, std::uint64_t resource, std::uint64_t weight);
  void shift(unsigned bits);
  [[nodiscard]] std::size_t size() const noexcept { return contexts_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept;

  // State. Reading fails the archive when the bounds are broken or the order is.
  template <class Archive> void fields(Archive& archive) {
    auto entries = sorted();
    archive(entries);
    if constexpr (Archive::reading)
      if (!restore(entries)) archive.fail();
  }

private:
  struct entry {
    std::uint64_t key = 0;
    context is;
    template <class Archive> void fields(Archive& archive) { archive(key, is); }
  };
  void forget_lightest();
  [[nodiscard]] std::vector<entry> sorted() const;
  [[nodiscard]] bool restore(std::vector<entry>& entries); // takes them

  std::size_t most_contexts_, most_successors_;
  std::unordered_map<std::uint64_t, context> contexts_;
};

// How popular each resource of a segment is: the context of order 0, whose successors are many.
class popularity {
public:
  static constexpr std::size_t top_count = 16;
  explicit popularity(std::uint32_t most_resources)
      : most_resources_(most_resources) {}

  [[nodiscard]] std::uint64_t weight_of(std::uint64_t resource) const;
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  [[nodiscard]] std::size_t size() const noexcept { return weights_.size(); }
  // The heaviest, heaviest first, ties by resource.
  [[nodiscard]] const std::vector<successor>& top() const noexcept { return top_; }
  void add(std::uint64_t resource, std::uint64_t weight);
  void shift(unsigned bits);
  [[nodiscard]] std::size_t bytes() const noexcept;

  template <class Archive> void fields(Archive& archive) {
    auto entries = sorted();
    archive(total_, entries);
    if constexpr (Archive::reading)
      if (!restore(entries)) archive.fail();
  }

private:
  void forget_lightest();
  void place(successor one);
  [[nodiscard]] std::vector<successor> sorted() const;
  [[nodiscard]] bool restore(const std::vector<successor>& entries);

  std::size_t most_resources_;
  std::uint64_t total_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> weights_;
  std::vector<successor> top_;
};

} // namespace forestage::models
