#include "actors/peer/token_uses.hpp"

namespace forestage::actors {

using models::errc;

models::status token_uses::admit(std::string_view token, std::string_view session, std::int64_t expires_ms,
                                 std::int64_t now_ms) {
  const auto over = [now_ms](const use& u) { return u.expires_ms != 0 && u.expires_ms <= now_ms; };
  auto at = uses_.find(std::string{token});
  if (at != uses_.end() && at->second.session != session && !over(at->second))
    return {errc::not_permitted,
            "this token is in use by another session; end that one first, or get a token for each session"};
  if (at != uses_.end() && at->second.session != session) {
    uses_.erase(at);
    at = uses_.end();
  }
  if (at == uses_.end()) {
    if (uses_.size() >= most_) forget_expired(now_ms);
    if (uses_.size() >= most_)
      return {errc::unavailable, "this node serves " + std::to_string(most_) +
                                     " tokens, its most; try again later, or another node"};
    at = uses_.emplace(std::string{token}, use{std::string{session}, expires_ms, 0}).first;
  }
  ++at->second.connections;
  return models::success();
}

void token_uses::release(std::string_view token, std::string_view session) {
  const auto at = uses_.find(std::string{token});
  if (at == uses_.end() || at->second.session != session) return;
  if (--at->second.connections == 0) uses_.erase(at);
}

void token_uses::forget_expired(std::int64_t now_ms) {
  std::erase_if(uses_, [now_ms](const auto& entry) {
    return entry.second.expires_ms != 0 && entry.second.expires_ms <= now_ms;
  });
}

} // namespace forestage::actors
