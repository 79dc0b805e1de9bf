// Intervals: half-open spans of a fixed length on the UTC midnight grid.
//
// Interval n of a grid of s seconds covers the unix seconds [n * s, (n + 1) * s). The lengths allowed divide
// a day, so every midnight is a boundary. Numbers count from the unix epoch and are the same in every
// process.
#pragma once

#include "models/result.hpp"

#include <compare>
#include <cstdint>

namespace forestage::models {

inline constexpr std::int64_t seconds_per_day = 86'400;

// The number of an interval on a grid. Differences are plain counts of intervals.
class interval_number {
public:
  constexpr interval_number() = default;
  explicit constexpr interval_number(std::int64_t value) noexcept
      : value_(value) {}
  [[nodiscard]] constexpr std::int64_t value() const noexcept { return value_; }

  friend constexpr auto operator<=>(interval_number, interval_number) = default;
  friend constexpr interval_number operator+(interval_number n, std::int64_t count) noexcept {
    return interval_number{n.value_ + count};
  }
  friend constexpr interval_number operator-(interval_number n, std::int64_t count) noexcept {
    return interval_number{n.value_ - count};
  }
  friend constexpr std::int64_t operator-(interval_number a, interval_number b) noexcept {
    return a.value_ - b.value_;
  }
  constexpr interval_number& operator++() noexcept {
    ++value_;
    return *this;
  }

private:
  std::int64_t value_ = 0;
};

// A grid of intervals. Value type, immutable.
class interval_grid {
public:
  // seconds: 1 to 86,400 and a divisor of a day. Errors: invalid_argument.
  [[nodiscard]] static result<interval_grid> make(std::int64_t seconds);

  [[nodiscard]] constexpr std::int64_t seconds() const noexcept { return seconds_; }
  [[nodiscard]] constexpr std::int64_t per_day() const noexcept { return seconds_per_day / seconds_; }
  [[nodiscard]] constexpr std::int64_t per_week() const noexcept { return 7 * per_day(); }

  // The interval that holds a moment (unix seconds; negative ones lie before 1970).
  [[nodiscard]] constexpr interval_number at(std::int64_t unix_seconds) const noexcept {
    const auto quotient = unix_seconds / seconds_;
    return interval_number{quotient - (unix_seconds % seconds_ < 0 ? 1 : 0)};
  }
  // Unix seconds of an interval's start.
  [[nodiscard]] constexpr std::int64_t start(interval_number n) const noexcept {
    return n.value() * seconds_;
  }
  // The day (counted from the epoch) that holds an interval.
  [[nodiscard]] constexpr std::int64_t day(interval_number n) const noexcept {
    const auto quotient = n.value() / per_day();
    return quotient - (n.value() % per_day() < 0 ? 1 : 0);
  }
  // Place within the day, 0 .. per_day() - 1, and within the week that began on the epoch's Thursday.
  [[nodiscard]] constexpr std::int64_t slot_of_day(interval_number n) const noexcept {
    return n.value() - day(n) * per_day();
  }
  [[nodiscard]] constexpr std::int64_t slot_of_week(interval_number n) const noexcept {
    const auto rest = n.value() % per_week();
    return rest < 0 ? rest + per_week() : rest;
  }

  friend bool operator==(interval_grid, interval_grid) = default;

private:
  explicit constexpr interval_grid(std::int64_t seconds) noexcept
      : seconds_(seconds) {}
  std::int64_t seconds_;
};

} // namespace forestage::models
