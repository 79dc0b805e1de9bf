// The operator's calendar: what is going to be asked for, as a CSV file with a header.
//
//   resource,from,to,expected[,region]
//   room/launch,2026-03-01 18:00,2026-03-01 20:00,1200,eu
//   room/class-*,2026-03-02 08:00,2026-03-02 12:00,40
// resource and region: names, or globs (* and ?); without a region, every region in which the resource is
// asked for. [from, to): as in request logs, UTC unless an offset says. expected: requests during the window,
// for each resource and region that the row names. Columns in any order; plain, gzip or zstd.
#pragma once

#include "models/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace forestage::adapters::logs {

struct calendar_row {
  std::string resource, region = "*";
  std::int64_t from_second = 0, to_second = 0; // unix; from < to
  std::uint32_t expected = 0;                  // at least 1
  std::uint64_t line = 0;
  friend bool operator==(const calendar_row&, const calendar_row&) = default;
};

inline constexpr std::size_t most_calendar_rows = 100'000;

// Errors: those of files::read_file; invalid_data naming file, line and remedy: a row that is wrong is never
// left out. limit_exceeded for more rows than most_calendar_rows.
[[nodiscard]] models::result<std::vector<calendar_row>> read_calendar(const std::string& path);
// The same from text. `name` stands in errors.
[[nodiscard]] models::result<std::vector<calendar_row>> parse_calendar(std::string_view text,
                                                                       const std::string& name);

} // namespace forestage::adapters::logs
