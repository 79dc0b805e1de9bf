// Records of a log file as rows of named text fields, whatever the format. The layout (format, columns) is
// settled once per file from its head; a reader then makes one pass.
#pragma once

#include "adapters/logs/byte_source.hpp"
#include "adapters/logs/line_stream.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::adapters::logs {

enum class log_format : std::uint8_t { csv = 0, json_lines = 1, ncsa = 2 };
[[nodiscard]] std::string_view to_string(log_format format) noexcept;

inline constexpr std::size_t max_columns = 16'384;

struct file_layout {
  log_format format = log_format::csv;
  char delimiter = ',';             // csv: ',', ';' or a tab
  std::vector<std::string> columns; // csv: the header; json: the keys met in the head; ncsa: fixed names
  bool whole = false;               // the head is the whole file, so `columns` is complete for JSON Lines too
  // Rows of the head for detection, field i belongs to columns[i]; absent when not asked for.
  std::vector<std::vector<std::string>> sample;
  std::string first_fault; // of a sampled row that follows no format: "requests.csv:2: a quote that …"
};

class record_reader {
public:
  record_reader() = default;
  record_reader(const record_reader&) = delete;
  record_reader& operator=(const record_reader&) = delete;
  virtual ~record_reader() = default;

  // The next record. `malformed`: fault() says why. Blank lines are skipped.
  [[nodiscard]] virtual fetch next() = 0;
  // Field positions()[i] is the i-th wanted column. A view without data (nullptr) is absent. Valid until the
  // next call.
  [[nodiscard]] virtual std::span<const std::string_view> fields() const noexcept = 0;
  [[nodiscard]] virtual std::string fault() const = 0;

  [[nodiscard]] virtual const line_stream& lines() const noexcept = 0;
};

struct wanted_reader {
  std::unique_ptr<record_reader> reader;
  std::vector<std::size_t> positions; // of each wanted column in fields()
};

// Tells format and columns from the head of the file. `with_sample`: keep rows for detection.
// Errors: those of byte_source and line_stream; invalid_data (binary, no header, no rows), limit_exceeded
// (columns).
[[nodiscard]] models::result<file_layout> read_layout(const input& from, bool with_sample);

// A pass over the file. Errors: invalid_argument for a wanted column that does not exist or exists twice.
[[nodiscard]] models::result<wanted_reader> open_records(const input& from, const file_layout& layout,
                                                         std::span<const std::string> wanted);

} // namespace forestage::adapters::logs
