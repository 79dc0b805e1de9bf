#include "adapters/gateway/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace forestage::adapters::gateway {

namespace {
constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::time_t last_second = 253'402'300'799; // of the year 9999
} // namespace

std::string format_http_date(std::time_t unix_seconds) {
  using namespace std::chrono;
  const auto second = seconds{std::clamp<std::time_t>(unix_seconds, 0, last_second)};
  const sys_days day = floor<std::chrono::days>(sys_time<seconds>{second});
  const year_month_day date{day};
  const hh_mm_ss time{sys_time<seconds>{second} - day};
  std::array<char, 40> out{};
  const int size = std::snprintf(
      out.data(), out.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", gateway::days[weekday{day}.c_encoding()],
      unsigned{date.day()}, gateway::months[unsigned{date.month()} - 1], int{date.year()},
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  return {out.data(), static_cast<std::size_t>(size)};
}

std::optional<std::time_t> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  // Sun, 06 Nov 1994 08:49:37 GMT
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT")
    return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = -1;
    const auto* end = text.data() + at + size;
    const auto read = std::from_chars(text.data() + at, end, value);
    return read.ptr == end ? value : -1;
  };
  const auto month = std::ranges::find(gateway::months, text.substr(8, 3),
                                       [](const char* name) { return std::string_view{name}; });
  const int day = number(5, 2), year_number = number(12, 4), hour = number(17, 2), minute = number(20, 2),
            second = number(23, 2);
  if (month == gateway::months.end() || day < 1 || year_number < 1970 || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  const year_month_day date{year{year_number},
                            std::chrono::month{static_cast<unsigned>(month - gateway::months.begin()) + 1},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const auto time = sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
  return time.time_since_epoch() / seconds{1};
}

} // namespace forestage::adapters::gateway
