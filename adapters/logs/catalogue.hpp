// The operator's catalogue of resources, as a CSV file with a header.
//
//   resource,kind
//   room/*,room
//   room/launch,event
// resource: a name, or a glob (* and ?); a name decides before globs, of globs the first. kind: any text.
// Columns in any order, others are not read; plain, gzip or zstd.
#pragma once

#include "models/catalogue/catalogue.hpp"
#include "models/result.hpp"

#include <string>
#include <string_view>

namespace forestage::adapters::logs {

struct catalogue_file {
  std::vector<models::catalogue_entry> entries;
  models::catalogue catalogue;
};

inline constexpr std::size_t most_catalogue_rows = 5'000'000;

// Errors: those of files::read_file; invalid_data and limit_exceeded, naming file, line and remedy.
[[nodiscard]] models::result<catalogue_file> read_catalogue(const std::string& path);
// The same from text. `name` stands in errors.
[[nodiscard]] models::result<catalogue_file> parse_catalogue(std::string_view text, const std::string& name);

} // namespace forestage::adapters::logs
