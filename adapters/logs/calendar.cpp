#include "adapters/logs/calendar.hpp"

#include "adapters/files/read_file.hpp"
#include "adapters/logs/csv.hpp"
#include "adapters/logs/time_text.hpp"
#include "models/ids.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

constexpr std::array<std::string_view, 5> names{"resource", "from", "to", "expected", "region"};
enum column : std::size_t { resource, from, to, expected, region };
constexpr std::size_t required = 4;
constexpr std::size_t absent = ~std::size_t{0};

class reader {
public:
  template <class Source>
  reader(Source source, const std::string& name)
      : name_(name)
      , records_({std::move(source), name}, ',') {}

  result<std::vector<calendar_row>> read() {
    if (auto found = read_header(); !found) return found.failure();
    std::vector<calendar_row> rows;
    for (auto got = records_.next(); got != fetch::end; got = records_.next()) {
      if (got == fetch::failed) return records_.lines().failure();
      if (got == fetch::malformed) return wrong(records_.fault());
      if (rows.size() == most_calendar_rows)
        return models::error{errc::limit_exceeded, name_ + ": more than " +
                                                       std::to_string(most_calendar_rows) +
                                                       " rows; name resources with globs, or split the run"};
      auto row = read_row();
      if (!row) return row.failure();
      rows.push_back(std::move(*row));
    }
    return rows;
  }

private:
  [[nodiscard]] models::error wrong(const std::string& what) const {
    return {errc::invalid_data, name_ + ":" + std::to_string(records_.lines().first_line()) + ": " + what};
  }
  static models::error header_wrong(const std::string& name, const std::string& what) {
    return {errc::invalid_data, name + ": " + what +
                                    "; the first line of a calendar is resource,from,to,expected or "
                                    "resource,from,to,expected,region"};
  }

  models::status read_header() {
    std::vector<std::string> header;
    const auto got = records_.header(header);
    if (got == fetch::failed) return records_.lines().failure();
    if (got != fetch::record) return header_wrong(name_, "it has no header");
    places_.fill(absent);
    for (std::size_t i = 0; i < header.size(); ++i) {
      const auto at = std::find(names.begin(), names.end(), header[i]);
      if (at == names.end()) return header_wrong(name_, "the column '" + header[i] + "' is not known");
      auto& place = places_[static_cast<std::size_t>(at - names.begin())];
      if (place != absent) return header_wrong(name_, "the column '" + header[i] + "' comes twice");
      place = i;
    }
    for (std::size_t i = 0; i < required; ++i)
      if (places_[i] == absent)
        return header_wrong(name_, "the column '" + std::string{names[i]} + "' is missing");
    return models::success();
  }

  [[nodiscard]] std::string_view field(column c) const {
    const auto fields = records_.fields();
    return places_[c] < fields.size() ? fields[places_[c]] : std::string_view{};
  }

  result<calendar_row> read_row() {
    calendar_row row;
    row.line = records_.lines().first_line();
    row.resource = field(resource);
    if (row.resource.empty())
      return wrong("no resource; name one, or a glob such as room/* (every resource: *)");
    if (!field(region).empty()) row.region = field(region);
    for (const auto* name : {&row.resource, &row.region})
      if (auto id = models::resource_id::make(*name); !id) return wrong(id.failure().text);
    for (const auto& [c, seconds] : {std::pair{from, &row.from_second}, std::pair{to, &row.to_second}}) {
      const auto time = parse_time(field(c));
      if (!time.ok())
        return wrong(std::string{names[c]} + " '" + std::string{field(c)} +
                     "' is not a time; write 2026-03-01 18:00 or 2026-03-01T18:00:00Z");
      *seconds = time.us / microseconds_per_second;
    }
    if (row.from_second >= row.to_second) return wrong("from is not before to; the window is [from, to)");
    const auto text = field(expected);
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), row.expected);
    if (failure != std::errc{} || end != text.data() + text.size() || row.expected == 0)
      return wrong("expected '" + std::string{text} +
                   "' is not a number of requests; give a whole number from 1 to 4294967295");
    return row;
  }

  std::string name_;
  csv_reader records_;
  std::array<std::size_t, names.size()> places_{};
};

} // namespace

bool is_glob(std::string_view name) noexcept {
  return name.find_first_of("*?") != std::string_view::npos;
}

result<std::vector<calendar_row>> parse_calendar(std::string_view text, const std::string& name) {
  if (text.empty())
    return models::error{errc::invalid_data,
                         name + " is empty; a calendar begins with resource,from,to,expected"};
  auto source = open_source(memory_input(name, text));
  if (!source) return source.failure(); // some other kind of file
  return reader{std::move(*source), name}.read();
}

result<std::vector<calendar_row>> read_calendar(const std::string& path) {
  auto text = files::read_file(path);
  if (!text) return text.failure();
  return parse_calendar(*text, path);
}

} // namespace forestage::adapters::logs
