// Reads a whole file, plain, gzip or zstd: told apart by their first bytes, not by their names. Thread-safe.
// No exceptions.
#pragma once

#include "models/result.hpp"

#include <cstddef>
#include <string>

namespace forestage::files {

inline constexpr std::size_t read_file_limit = std::size_t{4} << 30U;

// limit: most bytes accepted after decompression. Errors: not_found; storage_failed (not readable);
// invalid_data (damaged or cut short); limit_exceeded.
[[nodiscard]] models::result<std::string> read_file(const std::string& path,
                                                    std::size_t limit = read_file_limit);

// The content of bytes that may be compressed. `name` stands in errors.
[[nodiscard]] models::result<std::string> decompress(std::string bytes, const std::string& name,
                                                     std::size_t limit = read_file_limit);

} // namespace forestage::files
