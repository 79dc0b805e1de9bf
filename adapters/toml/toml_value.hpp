// A TOML document (TOML 1.0) as plain values that know where they stand. The vendor's types stay inside.
// Thread-safe. No exceptions.
#pragma once

#include "models/result.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::adapters {

inline constexpr std::size_t max_toml_bytes = std::size_t{1} << 20U;

struct toml_place {
  std::uint32_t line = 0, column = 0; // from 1; 0: nowhere
  friend auto operator<=>(const toml_place&, const toml_place&) = default;
};

enum class toml_kind : std::uint8_t { text, integer, real, boolean, list, table, time };
// With its article: "a text", "a whole number".
[[nodiscard]] std::string_view to_string(toml_kind kind) noexcept;

struct toml_member;

struct toml_value {
  toml_kind kind = toml_kind::table;
  toml_place at;
  std::string text; // a text; a time as it was written is not kept
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<toml_value> items;    // of a list
  std::vector<toml_member> members; // of a table, as they stand in the file
};

struct toml_member {
  std::string key;
  toml_place at;
  toml_value value;
};

// "name:3:7: ", before a sentence about that place.
[[nodiscard]] std::string place_text(std::string_view name, toml_place at);

// The table of a whole document. `name` stands in errors, with line and column. Errors: invalid_data (no
// TOML; a key or a section that comes twice), limit_exceeded.
[[nodiscard]] models::result<toml_value> parse_toml(std::string_view text, std::string_view name);

// A text as a TOML string, quoted and escaped.
[[nodiscard]] std::string toml_quoted(std::string_view text);

} // namespace forestage::adapters
