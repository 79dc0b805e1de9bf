#include "adapters/gateway/head_scan.hpp"

namespace forestage::adapters::gateway {

head_scan scan_head(std::string_view input, std::size_t most) noexcept {
  if (input.empty()) return {};
  const char first = input.front();
  // TLS or rubbish on a plain listener is told so at once, not when its time is over.
  if (!((first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z'))) return {head_state::malformed, 0};
  std::size_t lines = 0;
  for (std::size_t at = 0; at < input.size() && at < most; ++at) {
    if (input[at] == '\0') return {head_state::malformed, 0};
    if (input[at] != '\n') continue;
    if (at == 0 || input[at - 1] != '\r') return {head_state::malformed, 0};
    ++lines;
    if (at >= 3 && input[at - 2] == '\n') return {head_state::complete, at + 1};
    if (at + 1 < input.size() && (input[at + 1] == ' ' || input[at + 1] == '\t'))
      return {head_state::malformed, 0};
  }
  if (input.size() < most) return {};
  return {lines == 0 ? head_state::target_too_long : head_state::header_too_large, 0};
}

} // namespace forestage::adapters::gateway
