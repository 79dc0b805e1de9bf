// From the fields of a record to events: picks columns, applies --where, reads times and counts, judges the
// row.
#pragma once

#include "adapters/logs/columns.hpp"
#include "adapters/logs/field.hpp"
#include "adapters/logs/record_reader.hpp"
#include "adapters/logs/time_format.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::adapters::logs {

struct log_event;

class row_mapper {
public:
  enum class verdict : std::uint8_t { selected = 0, skipped = 1, bad = 2 };

  // `where` and `columns` must outlive the mapper.
  row_mapper(const column_map& columns, const std::vector<where_clause>& where,
             std::optional<time_format> format);

  // The columns needed, and, once a file is open, where its fields stand.
  [[nodiscard]] const std::vector<std::string>& wanted() const noexcept { return wanted_; }
  void bind(std::vector<std::size_t> positions) { positions_ = std::move(positions); }

  // Judges a record. When `selected`, events() events are ready for fill().
  [[nodiscard]] verdict judge(std::span<const std::string_view> fields);
  [[nodiscard]] std::size_t events() const noexcept { return cells_.size(); }
  // Event i of the row, all but its file and line. Views are valid until the next call of judge or fill.
  void fill(std::size_t i, log_event& event);

  // Why judge() said bad; valid until the next call.
  [[nodiscard]] std::string reason(std::span<const std::string_view> fields) const;
  // The resource of the row that was judged last, as far as it was read; empty when no column names it.
  [[nodiscard]] std::string_view resource(std::span<const std::string_view> fields) const noexcept {
    return resource_ ? field(fields, *resource_) : std::string_view{};
  }

private:
  enum class fault : std::uint8_t { time, time_range, hour, absent, too_long, not_utf8, count, size };
  struct cell {
    count_value count;
    bool missing = false;
  };

  [[nodiscard]] std::string_view field(std::span<const std::string_view> fields,
                                       std::size_t wanted) const noexcept {
    return fields[positions_[wanted]];
  }
  verdict bad(fault what, std::size_t wanted) noexcept;
  bool read_time(std::span<const std::string_view> fields);
  bool read_segment(std::span<const std::string_view> fields);
  bool read_id(std::span<const std::string_view> fields, std::optional<std::size_t> wanted, bool needed,
               std::string_view& id) noexcept;
  std::optional<std::size_t> want(const std::optional<std::string>& column);

  const column_map& columns_;
  const std::vector<where_clause>& where_;
  std::optional<time_format> format_;
  std::vector<std::string> wanted_; // the time columns come first
  std::vector<std::size_t> positions_;
  std::optional<std::size_t> resource_;
  std::optional<std::size_t> region_;
  std::optional<std::size_t> peer_;
  std::optional<std::size_t> segment_, more_segment_;
  std::optional<std::size_t> size_;
  std::size_t first_count_ = 0;
  std::size_t first_where_ = 0;

  std::int64_t time_us_ = 0;
  std::string_view resource_text_;
  std::string_view region_text_;
  std::string_view peer_text_;
  std::string_view segment_text_;
  std::string segment_joined_; // of two columns
  std::optional<std::int64_t> size_bytes_;
  std::vector<cell> cells_;
  std::string joined_; // a time of two columns, or resource/column
  fault fault_ = fault::time;
  std::size_t fault_column_ = 0;
};

} // namespace forestage::adapters::logs
