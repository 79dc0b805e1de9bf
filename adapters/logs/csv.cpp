#include "adapters/logs/csv.hpp"

#include "adapters/logs/field.hpp"

#include <algorithm>
#include <cstring>

namespace forestage::adapters::logs {

namespace {

// Follows quotes over the lines of a record, so that its end is found in one pass however many lines it has.
class quote_scan {
public:
  explicit quote_scan(char delimiter)
      : delimiter_(delimiter) {}

  void feed(std::string_view text) noexcept {
    for (const char c : text)
      switch (state_) {
      case state::field_start:
        state_ = c == '"' ? state::quoted : c == delimiter_ ? state::field_start : state::unquoted;
        break;
      case state::unquoted:
        if (c == delimiter_) state_ = state::field_start;
        break;
      case state::quoted:
        if (c == '"') state_ = state::quote_in_quoted;
        break;
      case state::quote_in_quoted:
        state_ = c == '"' ? state::quoted : c == delimiter_ ? state::field_start : state::broken;
        break;
      case state::broken:
        return;
      }
  }
  [[nodiscard]] bool open() const noexcept { return state_ == state::quoted; }

private:
  enum class state : std::uint8_t { field_start, unquoted, quoted, quote_in_quoted, broken };
  char delimiter_;
  state state_ = state::field_start;
};

// Undoes a quoted field that begins at `text`, a quote. Returns the first byte behind its closing quote, or
// null.
char* take_quoted(char* text, char* end, std::string_view& field) noexcept {
  char* read = text + 1;
  char* written = read;
  for (;;) {
    auto* quote = static_cast<char*>(std::memchr(read, '"', static_cast<std::size_t>(end - read)));
    if (quote == nullptr) return nullptr;
    const auto length = static_cast<std::size_t>(quote - read);
    if (written != read) std::memmove(written, read, length);
    written += length;
    if (quote + 1 == end || quote[1] != '"') {
      field = {text + 1, static_cast<std::size_t>(written - text - 1)};
      return quote + 1;
    }
    *written++ = '"';
    read = quote + 2;
  }
}

} // namespace

csv_split split_record(std::span<char> record, char delimiter, std::size_t max_fields,
                       std::vector<std::string_view>& fields) {
  fields.clear();
  char* text = record.data();
  char* const end = text + record.size();
  for (;;) {
    if (fields.size() == max_fields) return csv_split::too_many;
    char* after = nullptr;
    if (text != end && *text == '"') {
      std::string_view field;
      after = take_quoted(text, end, field);
      if (after == nullptr) return csv_split::open_quote;
      fields.push_back(field);
      if (after != end && *after != delimiter) return csv_split::text_after_quote;
    } else {
      after = text == end
                  ? end
                  : static_cast<char*>(std::memchr(text, delimiter, static_cast<std::size_t>(end - text)));
      if (after == nullptr) after = end;
      fields.emplace_back(text, static_cast<std::size_t>(after - text));
    }
    if (after == end) return csv_split::complete;
    text = after + 1;
  }
}

std::string csv_field(std::string_view text, char delimiter) {
  const auto special = [&](char c) { return c == '"' || c == '\n' || c == '\r' || c == delimiter; };
  if (std::none_of(text.begin(), text.end(), special)) return std::string{text};
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

char delimiter_of(std::string_view header) noexcept {
  std::size_t tabs = 0;
  std::size_t commas = 0;
  std::size_t semicolons = 0;
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    tabs += c == '\t' ? 1 : 0;
    commas += c == ',' ? 1 : 0;
    semicolons += c == ';' ? 1 : 0;
  }
  if (tabs > 0 && tabs >= commas && tabs >= semicolons) return '\t';
  return semicolons > commas ? ';' : ',';
}

fetch csv_reader::record(std::size_t max_fields) {
  auto got = lines_.next();
  while (got == fetch::record && lines_.text().empty())
    got = lines_.next();
  if (got != fetch::record) return got;
  auto text = lines_.text();
  if (std::memchr(text.data(), '"', text.size()) != nullptr) {
    quote_scan quotes{delimiter_};
    std::size_t scanned = 0;
    for (;;) {
      quotes.feed({text.data() + scanned, text.size() - scanned});
      if (!quotes.open()) break;
      scanned = text.size();
      got = lines_.extend();
      if (got == fetch::failed) return got;
      text = lines_.text();
      if (got == fetch::end) break;
    }
  }
  outcome_ = split_record(text, delimiter_, max_fields, fields_);
  return outcome_ == csv_split::complete ? fetch::record : fetch::malformed;
}

fetch csv_reader::header(std::vector<std::string>& columns) {
  const auto got = record(max_columns);
  columns.clear();
  if (got != fetch::record) return got;
  for (const auto field : fields_)
    columns.emplace_back(trimmed(field));
  column_count_ = columns.size();
  return got;
}

fetch csv_reader::next() {
  const auto got = record(column_count_);
  return got == fetch::record && fields_.size() != column_count_ ? fetch::malformed : got;
}

std::string csv_reader::fault() const {
  const auto lost =
      lines_.lines() > 1 ? "; " + std::to_string(lines_.lines()) + " lines are lost with it" : std::string{};
  const auto columns = std::to_string(column_count_);
  switch (outcome_) {
  case csv_split::open_quote:
    return "a quote that is never closed" + lost;
  case csv_split::text_after_quote:
    return "text behind a closing quote" + lost;
  case csv_split::too_many:
    return "more fields than the header's " + columns + lost;
  case csv_split::complete:
    break;
  }
  return std::to_string(fields_.size()) + (fields_.size() == 1 ? " field" : " fields") +
         " where the header has " + columns + lost;
}

} // namespace forestage::adapters::logs
