// A CSV file with a header whose columns are known by name: what an operator writes by hand (a calendar, a
// catalogue). Rows are never left out: what is wrong is said with file, line and remedy.
#pragma once

#include "adapters/logs/csv.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forestage::adapters::logs {

struct table_shape {
  std::span<const std::string_view> columns; // those required first
  std::size_t required = 0;
  bool others = false;   // columns of other names may be there, and are not read
  std::string_view what; // "a calendar"
  std::string_view says; // how the header should read
};

class named_table {
public:
  // name: of the file, for errors. The shape must outlive it.
  template <class Source>
  named_table(Source source, std::string name, const table_shape& shape)
      : shape_(&shape)
      , name_(std::move(name))
      , records_({std::move(source), name_}, ',') {}

  // To be called first. Errors: invalid_data; those of the source.
  models::status read_header();
  // Whether there is another row; an error when it cannot be read.
  models::result<bool> next();
  // A field of the row by the number of its column; empty when the row or the file has none.
  [[nodiscard]] std::string_view field(std::size_t column) const;
  [[nodiscard]] std::uint64_t line() const { return records_.lines().first_line(); }
  // An error at this row.
  [[nodiscard]] models::error wrong(const std::string& what) const;

private:
  [[nodiscard]] models::error header_wrong(const std::string& what) const;

  const table_shape* shape_;
  std::string name_;
  csv_reader records_;
  std::vector<std::size_t> places_;
};

} // namespace forestage::adapters::logs
