// Frames of the agent protocol as bytes: binary protobuf, or its JSON in text frames. What cannot be read, or
// has a field that is not known, is refused, never guessed.
#pragma once

#include "messages/agent.pb.h"
#include "models/result.hpp"

#include <string>
#include <string_view>

namespace forestage::messages {

// Errors: invalid_data.
[[nodiscard]] models::result<v1::AgentFrame> decode_agent_frame(std::string_view bytes, bool text);
[[nodiscard]] std::string encode_frame(const v1::ProxyFrame& frame, bool text);

} // namespace forestage::messages
