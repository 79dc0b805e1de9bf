#include "adapters/gateway/counters.hpp"

namespace forestage::adapters::gateway {

namespace {
constexpr std::array<std::string_view, refusal_count> names = {
    "too_many_connections", "slow_tls",          "bad_tls",
    "slow_header",          "slow_body",         "idle_http",
    "slow_taker",           "late_answer",       "malformed",
    "header_too_large",     "target_too_long",   "body_too_large",
    "length_required",      "unsupported",       "wrong_host",
    "wrong_origin",         "idle_link",         "slow_reader",
    "paused_link",          "message_too_large", "too_many_fragments",
    "control_flood",        "bad_frame",         "bad_utf8"};
} // namespace

std::string_view to_string(refusal reason) noexcept {
  const auto at = static_cast<std::size_t>(reason);
  return at < names.size() ? names[at] : "unknown";
}

counters live_counters::read() const noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  counters now;
  now.accepted = accepted.load(relaxed);
  now.open = open.load(relaxed);
  now.links = links.load(relaxed);
  now.requests = requests.load(relaxed);
  now.bytes_in = bytes_in.load(relaxed);
  now.bytes_out = bytes_out.load(relaxed);
  now.frames_in = frames_in.load(relaxed);
  now.frames_out = frames_out.load(relaxed);
  for (std::size_t i = 0; i < refusal_count; ++i)
    now.refused[i] = refused[i].load(relaxed);
  return now;
}

} // namespace forestage::adapters::gateway
