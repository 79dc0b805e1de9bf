#include "messages/agent_codec.hpp"

#include "models/ids.hpp"

#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/json_util.h>

#include <vector>

namespace forestage::messages {

using models::errc;

namespace {

namespace pb = google::protobuf;

// Here or in any message inside.
bool has_unknown_fields(const pb::Message& message) {
  const auto& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  std::vector<const pb::FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const auto* field : set) {
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (has_unknown_fields(reflection.GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i)
      if (has_unknown_fields(reflection.GetRepeatedMessage(message, field, i))) return true;
  }
  return false;
}

} // namespace

models::result<v1::AgentFrame> decode_agent_frame(std::string_view bytes, bool text) {
  v1::AgentFrame frame;
  if (text) {
    const auto status =
        pb::util::JsonStringToMessage(pb::StringPiece{bytes.data(), bytes.size()}, &frame, {});
    if (!status.ok()) {
      // The parser quotes what it stumbled over, and may cut it in the middle of a character.
      std::string why{status.message().data(), status.message().size()};
      return {errc::invalid_data,
              "a text frame is no AgentFrame in JSON" + (models::is_utf8(why) ? ": " + why : std::string{})};
    }
    return frame;
  }
  if (!frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return {errc::invalid_data, "a binary frame is no AgentFrame"};
  if (has_unknown_fields(frame))
    return {errc::invalid_data, "a frame with a field that this version of the protocol does not know"};
  return frame;
}

std::string encode_frame(const v1::ProxyFrame& frame, bool text) {
  if (!text) return frame.SerializeAsString();
  std::string out;
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  // What we made ourselves can be printed.
  (void)pb::util::MessageToJsonString(frame, &out, options);
  return out;
}

} // namespace forestage::messages
