// Compressed bytes for the tests of the log readers.
#pragma once

#include <string>
#include <string_view>

namespace forestage::tests {

[[nodiscard]] std::string gzip_of(std::string_view text); // one member
[[nodiscard]] std::string zstd_of(std::string_view text); // one frame

} // namespace forestage::tests
