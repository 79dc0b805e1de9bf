// The truth behind a synthetic request log: the intensity of a non-homogeneous Poisson process per (resource,
// region).
//
// Time is counted in minutes from the span's start, a UTC midnight. Within a minute the intensity is
// constant, so expected counts of any interval of whole minutes are exact. The expected requests of minute m
// for resource r from region g are
//
//   lambda(r, g, m) = alive(r, m) * ( rate(r) * share(r, g) * cycle(class(r), local minute of the week)
//                                     + sum of its pulses + sum of its habits )
//
// cycle has the mean 1 over a week; a pulse is height * exp(-k / decay) in its k-th minute; a habit is
// strength requests a day in a triangle of 2 * spread + 1 minutes. docs/generate.md has the equations. Pure:
// no I/O, no clock, no threads.
#pragma once

#include "models/ids.hpp"
#include "models/interval.hpp"
#include "models/result.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace forestage::models::synthetic {

inline constexpr std::int64_t minutes_per_day = 1'440;
inline constexpr std::int64_t minutes_per_week = 7 * minutes_per_day;
// Shares of a resource's regions are integers of this whole, so that they are exact in a file.
inline constexpr std::uint32_t share_whole = 10'000;

struct region {
  region_id name;
  std::int32_t utc_offset_minutes = 0; // local time - UTC, fixed; within +- 14 h
  std::uint32_t first_peer = 0;        // the peers at home here are first_peer .. first_peer + peers - 1
  std::uint32_t peers = 1;
  friend bool operator==(const region&, const region&) = default;
};

// A bump of the day: height * exp(-(x / width)^2 / 2), x minutes from its middle, the short way round the
// clock.
struct daily_peak {
  std::uint32_t minute = 0; // local minute of the day
  double width_minutes = 60;
  double height = 1;
  friend bool operator==(const daily_peak&, const daily_peak&) = default;
};

// What a kind of resource has in common: floor + two peaks a day, times weekend_factor on local Saturdays and
// Sundays.
struct resource_class {
  std::string name;
  double floor = 0;
  std::array<daily_peak, 2> peaks;
  double weekend_factor = 1;
  friend bool operator==(const resource_class&, const resource_class&) = default;
};

struct resource {
  resource_id name;
  std::uint32_t class_number = 0;
  double rate = 0; // requests a minute, all regions together, mean over a week, without pulses and habits
  std::int64_t born = 0;             // first minute of its life
  std::int64_t dies = 0;             // the minute after its last
  std::vector<std::uint16_t> shares; // one per region, sum share_whole
  friend bool operator==(const resource&, const resource&) = default;
};

// A burst: a flash crowd (once), or a scheduled session (every day or every week until the span's end).
struct pulse {
  enum class kind : std::uint8_t { flash = 0, session = 1 };
  kind what = kind::flash;
  std::uint32_t resource = 0;
  std::uint32_t region = 0;
  std::int64_t first_minute = 0;
  std::int64_t minutes = 1;        // length; nothing after it
  std::int64_t period_minutes = 0; // 0: once; else at least `minutes`
  double decay_minutes = 30;
  double height = 0; // expected requests of its first minute
  friend bool operator==(const pulse&, const pulse&) = default;
};

// A peer that asks for a resource at nearly the same time on every day.
struct habit {
  std::uint32_t peer = 0;
  std::uint32_t resource = 0;
  std::uint32_t region = 0;
  std::uint32_t minute = 0;         // middle, UTC minute of the day
  std::uint32_t spread_minutes = 0; // 0 .. 240
  double strength = 1;              // expected requests a day
  friend bool operator==(const habit&, const habit&) = default;
};

struct parameters {
  std::int64_t first_day = 0; // days since the unix epoch
  std::uint32_t days = 1;
  std::uint64_t seed = 1; // of the arrivals and their peers
  std::vector<region> regions;
  std::vector<resource_class> classes;
  std::vector<resource> resources;
  std::vector<pulse> pulses;
  std::vector<habit> habits;

  [[nodiscard]] std::int64_t span_minutes() const noexcept { return days * minutes_per_day; }
  friend bool operator==(const parameters&, const parameters&) = default;
};

// Each checks one part against those before it in `all`; the text says what is wrong, without the place.
// Errors: invalid_data.
[[nodiscard]] status check_span(const parameters& all);
[[nodiscard]] status check(const parameters& all, const region& item);
[[nodiscard]] status check(const parameters& all, const resource_class& item);
[[nodiscard]] status check(const parameters& all, const resource& item);
[[nodiscard]] status check(const parameters& all, const pulse& item);
[[nodiscard]] status check(const parameters& all, const habit& item);

// The week of every class in minutes: weights with the mean 1, and their running sums. Index 0 is Monday
// 00:00, local time.
class cycle_table {
public:
  explicit cycle_table(std::span<const resource_class> classes);
  // The running sums of a class: minutes_per_week + 1 values from 0 to minutes_per_week.
  [[nodiscard]] std::span<const double> sums(std::uint32_t class_number) const noexcept;
  // The sum over `minutes` >= 0 from `unix_minute` on, in the time zone of `utc_offset_minutes`.
  [[nodiscard]] double integral(std::uint32_t class_number, std::int32_t utc_offset_minutes,
                                std::int64_t unix_minute, std::int64_t minutes) const noexcept;
  // 0 .. minutes_per_week - 1.
  [[nodiscard]] static std::int64_t minute_of_week(std::int64_t unix_minute,
                                                   std::int32_t utc_offset_minutes) noexcept;

private:
  std::vector<double> sums_;
};

// Expected requests of minutes [from, to) of the span, by the definitions above; lifetimes are not applied.
[[nodiscard]] double expected(const pulse& item, std::int64_t span_minutes, std::int64_t from,
                              std::int64_t to) noexcept;
[[nodiscard]] double expected(const habit& item, std::int64_t from, std::int64_t to) noexcept;

// Immutable after make; const members may be called from any thread. Moves, but does not copy.
class rate_model {
public:
  // Errors: invalid_data with the place (a part and its number, from 0) of what is wrong.
  [[nodiscard]] static result<rate_model> make(parameters truth);

  [[nodiscard]] const parameters& truth() const noexcept { return truth_; }
  [[nodiscard]] const cycle_table& cycles() const noexcept { return cycles_; }
  [[nodiscard]] std::optional<std::uint32_t> find_resource(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint32_t> find_region(std::string_view name) const;

  // Expected requests of the intervals first, first + 1, … of `grid`, one per element of `out`; 0 outside the
  // span. Errors: invalid_argument when the grid's interval is not whole minutes; not_found for an unknown
  // resource or region.
  [[nodiscard]] status rates(const interval_grid& grid, std::string_view resource, std::string_view region,
                             interval_number first, std::span<double> out) const;
  // The same by numbers. Preconditions: both exist, the interval is whole minutes.
  void rates(const interval_grid& grid, std::uint32_t resource, std::uint32_t region, interval_number first,
             std::span<double> out) const;
  // Expected requests of the whole span, everything together.
  [[nodiscard]] double expected_requests() const;

  // Numbers in truth().pulses and truth().habits of one resource's, in ascending order.
  [[nodiscard]] std::span<const std::uint32_t> pulses_of(std::uint32_t resource) const noexcept;
  [[nodiscard]] std::span<const std::uint32_t> habits_of(std::uint32_t resource) const noexcept;

  rate_model(rate_model&&) = default;
  rate_model& operator=(rate_model&&) = default;
  rate_model(const rate_model&) = delete;
  rate_model& operator=(const rate_model&) = delete;
  ~rate_model() = default;

private:
  // The members of each resource, one list after another.
  struct grouping {
    std::vector<std::size_t> starts;
    std::vector<std::uint32_t> members;
  };

  explicit rate_model(parameters truth);
  void add_cycle(std::uint32_t resource, std::uint32_t region, std::int64_t from, std::int64_t step,
                 std::span<double> out) const;

  parameters truth_;
  cycle_table cycles_;
  std::unordered_map<std::string_view, std::uint32_t>
      resource_numbers_; // views into truth_, whose elements never move
  std::unordered_map<std::string_view, std::uint32_t> region_numbers_;
  grouping pulses_;
  grouping habits_;
};

} // namespace forestage::models::synthetic
