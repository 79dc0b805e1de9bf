// Segments: which share of a key's demand each class of peers has, by hour of the week. Demand is forecast
// per (resource, region); a segment's curve is that curve times its share, so the segments add up by
// construction.
//
// Counts by segment and hour of the week fade with a half-life of four weeks. A share is a
// Dirichlet-multinomial estimate (Good 1965), each level shrunk toward the one above with the weight of
// `prior_requests` requests:
//   region: overall -> hour of the day -> hour of the week
//   key:    overall (toward the region's) -> hour of the day (toward the region's hours, at the key's overall
//   shares)
//           -> hour of the week (toward the key's hour of the day times what the region's weekday does to it)
//           -> the last hours (the odds of what came against what was expected, half-life twelve hours)
// How fine a key's shares should be is left to their past: each level's log loss, fading with a half-life of
// four weeks, and the mean of all weighted by exp(-rate x loss): Bayesian model averaging, tempered because
// peers come in bursts (Hoeting and others 1999; Vovk 1990). Invariants: shares lie in [0, 1] and sum to one
// within 1e-4; the order of the counts within an interval, and of merges, changes nothing; a snapshot
// continues bit for bit.
#pragma once

#include "models/demand/rhythm.hpp"
#include "models/demand/settings.hpp"
#include "models/result.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::models {

// 0: other, that is unknown, too small to be told apart, or beyond most_segments.
using segment_number = std::uint8_t;
inline constexpr std::size_t most_segments = 16; // `other` included
using segment_vector = std::array<float, most_segments>;

// The segments that a run tells apart. Numbers follow the names' order, so they depend on nothing else.
class segment_table {
public:
  static constexpr auto other = "other"; // names[0]

  segment_table() = default;
  // Names beside `other`, which is a name for itself. Errors: limit_exceeded for more than fit.
  [[nodiscard]] static result<segment_table> make(std::vector<std::string> names);
  [[nodiscard]] segment_number number_of(std::string_view name) const;
  // `other` included; 0 when no segments are told apart at all.
  [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }
  [[nodiscard]] bool empty() const noexcept { return names_.empty(); }
  [[nodiscard]] const std::string& operator[](std::size_t number) const { return names_[number]; }

private:
  std::vector<std::string> names_; // names_[0] is "other"
};

// Requests of one segment in an interval.
struct segment_cell {
  interval_number interval{};
  std::uint32_t count = 0;
  std::uint32_t segment = 0;
  friend bool operator==(const segment_cell&, const segment_cell&) = default;
  template <class Archive> void fields(Archive& archive) { archive(interval, count, segment); }
};

// -- of regions
// ------------------------------------------------------------------------------------------------------------------

// A round's requests of one region, by segment and hour of the week. Integers: any order gives the same.
struct region_segment_sums {
  struct sum {
    std::uint64_t place = 0; // segment x 168 + hour
    std::int64_t came = 0;
    friend bool operator==(const sum&, const sum&) = default;
  };
  std::uint64_t region = 0; // its name's hash
  std::vector<sum> sums;    // rising
  friend bool operator==(const region_segment_sums&, const region_segment_sums&) = default;
  template <class Archive> void fields(Archive& archive) { archive(region, sums); }
};

struct segment_statistics {
  std::vector<region_segment_sums> regions; // rising

  void add(std::uint64_t region, segment_number segment, std::size_t hour, std::int64_t count);
  void merge(const segment_statistics& other);
  friend bool operator==(const segment_statistics&, const segment_statistics&) = default;
  template <class Archive> void fields(Archive& archive) { archive(regions); }

private:
  void add(std::uint64_t region, std::uint64_t place, std::int64_t count);
};

// What is believed of a key of which nothing was seen.
struct segment_prior {
  std::size_t segments = 0;
  segment_vector overall{};
  std::array<segment_vector, day_hours> day{};
  std::array<segment_vector, rhythm_hours> week{};
};

class segment_parameters {
public:
  // Regions that are known by themselves; later ones are believed to be like all of these together.
  static constexpr std::size_t most_regions = 64;

  void learn(const segment_statistics& sums);
  // Whether it is known by itself.
  [[nodiscard]] bool knows(std::uint64_t region) const;
  // Even shares while nothing was seen; the same for all regions that are not known.
  [[nodiscard]] segment_prior prior_of(std::uint64_t region, std::size_t segments) const;

  friend bool operator==(const segment_parameters&, const segment_parameters&) = default;
  template <class Archive> void fields(Archive& archive) { archive(regions_); }

private:
  using hourly = std::array<float, rhythm_hours>;
  struct known {
    std::uint64_t region = 0;
    std::vector<hourly> came; // by segment
    friend bool operator==(const known&, const known&) = default;
    template <class Archive> void fields(Archive& archive) { archive(region, came); }
  };
  [[nodiscard]] std::vector<known>::const_iterator find(std::uint64_t region) const;

  std::vector<known> regions_; // rising
};

// -- of a key
// ------------------------------------------------------------------------------------------------------------------

// How many requests of its own a share must rest on before they count as much as what is above it.
inline constexpr float prior_requests = 20;

class segment_shares {
public:
  // What a key may believe of its segments, from coarse to fine: shares whatever the hour; by hour of the
  // day; by hour of the week; these times how the last hours compared with them.
  static constexpr std::size_t beliefs = 4;
  using belief_vectors = std::array<segment_vector, beliefs>;

  // A count of every segment, in an interval of that hour of the week. hours: since the observation before.
  void observe(std::span<const std::int64_t> counts, std::size_t hour, double hours,
               const segment_prior& prior);
  // Shares of the prior's segments in an hour of the week; the rest is 0.
  [[nodiscard]] segment_vector at(std::size_t hour, const segment_prior& prior) const;
  // The same whatever the hour.
  [[nodiscard]] segment_vector flat(const segment_prior& prior) const;
  // Each belief by itself, and what it weighs.
  [[nodiscard]] belief_vectors believed(std::size_t hour, const segment_prior& prior) const;
  [[nodiscard]] std::array<float, beliefs> weights() const;
  [[nodiscard]] std::size_t bytes() const noexcept { return known_.capacity() * sizeof(known); }

  template <class Archive> void fields(Archive& archive) { archive(known_, losses_, unfaded_); }
  [[nodiscard]] bool fits(std::size_t segments) const noexcept;

private:
  struct known {
    std::uint32_t segment = 0;
    float all = 0;
    std::array<float, day_hours> day{};
    std::array<float, rhythm_hours> week{};
    float recent = 0, recent_expected = 0; // requests, half-life twelve hours
    template <class Archive> void fields(Archive& archive) {
      archive(segment, all, day, week, recent, recent_expected);
    }
  };
  known& known_of(segment_number segment);
  void fade(double hours);

  std::vector<known> known_; // rising; only segments that were seen
  std::array<float, beliefs> losses_{};
  float unfaded_ = 0; // hours that slow counts have not faded for yet: a day at a time
};

} // namespace forestage::models
