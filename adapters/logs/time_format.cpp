#include "adapters/logs/time_format.hpp"

#include "adapters/logs/field.hpp"

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

constexpr std::string_view plain_directives = "YymdeHIMSfbBhjpzZsaAnt%";

std::string_view composed(char directive) noexcept {
  switch (directive) {
  case 'F':
    return "%Y-%m-%d";
  case 'T':
    return "%H:%M:%S";
  case 'R':
    return "%H:%M";
  case 'D':
    return "%m/%d/%y";
  default:
    return {};
  }
}

// What a text has said so far.
struct partial_time {
  civil_time civil;
  unsigned day_of_year = 0; // 0: not said
  bool twelve_hours = false;
  bool afternoon = false;
  bool unix_seconds = false;
  std::int64_t unix_value = 0;
};

// Takes what one directive names from the front of the text.
bool take(char directive, time_cursor& text, partial_time& said) noexcept {
  auto& civil = said.civil;
  switch (directive) {
  case 'Y':
    return text.digits(4, 4, civil.year);
  case 'y': {
    if (!text.digits(2, 2, civil.year)) return false;
    civil.year += civil.year >= 69 ? 1900 : 2000;
    return true;
  }
  // One digit is enough, as logs write 1/1/2011.
  case 'm':
    return text.digits(1, 2, civil.month);
  case 'd':
  case 'e':
    text.blanks();
    return text.digits(1, 2, civil.day);
  case 'H':
    return text.digits(1, 2, civil.hour);
  case 'I':
    said.twelve_hours = true;
    return text.digits(1, 2, civil.hour);
  case 'M':
    return text.digits(1, 2, civil.minute);
  case 'S': {
    if (!text.digits(1, 2, civil.second)) return false;
    auto after = text;
    if ((after.character('.') || after.character(',')) && after.fraction(civil.microsecond)) text = after;
    return true;
  }
  case 'f':
    return text.fraction(civil.microsecond);
  case 'b':
  case 'B':
  case 'h':
    return text.month(civil.month);
  case 'j':
    return text.digits(1, 3, said.day_of_year) && said.day_of_year != 0;
  case 'p':
    return text.half_day(said.afternoon);
  case 'z':
  case 'Z':
    return text.offset(civil.offset_seconds);
  case 's': {
    said.unix_seconds = true;
    return text.digits(1, 10, said.unix_value);
  }
  case 'a':
  case 'A':
    return text.weekday();
  case 'n':
  case 't':
    text.blanks();
    return true;
  default:
    return text.character('%');
  }
}

time_value conclude(partial_time& said) noexcept {
  constexpr time_value not_a_time{0, time_fault::not_a_time};
  auto& civil = said.civil;
  if (said.unix_seconds) return in_range(said.unix_value * microseconds_per_second + civil.microsecond);
  if (said.twelve_hours) {
    if (civil.hour < 1 || civil.hour > 12) return not_a_time;
    civil.hour = civil.hour % 12 + (said.afternoon ? 12 : 0);
  }
  if (said.day_of_year != 0) {
    auto left = said.day_of_year;
    civil.month = 1;
    while (civil.month <= 12 && left > days_in_month(civil.year, civil.month))
      left -= days_in_month(civil.year, civil.month++);
    if (civil.month > 12) return not_a_time;
    civil.day = left;
  }
  return to_time(civil);
}

} // namespace

result<time_format> time_format::make(std::string_view text) {
  constexpr std::size_t max_format_bytes = 256;
  if (text.size() > max_format_bytes)
    return {errc::invalid_argument,
            "--time-format: more than 256 bytes; give a strptime form such as '%Y-%m-%d %H:%M:%S'"};
  std::string program;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      program += text[i];
      continue;
    }
    if (++i == text.size())
      return {errc::invalid_argument, "--time-format: ends with a lone '%'; write '%%' for a percent sign"};
    if (const auto parts = composed(text[i]); !parts.empty()) {
      program += parts;
    } else if (plain_directives.find(text[i]) != std::string_view::npos) {
      program += '%';
      program += text[i];
    } else {
      return {
          errc::invalid_argument,
          "--time-format: " + excerpt(text.substr(i - 1, 2)) +
              " is not known; use %Y %y %m %d %e %b %B %j %H %I %p %M %S %f %z %Z %s %a %A %F %T %R %D %%"};
    }
  }
  const auto names = [&](std::string_view letters) {
    for (std::size_t i = 0; i + 1 < program.size(); ++i)
      if (program[i] == '%') {
        if (letters.find(program[i + 1]) != std::string_view::npos) return true;
        ++i;
      }
    return false;
  };
  const bool dated = names("s") || (names("Yy") && (names("j") || (names("mbBh") && names("de"))));
  if (!dated)
    return {errc::invalid_argument,
            "--time-format: " + excerpt(text) +
                " names no date; it needs %s, or a year (%Y or %y) with a month and a day, or with %j"};
  return time_format{std::string{text}, std::move(program)};
}

time_value time_format::parse(std::string_view text) const noexcept {
  constexpr time_value not_a_time{0, time_fault::not_a_time};
  time_cursor cursor{trimmed(text)};
  partial_time said;
  for (std::size_t i = 0; i < program_.size(); ++i) {
    const char c = program_[i];
    if (c == '%') {
      if (!take(program_[++i], cursor, said)) return not_a_time;
    } else if (c == ' ') {
      cursor.blanks();
    } else if (!cursor.character(c)) {
      return not_a_time;
    }
  }
  cursor.blanks();
  return cursor.rest.empty() ? conclude(said) : not_a_time;
}

} // namespace forestage::adapters::logs
