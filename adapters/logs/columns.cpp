#include "adapters/logs/columns.hpp"

#include "adapters/logs/field.hpp"
#include "models/glob.hpp"

#include <array>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

constexpr std::size_t max_option_bytes = std::size_t{64} * 1024;
const std::array<std::string, 7> role_names{"time", "resource", "region", "peer", "segment", "count", "size"};
constexpr std::string_view example = "--columns time=timestamp,resource=room,count=n";

// Splits at a separator that no backslash precedes; the backslashes stay.
std::vector<std::string_view> split_unescaped(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == separator) {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::size_t find_unescaped(std::string_view text, char wanted) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == wanted) {
      return i;
    }
  }
  return std::string_view::npos;
}

// Without blanks at both ends; a blank behind a backslash stays.
std::string_view trimmed_unescaped(std::string_view text) noexcept {
  auto kept = trimmed(text);
  std::size_t backslashes = 0;
  while (backslashes < kept.size() && kept[kept.size() - 1 - backslashes] == '\\')
    ++backslashes;
  const auto* end = kept.data() + kept.size();
  if (backslashes % 2 == 1 && end != text.data() + text.size()) kept = {kept.data(), kept.size() + 1};
  return kept;
}

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

// With a backslash before the signs of the language, and before a blank at either end.
std::string escaped(std::string_view text, std::string_view special) {
  std::string written;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool outer_blank = (i == 0 || i + 1 == text.size()) && (text[i] == ' ' || text[i] == '\t');
    if (outer_blank || text[i] == '\\' || special.find(text[i]) != std::string_view::npos) written += '\\';
    written += text[i];
  }
  return written;
}

models::error wrong(std::string text) {
  return {errc::invalid_argument, "--columns: " + std::move(text) + "; example: " + std::string{example}};
}

// Sets the one column of a role that takes one.
std::optional<models::error> set_once(std::optional<std::string>& role, std::string_view name,
                                      std::string_view column) {
  if (role) return wrong("the role '" + std::string{name} + "' is given twice; give it once");
  role = unescaped(column);
  return std::nullopt;
}

std::optional<models::error> set_role(column_map& map, std::string_view role, std::string_view column) {
  if (role == "resource") return set_once(map.resource, role, column);
  if (role == "region") return set_once(map.region, role, column);
  if (role == "peer") return set_once(map.peer, role, column);
  if (role == "size") return set_once(map.size, role, column);
  if (role == "count") {
    if (!map.counts.empty()) return wrong("the role 'count' is given twice; list its columns as count=a,b");
    map.counts.push_back(unescaped(column));
    return std::nullopt;
  }
  const bool is_time = role == "time";
  auto& columns = is_time ? map.time : map.segment;
  const std::string name{role};
  const std::string two = is_time ? "time=date+hour" : "segment=device+plan";
  if (!columns.empty())
    return wrong("the role '" + name + "' is given twice; two columns are written " + two);
  const auto parts = split_unescaped(column, '+');
  if (parts.size() > 2) return wrong(name + " takes one column, or two as " + two);
  for (const auto part : parts) {
    if (part.empty()) return wrong(name + ": a column without a name beside '+'; write " + two);
    columns.push_back(unescaped(part));
  }
  return std::nullopt;
}

} // namespace

result<column_map> parse_columns(std::string_view text) {
  if (text.size() > max_option_bytes) return wrong("more than 64 KiB of text");
  if (trimmed(text).empty()) return wrong("is empty; at least time=COLUMN is needed");
  column_map map;
  std::string last_role;
  for (const auto raw : split_unescaped(text, ',')) {
    const auto item = trimmed_unescaped(raw);
    if (item.empty()) return wrong("an empty item between commas; remove the comma too many");
    const auto equals = find_unescaped(item, '=');
    if (equals == std::string_view::npos) {
      if (last_role != "count")
        return wrong(excerpt(item) + " has no role; write role=column with a role of time, resource, region, "
                                     "peer, segment, count, size "
                                     "(only count takes several columns)");
      map.counts.push_back(unescaped(item));
      continue;
    }
    last_role = std::string{trimmed(item.substr(0, equals))};
    const auto column = trimmed_unescaped(item.substr(equals + 1));
    bool known = false;
    for (const auto& name : role_names)
      known = known || name == last_role;
    if (!known) {
      const auto near = closest(last_role, role_names);
      return wrong("the role " + excerpt(last_role) + " is not known" +
                   (near.empty() ? "" : ", did you mean '" + near + "'?") +
                   "; roles are time, resource, region, peer, segment, count, size");
    }
    if (column.empty()) return wrong("the role " + excerpt(last_role) + " has no column; write ROLE=COLUMN");
    if (auto failed = set_role(map, last_role, column)) return *failed;
  }
  if (map.time.empty()) return wrong("names no time column; add time=COLUMN");
  for (std::size_t i = 0; i < map.counts.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (map.counts[i] == map.counts[j])
        return wrong("count names the column " + excerpt(map.counts[i]) + " twice; name it once");
  return map;
}

std::string to_string(const column_map& columns) {
  std::string text = "time";
  char before = '=';
  const auto add = [&](std::string_view column, std::string_view special) {
    text += before;
    text += escaped(column, special);
  };
  const auto add_joined = [&](const std::vector<std::string>& joined) {
    before = '=';
    for (const auto& column : joined) {
      add(column, ",=+");
      before = '+';
    }
    before = '=';
  };
  add_joined(columns.time);
  const auto add_role = [&](std::string_view role, const std::optional<std::string>& column) {
    if (!column) return;
    text.append(1, ',').append(role);
    add(*column, ",=");
  };
  add_role("resource", columns.resource);
  add_role("region", columns.region);
  add_role("peer", columns.peer);
  if (!columns.segment.empty()) text += ",segment";
  add_joined(columns.segment);
  if (!columns.counts.empty()) text += ",count";
  for (const auto& column : columns.counts) {
    add(column, ",=");
    before = ',';
  }
  before = '=';
  add_role("size", columns.size);
  return text;
}

result<where_clause> parse_where(std::string_view text) {
  const auto equals = find_unescaped(text, '=');
  const auto column = trimmed(text.substr(0, equals == std::string_view::npos ? text.size() : equals));
  if (text.size() > max_option_bytes || equals == std::string_view::npos || column.empty())
    return {errc::invalid_argument,
            "--where: " + excerpt(text) +
                " is not COLUMN=PATTERN; example: --where 'kind=m|a' or --where 'path=/video/*'"};
  where_clause clause{unescaped(column), {}};
  for (const auto pattern : split_unescaped(text.substr(equals + 1), '|'))
    clause.patterns.emplace_back(pattern);
  return clause;
}

bool matches(const where_clause& clause, std::string_view field) noexcept {
  for (const auto& pattern : clause.patterns)
    if (models::matches_glob(pattern, field)) return true;
  return false;
}

} // namespace forestage::adapters::logs
