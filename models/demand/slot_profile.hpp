// The mean count of each slot of a cycle (the 5-minute slots of a day, of a week): how a schedule is
// remembered.
//
// A slot's mean is plain over its first visits, then exponential with a least weight. While few slots have
// ever had a count only those are kept, and zeros cost nothing: a mean fades when it is next looked at, by
// the visits that went by. A profile whose slots fill up becomes a plain array. Both give the same means (a
// property test holds them together).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace forestage::models {

// What is left of a mean after `count` zeros, of which the first is visit number `seen` (>= 1). least: the
// least weight.
[[nodiscard]] float left_after_zeros(float least, std::int64_t seen, std::int64_t count);

// How many of the intervals [from, from + length) lie in place `place` of a cycle, `from` lying in place
// `start`.
[[nodiscard]] constexpr std::int64_t visits(std::int64_t place, std::int64_t start, std::int64_t length,
                                            std::int64_t cycle) {
  const auto until_first = (place - start + cycle) % cycle;
  return until_first >= length ? 0 : (length - until_first - 1) / cycle + 1;
}

// Moments of a cycle: the place of the newest interval, and its distance from the first one.
struct cycle_time {
  std::int64_t place = 0;
  std::int64_t since_first = 0;
  std::int64_t cycle = 1;

  // How often a place has been visited, the newest interval included.
  [[nodiscard]] constexpr std::int64_t visits_of(std::int64_t other) const {
    const auto back = place >= other ? place - other : place - other + cycle;
    return since_first < back ? 0 : (since_first - back) / cycle + 1;
  }
};

// Weight of visit number `seen` (1: the first).
[[nodiscard]] inline float visit_weight(float least, std::int64_t seen) {
  const float plain = 1.0F / static_cast<float>(seen);
  return plain > least ? plain : least;
}

class slot_profile {
public:
  // Folds the count of the interval `now`.
  void observe(const cycle_time& now, float count, float least);
  // Passes over the interval `now`, whose count is not known: the mean of its slot stays as it is.
  void hold(const cycle_time& now, float least);
  // Folds `length` zeros, the first of which is that of interval `from`.
  void skip(const cycle_time& from, std::int64_t length, float least);
  // The mean of a slot after everything up to and with `newest` was observed.
  [[nodiscard]] float mean(std::uint16_t slot, const cycle_time& newest, float least) const;

  // The means of a slot and of its two neighbours in the cycle: before, at, after. @pre a cycle
  // of at least three.
  [[nodiscard]] std::array<float, 3> means_around(std::uint16_t slot, const cycle_time& newest,
                                                  float least) const;

  [[nodiscard]] bool dense() const noexcept { return !means_.empty(); }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return means_.capacity() * sizeof(float) + kept_.capacity() * sizeof(kept);
  }
  // Whether restored state belongs to such a cycle and makes sense.
  [[nodiscard]] bool fits(std::size_t cycle) const noexcept;

  template <class Archive> void fields(Archive& archive) { archive(means_, kept_); }

private:
  struct kept {
    std::uint32_t slot = 0;
    float mean = 0;
    std::int32_t seen = 0; // the mean is as of this visit
  };
  [[nodiscard]] std::vector<kept>::const_iterator find(std::uint16_t slot) const;
  void forget_faded(const cycle_time& now, float least);

  std::vector<float> means_; // of every slot, once dense
  std::vector<kept> kept_;   // by slot, while sparse
};

} // namespace forestage::models
