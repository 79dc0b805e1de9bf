// Rhythms: how demand follows the hours of the week, learned from all keys of a kind. What a key that is new
// begins with, instead of weeks of zeros.
//
//   share of hour h = (sum of counts / level) / (sum of key-hours), over the keys of the kind that have a
//   level, each weighing min(1, level / 4 requests an hour): the more requests, the less it is left to
//   chance.
// Shrunk as empirical Bayes estimates are (Robbins 1956; Efron, Morris 1973), with a weight of `prior_hours`
// key-hours: the hours of the day of a kind toward those of all kinds, these toward evenness; the hours of
// the week toward the hours of the day times what the weekdays do to all kinds. Sums are integers, so they do
// not depend on order or shards; what was known fades with a half-life of two weeks. Hours are those of a
// region's clock.
#pragma once

#include "models/demand/settings.hpp"
#include "models/yardsticks/tracker.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace forestage::models {

// A kind of resource, as the catalogue says; 0: none is known.
using kind_number = std::uint8_t;
inline constexpr std::size_t most_kinds = 64; // 0 included

inline constexpr std::size_t rhythm_hours = 168;
inline constexpr std::size_t day_hours = 24;
// By hour of the week, from the epoch's Thursday; means one over the week.
using rhythm = std::array<float, rhythm_hours>;

// Of the keys of one kind, in units of 1/1024.
struct kind_sums {
  std::uint32_t kind = 0;
  std::array<std::int64_t, rhythm_hours> came{}, watched{}; // count / level; key-hours
  friend bool operator==(const kind_sums&, const kind_sums&) = default;
  template <class Archive> void fields(Archive& archive) { archive(kind, came, watched); }
};

// A round's.
struct rhythm_statistics {
  static constexpr double unit = 1024;
  std::vector<kind_sums> kinds; // rising

  // One key's counts of [from, to): active intervals only. level: its mean per interval before, > 0.
  void add(const demand_settings& settings, kind_number kind, interval_number from, interval_number to,
           std::span<const cell> cells, float level);
  void merge(const rhythm_statistics& other);
  friend bool operator==(const rhythm_statistics&, const rhythm_statistics&) = default;
  template <class Archive> void fields(Archive& archive) { archive(kinds); }

private:
  kind_sums& sums_of(kind_number kind);
};

// What is known by now.
class rhythm_parameters {
public:
  static constexpr double prior_hours = 5;

  // A day's sums.
  void learn(const rhythm_statistics& sums);
  // How a kind's demand follows the week; that of all kinds for one that was never seen.
  [[nodiscard]] rhythm of(kind_number kind) const;
  // Whether anything is known.
  [[nodiscard]] bool empty() const noexcept { return kinds_.empty(); }

  friend bool operator==(const rhythm_parameters&, const rhythm_parameters&) = default;
  template <class Archive> void fields(Archive& archive) { archive(kinds_); }

private:
  struct known {
    std::uint32_t kind = 0;
    std::array<double, rhythm_hours> came{}, watched{};
    friend bool operator==(const known&, const known&) = default;
    template <class Archive> void fields(Archive& archive) { archive(kind, came, watched); }
  };
  std::vector<known> kinds_; // rising
};

// Hour of the week, 0 to 167, in which an interval begins.
[[nodiscard]] std::size_t rhythm_hour(const demand_settings& settings, interval_number t);

// Requests an interval that a new key may expect, by hour of the week, from a kind's rhythm and its counts
// since its first request, at cells.front(), up to and with that of cells.back(). The first interval is left
// out: it made the key, whatever it brought. @pre two cells at least.
[[nodiscard]] rhythm seed_of(const demand_settings& settings, const rhythm& kind,
                             std::span<const cell> cells);

// Means by hour of the day.
[[nodiscard]] std::array<float, day_hours> daily(std::span<const float, rhythm_hours> hours);
// The value of bin `bin` of `bins` in a day, hours joined by lines.
[[nodiscard]] float of_day_bin(const std::array<float, day_hours>& day, std::size_t bin, std::size_t bins);

} // namespace forestage::models
