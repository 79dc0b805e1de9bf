// The target of a request taken apart: a path without escapes, and the pairs of the query.
#pragma once

#include "models/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forestage::adapters::gateway {

struct request_target {
  std::string path; // begins with /; decoded; no segment is . or .., none holds a / or a zero byte
  std::vector<std::pair<std::string, std::string>> query; // decoded, in order

  // The first value of that name; empty when there is none.
  [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept;
};

// Only the origin form ("/path?query"). An escaped slash is refused: two readers would disagree about what
// it means. Errors: invalid_data, in words for the client.
[[nodiscard]] models::result<request_target> parse_target(std::string_view text);

// %XX as bytes. Errors: invalid_data.
[[nodiscard]] models::result<std::string> percent_decode(std::string_view text, bool plus_is_space);

} // namespace forestage::adapters::gateway
