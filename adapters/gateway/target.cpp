#include "adapters/gateway/target.hpp"

namespace forestage::adapters::gateway {

using models::errc;
using models::result;

namespace {
constexpr std::size_t most_parameters = 64;

int hex(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
} // namespace

std::string_view request_target::parameter(std::string_view name) const noexcept {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return {};
}

result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return {errc::invalid_data, "the target has a % that two hexadecimal digits do not follow"};
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

result<request_target> parse_target(std::string_view text) {
  if (text.empty() || text.front() != '/') return {errc::invalid_data, "the target must begin with /"};
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '#')
      return {errc::invalid_data, "the target has a sign that must be escaped with %"};

  request_target out;
  const auto mark = text.find('?');
  auto path = text.substr(0, mark);
  while (!path.empty()) { // one segment after the other, each with its slash
    const auto end = path.find('/', 1);
    const auto segment = percent_decode(path.substr(1, end == path.npos ? path.npos : end - 1), false);
    if (!segment) return segment.failure();
    if (*segment == "." || *segment == "..")
      return {errc::invalid_data, "the target may not have . or .. as a part of its path"};
    if (segment->find('/') != std::string::npos || segment->find('\0') != std::string::npos)
      return {errc::invalid_data, "the target may not have an escaped / or zero byte in its path"};
    out.path.append("/").append(*segment);
    path = end == path.npos ? std::string_view{} : path.substr(end);
  }

  auto query = mark == text.npos ? std::string_view{} : text.substr(mark + 1);
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query = end == query.npos ? std::string_view{} : query.substr(end + 1);
    if (pair.empty()) continue;
    if (out.query.size() == most_parameters)
      return {errc::invalid_data, "the query has more than 64 parameters"};
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(equals == pair.npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!name) return name.failure();
    if (!value) return value.failure();
    out.query.emplace_back(std::move(name).value(), std::move(value).value());
  }
  return out;
}

} // namespace forestage::adapters::gateway
