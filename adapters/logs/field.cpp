#include "adapters/logs/field.hpp"

#include "models/ids.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <vector>

namespace forestage::adapters::logs {

namespace {

constexpr std::size_t max_excerpt_bytes = 40;
constexpr std::size_t max_names_listed = 20;
constexpr double max_size = 9'007'199'254'740'992.0; // 2^53: exact in a double

// A whole number of at most 15 digits, the common case; empty otherwise.
std::optional<std::int64_t> few_digits(std::string_view text) noexcept {
  if (text.empty() || text.size() > 15) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

} // namespace

std::string_view trimmed(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && blank(text.back()))
    text.remove_suffix(1);
  return text;
}

std::optional<double> parse_number(std::string_view text) noexcept {
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  double value = 0.0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<count_value> parse_count(std::string_view text) noexcept {
  text = trimmed(text);
  if (const auto whole = few_digits(text)) {
    const auto written = static_cast<double>(*whole);
    if (written > max_count) return std::nullopt;
    return count_value{*whole, written};
  }
  const auto number = parse_number(text);
  if (!number || *number < 0.0 || *number > max_count) return std::nullopt;
  const auto below = std::floor(*number);
  return count_value{static_cast<std::int64_t>(below) + (*number - below >= 0.5 ? 1 : 0), *number};
}

std::optional<std::int64_t> parse_size(std::string_view text) noexcept {
  text = trimmed(text);
  if (const auto whole = few_digits(text)) return whole;
  const auto number = parse_number(text);
  if (!number || *number < 0.0 || *number > max_size || *number != std::floor(*number)) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::string excerpt(std::string_view text) {
  const bool cut = text.size() > max_excerpt_bytes;
  text = text.substr(0, max_excerpt_bytes);
  // A cut inside a character leaves at most three bytes of it.
  for (int dropped = 0; cut && dropped < 3 && !models::is_utf8(text); ++dropped)
    text.remove_suffix(1);
  const bool readable = models::is_utf8(text);
  std::string shown = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !readable) ? '?' : c;
  }
  return shown + (cut ? "…'" : "'");
}

std::string lower(std::string_view text) {
  std::string low{text};
  for (char& c : low)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return low;
}

std::string closest(std::string_view wanted, std::span<const std::string> names) {
  constexpr std::size_t max_compared = 64;
  if (wanted.size() > max_compared) return {};
  const auto low = lower(wanted);
  std::string best;
  // At most a third of the letters may differ, but always one or two; a name that holds the other is near as
  // well.
  auto allowed = std::max<std::size_t>(2, low.size() / 3);
  for (const auto& name : names) {
    if (name.empty() || name.size() > max_compared) continue;
    const auto candidate = lower(name);
    auto distance = edit_distance(low, candidate);
    if (low.size() >= 3 && candidate.size() >= 3 &&
        (candidate.find(low) != std::string::npos || low.find(candidate) != std::string::npos))
      distance = std::min<std::size_t>(distance, 1);
    if (distance >= std::max(low.size(), candidate.size())) continue;
    if (distance < allowed || (distance == allowed && best.empty())) {
      allowed = distance;
      best = name;
    }
  }
  return best;
}

std::string name_list(std::span<const std::string> names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < max_names_listed; ++i)
    text.append(i == 0 ? "" : ", ").append(excerpt(names[i]));
  if (names.size() > max_names_listed) text += ", … (" + std::to_string(names.size()) + " in all)";
  return text;
}

} // namespace forestage::adapters::logs
