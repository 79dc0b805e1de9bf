#include "adapters/logs/series_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

bool is_id_values(const file_layout& layout) {
  return layout.format == log_format::csv && layout.columns.size() == 2 && layout.columns[0] == "id" &&
         layout.columns[1] == "values";
}

models::status parse_values(std::string_view text, std::vector<double>& into) {
  constexpr double most = 1e15;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto from = text.find_first_not_of(" \t", at);
    if (from == std::string_view::npos) break;
    auto to = text.find_first_of(" \t", from);
    if (to == std::string_view::npos) to = text.size();
    ++number;
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data() + from, text.data() + to, value);
    if (failure != std::errc{} || end != text.data() + to || !std::isfinite(value) || value < 0 ||
        value > most)
      return {errc::invalid_data, "value " + std::to_string(number) + ", '" +
                                      std::string{text.substr(from, std::min<std::size_t>(to - from, 40))} +
                                      "', is not a number from 0 to 1e15"};
    into.push_back(value);
    at = to;
  }
  return models::success();
}

result<series_set> read_id_values(const std::vector<input>& inputs, const read_options& options) {
  series_set out;
  std::unordered_map<std::string, std::string> known; // where each series was
  if (!options.time_format.empty())
    return {errc::invalid_argument,
            inputs.front().name + ": a file of id,values has no times; leave --time-format out"};
  for (const auto& clause : options.where)
    if (clause.column != "id")
      return {errc::invalid_argument, inputs.front().name +
                                          ": --where: a file of id,values has only the column 'id' "
                                          "to choose by, not '" +
                                          clause.column + "'"};
  for (const auto& from : inputs) {
    auto layout = read_layout(from, false);
    if (!layout) return layout.failure();
    if (!is_id_values(*layout))
      return {errc::invalid_data, from.name + ": not a file of id,values like the first one"};
    const std::vector<std::string> wanted{"id", "values"};
    auto opened = open_records(from, *layout, wanted);
    if (!opened) return opened.failure();
    for (;;) {
      const auto got = opened->reader->next();
      if (got == fetch::end) break;
      if (got == fetch::failed) return opened->reader->lines().failure();
      const auto place = from.name + ":" + std::to_string(opened->reader->lines().first_line());
      if (got == fetch::malformed) return {errc::invalid_data, place + ": " + opened->reader->fault()};
      const auto fields = opened->reader->fields();
      value_series next;
      next.name = fields[opened->positions[0]];
      if (!std::all_of(options.where.begin(), options.where.end(),
                       [&](const auto& clause) { return matches(clause, next.name); }))
        continue;
      if (const auto [first, fresh] = known.try_emplace(next.name, place); !fresh)
        return {errc::invalid_data, place + ": series '" + next.name + "' comes twice (first at " +
                                        first->second + "); give each its own id"};
      if (auto parsed = parse_values(fields[opened->positions[1]], next.values); !parsed)
        return {errc::invalid_data, place + ": series '" + next.name + "': " + parsed.failure().text +
                                        "; mend it, or leave the series out with --where"};
      ++out.rows;
      out.series.push_back(std::move(next));
    }
  }
  out.notes.emplace_back("format: id,values: one series a row, without times");
  return out;
}

result<series_set> read_log(const read_options& options) {
  auto reading = options;
  reading.as_series = true;
  auto log = log_source::open(std::move(reading));
  if (!log) return log.failure();
  if (log->columns().counts.empty())
    return {errc::invalid_argument,
            options.paths.front() +
                ": no column of values was found (each row would be one request); name it "
                "with --columns time=…,resource=…,count=COLUMN"};
  series_set out;
  out.notes = log->notes();
  const auto& columns = log->columns();
  std::unordered_map<std::string, std::size_t> known;
  std::string key;
  auto report = log->read_each([&](const log_event& event) {
    key.assign(event.resource);
    if (columns.region) key.append("/").append(event.region);
    const auto [at, fresh] = known.try_emplace(key, out.series.size());
    if (fresh) out.series.push_back({key, {}, {}});
    auto& series = out.series[at->second];
    series.values.push_back(event.missing ? std::numeric_limits<double>::quiet_NaN() : event.value);
    series.seconds.push_back(event.time_us / 1'000'000);
  });
  if (!report) return report.failure();
  out.rows = report->rows;
  return out;
}

} // namespace

result<series_set> read_series(const read_options& options) {
  if (options.paths.empty()) return {errc::invalid_argument, "no file of series is given; name at least one"};
  std::vector<input> inputs;
  for (const auto& path : options.paths) {
    auto found = inspect_file(path);
    if (!found) return found.failure();
    inputs.push_back(std::move(*found));
  }
  auto layout = read_layout(inputs.front(), false);
  if (!layout) return layout.failure();
  if (!options.columns && is_id_values(*layout)) return read_id_values(inputs, options);
  return read_log(options);
}

step_report check_steps(const value_series& series, std::int64_t interval_seconds) {
  step_report report;
  for (std::size_t i = 1; i < series.seconds.size(); ++i) {
    const auto step = series.seconds[i] - series.seconds[i - 1];
    if (step <= 0)
      ++report.duplicate;
    else if (step != interval_seconds)
      ++report.irregular;
  }
  return report;
}

} // namespace forestage::adapters::logs
