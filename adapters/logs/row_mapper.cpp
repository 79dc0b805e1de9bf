#include "adapters/logs/row_mapper.hpp"

#include "adapters/logs/log_source.hpp"
#include "adapters/logs/time_text.hpp"
#include "models/ids.hpp"

#include <algorithm>

namespace forestage::adapters::logs {

namespace {

constexpr std::string_view everything = "all";

// Most ids are ASCII; the eight-bytes-at-a-time test is what the hot path pays.
bool valid_utf8(std::string_view text) noexcept {
  unsigned char any = 0;
  for (const char c : text)
    any |= static_cast<unsigned char>(c);
  return any < 0x80 || models::is_utf8(text);
}

} // namespace

row_mapper::row_mapper(const column_map& columns, const std::vector<where_clause>& where,
                       std::optional<time_format> format)
    : columns_(columns)
    , where_(where)
    , format_(std::move(format))
    , wanted_(columns.time) {
  resource_ = want(columns.resource);
  region_ = want(columns.region);
  peer_ = want(columns.peer);
  if (!columns.segment.empty()) segment_ = want(columns.segment.front());
  if (columns.segment.size() > 1) more_segment_ = want(columns.segment.back());
  size_ = want(columns.size);
  first_count_ = wanted_.size();
  for (const auto& name : columns.counts)
    wanted_.push_back(name);
  first_where_ = wanted_.size();
  for (const auto& clause : where)
    wanted_.push_back(clause.column);
  cells_.resize(std::max<std::size_t>(1, columns.counts.size()));
  for (auto& one : cells_)
    one = {.count = {1, 1.0}, .missing = false};
}

std::optional<std::size_t> row_mapper::want(const std::optional<std::string>& column) {
  if (!column) return std::nullopt;
  wanted_.push_back(*column);
  return wanted_.size() - 1;
}

row_mapper::verdict row_mapper::bad(fault what, std::size_t wanted) noexcept {
  fault_ = what;
  fault_column_ = wanted;
  return verdict::bad;
}

bool row_mapper::read_time(std::span<const std::string_view> fields) {
  const auto first = field(fields, 0);
  time_value time;
  if (columns_.time.size() == 1) {
    time = format_ ? format_->parse(first) : parse_time(first);
  } else if (format_) {
    joined_.assign(first).append(1, ' ').append(field(fields, 1));
    time = format_->parse(joined_);
  } else {
    time = add_hour(parse_time(first), field(fields, 1));
  }
  if (time.ok()) {
    time_us_ = time.us;
    return true;
  }
  const auto what = first.data() == nullptr                  ? fault::absent
                    : time.fault == time_fault::out_of_range ? fault::time_range
                    : time.fault == time_fault::not_an_hour  ? fault::hour
                                                             : fault::time;
  bad(what, what == fault::hour ? 1 : 0);
  return false;
}

bool row_mapper::read_id(std::span<const std::string_view> fields, std::optional<std::size_t> wanted,
                         bool needed, std::string_view& id) noexcept {
  if (!wanted) return true;
  id = field(fields, *wanted);
  if (needed && id.data() == nullptr) {
    bad(fault::absent, *wanted);
  } else if (id.size() > models::max_name_bytes) {
    bad(fault::too_long, *wanted);
  } else if (!valid_utf8(id)) {
    bad(fault::not_utf8, *wanted);
  } else {
    return true;
  }
  return false;
}

bool row_mapper::read_segment(std::span<const std::string_view> fields) {
  std::string_view more;
  if (!read_id(fields, segment_, false, segment_text_) || !read_id(fields, more_segment_, false, more))
    return false;
  if (!more_segment_ || (segment_text_.empty() && more.empty())) return true;
  segment_joined_.assign(segment_text_).append(1, '/').append(more);
  segment_text_ = segment_joined_;
  if (segment_joined_.size() <= models::max_name_bytes) return true;
  bad(fault::too_long, *segment_);
  return false;
}

row_mapper::verdict row_mapper::judge(std::span<const std::string_view> fields) {
  for (std::size_t i = 0; i < where_.size(); ++i)
    if (!matches(where_[i], field(fields, first_where_ + i))) return verdict::skipped;
  resource_text_ = everything;
  region_text_ = everything;
  peer_text_ = {};
  segment_text_ = {};
  if (!read_time(fields) || !read_id(fields, resource_, true, resource_text_) ||
      !read_id(fields, region_, false, region_text_) || !read_id(fields, peer_, false, peer_text_) ||
      !read_segment(fields))
    return verdict::bad;
  size_bytes_.reset();
  if (size_) {
    const auto text = trimmed(field(fields, *size_));
    if (!text.empty() && text != "-") {
      size_bytes_ = parse_size(text);
      if (!size_bytes_) return bad(fault::size, *size_);
    }
  }
  for (std::size_t i = 0; i < columns_.counts.size(); ++i) {
    const auto text = field(fields, first_count_ + i);
    if (trimmed(text).empty()) {
      cells_[i] = {.count = {0, 0.0}, .missing = true};
      continue;
    }
    const auto count = parse_count(text);
    if (!count) return bad(fault::count, first_count_ + i);
    cells_[i] = {.count = *count, .missing = false};
  }
  // A joined name has to fit as well.
  if (resource_ && cells_.size() > 1)
    for (const auto& name : columns_.counts)
      if (resource_text_.size() + 1 + name.size() > models::max_name_bytes)
        return bad(fault::too_long, *resource_);
  return verdict::selected;
}

void row_mapper::fill(std::size_t i, log_event& event) {
  event.time_us = time_us_;
  event.resource = resource_text_;
  event.region = region_text_;
  event.peer = peer_text_;
  event.segment = segment_text_;
  event.count = cells_[i].count.rounded;
  event.value = cells_[i].count.written;
  event.missing = cells_[i].missing;
  event.size_bytes = size_bytes_;
  if (cells_.size() == 1) return;
  if (resource_) {
    joined_.assign(resource_text_).append(1, '/').append(columns_.counts[i]);
    event.resource = joined_;
  } else {
    event.resource = columns_.counts[i];
  }
}

std::string row_mapper::reason(std::span<const std::string_view> fields) const {
  const auto text = field(fields, fault_column_);
  const auto place = "column " + excerpt(wanted_[fault_column_]) + ": ";
  switch (fault_) {
  case fault::time:
    if (format_ && columns_.time.size() == 2)
      return "columns " + excerpt(wanted_[0]) + " and " + excerpt(wanted_[1]) + ": " + excerpt(joined_) +
             " is not a time of the form '" + format_->text() +
             "', which stands for both with a blank between them, such as '%Y-%m-%d %H'";
    return place + excerpt(text) + " is not a time" +
           (format_ ? " of the form '" + format_->text() + "'"
                    : " (ISO 8601, unix seconds, m/d/yyyy or NCSA); describe others with --time-format");
  case fault::time_range:
    return place + excerpt(text) + " is outside the years 1970 to 2199";
  case fault::hour:
    return place + excerpt(text) + " is neither hours (0 to 24) nor HH:MM";
  case fault::absent:
    return "the key " + excerpt(wanted_[fault_column_]) + " is absent";
  case fault::too_long:
    return place + "an id of " + std::to_string(text.size()) + " bytes" +
           (cells_.size() > 1 ? ", and its counted column behind it" : "") + "; at most 256 are allowed";
  case fault::not_utf8:
    return place + "an id that is not valid UTF-8";
  case fault::count:
    return place + excerpt(text) + " is not a count (a number from 0 to 1e12; empty for a missing interval)";
  case fault::size:
    return place + excerpt(text) + " is not a size in bytes (a whole number; empty or '-' for none)";
  }
  return {};
}

} // namespace forestage::adapters::logs
