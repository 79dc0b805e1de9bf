// The files of a key ring, with the care that keys need: modes are read from what was opened, not from a name
// that may change in between. Thread-safe. No exceptions.
#pragma once

#include "models/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::tokens {

enum class secrecy : std::uint8_t { open, secret };

// The names in the directory that end in .pem, sorted; those that begin with a dot are left out. Errors:
// not_found, not_permitted (everybody may write to it), storage_failed.
[[nodiscard]] models::result<std::vector<std::string>> key_files(const std::string& directory);

// At most 16 kB. Errors: not_found, not_permitted (a secret that group or others may read; any file that
// others may write to), invalid_data (too large, no plain file), storage_failed.
[[nodiscard]] models::result<std::string> read_key_file(const std::string& path, secrecy secret);

// A new file, 0600 for a secret, else 0644; durable. Errors: position_conflict (it is there), storage_failed.
[[nodiscard]] models::status write_key_file(const std::string& path, std::string_view text, secrecy secret);

} // namespace forestage::tokens
