// What the best fixed mix of our own experts would have cost: the yardstick `hindsight-mix`.
//
// Of all weights w >= 0 with the sum 1, the same for every key and interval of the evaluation part, those
// with the least cost of allocating w . a, where a are the experts' allocations, fractions of a unit allowed
// (cost is linear between whole units, so rounding w . a up or down at random, with its fraction as the
// chance, costs the same on average).
//
// The part may have billions of rows (a, d), so a sample stands for them: priority sampling (Duffield, Lund,
// Thorup 2007). A row's size is how much any expert's cost differs from that of what was decided; its
// priority is its size over a uniform number, a hash of the row itself; the `capacity` rows of greatest
// priority are kept, and each stands for max(1, threshold / size) rows, threshold being the greatest priority
// that was dropped. Sums over the sample estimate sums over all rows without bias. Samples merge in any order
// to the same rows: neither shards nor threads change a digit. What is estimated is the difference to what
// the decisions cost, which is known exactly; rows on which all experts agree with the decision are never
// kept and lose nothing.
#pragma once

#include "models/allocation/benefit.hpp"
#include "models/demand/experts.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace forestage::models {

class hindsight_sample {
public:
  static constexpr std::size_t capacity = 8'192; // about a megabyte

  struct row {
    double priority = 0;
    float size = 0;
    float count = 0;
    float decided = 0; // units
    expert_allocations experts{};
    template <class Archive> void fields(Archive& archive) {
      archive(priority, size, count, decided, experts);
    }
  };

  // An interval of a key: what the experts would have had ready, what was decided, what came. `interval` only
  // tells equal rows apart.
  void add(std::int64_t interval, const expert_allocations& experts, float decided, float count,
           const unit_costs& costs);
  void merge(const hindsight_sample& other);

  // How many rows it stands for one row of this size.
  [[nodiscard]] double multiplicity(const row& r) const noexcept;
  [[nodiscard]] const std::vector<row>& rows() const noexcept { return rows_; }
  // How many rows were added, kept or not.
  [[nodiscard]] std::int64_t seen() const noexcept { return seen_; }

  template <class Archive> void fields(Archive& archive) {
    archive(rows_, threshold_, seen_);
    if constexpr (Archive::reading)
      if (rows_.size() > capacity) archive.fail();
  }

private:
  void keep(const row& r);
  std::vector<row> rows_; // a heap, the least priority on top
  double threshold_ = 0;
  std::int64_t seen_ = 0;
};

struct hindsight_mix {
  double gain = 0; // cost of what was decided less that of the mix; below 0: the decisions were cheaper
  double standard_error = 0; // of the gain, from sampling; 0 when every row that matters was kept
  std::array<float, expert_count> weights{};
};

// The mix, by entropic mirror descent (Beck, Teboulle 2003), 1,000 steps from even weights and from the best
// expert; of all weights met, the best. Deterministic. None without rows: all experts always agreed with what
// was decided.
[[nodiscard]] std::optional<hindsight_mix> best_fixed_mix(const hindsight_sample& sample,
                                                          const unit_costs& costs);

} // namespace forestage::models
