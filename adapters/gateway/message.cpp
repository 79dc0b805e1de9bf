#include "adapters/gateway/message.hpp"

#include "adapters/gateway/http_date.hpp"

#include <algorithm>

namespace forestage::adapters::gateway {

namespace {
constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Neither a line break nor another control sign: nothing that a client could take for a field of ours.
bool one_line(std::string_view text) noexcept {
  return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}
} // namespace

bool equal_names(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string lower_case(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string_view request::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (equal_names(key, name)) return value;
  return {};
}

std::string json_string(std::string_view text) {
  constexpr auto digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c >= 0 && c < ' ') {
      out += "\\u00";
      out += digits[c >> 4];
      out += digits[c & 15];
    } else {
      out += c;
    }
  }
  return out += '"';
}

response json_response(std::string body, int status) {
  response out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

response error_response(int status, std::string_view code, std::string_view text) {
  return json_response(
      R"({"error":{"code":)" + json_string(code) + R"(,"text":)" + json_string(text) + "}}\n", status);
}

response file_response(std::filesystem::path path, std::string content_type,
                       std::string_view content_security_policy) {
  response out;
  out.content_type = std::move(content_type);
  out.file = file_body{std::move(path), {}};
  if (!content_security_policy.empty())
    out.headers.emplace_back("Content-Security-Policy", content_security_policy);
  return out;
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 206:
    return "Partial Content";
  case 301:
    return "Moved Permanently";
  case 302:
    return "Found";
  case 303:
    return "See Other";
  case 304:
    return "Not Modified";
  case 307:
    return "Temporary Redirect";
  case 308:
    return "Permanent Redirect";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 408:
    return "Request Timeout";
  case 409:
    return "Conflict";
  case 410:
    return "Gone";
  case 411:
    return "Length Required";
  case 412:
    return "Precondition Failed";
  case 413:
    return "Content Too Large";
  case 414:
    return "URI Too Long";
  case 415:
    return "Unsupported Media Type";
  case 416:
    return "Range Not Satisfiable";
  case 417:
    return "Expectation Failed";
  case 421:
    return "Misdirected Request";
  case 422:
    return "Unprocessable Content";
  case 426:
    return "Upgrade Required";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 501:
    return "Not Implemented";
  case 502:
    return "Bad Gateway";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  case 505:
    return "HTTP Version Not Supported";
  default:
    return "Status";
  }
}

std::string response_head(int status, std::string_view content_type, const header_fields& headers,
                          const head_facts& facts) {
  std::string out;
  out.reserve(256);
  const auto field = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason_phrase(status));
  out.append("\r\n");
  field("Date", format_http_date(facts.now));
  if (!content_type.empty() && one_line(content_type)) field("Content-Type", content_type);
  // Nobody shall guess a type: staged content is a stranger's.
  field("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : headers)
    if (!name.empty() && one_line(name) && one_line(value)) field(name, value);
  if (facts.with_length) field("Content-Length", std::to_string(facts.content_length));
  if (!facts.keep_alive) field("Connection", "close");
  return out += "\r\n";
}

} // namespace forestage::adapters::gateway
