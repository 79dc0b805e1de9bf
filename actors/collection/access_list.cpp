#include "actors/collection/access_list.hpp"

#include <algorithm>
#include <utility>

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

models::status access_list::allow(std::string peer, verbs what) {
  const auto known =
      std::find_if(rules_.begin(), rules_.end(), [&](const rule& r) { return r.peer == peer; });
  if (known != rules_.end()) {
    known->what = known->what | what;
    return models::success();
  }
  if (rules_.size() == most_rules)
    return {models::errc::limit_exceeded, "more than " + std::to_string(most_rules) +
                                              " peers with rights of their own in one collection; let "
                                              "everybody in, or use several collections"};
  rules_.push_back({std::move(peer), what});
  return models::success();
}

bool access_list::allows(std::string_view peer, verb what) const noexcept {
  if (everybody_.has(what)) return true;
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const rule& r) { return r.peer == peer && r.what.has(what); });
}

} // namespace forestage::actors
