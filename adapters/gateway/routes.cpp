#include "adapters/gateway/routes.hpp"

namespace forestage::adapters::gateway {

bool routes::route::matches(std::string_view where) const noexcept {
  if (!path.ends_with("/*")) return where == path;
  const auto folder = std::string_view{path}.substr(0, path.size() - 1);
  return where.size() > folder.size() && where.starts_with(folder);
}

routes& routes::add(std::string_view method, std::string_view path, function answer) {
  routes_.push_back({std::string{method}, std::string{path}, std::move(answer)});
  return *this;
}

void routes::answer(request asked, responder with) const {
  std::string allowed;
  for (const auto& one : routes_) {
    if (!one.matches(asked.where.path)) continue;
    if (one.method == asked.method || (one.method == "GET" && asked.method == "HEAD"))
      return one.answer(std::move(asked), std::move(with));
    const auto methods = one.method == "GET" ? "GET, HEAD" : one.method;
    allowed += allowed.empty() ? methods : ", " + methods;
  }
  if (allowed.empty()) {
    with.answer(error_response(404, "not_found", "nothing is at " + asked.where.path));
    return;
  }
  auto refused =
      error_response(405, "method_not_allowed",
                     asked.where.path + " does not know " + asked.method + "; it knows " + allowed);
  if (asked.method == "OPTIONS") {
    refused = response{};
    refused.status = 204;
    refused.content_type.clear();
  }
  refused.headers.emplace_back("Allow", allowed);
  with.answer(std::move(refused));
}

} // namespace forestage::adapters::gateway
