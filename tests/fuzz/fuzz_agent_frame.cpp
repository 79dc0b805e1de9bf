// Any bytes as frames of an agent, binary and as JSON: refused with a reason, or heard by a session that
// keeps its bounds. The input is a row of frames: a byte (even: binary, odd: text), a length byte, the frame.
#include "actors/peer/peer_session.hpp"
#include "actors/peer/report_fold.hpp"
#include "messages/agent_codec.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

namespace {

using namespace forestage;

void require(bool holds) {
  if (!holds) std::abort();
}

// What a node does with a session's wishes, at once.
void carry_out(actors::peer_session& session, const actors::session_effects& effects, std::int64_t now_ms) {
  for (const auto& effect : effects) {
    if (std::holds_alternative<actors::verify_token>(effect)) {
      actors::peer_claims claims;
      claims.peer = "peer";
      claims.may_report = true;
      carry_out(session, session.on_verified(claims, {1'767'268'800'000, 300}, now_ms), now_ms);
    } else if (const auto* order = std::get_if<actors::append_report>(&effect)) {
      actors::report_context context{
          models::interval_grid::make(300).value(), 1'767'268'800'000, {}, "s", {}, {}};
      const auto folded = actors::fold_report(order->report, context);
      require((folded.refused > 0) == !folded.first_refusal.empty());
      std::uint64_t counted = 0;
      for (const auto& e : folded.counts.entries)
        counted += e.cell.count;
      require(counted <= folded.requests);
      carry_out(session, session.on_appended(order->sequence, order->attempt), now_ms);
    } else if (const auto* question = std::get_if<actors::ask>(&effect)) {
      const auto number = actors::question_of(question->frame);
      if (number != 0)
        carry_out(session, session.on_failure(number, {models::errc::unavailable, "not now"}, 0), now_ms);
    } else if (const auto* said = std::get_if<actors::say>(&effect)) {
      require(!messages::encode_frame(said->frame, false).empty());
      require(messages::encode_frame(said->frame, true).front() == '{');
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  actors::peer_session session{{}, 0};
  std::int64_t now_ms = 0;
  while (rest.size() >= 2) {
    const bool text = (static_cast<unsigned char>(rest[0]) & 1U) != 0;
    const auto length = std::min<std::size_t>(static_cast<unsigned char>(rest[1]), rest.size() - 2);
    const auto bytes = rest.substr(2, length);
    rest.remove_prefix(2 + length);
    const auto frame = messages::decode_agent_frame(bytes, text);
    if (!frame) require(!frame.failure().text.empty() && models::is_utf8(frame.failure().text));
    carry_out(session, frame ? session.on_frame(*frame, now_ms) : session.on_garbage(frame.failure()),
              now_ms);
    require(session.reports_under_way() <= 32 && session.questions() <= 64);
    now_ms += 100;
  }
  return 0;
}
