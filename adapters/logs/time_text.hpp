// Points in time as logs write them, to unix microseconds (UTC).
//
//   2012-01-01   2012-01-01 00:00   2012/01/01T00:00:00.25Z   2012-01-01 00:00:00+02:00   ISO 8601; UTC
//   unless an offset says 1335830400   1335830400.25   1335830400123 unix seconds; 1e11 and more:
//                                                                                          milli-, 1e14:
//                                                                                          micro-, 1e17:
//                                                                                          nanoseconds
//   4/30/2012   4/30/2012 13:05   4/30/2012 1:05:00 PM                                     month/day/year
//   10/Oct/2000:13:55:36 -0700   [10/Oct/2000:13:55:36 -0700]                              NCSA
//
// All functions are pure and make no allocation. Digits after the microseconds are dropped.
#pragma once

#include <cstdint>
#include <string_view>

namespace forestage::adapters::logs {

inline constexpr std::int64_t microseconds_per_second = 1'000'000;
inline constexpr std::int64_t first_time_us = 0;                                     // 1970-01-01
inline constexpr std::int64_t end_time_us = 7'258'118'400 * microseconds_per_second; // 2200-01-01, outside

enum class time_fault : std::uint8_t {
  none = 0,
  not_a_time = 1,   // the text has none of the forms
  out_of_range = 2, // before 1970 or after 2199
  not_an_hour = 3,  // of two columns, the second is neither hours nor HH:MM
};

struct time_value {
  std::int64_t us = 0;
  time_fault fault = time_fault::none;
  [[nodiscard]] bool ok() const noexcept { return fault == time_fault::none; }
};

[[nodiscard]] time_value parse_time(std::string_view text) noexcept;

// Adds the second of two columns to the first: hours (0 to 24, decimals allowed) or HH:MM[:SS[.fraction]].
[[nodiscard]] time_value add_hour(time_value day, std::string_view hour) noexcept;

// Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Hinnant, "chrono-compatible low-level
// date algorithms").
[[nodiscard]] constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month,
                                                     unsigned day) noexcept {
  year -= month <= 2 ? 1 : 0;
  const auto era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const auto day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const auto day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}
[[nodiscard]] constexpr unsigned days_in_month(std::int64_t year, unsigned month) noexcept {
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 ? (leap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// What a form's fields say, checked for sense; the range check included.
struct civil_time {
  std::int64_t year = 1970;
  unsigned month = 1;
  unsigned day = 1;
  unsigned hour = 0; // 24 only as 24:00:00
  unsigned minute = 0;
  unsigned second = 0; // 60 for a leap second: counts as the next one
  std::int64_t microsecond = 0;
  std::int64_t offset_seconds = 0; // east of Greenwich
};
[[nodiscard]] time_value to_time(const civil_time& civil) noexcept;
[[nodiscard]] time_value in_range(std::int64_t us) noexcept;
// Unix time written as a number, its unit told from its magnitude.
[[nodiscard]] time_value parse_unix(std::string_view text) noexcept;

// A reader over a text: each call takes what it names from the front, or returns false and leaves the rest
// undefined.
struct time_cursor {
  std::string_view rest;

  bool character(char wanted) noexcept;
  // Between `least` and `most` digits, as many as there are.
  bool digits(std::size_t least, std::size_t most, std::int64_t& value) noexcept;
  bool digits(std::size_t least, std::size_t most, unsigned& value) noexcept;
  // Digits of a fraction, as microseconds.
  bool fraction(std::int64_t& microseconds) noexcept;
  // Z, UTC, GMT, +hh, +hhmm, +hh:mm.
  bool offset(std::int64_t& seconds) noexcept;
  // A month's or a weekday's English name: three letters, or whole.
  bool month(unsigned& value) noexcept;
  bool weekday() noexcept;
  bool half_day(bool& afternoon) noexcept; // AM or PM
  void blanks() noexcept;
};

} // namespace forestage::adapters::logs
