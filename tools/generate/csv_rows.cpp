#include "tools/generate/csv_rows.hpp"

#include <charconv>
#include <chrono>

namespace forestage::tools {
namespace {

void put_two(std::uint32_t value, std::string& to) {
  to.push_back(static_cast<char>('0' + value / 10));
  to.push_back(static_cast<char>('0' + value % 10));
}

} // namespace

std::string iso_date(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  auto text = std::to_string(static_cast<int>(date.year()));
  text.insert(0, text.size() < 4 ? 4 - text.size() : 0, '0');
  text.push_back('-');
  put_two(static_cast<unsigned>(date.month()), text);
  text.push_back('-');
  put_two(static_cast<unsigned>(date.day()), text);
  return text;
}

void csv_rows::append(const models::synthetic::request& row, std::string& to) {
  if (row.second != second_) {
    second_ = row.second;
    constexpr std::uint32_t seconds = models::seconds_per_day;
    if (second_ / seconds != day_) {
      day_ = second_ / seconds;
      date_ = iso_date(truth_.first_day + day_);
    }
    const auto rest = second_ % seconds;
    time_ = date_ + "T";
    put_two(rest / 3'600, time_);
    time_.push_back(':');
    put_two(rest / 60 % 60, time_);
    time_.push_back(':');
    put_two(rest % 60, time_);
    time_ += "Z,";
  }
  to += time_;
  to += truth_.resources[row.resource].name.text();
  to += ",p/";
  char digits[10];
  const auto end = std::to_chars(digits, digits + sizeof digits, row.peer).ptr;
  to.append(digits, end);
  to.push_back(',');
  to += truth_.regions[row.region].name.text();
  to.push_back('\n');
}

} // namespace forestage::tools
