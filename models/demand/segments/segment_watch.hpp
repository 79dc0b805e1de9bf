// What a key's segments come to: shares learned, units readied for each segment alone, and both scored.
//
// When a segment's units are its own (a message collection whose permissions name one device class), each
// segment needs a quantile of its own demand. Thinning a negative binomial (m, phi) by a share q gives the
// negative binomial (q m, phi), because the gamma that mixes the Poisson rates scales along; so a segment's
// curve follows from the key's curve and its share, and the means add up. Pure; one per key whose log tells
// segments apart.
#pragma once

#include "models/demand/key_model.hpp"
#include "models/demand/segments/segment_shares.hpp"
#include "models/metrics/score.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace forestage::models {

// Of one segment, over the keys of a run and its evaluation part.
struct segment_score {
  static constexpr double unit = 1'024;
  unit_sums units, flat_units;                     // by shares of the hour; by shares whatever the hour
  std::int64_t absolute_error = 0, flat_error = 0; // of share x mean, in units of 1/1024 request
  segment_score& operator+=(const segment_score& other) noexcept;
  friend bool operator==(const segment_score&, const segment_score&) = default;
  template <class Archive> void fields(Archive& archive) {
    archive(units, flat_units, absolute_error, flat_error);
  }
};

struct segment_sums {
  std::vector<segment_score> of; // by number; empty: no segments are told apart
  unit_sums together;            // units are for everybody
  segment_sums& operator+=(const segment_sums& other);
  friend bool operator==(const segment_sums&, const segment_sums&) = default;
  template <class Archive> void fields(Archive& archive) { archive(of, together); }
};

class segment_watch {
public:
  // Folds the counts of interval t by segment, t rising; what they leave of `count` is of `other`. sums:
  // where what was decided for t is scored, null outside the evaluation part.
  void observe(const demand_settings& settings, const segment_prior& prior, interval_number t,
               std::int64_t count, std::span<const segment_cell> parts, segment_sums* sums);
  // Passes over interval t, whose count is not known: nothing is learned or scored.
  void miss(interval_number t);
  // Readies units for the interval that was decided for.
  void decide(const model_context& context, const segment_prior& prior, const decision& said);

  [[nodiscard]] const segment_shares& shares() const noexcept { return shares_; }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return sizeof *this + shares_.bytes() + pending_.capacity() * sizeof(decided);
  }
  template <class Archive> void fields(Archive& archive) { archive(shares_, pending_, newest_); }
  [[nodiscard]] bool fits(std::size_t segments) const noexcept;

private:
  struct decided {
    interval_number interval{};
    float mean = 0;
    float dispersion = 0;
    float level = 0; // of the quantile: the critical fractile
    segment_vector shares{}, flat{};
    template <class Archive> void fields(Archive& archive) {
      archive(interval, mean, dispersion, level, shares, flat);
    }
  };
  std::vector<decided> pending_; // rising, at most the horizon
  segment_shares shares_;
  interval_number newest_{}; // observed
};

} // namespace forestage::models
