// Request logs as a stream of events: the one header that users of this library need.
//
// A log is one or more files, read one after the other; each is CSV, TSV, JSON Lines or an NCSA access log,
// plain, gzip or zstd, told apart by content. `open` looks at the head of every file, settles the columns and
// refuses what cannot be read; `read` makes one pass and can be called again (a first pass finds the span, a
// second counts). Rows need not be sorted. A pass reads each file up to the size it had at `open`, so that
// two passes over a growing log see the same rows.
//
// Not thread-safe: one thread per log_source. Memory is bounded whatever the file: about 2 MiB per pass, and
// for zstd its window (8 MiB as packed by default, 128 MiB at most: beyond, the file is refused).
#pragma once

#include "adapters/logs/byte_source.hpp"
#include "adapters/logs/columns.hpp"
#include "adapters/logs/record_reader.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace forestage::adapters::logs {

struct read_options {
  std::vector<std::string> paths{};    // at least one regular file
  std::optional<column_map> columns{}; // none: detected from names and values
  std::vector<where_clause> where{};   // all must hold
  std::string time_format{};           // strptime-like (time_format.hpp); empty: the forms of time_text.hpp
  bool strict = false;                 // the first bad row is an error
  bool as_series = false; // rows are values of series: a bad one is an error that names its series
};

// Sets columns and where from a command line's texts; an empty text of columns leaves them to be detected.
// Errors: invalid_argument, as parse_columns and parse_where say.
[[nodiscard]] models::status select(read_options& options, std::string_view columns,
                                    const std::vector<std::string>& where);

// One row, or one (row, count column) when several columns are counted. Views are valid during the call only.
struct log_event {
  std::int64_t time_us = 0;  // unix microseconds, UTC; 1970-01-01 to 2200-01-01
  std::string_view resource; // "all" when no column says
  std::string_view region;   // "all" when no column says
  std::string_view peer;     // empty when no column says
  std::string_view segment;  // the same
  std::int64_t count = 1;    // decimals are rounded half up; 0 when missing
  double value = 1.0;        // the count as written, before rounding
  std::optional<std::int64_t> size_bytes;
  bool missing = false;   // the count is empty: the interval was not measured
  std::uint32_t file = 0; // index into read_options::paths
  std::uint64_t line = 0; // from 1, the header included
};

// Receives a pass.
class log_sink {
public:
  log_sink() = default;
  log_sink(const log_sink&) = delete;
  log_sink& operator=(const log_sink&) = delete;
  virtual ~log_sink() = default;

  // False stops the pass: read() then fails with errc::interrupted.
  virtual bool on_event(const log_event& event) = 0;
  // About once per megabyte of file read, and at the end: bytes of the files as stored (compressed), and
  // their sum. False stops.
  virtual bool on_progress(std::uint64_t /*bytes*/, std::uint64_t /*total_bytes*/) { return true; }
};

struct bad_row {
  std::string file;
  std::uint64_t line = 0;
  std::string reason;
};
// "requests.csv:17: column 'n': '-3' is not a count: …"
[[nodiscard]] std::string to_string(const bad_row& row);

inline constexpr std::size_t max_bad_rows_kept = 10;

struct read_report {
  std::uint64_t rows = 0;          // data rows: not the header, not blank lines
  std::uint64_t selected_rows = 0; // those that --where selects and that are not bad
  std::uint64_t bad_rows = 0;      // malformed ones, and selected ones with a field that cannot be used
  std::uint64_t events = 0;        // delivered; more than selected_rows when several columns are counted
  std::vector<bad_row> first_bad_rows;
};

class log_source {
public:
  // Errors: not_found, invalid_argument (options, columns), invalid_data (content), limit_exceeded,
  // storage_failed.
  [[nodiscard]] static models::result<log_source> open(read_options options);
  // The same over bytes in memory, which must outlive the source. `options.paths` is ignored.
  [[nodiscard]] static models::result<log_source> open_bytes(std::string name, std::string_view bytes,
                                                             read_options options);

  [[nodiscard]] const column_map& columns() const noexcept { return columns_; }
  [[nodiscard]] log_format format() const noexcept {
    return files_.front().layout.format;
  } // of the first file
  // Sentences for a person: what was found, and what is assumed.
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }
  [[nodiscard]] std::uint64_t total_bytes() const noexcept;
  // The place of an event, for messages: "requests.csv:17".
  [[nodiscard]] std::string place_of(const log_event& event) const;

  // One pass. Errors: invalid_data (truncated or damaged files; with `strict`, a bad row), limit_exceeded,
  // storage_failed, interrupted (the sink stopped it).
  [[nodiscard]] models::result<read_report> read(log_sink& sink) const;

  // The same with a callable: bool(const log_event&), or void(const log_event&).
  template <class Function> [[nodiscard]] models::result<read_report> read_each(Function&& function) const {
    struct function_sink final : log_sink {
      explicit function_sink(Function& called)
          : function(called) {}
      bool on_event(const log_event& event) override {
        if constexpr (std::is_void_v<std::invoke_result_t<Function&, const log_event&>>) {
          function(event);
          return true;
        } else {
          return function(event);
        }
      }
      Function& function;
    } sink{function};
    return read(sink);
  }

private:
  struct file_plan {
    input source;
    file_layout layout;
  };

  log_source() = default;
  [[nodiscard]] static models::result<log_source> open_inputs(std::vector<input> inputs,
                                                              read_options options);

  read_options options_;
  column_map columns_;
  std::vector<file_plan> files_;
  std::vector<std::string> notes_;
};

} // namespace forestage::adapters::logs
