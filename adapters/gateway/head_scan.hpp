// A look at a request's head before it is parsed: where it ends, and what no parser shall be asked to repair.
// Beast 1.74 joins folded lines and takes a field that begins with a blank; whoever stands before us may read
// such a head otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace forestage::adapters::gateway {

enum class head_state : std::uint8_t { incomplete, complete, malformed, header_too_large, target_too_long };

struct head_scan {
  head_state state = head_state::incomplete;
  std::size_t size = 0; // complete: with the empty line

  friend bool operator==(const head_scan&, const head_scan&) = default;
};

// `input` begins with the request's first byte; at most `most` bytes of head are allowed.
[[nodiscard]] head_scan scan_head(std::string_view input, std::size_t most) noexcept;

} // namespace forestage::adapters::gateway
