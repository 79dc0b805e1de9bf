#include "models/units.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace forestage::models {
namespace {

struct unit_name {
  std::string_view name;
  std::uint64_t factor;
};

// Smallest first.
constexpr std::array times{unit_name{"ms", 1}, unit_name{"s", 1'000}, unit_name{"m", 60'000},
                           unit_name{"h", 3'600'000}, unit_name{"d", 86'400'000}};
constexpr std::array sizes{unit_name{"B", 1}, unit_name{"KiB", 1ULL << 10U}, unit_name{"MiB", 1ULL << 20U},
                           unit_name{"GiB", 1ULL << 30U}, unit_name{"TiB", 1ULL << 40U}};
constexpr std::uint64_t most_milliseconds = 36'500ULL * 86'400'000ULL;
constexpr std::uint64_t most_bytes = 1ULL << 50U;

template <class Units>
std::optional<std::uint64_t> quantity(std::string_view text, const Units& units, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{}) return {};
  const auto name = text.substr(static_cast<std::size_t>(end - text.data()));
  if (name.empty() && value == 0) return 0;
  for (const auto& unit : units)
    if (unit.name == name && value <= most / unit.factor) return value * unit.factor;
  return {};
}

template <class Units> std::string text_of(std::uint64_t value, const Units& units, std::size_t of_zero) {
  std::size_t best = value == 0 ? of_zero : 0;
  for (std::size_t i = 0; i < units.size() && value != 0; ++i)
    if (value % units[i].factor == 0) best = i;
  return std::to_string(value / units[best].factor) + std::string{units[best].name};
}

} // namespace

result<std::int64_t> parse_milliseconds(std::string_view text) {
  if (const auto value = quantity(text, times, most_milliseconds)) return static_cast<std::int64_t>(*value);
  return {errc::invalid_argument, "'" + std::string{text} +
                                      "' is not a length of time: write a whole number and its unit, such as "
                                      "250ms, 30s, 5m, 1h or 2d"};
}

result<std::uint64_t> parse_bytes(std::string_view text) {
  if (const auto value = quantity(text, sizes, most_bytes)) return *value;
  return {errc::invalid_argument,
          "'" + std::string{text} +
              "' is not a size: write a whole number and its unit, such as 512B, 64KiB, 1MiB or 4GiB"};
}

std::string milliseconds_text(std::int64_t milliseconds) {
  return text_of(static_cast<std::uint64_t>(milliseconds), times, 1);
}

std::string bytes_text(std::uint64_t bytes) {
  return text_of(bytes, sizes, 0);
}

} // namespace forestage::models
