#include "adapters/gateway/options.hpp"

namespace forestage::adapters::gateway {

models::status validate(const listener_options& listener) {
  const auto bad = [&](const std::string& text) -> models::status {
    return {models::errc::invalid_argument, "listener " + listener.name + ": " + text};
  };
  const auto& b = listener.bounds;
  if (listener.address.empty()) return bad("no address; for instance 127.0.0.1 or ::");
  if (listener.certificate_file.empty() != listener.key_file.empty())
    return bad("TLS needs both, a certificate file and a key file");
  if (!listener.agent_path.empty() && listener.agent_path.front() != '/')
    return bad("the agent path " + listener.agent_path + " does not begin with /");
  if (b.connections == 0) return bad("connections must be at least 1");
  if (b.header_bytes < 256 || b.header_bytes > 65'536) return bad("header_bytes must be 256 to 65,536");
  if (b.target_bytes < 64 || b.target_bytes > b.header_bytes)
    return bad("target_bytes must be 64 to header_bytes");
  if (b.message_bytes < 128 || b.outbox_bytes < 128)
    return bad("message_bytes and outbox_bytes must be at least 128");
  if (b.frames_in_hand == 0 || b.control_frames == 0)
    return bad("frames_in_hand and control_frames must be at least 1");
  for (const auto time : {b.header, b.body, b.keep_alive, b.answer, b.write, b.idle, b.paused, b.close})
    if (time < std::chrono::milliseconds{50} || time > std::chrono::hours{24})
      return bad("every time must be 50 ms to 24 h");
  return models::success();
}

} // namespace forestage::adapters::gateway
