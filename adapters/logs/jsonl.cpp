// nlohmann-json stays in this file; its SAX reader allocates nothing per value and is not recursive.
#include "adapters/logs/jsonl.hpp"

#include "adapters/logs/field.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <exception>

namespace forestage::adapters::logs {

namespace {

constexpr std::size_t no_key = static_cast<std::size_t>(-1);
constexpr std::size_t max_collected_key_bytes = 256;

} // namespace

// Receives the events of one line.
class json_handler {
public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  explicit json_handler(json_row& row)
      : row_(row) {}

  bool null() { return value({}); }
  bool boolean(bool set) { return value(set ? "true" : "false"); }
  bool number_integer(number_integer_t number) { return whole(number); }
  bool number_unsigned(number_unsigned_t number) { return whole(number); }
  bool number_float(number_float_t /*number*/, const string_t& written) { return value(written); }
  bool string(string_t& text) { return value(text); }
  bool binary(binary_t& /*bytes*/) { return false; }

  bool key(string_t& name) {
    if (arrays_ > 0) return true;
    path_.resize(marks_.back());
    if (!path_.empty()) path_ += '.';
    path_ += name;
    return true;
  }
  bool start_object(std::size_t /*members*/) {
    if (arrays_ > 0) return true;
    if (marks_.empty()) {
      marks_.push_back(0);
      return true;
    }
    if (!container("an object")) return false;
    marks_.push_back(path_.size());
    return true;
  }
  bool end_object() {
    if (arrays_ == 0) marks_.pop_back();
    return true;
  }
  bool start_array(std::size_t /*members*/) {
    if (marks_.empty()) return refuse("not a JSON object");
    if (arrays_ == 0 && !container("an array")) return false;
    ++arrays_;
    return true;
  }
  bool end_array() {
    --arrays_;
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& /*why*/) {
    return refuse("not valid JSON at byte " + std::to_string(position));
  }

private:
  bool refuse(std::string why) {
    row_.fault_ = std::move(why);
    return false;
  }
  bool container(std::string_view kind) {
    if (row_.collecting_) return true;
    const auto index = row_.find(path_);
    return index == no_key ||
           refuse("key " + excerpt(path_) + " holds " + std::string{kind} + " where a value is needed");
  }
  template <class Integer> bool whole(Integer number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return value({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  bool value(std::string_view text) {
    if (marks_.empty()) return refuse("not a JSON object");
    if (arrays_ > 0) return true;
    const auto index = row_.find(path_);
    if (index == no_key) return true;
    row_.extents_[index] = {row_.text_.size(), text.size(), true};
    row_.text_ += text;
    return true;
  }

  json_row& row_;
  std::string path_;
  std::vector<std::size_t> marks_; // for each open object, how much of the path names it
  std::size_t arrays_ = 0;
};

std::size_t json_row::find(std::string_view key) {
  for (std::size_t i = 0; i < keys_.size(); ++i)
    if (keys_[i] == key) return i;
  if (!collecting_ || keys_.size() == max_keys || key.size() > max_collected_key_bytes) return no_key;
  keys_.emplace_back(key);
  extents_.emplace_back();
  return keys_.size() - 1;
}

bool json_row::parse(std::string_view line) {
  text_.clear();
  fault_.clear();
  extents_.assign(keys_.size(), extent{});
  bool read = false;
  try {
    json_handler handler{*this};
    read = nlohmann::json::sax_parse(line.begin(), line.end(), &handler);
  } catch (const std::exception& failure) {
    fault_ = failure.what();
  }
  fields_.clear();
  for (const auto& found : extents_)
    fields_.push_back(found.present ? std::string_view{text_}.substr(found.begin, found.size)
                                    : std::string_view{});
  return read;
}

fetch jsonl_reader::next() {
  for (;;) {
    const auto got = lines_.next();
    if (got != fetch::record) return got;
    const std::string_view text{lines_.text().data(), lines_.text().size()};
    if (trimmed(text).empty()) continue;
    return row_.parse(text) ? fetch::record : fetch::malformed;
  }
}

} // namespace forestage::adapters::logs
