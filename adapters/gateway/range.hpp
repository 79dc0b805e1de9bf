// The Range field (RFC 9110 §14): one range of bytes. Several ranges, other units and what cannot be read are
// answered with the whole, as the RFC allows: multipart answers are more attacked than used.
#pragma once

#include <cstdint>
#include <string_view>

namespace forestage::adapters::gateway {

enum class range_kind : std::uint8_t { whole, part, unsatisfiable };

struct byte_range {
  range_kind kind = range_kind::whole;
  std::uint64_t from = 0;
  std::uint64_t length = 0; // whole: size; part: 1 to size - from; unsatisfiable: 0

  friend bool operator==(const byte_range&, const byte_range&) = default;
};

// `field`: the value of Range, empty when there is none; `size`: of the file.
[[nodiscard]] byte_range parse_range(std::string_view field, std::uint64_t size) noexcept;

} // namespace forestage::adapters::gateway
