// Lengths of time and sizes as people write them: 250ms, 30s, 5m, 1h, 2d; 512B, 64KiB, 1MiB, 4GiB. A whole
// number with its unit; a bare 0 needs none. Pure.
#pragma once

#include "models/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace forestage::models {

// At most 100 years. Errors: invalid_argument, with examples.
[[nodiscard]] result<std::int64_t> parse_milliseconds(std::string_view text);
// At most 1024 TiB. Errors: invalid_argument, with examples.
[[nodiscard]] result<std::uint64_t> parse_bytes(std::string_view text);

// In the largest unit that leaves a whole number: what the parsers read back. 0 is "0s", "0B". Pre: not
// negative.
[[nodiscard]] std::string milliseconds_text(std::int64_t milliseconds);
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

} // namespace forestage::models
