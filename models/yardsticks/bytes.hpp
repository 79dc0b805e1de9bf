// Snapshot bytes: variable-length integers (LEB128), at most ten bytes each. Pure; reading allocates nothing.
// Readers consume from the front of a view and say false on truncated or overlong input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace forestage::models::yardsticks {

inline void write_varint(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
}

[[nodiscard]] inline bool read_varint(std::string_view& bytes, std::uint64_t& value) noexcept {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// A varint that must lie in [0, most].
[[nodiscard]] inline bool read_varint_up_to(std::string_view& bytes, std::uint64_t& value,
                                            std::uint64_t most) noexcept {
  return read_varint(bytes, value) && value <= most;
}

} // namespace forestage::models::yardsticks
