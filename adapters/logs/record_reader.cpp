#include "adapters/logs/record_reader.hpp"

#include "adapters/logs/csv.hpp"
#include "adapters/logs/field.hpp"
#include "adapters/logs/jsonl.hpp"
#include "adapters/logs/ncsa.hpp"
#include "adapters/logs/time_text.hpp"
#include "models/ids.hpp"

#include <algorithm>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

constexpr std::size_t max_head_lines = 20;
constexpr std::size_t max_sample_rows = 1'000;
constexpr std::size_t max_sample_cells = 200'000;
constexpr std::size_t max_sample_value_bytes = 256;
constexpr std::uint64_t max_sample_bytes = std::uint64_t{4} << 20U;

result<line_stream> open_lines(const input& from) {
  auto source = open_source(from);
  if (!source) return source.failure();
  return line_stream{std::move(*source), from.name};
}

bool is_access_line(std::string_view line) noexcept {
  ncsa_fields fields;
  return split_ncsa(line, fields) && parse_time(fields[3]).fault != time_fault::not_a_time;
}

// Format and, for CSV, the delimiter, from the first lines.
result<file_layout> tell_format(const input& from) {
  auto lines = open_lines(from);
  if (!lines) return lines.failure();
  file_layout layout;
  std::size_t seen = 0;
  std::size_t access = 0;
  std::size_t objects = 0;
  for (auto got = lines->next(); got != fetch::end && seen < max_head_lines; got = lines->next()) {
    // A later line that is too long, or damage, is met again where it belongs: by the reader of the format.
    if (got == fetch::failed && seen == 0) return lines->failure();
    if (got == fetch::failed) break;
    const std::string_view raw{lines->text().data(), lines->text().size()};
    const auto line = trimmed(raw);
    if (line.empty()) continue;
    if (seen == 0) {
      layout.delimiter = delimiter_of(raw);
      if (line == "[" || line.starts_with("[{"))
        return {errc::invalid_data,
                from.name + ": a JSON array, which is not read; give one object a line (`jq -c '.[]'`)"};
    }
    ++seen;
    access += is_access_line(line) ? 1 : 0;
    objects += line.front() == '{' ? 1 : 0;
  }
  if (seen == 0)
    return {errc::invalid_data, from.name + ": the file has no lines; give a log with at least one row"};
  if (access * 2 >= seen) {
    layout.format = log_format::ncsa;
    layout.columns.assign(ncsa_columns.begin(), ncsa_columns.end());
  } else if (objects * 2 >= seen) {
    layout.format = log_format::json_lines;
  }
  return layout;
}

models::status check_header(const input& from, const std::vector<std::string>& columns) {
  const auto place = from.name + ":1: ";
  const auto control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  };
  for (const auto& name : columns) {
    if (!models::is_utf8(name) || std::any_of(name.begin(), name.end(), control))
      return {errc::invalid_data,
              place + "the first line is not text in UTF-8: a binary file, or another encoding; give CSV, "
                      "JSON Lines or an NCSA access log in UTF-8"};
    const bool number = parse_number(name).has_value();
    if (!number && parse_time(name).fault != time_fault::not_a_time)
      return {errc::invalid_data,
              place + "the first line holds the time " + excerpt(name) +
                  ", so it is a row and not a header; add a header line such as 'timestamp,resource'"};
  }
  return models::success();
}

void keep_row(file_layout& layout, std::span<const std::string_view> fields) {
  auto& row = layout.sample.emplace_back();
  row.reserve(fields.size());
  for (const auto field : fields)
    row.emplace_back(field.substr(0, max_sample_value_bytes));
}

} // namespace

std::string_view to_string(log_format format) noexcept {
  switch (format) {
  case log_format::csv:
    return "CSV";
  case log_format::json_lines:
    return "JSON Lines";
  case log_format::ncsa:
    return "NCSA access log";
  }
  return "unknown";
}

result<file_layout> read_layout(const input& from, bool with_sample) {
  if (from.size == 0)
    return {errc::invalid_data, from.name + ": the file is empty; give a log with at least one row"};
  auto told = tell_format(from);
  if (!told) return told.failure();
  auto layout = std::move(*told);
  auto lines = open_lines(from);
  if (!lines) return lines.failure();

  std::unique_ptr<record_reader> reader;
  jsonl_reader* objects = nullptr;
  std::size_t max_rows = with_sample ? max_sample_rows : 1;
  if (layout.format == log_format::csv) {
    auto csv = std::make_unique<csv_reader>(std::move(*lines), layout.delimiter);
    const auto got = csv->header(layout.columns);
    if (got == fetch::failed) return csv->lines().failure();
    if (got != fetch::record) {
      if (csv->lines().lines() == 0 || got == fetch::end)
        return {errc::invalid_data, from.name + ": the file has no lines; give a log with at least one row"};
      const auto why =
          layout.columns.empty() && csv->fields().size() >= max_columns
              ? "more than " + std::to_string(max_columns) + " columns; cut the file to those needed"
              : csv->fault() + "; mend the header line";
      return {errc::invalid_data, from.name + ":" + std::to_string(csv->lines().first_line()) + ": " + why};
    }
    if (auto sound = check_header(from, layout.columns); !sound) return sound.failure();
    max_rows = std::min(max_rows, std::max<std::size_t>(12, max_sample_cells / layout.columns.size()));
    reader = std::move(csv);
  } else if (layout.format == log_format::ncsa) {
    reader = std::make_unique<ncsa_reader>(std::move(*lines));
  } else {
    auto json = std::make_unique<jsonl_reader>(std::move(*lines), json_row{});
    objects = json.get();
    max_rows = max_sample_rows;
    reader = std::move(json);
  }

  std::size_t rows = 0;
  std::uint64_t bytes = 0;
  while (rows < max_rows && bytes < max_sample_bytes) {
    const auto got = reader->next();
    if (got == fetch::failed) return reader->lines().failure();
    layout.whole = got == fetch::end;
    if (layout.whole) break;
    ++rows;
    bytes += reader->lines().size();
    if (got == fetch::malformed && layout.first_fault.empty())
      layout.first_fault =
          from.name + ":" + std::to_string(reader->lines().first_line()) + ": " + reader->fault();
    if (got == fetch::record && with_sample &&
        layout.sample.size() * (reader->fields().size() + 1) < max_sample_cells)
      keep_row(layout, reader->fields());
  }
  if (rows == 0)
    return {errc::invalid_data,
            from.name + ": only a header line and no rows; give a log with at least one row"};
  if (objects != nullptr) {
    layout.columns = objects->keys();
    for (auto& row : layout.sample)
      row.resize(layout.columns.size());
  }
  return layout;
}

namespace {

models::error missing_column(const input& from, const file_layout& layout, const std::string& name) {
  const auto near = closest(name, layout.columns);
  return {errc::invalid_argument, from.name + ": there is no column " + excerpt(name) +
                                      (near.empty() ? "" : ", did you mean '" + near + "'?") +
                                      "; the file has " + name_list(layout.columns)};
}

} // namespace

result<wanted_reader> open_records(const input& from, const file_layout& layout,
                                   std::span<const std::string> wanted) {
  wanted_reader opened;
  const bool by_key = layout.format == log_format::json_lines;
  std::vector<std::string> keys;
  for (const auto& name : wanted) {
    const auto found = std::find(layout.columns.begin(), layout.columns.end(), name);
    const bool may_come_later = by_key && !layout.whole;
    if (found == layout.columns.end() && !may_come_later) return missing_column(from, layout, name);
    if (found != layout.columns.end() &&
        std::find(found + 1, layout.columns.end(), name) != layout.columns.end())
      return {errc::invalid_argument, from.name + ": the header has the column " + excerpt(name) +
                                          " twice; rename one of them in the header"};
    if (!by_key) {
      opened.positions.push_back(static_cast<std::size_t>(found - layout.columns.begin()));
      continue;
    }
    const auto known = std::find(keys.begin(), keys.end(), name);
    opened.positions.push_back(static_cast<std::size_t>(known - keys.begin()));
    if (known == keys.end()) keys.push_back(name);
  }
  auto lines = open_lines(from);
  if (!lines) return lines.failure();
  if (layout.format == log_format::csv) {
    auto csv = std::make_unique<csv_reader>(std::move(*lines), layout.delimiter);
    std::vector<std::string> header;
    const auto got = csv->header(header);
    if (got == fetch::failed) return csv->lines().failure();
    if (header != layout.columns)
      return {errc::invalid_data,
              from.name + ": the header has changed while the log was read; read it again"};
    opened.reader = std::move(csv);
  } else if (layout.format == log_format::ncsa) {
    opened.reader = std::make_unique<ncsa_reader>(std::move(*lines));
  } else {
    opened.reader = std::make_unique<jsonl_reader>(std::move(*lines), json_row{std::move(keys)});
  }
  return opened;
}

} // namespace forestage::adapters::logs
