#include "adapters/logs/time_text.hpp"

#include "adapters/logs/field.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace forestage::adapters::logs {

namespace {

constexpr time_value not_a_time{0, time_fault::not_a_time};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
char low(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Takes an English name from the front: whole, or its first three letters.
bool take_name(std::string_view& rest, std::string_view name) noexcept {
  std::size_t matched = 0;
  while (matched < name.size() && matched < rest.size() && low(rest[matched]) == low(name[matched]))
    ++matched;
  if (matched < 3) return false;
  rest.remove_prefix(matched == name.size() ? matched : 3);
  return true;
}

// HH[:MM[:SS[.fraction]]], then AM or PM, then an offset; each part may be absent from where the text ends.
bool clock_part(time_cursor& cursor, civil_time& civil) noexcept {
  if (!cursor.digits(1, 2, civil.hour)) return false;
  if (cursor.character(':')) {
    if (!cursor.digits(2, 2, civil.minute)) return false;
    if (cursor.character(':')) {
      if (!cursor.digits(2, 2, civil.second)) return false;
      if ((cursor.character('.') || cursor.character(',')) && !cursor.fraction(civil.microsecond))
        return false;
    }
  }
  cursor.blanks();
  bool afternoon = false;
  if (cursor.half_day(afternoon)) {
    if (civil.hour < 1 || civil.hour > 12) return false;
    civil.hour = civil.hour % 12 + (afternoon ? 12 : 0);
    cursor.blanks();
  }
  if (!cursor.rest.empty() && !cursor.offset(civil.offset_seconds)) return false;
  return cursor.rest.empty();
}

// Year first, its separator already seen at [4].
time_value parse_iso(std::string_view text) noexcept {
  civil_time civil;
  time_cursor cursor{text};
  const char separator = text[4];
  if (!cursor.digits(4, 4, civil.year) || !cursor.character(separator) || !cursor.digits(1, 2, civil.month) ||
      !cursor.character(separator) || !cursor.digits(1, 2, civil.day))
    return not_a_time;
  if (cursor.rest.empty()) return to_time(civil);
  if (!cursor.character('T') && !cursor.character('t') && !cursor.character(' ')) return not_a_time;
  cursor.blanks();
  return clock_part(cursor, civil) ? to_time(civil) : not_a_time;
}

// Month first.
time_value parse_american(std::string_view text) noexcept {
  civil_time civil;
  time_cursor cursor{text};
  if (!cursor.digits(1, 2, civil.month) || !cursor.character('/') || !cursor.digits(1, 2, civil.day) ||
      !cursor.character('/') || !cursor.digits(4, 4, civil.year))
    return not_a_time;
  if (cursor.rest.empty()) return to_time(civil);
  if (!cursor.character(' ')) return not_a_time;
  cursor.blanks();
  return clock_part(cursor, civil) ? to_time(civil) : not_a_time;
}

time_value parse_ncsa(std::string_view text) noexcept {
  civil_time civil;
  time_cursor cursor{text};
  const bool bracketed = cursor.character('[');
  if (!cursor.digits(1, 2, civil.day) || !cursor.character('/') || !cursor.month(civil.month) ||
      !cursor.character('/') || !cursor.digits(4, 4, civil.year) || !cursor.character(':') ||
      !cursor.digits(2, 2, civil.hour) || !cursor.character(':') || !cursor.digits(2, 2, civil.minute) ||
      !cursor.character(':') || !cursor.digits(2, 2, civil.second))
    return not_a_time;
  if (cursor.character('.') && !cursor.fraction(civil.microsecond)) return not_a_time;
  cursor.blanks();
  if (bracketed && cursor.character(']')) return cursor.rest.empty() ? to_time(civil) : not_a_time;
  if (!cursor.rest.empty() && !cursor.offset(civil.offset_seconds)) return not_a_time;
  if (bracketed && !cursor.character(']')) return not_a_time;
  return cursor.rest.empty() ? to_time(civil) : not_a_time;
}

constexpr unsigned not_a_number = 0x8000'0000U;
unsigned two_digits(const char* text) noexcept {
  return is_digit(text[0]) && is_digit(text[1])
             ? static_cast<unsigned>((text[0] - '0') * 10 + (text[1] - '0'))
             : not_a_number;
}

// YYYY-MM-DD, a blank or T, HH:MM, then nothing or :SS: the form of nearly every log, without a cursor.
std::optional<time_value> parse_common(std::string_view text) noexcept {
  const char* t = text.data();
  if (t[4] != '-' || t[7] != '-' || (t[10] != ' ' && t[10] != 'T') || t[13] != ':') return std::nullopt;
  const bool seconds = text.size() == 19;
  if (seconds && t[16] != ':') return std::nullopt;
  const auto century = two_digits(t);
  const auto year = two_digits(t + 2);
  civil_time civil;
  civil.month = two_digits(t + 5);
  civil.day = two_digits(t + 8);
  civil.hour = two_digits(t + 11);
  civil.minute = two_digits(t + 14);
  civil.second = seconds ? two_digits(t + 17) : 0;
  if (((century | year | civil.month | civil.day | civil.hour | civil.minute | civil.second) &
       not_a_number) != 0)
    return std::nullopt;
  civil.year = century * 100 + year;
  return to_time(civil);
}

} // namespace

time_value in_range(std::int64_t us) noexcept {
  return us >= first_time_us && us < end_time_us ? time_value{us} : time_value{0, time_fault::out_of_range};
}

time_value to_time(const civil_time& civil) noexcept {
  if (civil.month < 1 || civil.month > 12 || civil.day < 1 ||
      civil.day > days_in_month(civil.year, civil.month))
    return not_a_time;
  const bool end_of_day =
      civil.hour == 24 && civil.minute == 0 && civil.second == 0 && civil.microsecond == 0;
  if ((civil.hour > 23 && !end_of_day) || civil.minute > 59 || civil.second > 60) return not_a_time;
  const auto seconds = days_from_civil(civil.year, civil.month, civil.day) * 86'400 +
                       static_cast<std::int64_t>(civil.hour * 3'600 + civil.minute * 60 + civil.second) -
                       civil.offset_seconds;
  return in_range(seconds * microseconds_per_second + civil.microsecond);
}

time_value parse_unix(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::int64_t whole = 0;
  time_cursor cursor{text};
  std::int64_t microseconds = 0;
  if (!cursor.digits(1, 18, whole)) return not_a_time;
  if (cursor.rest.size() == 1 && is_digit(cursor.rest.front()) && !negative)
    return in_range(whole / 100); // nanoseconds
  if (cursor.character('.') && !cursor.rest.empty() && !cursor.fraction(microseconds)) return not_a_time;
  if (!cursor.rest.empty()) {
    // More than 19 digits, or 1.3e9: rare enough for the general reader.
    const auto number = parse_number(text);
    if (!number) return not_a_time;
    if (negative || !(*number < 1e11)) return {0, time_fault::out_of_range};
    return in_range(static_cast<std::int64_t>(std::floor(*number * 1e6)));
  }
  if (negative && (whole != 0 || microseconds != 0)) return {0, time_fault::out_of_range};
  if (whole < 100'000'000'000) return in_range(whole * microseconds_per_second + microseconds);
  if (whole < 100'000'000'000'000) return in_range(whole * 1'000 + microseconds / 1'000);
  if (whole < 100'000'000'000'000'000) return in_range(whole);
  return in_range(whole / 1'000);
}

time_value parse_time(std::string_view text) noexcept {
  if (text.size() == 16 || text.size() == 19)
    if (const auto common = parse_common(text)) return *common;
  text = trimmed(text);
  if (text.empty()) return not_a_time;
  const auto digit_count = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digit_count == 4 && text.size() > 4 && (text[4] == '-' || text[4] == '/')) return parse_iso(text);
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return parse_unix(text);
  if (slash + 1 < text.size() && !is_digit(text[slash + 1])) return parse_ncsa(text);
  return parse_american(text);
}

time_value add_hour(time_value day, std::string_view hour) noexcept {
  if (!day.ok()) return day;
  hour = trimmed(hour);
  constexpr time_value fault{0, time_fault::not_an_hour};
  if (hour.find(':') != std::string_view::npos) {
    civil_time civil;
    time_cursor cursor{hour};
    if (!clock_part(cursor, civil)) return fault;
    const auto clock = to_time(civil); // on 1970-01-01
    if (clock.fault == time_fault::not_a_time) return fault;
    const auto us = static_cast<std::int64_t>(civil.hour * 3'600 + civil.minute * 60 + civil.second) -
                    civil.offset_seconds;
    return in_range(day.us + us * microseconds_per_second + civil.microsecond);
  }
  const auto hours = parse_number(hour);
  if (!hours || *hours < 0.0 || *hours > 24.0) return fault;
  return in_range(day.us + std::llround(*hours * 3.6e9));
}

bool time_cursor::character(char wanted) noexcept {
  if (rest.empty() || rest.front() != wanted) return false;
  rest.remove_prefix(1);
  return true;
}

bool time_cursor::digits(std::size_t least, std::size_t most, std::int64_t& value) noexcept {
  std::size_t taken = 0;
  value = 0;
  while (taken < most && taken < rest.size() && is_digit(rest[taken]))
    value = value * 10 + (rest[taken++] - '0');
  rest.remove_prefix(taken);
  return taken >= least;
}

bool time_cursor::digits(std::size_t least, std::size_t most, unsigned& value) noexcept {
  std::int64_t wide = 0;
  const bool taken = digits(least, most, wide);
  value = static_cast<unsigned>(wide);
  return taken;
}

bool time_cursor::fraction(std::int64_t& microseconds) noexcept {
  microseconds = 0;
  std::int64_t unit = 100'000;
  std::size_t taken = 0;
  for (; taken < rest.size() && is_digit(rest[taken]); ++taken, unit /= 10)
    microseconds += (rest[taken] - '0') * unit;
  rest.remove_prefix(taken);
  return taken > 0;
}

bool time_cursor::offset(std::int64_t& seconds) noexcept {
  seconds = 0;
  blanks();
  if (character('Z') || character('z')) return true;
  for (const std::string_view zone : {"UTC", "GMT"})
    if (rest.starts_with(zone)) {
      rest.remove_prefix(zone.size());
      return true;
    }
  const bool west = rest.starts_with('-');
  if (!west && !rest.starts_with('+')) return false;
  rest.remove_prefix(1);
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  if (rest.size() >= 4 && is_digit(rest[2])) {
    std::int64_t both = 0;
    if (!digits(4, 4, both)) return false;
    hours = both / 100;
    minutes = both % 100;
  } else {
    if (!digits(2, 2, hours)) return false;
    if (character(':') && !digits(2, 2, minutes)) return false;
  }
  if (hours > 23 || minutes > 59) return false;
  seconds = (hours * 3'600 + minutes * 60) * (west ? -1 : 1);
  return true;
}

bool time_cursor::month(unsigned& value) noexcept {
  constexpr std::array<std::string_view, 12> names{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
  for (unsigned i = 0; i < names.size(); ++i)
    if (take_name(rest, names[i])) {
      value = i + 1;
      return true;
    }
  return false;
}

bool time_cursor::weekday() noexcept {
  for (const std::string_view name :
       {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
    if (take_name(rest, name)) return true;
  return false;
}

bool time_cursor::half_day(bool& afternoon) noexcept {
  if (rest.size() < 2 || low(rest[1]) != 'm' || (low(rest[0]) != 'a' && low(rest[0]) != 'p')) return false;
  afternoon = low(rest[0]) == 'p';
  rest.remove_prefix(2);
  return true;
}

void time_cursor::blanks() noexcept {
  while (rest.starts_with(' '))
    rest.remove_prefix(1);
}

} // namespace forestage::adapters::logs
