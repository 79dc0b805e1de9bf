// JSON Lines: one object a line. A key of a nested object is named with dots ("http.path"); arrays are not
// looked into. Numbers keep the text they are written in; true and false are text; null is an empty field; of
// two equal keys the last counts.
#pragma once

#include "adapters/logs/record_reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::adapters::logs {

// The scalar values of some keys of one object. Reused from line to line.
class json_row {
public:
  // The keys wanted; fields()[i] belongs to keys[i].
  explicit json_row(std::vector<std::string> keys)
      : keys_(std::move(keys)) {}
  // Keys are collected as they are met, at most max_keys of them.
  json_row()
      : collecting_(true) {}

  // False when the line is not one JSON object, or a wanted key holds an object or an array: fault() says so.
  [[nodiscard]] bool parse(std::string_view line);
  [[nodiscard]] const std::vector<std::string>& keys() const noexcept { return keys_; }
  // Absent keys have no data.
  [[nodiscard]] const std::vector<std::string_view>& fields() const noexcept { return fields_; }
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

  static constexpr std::size_t max_keys = 1'024;

private:
  friend class json_handler;

  struct extent {
    std::size_t begin = 0;
    std::size_t size = 0;
    bool present = false;
  };

  std::size_t find(std::string_view key);

  std::vector<std::string> keys_;
  bool collecting_ = false;
  std::string text_; // the values, one behind the other
  std::vector<extent> extents_;
  std::vector<std::string_view> fields_;
  std::string fault_;
};

class jsonl_reader final : public record_reader {
public:
  jsonl_reader(line_stream lines, json_row row)
      : lines_(std::move(lines))
      , row_(std::move(row)) {}

  [[nodiscard]] fetch next() override;
  [[nodiscard]] std::span<const std::string_view> fields() const noexcept override { return row_.fields(); }
  [[nodiscard]] std::string fault() const override { return row_.fault(); }
  [[nodiscard]] const line_stream& lines() const noexcept override { return lines_; }
  [[nodiscard]] const std::vector<std::string>& keys() const noexcept { return row_.keys(); }

private:
  line_stream lines_;
  json_row row_;
};

} // namespace forestage::adapters::logs
