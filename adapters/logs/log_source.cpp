#include "adapters/logs/log_source.hpp"

#include "adapters/logs/detect.hpp"
#include "adapters/logs/row_mapper.hpp"
#include "adapters/logs/time_format.hpp"

#include <utility>

namespace forestage::adapters::logs {

using models::errc;
using models::result;

namespace {

constexpr std::uint64_t progress_step_bytes = 1'000'000;
constexpr std::uint64_t progress_check_rows = 64;

result<std::optional<time_format>> make_format(const std::string& text) {
  if (text.empty()) return std::optional<time_format>{};
  auto made = time_format::make(text);
  if (!made) return made.failure();
  return std::optional<time_format>{std::move(*made)};
}

std::string describe_format(const file_layout& layout) {
  if (layout.format != log_format::csv) return std::string{to_string(layout.format)};
  const std::string_view separated = layout.delimiter == '\t'  ? "TSV"
                                     : layout.delimiter == ';' ? "CSV with semicolons"
                                                               : "CSV";
  return std::string{separated} + ", " + std::to_string(layout.columns.size()) + " columns";
}

// One pass over the files of a log.
class pass {
public:
  pass(const read_options& options, row_mapper& mapper, log_sink& sink, std::uint64_t total_bytes)
      : options_(options)
      , mapper_(mapper)
      , sink_(sink)
      , total_bytes_(total_bytes) {}

  models::status file(std::uint32_t index, record_reader& reader) {
    log_event event;
    event.file = index;
    for (std::uint64_t row = 1;; ++row) {
      const auto got = reader.next();
      if (got == fetch::end) break;
      if (got == fetch::failed) return reader.lines().failure();
      if (row % progress_check_rows == 0 && !progress(reader.lines().consumed())) return stopped();
      ++report_.rows;
      const auto verdict =
          got == fetch::malformed ? row_mapper::verdict::bad : mapper_.judge(reader.fields());
      if (verdict == row_mapper::verdict::selected) {
        ++report_.selected_rows;
        event.line = reader.lines().first_line();
        for (std::size_t i = 0; i < mapper_.events(); ++i) {
          mapper_.fill(i, event);
          ++report_.events;
          if (!sink_.on_event(event)) return stopped();
        }
      } else if (verdict == row_mapper::verdict::bad) {
        if (auto strict = bad(reader, got == fetch::malformed); !strict) return strict;
      }
    }
    finished_bytes_ += reader.lines().consumed();
    return models::success();
  }

  models::status finish() {
    return sink_.on_progress(total_bytes_, total_bytes_) ? models::success() : stopped();
  }
  read_report take_report() { return std::move(report_); }

private:
  static models::status stopped() { return {errc::interrupted, "reading the log was stopped"}; }

  bool progress(std::uint64_t consumed) {
    const auto bytes = finished_bytes_ + consumed;
    if (bytes < next_progress_) return true;
    next_progress_ = bytes + progress_step_bytes;
    return sink_.on_progress(bytes, total_bytes_);
  }

  models::status bad(const record_reader& reader, bool malformed) {
    ++report_.bad_rows;
    if (report_.first_bad_rows.size() == max_bad_rows_kept && !options_.strict && !options_.as_series)
      return models::success();
    bad_row row{reader.lines().name(), reader.lines().first_line(),
                malformed ? reader.fault() : mapper_.reason(reader.fields())};
    if (options_.as_series) {
      const auto series = malformed ? std::string_view{} : mapper_.resource(reader.fields());
      return {errc::invalid_data,
              to_string(row) + (series.empty() ? "" : " (series " + excerpt(series) + ")") +
                  "; mend the row, or leave its series out with --where: without it every "
                  "later value would move up"};
    }
    if (options_.strict)
      return {errc::invalid_data,
              to_string(row) + "; mend the row, or read without --strict to skip and count such rows"};
    report_.first_bad_rows.push_back(std::move(row));
    return models::success();
  }

  const read_options& options_;
  row_mapper& mapper_;
  log_sink& sink_;
  read_report report_;
  std::uint64_t total_bytes_;
  std::uint64_t finished_bytes_ = 0;
  std::uint64_t next_progress_ = 0;
};

} // namespace

std::string to_string(const bad_row& row) {
  return row.file + ":" + std::to_string(row.line) + ": " + row.reason;
}

result<log_source> log_source::open(read_options options) {
  if (options.paths.empty()) return {errc::invalid_argument, "no log file is given; name at least one"};
  std::vector<input> inputs;
  for (const auto& path : options.paths) {
    auto found = inspect_file(path);
    if (!found) return found.failure();
    inputs.push_back(std::move(*found));
  }
  return open_inputs(std::move(inputs), std::move(options));
}

result<log_source> log_source::open_bytes(std::string name, std::string_view bytes, read_options options) {
  std::vector<input> inputs;
  inputs.push_back(memory_input(std::move(name), bytes));
  return open_inputs(std::move(inputs), std::move(options));
}

result<log_source> log_source::open_inputs(std::vector<input> inputs, read_options options) {
  auto format = make_format(options.time_format);
  if (!format) return format.failure();
  log_source log;
  for (auto& source : inputs) {
    auto layout = read_layout(source, log.files_.empty());
    if (!layout) return layout.failure();
    log.files_.push_back({std::move(source), std::move(*layout)});
  }
  auto& first = log.files_.front();
  if (options.columns) {
    if (options.columns->time.empty() || options.columns->time.size() > 2)
      return {errc::invalid_argument, "--columns: one or two time columns are needed; add time=COLUMN"};
    log.columns_ = *options.columns;
  } else {
    auto found = detect_columns(first.source.name, first.layout, *format);
    if (!found) return found.failure();
    log.columns_ = std::move(*found);
  }
  log.notes_ = describe(log.columns_, first.layout, !options.columns, *format);
  log.notes_.insert(log.notes_.begin(), "format: " + describe_format(first.layout));
  first.layout.sample.clear();
  first.layout.sample.shrink_to_fit();
  log.options_ = std::move(options);
  // Every file must have the columns, before a pass begins.
  const row_mapper mapper{log.columns_, log.options_.where, std::nullopt};
  for (const auto& file : log.files_)
    if (auto opened = open_records(file.source, file.layout, mapper.wanted()); !opened)
      return opened.failure();
  return log;
}

std::uint64_t log_source::total_bytes() const noexcept {
  std::uint64_t bytes = 0;
  for (const auto& file : files_)
    bytes += file.source.size;
  return bytes;
}

std::string log_source::place_of(const log_event& event) const {
  return files_[event.file].source.name + ":" + std::to_string(event.line);
}

result<read_report> log_source::read(log_sink& sink) const {
  auto format = make_format(options_.time_format);
  if (!format) return format.failure();
  row_mapper mapper{columns_, options_.where, std::move(*format)};
  pass one{options_, mapper, sink, total_bytes()};
  for (std::size_t i = 0; i < files_.size(); ++i) {
    auto opened = open_records(files_[i].source, files_[i].layout, mapper.wanted());
    if (!opened) return opened.failure();
    mapper.bind(std::move(opened->positions));
    if (auto done = one.file(static_cast<std::uint32_t>(i), *opened->reader); !done) return done.failure();
  }
  if (auto done = one.finish(); !done) return done.failure();
  return one.take_report();
}

models::status select(read_options& options, std::string_view columns,
                      const std::vector<std::string>& where) {
  if (!columns.empty()) {
    auto map = parse_columns(columns);
    if (!map) return map.failure();
    options.columns = std::move(*map);
  }
  for (const auto& text : where) {
    auto clause = parse_where(text);
    if (!clause) return clause.failure();
    options.where.push_back(std::move(*clause));
  }
  return models::success();
}

} // namespace forestage::adapters::logs
