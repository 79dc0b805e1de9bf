// A request and its response, as plain values.
#pragma once

#include "adapters/gateway/target.hpp"

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forestage::adapters::gateway {

using header_fields = std::vector<std::pair<std::string, std::string>>;

struct request {
  std::size_t listener = 0; // its place among the listeners given
  std::string remote;       // the client's address, without port
  std::string method;
  std::string target;   // as it was sent
  request_target where; // the same, taken apart
  header_fields headers;
  std::string body;

  // The first field of that name, whatever its case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

// A file is read while it is sent, 64 kB at a time. Ranges, ETag and dates are the gateway's work.
struct file_body {
  std::filesystem::path path;
  std::string entity_tag; // with its quotes; empty: made of size and time of change
};

struct response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::optional<file_body> file; // instead of body; with status 200
  header_fields headers;         // added as they are; no line breaks
  bool close = false;            // no further request on this connection
};

[[nodiscard]] response json_response(std::string body, int status = 200);
// {"error":{"code":…,"text":…}}. The code is a word for programs, the text a sentence for people.
[[nodiscard]] response error_response(int status, std::string_view code, std::string_view text);
[[nodiscard]] response file_response(std::filesystem::path path, std::string content_type,
                                     std::string_view content_security_policy);

// The first lines of an answer, the empty one included. Fields that would break out of their line are left
// out.
struct head_facts {
  std::time_t now = 0;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool with_length = true; // false: 304 has none
};
[[nodiscard]] std::string response_head(int status, std::string_view content_type,
                                        const header_fields& headers, const head_facts& facts);

[[nodiscard]] std::string_view reason_phrase(int status) noexcept;
// With its quotes.
[[nodiscard]] std::string json_string(std::string_view text);
// ASCII only, as HTTP's names are.
[[nodiscard]] bool equal_names(std::string_view one, std::string_view other) noexcept;
[[nodiscard]] std::string lower_case(std::string_view text);

} // namespace forestage::adapters::gateway
