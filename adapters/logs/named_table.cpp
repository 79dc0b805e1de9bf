#include "adapters/logs/named_table.hpp"

#include <algorithm>

namespace forestage::adapters::logs {

using models::errc;

namespace {
constexpr std::size_t absent = ~std::size_t{0};
} // namespace

models::error named_table::wrong(const std::string& what) const {
  return {errc::invalid_data, name_ + ":" + std::to_string(line()) + ": " + what};
}

models::error named_table::header_wrong(const std::string& what) const {
  return {errc::invalid_data, name_ + ": " + what + "; the first line of " + std::string{shape_->what} +
                                  " is " + std::string{shape_->says} + ", with commas between"};
}

models::status named_table::read_header() {
  std::vector<std::string> header;
  const auto got = records_.header(header);
  if (got == fetch::failed) return records_.lines().failure();
  if (got != fetch::record) return header_wrong("it has no header");
  places_.assign(shape_->columns.size(), absent);
  for (std::size_t i = 0; i < header.size(); ++i) {
    const auto at = std::find(shape_->columns.begin(), shape_->columns.end(), header[i]);
    if (at == shape_->columns.end()) {
      if (shape_->others) continue;
      return header_wrong("the column '" + header[i] + "' is not known");
    }
    auto& place = places_[static_cast<std::size_t>(at - shape_->columns.begin())];
    if (place != absent) return header_wrong("the column '" + header[i] + "' comes twice");
    place = i;
  }
  for (std::size_t i = 0; i < shape_->required; ++i)
    if (places_[i] == absent)
      return header_wrong("the column '" + std::string{shape_->columns[i]} + "' is missing");
  return models::success();
}

models::result<bool> named_table::next() {
  const auto got = records_.next();
  if (got == fetch::end) return false;
  if (got == fetch::failed) return records_.lines().failure();
  if (got == fetch::malformed) return wrong(std::string{records_.fault()});
  return true;
}

std::string_view named_table::field(std::size_t column) const {
  const auto fields = records_.fields();
  return places_[column] < fields.size() ? fields[places_[column]] : std::string_view{};
}

} // namespace forestage::adapters::logs
