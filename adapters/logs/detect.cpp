#include "adapters/logs/detect.hpp"

#include "adapters/logs/field.hpp"
#include "adapters/logs/time_format.hpp"
#include "adapters/logs/time_text.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <span>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

// Names in order of preference, in lower case, without '_', '-', '.', '@' and blanks; a suffix utc, local or
// id is ignored too.
constexpr std::array<std::string_view, 23> time_names{
    "timestamp", "time",    "datetime",   "timeiso8601", "eventtime", "ts",      "date",  "unixtime",
    "epoch",     "msec",    "timeus",     "timems",      "startedat", "started", "start", "createdat",
    "gmtcreate", "created", "updatetime", "when",        "seconds",   "t",       "dteday"};
constexpr std::array<std::string_view, 4> hour_names{"hour", "hr", "timeofday", "hourofday"};
constexpr std::array<std::string_view, 34> resource_names{
    "resource",    "room",       "path",    "uri",     "requesturi",
    "url",         "object",     "key",     "video",   "channel",
    "topic",       "queue",      "content", "model",   "checkpointmodelversion",
    "endpoint",    "service",    "item",    "asset",   "file",
    "stream",      "game",       "match",   "session", "recipient",
    "destination", "series",     "sensor",  "counter", "device",
    "station",     "garagecode", "name",    "request"};
constexpr std::array<std::string_view, 18> region_names{
    "region",     "zone", "area",     "country", "countrycode", "pop", "edge",    "dc",          "datacenter",
    "datacentre", "site", "location", "city",    "dept",        "net", "network", "clientnet16", "origin"};
constexpr std::array<std::string_view, 21> peer_names{"peer",
                                                      "client",
                                                      "clientip",
                                                      "user",
                                                      "remoteaddr",
                                                      "remoteip",
                                                      "requestremoteip",
                                                      "requestclientip",
                                                      "clientaddr",
                                                      "remotehost",
                                                      "ip",
                                                      "ipaddress",
                                                      "host",
                                                      "sender",
                                                      "account",
                                                      "customer",
                                                      "member",
                                                      "group",
                                                      "agent",
                                                      "player",
                                                      "uid"};
constexpr std::array<std::string_view, 14> count_names{
    "count",         "requests",    "calls",  "hits",  "n",        "cnt",   "requestcount",
    "requestscount", "numrequests", "visits", "views", "observed", "value", "vehiclecount"};
constexpr std::array<std::string_view, 9> size_names{"size",         "bytes",         "sizebytes",
                                                     "bytessent",    "bodybytessent", "contentlength",
                                                     "responsesize", "responsebytes", "bytesout"};

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : lower(name))
    if (c != '_' && c != '-' && c != '.' && c != '@' && c != ' ') plain += c;
  return plain;
}

std::string without_suffix(std::string plain) {
  for (const std::string_view suffix : {"utc", "local", "id"})
    if (plain.size() > suffix.size() && plain.ends_with(suffix))
      return plain.substr(0, plain.size() - suffix.size());
  return plain;
}

struct candidates {
  const file_layout& layout;
  std::vector<std::string> plain;
  std::vector<bool> taken;

  explicit candidates(const file_layout& of)
      : layout(of)
      , taken(of.columns.size(), false) {
    for (const auto& name : of.columns)
      plain.push_back(plain_name(name));
  }

  // The share of non-empty sampled values that `holds` accepts; 0 when there is none.
  template <class Predicate> double share(std::size_t column, const Predicate& holds) const {
    std::size_t filled = 0;
    std::size_t held = 0;
    for (const auto& row : layout.sample) {
      if (trimmed(row[column]).empty()) continue;
      ++filled;
      held += holds(row[column]) ? 1 : 0;
    }
    return filled == 0 ? 0.0 : static_cast<double>(held) / static_cast<double>(filled);
  }

  // The free column whose name stands earliest in `names` and whose values hold.
  template <class Predicate>
  std::optional<std::size_t> by_name(std::span<const std::string_view> names, const Predicate& holds) const {
    for (const auto wanted : names)
      for (std::size_t i = 0; i < plain.size(); ++i)
        if (!taken[i] && (plain[i] == wanted || without_suffix(plain[i]) == wanted) && holds(i)) return i;
    return std::nullopt;
  }

  std::optional<std::string> take(std::optional<std::size_t> column) {
    if (!column) return std::nullopt;
    taken[*column] = true;
    return layout.columns[*column];
  }
};

constexpr double mostly = 0.9;

bool is_written_date(std::string_view text) {
  return !parse_number(text).has_value() && parse_time(text).ok();
}

// How the times of a column are understood, told from the first value that is one.
std::string form_of_times(const file_layout& layout, const std::string& column) {
  const auto found = std::find(layout.columns.begin(), layout.columns.end(), column);
  if (found == layout.columns.end()) return {};
  const auto index = static_cast<std::size_t>(found - layout.columns.begin());
  for (const auto& row : layout.sample) {
    if (!parse_time(row[index]).ok()) continue;
    if (const auto number = parse_number(row[index]))
      return *number < 1e11   ? "unix seconds"
             : *number < 1e14 ? "unix milliseconds"
             : *number < 1e17 ? "unix microseconds"
                              : "unix nanoseconds";
    const auto text = trimmed(row[index]);
    const auto slash = text.find('/');
    if (slash == 1 || slash == 2)
      if (text[slash + 1] >= '0' && text[slash + 1] <= '9')
        return "read as month/day/year (for day/month: --time-format '%d/%m/%Y')";
    return "UTC unless an offset says";
  }
  return {};
}

} // namespace

result<column_map> detect_columns(const std::string& name, const file_layout& layout,
                                  const std::optional<time_format>& format) {
  column_map map;
  if (layout.format == log_format::ncsa) {
    map.time = {"time"};
    map.resource = "path";
    map.peer = "client";
    map.size = "bytes";
    return map;
  }
  candidates columns{layout};
  const auto is_time = [&](const std::string& text) {
    return format ? format->parse(text).ok() : parse_time(text).ok();
  };
  const auto times = [&](std::size_t i) { return columns.share(i, is_time) >= mostly; };
  auto time = columns.by_name(time_names, times);
  // No name says so: the first column that is full of written dates (numbers could be anything).
  for (std::size_t i = 0; i < layout.columns.size() && !time; ++i)
    if (columns.share(i, [&](const std::string& text) {
          return format ? is_time(text) : is_written_date(text);
        }) >= mostly)
      time = i;
  if (!time)
    return {errc::invalid_argument,
            name +
                ": no column holds times that are understood; name it with --columns time=COLUMN (and "
                "its form with --time-format); the file has " +
                name_list(layout.columns) +
                (layout.first_fault.empty() ? "" : "; mend the row " + layout.first_fault)};
  map.time.push_back(*columns.take(time));

  const auto bare_date = [](const std::string& text) {
    return text.find(':') == std::string::npos && is_written_date(text);
  };
  if (!format && columns.share(*time, bare_date) >= mostly) {
    const auto is_hour = [](const std::string& text) { return add_hour({}, text).ok(); };
    if (const auto hour =
            columns.by_name(hour_names, [&](std::size_t i) { return columns.share(i, is_hour) >= mostly; }))
      map.time.push_back(*columns.take(hour));
  }
  const auto any = [](std::size_t) { return true; };
  const auto counts = [&](std::size_t i) {
    return columns.share(i, [](const std::string& text) { return parse_count(text).has_value(); }) >= mostly;
  };
  const auto sizes = [&](std::size_t i) {
    return columns.share(i, [](const std::string& text) {
      return text == "-" || parse_size(text).has_value();
    }) >= mostly;
  };
  map.region = columns.take(columns.by_name(region_names, any));
  map.peer = columns.take(columns.by_name(peer_names, any));
  map.resource = columns.take(columns.by_name(resource_names, any));
  if (auto count = columns.take(columns.by_name(count_names, counts))) map.counts.push_back(*count);
  map.size = columns.take(columns.by_name(size_names, sizes));
  return map;
}

std::vector<std::string> describe(const column_map& columns, const file_layout& layout, bool detected,
                                  const std::optional<time_format>& format) {
  std::vector<std::string> notes;
  const std::string origin = detected ? " (detected; change it with --columns)" : "";
  const auto quoted = [](const std::string& name) { return "column " + excerpt(name); };
  auto time = "time: " + quoted(columns.time[0]);
  if (columns.time.size() == 2) time += " and " + quoted(columns.time[1]);
  const auto form = format ? "read as '" + format->text() + "'" : form_of_times(layout, columns.time[0]);
  notes.push_back(time + (form.empty() ? "" : ", " + form) + origin);

  const auto role = [&](std::string_view name, const std::optional<std::string>& column,
                        std::string_view absent) {
    if (column || !absent.empty())
      notes.push_back(std::string{name} + ": " + (column ? quoted(*column) + origin : std::string{absent}));
  };
  if (columns.counts.size() > 1 && !columns.resource)
    notes.emplace_back("resource: one for each counted column");
  else
    role("resource", columns.resource, "no column, so everything is one resource, 'all'");
  role("region", columns.region, "no column, so everything is one region, 'all'");
  if (columns.counts.empty())
    notes.emplace_back("count: no column, so every row is one request");
  else if (columns.counts.size() == 1)
    notes.push_back("count: " + quoted(columns.counts.front()) + origin);
  else
    notes.push_back("count: " + std::to_string(columns.counts.size()) +
                    " columns, each a resource of its own");
  role("peer", columns.peer, {});
  if (!columns.segment.empty())
    notes.push_back("segment: " + quoted(columns.segment.front()) +
                    (columns.segment.size() > 1 ? " and " + quoted(columns.segment.back()) : ""));
  role("size", columns.size, {});
  return notes;
}

} // namespace forestage::adapters::logs
