#include "actors/collection/access_list.hpp"

namespace forestage::actors {

std::string_view to_string(verb v) noexcept {
  switch (v) {
  case verb::create:
    return "create";
  case verb::put:
    return "put";
  case verb::get:
    return "get";
  case verb::purge:
    return "purge";
  }
  return "?";
}

models::status access_list::allow(std::string_view peer, verbs what) {
  if (const auto known = rules_.find(peer); known != rules_.end()) {
    known->second = known->second | what;
    return models::success();
  }
  if (rules_.size() == most_rules)
    return {models::errc::limit_exceeded, "more than " + std::to_string(most_rules) +
                                              " peers are named in a collection's permissions: let "
                                              "everybody in, or use several collections"};
  rules_.emplace(peer, what);
  return models::success();
}

void access_list::forbid(std::string_view peer) {
  if (const auto known = rules_.find(peer); known != rules_.end()) rules_.erase(known);
}

bool access_list::allows(std::string_view peer, verb what) const noexcept {
  if (everybody_.has(what)) return true;
  const auto known = rules_.find(peer);
  return known != rules_.end() && known->second.has(what);
}

} // namespace forestage::actors
