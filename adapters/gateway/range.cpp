#include "adapters/gateway/range.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace forestage::adapters::gateway {

namespace {
std::optional<std::uint64_t> number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

bool is_bytes_unit(std::string_view text) noexcept {
  constexpr std::string_view unit = "bytes=";
  return text.size() >= unit.size() && std::equal(unit.begin(), unit.end(), text.begin(), [](char u, char c) {
           return u == c || (c >= 'A' && c <= 'Z' && u == static_cast<char>(c - 'A' + 'a'));
         });
}
} // namespace

byte_range parse_range(std::string_view field, std::uint64_t size) noexcept {
  const byte_range whole{range_kind::whole, 0, size};
  constexpr byte_range unsatisfiable{range_kind::unsatisfiable, 0, 0};
  if (!is_bytes_unit(field)) return whole;
  field.remove_prefix(6);
  const auto dash = field.find('-');
  if (dash == field.npos) return whole;
  const auto first = field.substr(0, dash), last = field.substr(dash + 1);

  if (first.empty()) { // the last so many bytes
    const auto count = number(last);
    if (!count) return whole;
    if (*count == 0 || size == 0) return unsatisfiable;
    const auto length = std::min(*count, size);
    return {range_kind::part, size - length, length};
  }
  const auto from = number(first);
  const auto to = last.empty() ? std::optional{UINT64_MAX} : number(last);
  if (!from || !to || *to < *from) return whole;
  if (*from >= size) return unsatisfiable;
  return {range_kind::part, *from, std::min(*to, size - 1) - *from + 1};
}

} // namespace forestage::adapters::gateway
