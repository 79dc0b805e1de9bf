// What the tests of the log readers share.
#pragma once

#include "adapters/logs/log_source.hpp"
#include "models/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace forestage::tests {

// The text of an error; empty when there is none.
template <class T> std::string why(const models::result<T>& outcome) {
  return outcome.ok() ? std::string{} : outcome.failure().text;
}

inline bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// An event that owns its texts.
struct kept_event {
  std::int64_t seconds = 0;
  std::string resource;
  std::string region;
  std::string peer;
  std::int64_t count = 0;
  std::int64_t size = -1; // -1: none
  bool missing = false;
  std::uint64_t line = 0;
  std::uint32_t file = 0;
  double value = 0;

  friend bool operator==(const kept_event&, const kept_event&) = default;
};

struct kept_log {
  std::vector<kept_event> events;
  adapters::logs::read_report report;
  std::string error; // of opening or reading; empty when there is none
};

inline kept_log keep(const models::result<adapters::logs::log_source>& source) {
  kept_log kept;
  if (!source) {
    kept.error = source.failure().text;
    return kept;
  }
  auto report = (*source).read_each([&](const adapters::logs::log_event& e) {
    kept.events.push_back({e.time_us / 1'000'000, std::string{e.resource}, std::string{e.region},
                           std::string{e.peer}, e.count, e.size_bytes.value_or(-1), e.missing, e.line, e.file,
                           e.value});
  });
  if (report)
    kept.report = *report;
  else
    kept.error = report.failure().text;
  return kept;
}

// Reads bytes as a log called "log". Empty columns: detected.
inline kept_log read_text(std::string_view text, std::string_view columns = {},
                          const std::vector<std::string>& where = {}, bool strict = false,
                          std::string time_format = {}) {
  adapters::logs::read_options options;
  options.strict = strict;
  options.time_format = std::move(time_format);
  if (!columns.empty()) {
    auto parsed = adapters::logs::parse_columns(columns);
    if (!parsed) return {.events = {}, .report = {}, .error = parsed.failure().text};
    options.columns = *parsed;
  }
  for (const auto& clause : where) {
    auto parsed = adapters::logs::parse_where(clause);
    if (!parsed) return {.events = {}, .report = {}, .error = parsed.failure().text};
    options.where.push_back(*parsed);
  }
  return keep(adapters::logs::log_source::open_bytes("log", text, std::move(options)));
}

} // namespace forestage::tests
