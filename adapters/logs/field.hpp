// Small helpers on field texts: numbers, trimming, excerpts for messages, the closest of several names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace forestage::adapters::logs {

// Without blanks and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

inline constexpr double max_count = 1e12;

struct count_value {
  std::int64_t rounded = 0; // half up
  double written = 0.0;
};
// A count: a finite decimal number from 0 to 1e12, blanks around it allowed.
[[nodiscard]] std::optional<count_value> parse_count(std::string_view text) noexcept;

// A size in bytes: a whole number from 0 to 2^53 (decimals such as 512.0 are allowed), blanks around it
// allowed.
[[nodiscard]] std::optional<std::int64_t> parse_size(std::string_view text) noexcept;

// A finite decimal number, blanks around it allowed.
[[nodiscard]] std::optional<double> parse_number(std::string_view text) noexcept;

// The text in quotes for a message: at most 40 bytes, control bytes and broken UTF-8 shown as '?'.
[[nodiscard]] std::string excerpt(std::string_view text);

// ASCII letters in lower case.
[[nodiscard]] std::string lower(std::string_view text);

// The name nearest to `wanted` by edits, ignoring case, or empty when none is near.
[[nodiscard]] std::string closest(std::string_view wanted, std::span<const std::string> names);

// "a, b, c" in quotes, cut after 20 names.
[[nodiscard]] std::string name_list(std::span<const std::string> names);

} // namespace forestage::adapters::logs
