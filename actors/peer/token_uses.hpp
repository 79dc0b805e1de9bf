// Which session uses which token now. Pure: no CAF, clock or I/O.
//
// A token belongs to one session at a time: its agent may connect again, also while the connection before
// still stands, but whoever copied the token and comes with another session is refused while the first one
// lasts. That is why every token has an id (`jti`). Bounded: at most `most` tokens, which the node's bound on
// connections makes enough; a token leaves when its last connection does, so nothing has to be thrown out.
// Times are milliseconds of a clock that never goes back.
#pragma once

#include "models/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace forestage::actors {

class token_uses {
public:
  explicit token_uses(std::size_t most)
      : most_(most) {}

  // A connection of `session` comes with a token; each call that succeeds is ended by one release.
  // expires_ms: of the token; after it the token is nobody's any more, however many connections have
  // forgotten to leave. 0: never. Errors: not_permitted (another session uses it), unavailable (the table is
  // full).
  [[nodiscard]] models::status admit(std::string_view token, std::string_view session,
                                     std::int64_t expires_ms, std::int64_t now_ms);
  // A connection of that session has ended. Of a use that is not there: nothing.
  void release(std::string_view token, std::string_view session);

  [[nodiscard]] std::size_t size() const noexcept { return uses_.size(); }

private:
  struct use {
    std::string session;
    std::int64_t expires_ms = 0;
    std::size_t connections = 0;
  };
  void forget_expired(std::int64_t now_ms);

  std::size_t most_;
  std::unordered_map<std::string, use> uses_; // by id of the token
};

} // namespace forestage::actors
