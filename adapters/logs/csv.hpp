// CSV and TSV after RFC 4180: a field may be quoted, then holds delimiters, line breaks, and quotes doubled.
// A quote inside an unquoted field stands for itself.
#pragma once

#include "adapters/logs/record_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::adapters::logs {

enum class csv_split : std::uint8_t {
  complete = 0,
  open_quote = 1,       // a quote is never closed
  text_after_quote = 2, // "a"b
  too_many = 3,         // more fields than allowed
};

// Splits one record into at most `max_fields` fields, which point into it. Doubled quotes are undone in
// place.
[[nodiscard]] csv_split split_record(std::span<char> record, char delimiter, std::size_t max_fields,
                                     std::vector<std::string_view>& fields);

// One field, quoted when it has to be.
[[nodiscard]] std::string csv_field(std::string_view text, char delimiter);

// The delimiter of a header line: a tab, a comma or a semicolon, whichever it has most of outside quotes.
[[nodiscard]] char delimiter_of(std::string_view header) noexcept;

class csv_reader final : public record_reader {
public:
  csv_reader(line_stream lines, char delimiter)
      : lines_(std::move(lines))
      , delimiter_(delimiter) {}

  // Takes the header line; comes before the first next(). record, malformed, end or failed.
  [[nodiscard]] fetch header(std::vector<std::string>& columns);
  [[nodiscard]] fetch next() override;
  [[nodiscard]] std::span<const std::string_view> fields() const noexcept override { return fields_; }
  [[nodiscard]] std::string fault() const override;
  [[nodiscard]] const line_stream& lines() const noexcept override { return lines_; }

private:
  fetch record(std::size_t max_fields);

  line_stream lines_;
  char delimiter_;
  std::size_t column_count_ = 0;
  std::vector<std::string_view> fields_;
  csv_split outcome_ = csv_split::complete;
};

} // namespace forestage::adapters::logs
