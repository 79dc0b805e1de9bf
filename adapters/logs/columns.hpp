// Which column says what, and which rows are taken: --columns and --where.
//
//   time=timestamp,resource=room,region=region,peer=peer,count=n,size=bytes   role=column
//   time=date+hour          two columns: a date, and hours or HH:MM to add
//   count=calls,messages    one resource per counted column
//   segment=device+plan     the class of the peer; two columns are joined: phone/free
//
// An item without '=' continues the count before it. A backslash takes ',', '+', '=' or '\' in a column's
// name literally. Roles that are not named are absent. Pure functions.
#pragma once

#include "models/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::adapters::logs {

struct column_map {
  std::vector<std::string> time{}; // one or two columns
  std::optional<std::string> resource{};
  std::optional<std::string> region{};
  std::optional<std::string> peer{};
  std::vector<std::string> segment{}; // one or two columns, joined by /
  std::vector<std::string> counts{};  // none: one request a row; several: one resource per column
  std::optional<std::string> size{};

  friend bool operator==(const column_map&, const column_map&) = default;
};

// Errors: invalid_argument, naming the item and the remedy.
[[nodiscard]] models::result<column_map> parse_columns(std::string_view text);
// The text that parse_columns reads back.
[[nodiscard]] std::string to_string(const column_map& columns);

// column=pattern, where the pattern has to match the whole field: '*' is any text, '?' any one character,
// 'a|b' either; a backslash takes the next character literally. An empty pattern matches an empty field.
struct where_clause {
  std::string column;
  std::vector<std::string> patterns{}; // any of them
};
[[nodiscard]] models::result<where_clause> parse_where(std::string_view text);
[[nodiscard]] bool matches(const where_clause& clause, std::string_view field) noexcept;

} // namespace forestage::adapters::logs
