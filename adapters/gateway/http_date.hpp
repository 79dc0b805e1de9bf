// Dates as HTTP writes them: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7; the two obsolete forms are
// not read: nobody has sent them for decades, and not understood means only that a file is sent once more).
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace forestage::adapters::gateway {

// Years 1970 to 9999; others as the nearest of these.
[[nodiscard]] std::string format_http_date(std::time_t unix_seconds);
[[nodiscard]] std::optional<std::time_t> parse_http_date(std::string_view text);

} // namespace forestage::adapters::gateway
