// Carries any protobuf message in a CAF message: bytes travel, the handler parses.
//
// CAF 0.17 drops errors of a load callback for whole messages, so a decode failure must never happen inside
// inspect: a carrier holds the bytes, and parse() says whether they mean anything.
#pragma once

#include "models/result.hpp"

#include <caf/meta/type_name.hpp>
#include <google/protobuf/message_lite.h>

#include <string>

namespace forestage::messages {

template <class Message> class protobuf_message {
public:
  protobuf_message() = default;
  explicit protobuf_message(const Message& message)
      : bytes_(message.SerializeAsString()) {}

  // Errors: invalid_data.
  [[nodiscard]] models::result<Message> parse() const {
    Message message;
    if (!message.ParseFromString(bytes_))
      return {models::errc::invalid_data, "a " + message.GetTypeName() + " that cannot be read"};
    return message;
  }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, protobuf_message& x) {
    return f(caf::meta::type_name("protobuf_message"), x.bytes_);
  }
  friend bool operator==(const protobuf_message&, const protobuf_message&) = default;

private:
  std::string bytes_;
};

} // namespace forestage::messages

namespace caf {
class actor_system_config;
}

namespace forestage::messages {

// Announces every carrier that may leave the process, under stable names. Append only: the names are part of
// the protocol between nodes (a golden test holds them).
void add_message_types(caf::actor_system_config& config);

} // namespace forestage::messages
