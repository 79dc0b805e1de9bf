#include "adapters/logs/calendar.hpp"

#include "adapters/files/read_file.hpp"
#include "adapters/logs/named_table.hpp"
#include "adapters/logs/time_text.hpp"
#include "models/ids.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

constexpr std::array<std::string_view, 5> names{"resource", "from", "to", "expected", "region"};
enum column : std::size_t { resource, from, to, expected, region };
constexpr table_shape shape{names, 4, false, "a calendar",
                            "resource,from,to,expected or resource,from,to,expected,region"};

result<calendar_row> read_row(const named_table& table) {
  calendar_row row;
  row.line = table.line();
  row.resource = table.field(resource);
  if (row.resource.empty())
    return table.wrong("no resource; name one, or a glob such as room/* (every resource: *)");
  if (!table.field(region).empty()) row.region = table.field(region);
  for (const auto* name : {&row.resource, &row.region})
    if (auto id = models::resource_id::make(*name); !id) return table.wrong(id.failure().text);
  for (const auto& [c, seconds] : {std::pair{from, &row.from_second}, std::pair{to, &row.to_second}}) {
    const auto time = parse_time(table.field(c));
    if (!time.ok())
      return table.wrong(std::string{names[c]} + " '" + std::string{table.field(c)} +
                         "' is not a time; write 2026-03-01 18:00 or 2026-03-01T18:00:00Z");
    *seconds = time.us / microseconds_per_second;
  }
  if (row.from_second >= row.to_second) return table.wrong("from is not before to; the window is [from, to)");
  const auto text = table.field(expected);
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), row.expected);
  if (failure != std::errc{} || end != text.data() + text.size() || row.expected == 0)
    return table.wrong("expected '" + std::string{text} +
                       "' is not a number of requests; give a whole number from 1 to 4294967295");
  return row;
}

} // namespace

result<std::vector<calendar_row>> parse_calendar(std::string_view text, const std::string& name) {
  if (text.empty())
    return models::error{errc::invalid_data,
                         name + " is empty; a calendar begins with resource,from,to,expected"};
  auto source = open_source(memory_input(name, text));
  if (!source) return source.failure(); // some other kind of file
  named_table table{std::move(*source), name, shape};
  if (auto found = table.read_header(); !found) return found.failure();
  std::vector<calendar_row> rows;
  while (true) {
    const auto more = table.next();
    if (!more) return more.failure();
    if (!*more) return rows;
    if (rows.size() == most_calendar_rows)
      return models::error{errc::limit_exceeded, name + ": more than " + std::to_string(most_calendar_rows) +
                                                     " rows; name resources with globs, or split the run"};
    auto row = read_row(table);
    if (!row) return row.failure();
    rows.push_back(std::move(*row));
  }
}

result<std::vector<calendar_row>> read_calendar(const std::string& path) {
  auto text = files::read_file(path);
  if (!text) return text.failure();
  return parse_calendar(*text, path);
}

} // namespace forestage::adapters::logs
