// Names and patterns of names.
#pragma once

#include <string_view>

namespace forestage::models {

// '*': any text, '?': one UTF-8 character; a backslash takes the next character literally. Linear in the text
// for each star.
[[nodiscard]] bool matches_glob(std::string_view pattern, std::string_view text) noexcept;

// Whether a name is a pattern.
[[nodiscard]] bool is_glob(std::string_view name) noexcept;

} // namespace forestage::models
