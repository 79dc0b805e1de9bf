#include "adapters/gateway/authority.hpp"

#include "adapters/gateway/message.hpp"

#include <algorithm>

namespace forestage::adapters::gateway {

namespace {
bool all(std::string_view text, std::string_view also) {
  return std::ranges::all_of(text, [also](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           also.find(c) != also.npos;
  });
}
} // namespace

std::optional<std::string> host_name(std::string_view authority) {
  std::string_view name, port;
  if (!authority.empty() && authority.front() == '[') {
    const auto end = authority.find(']');
    if (end == authority.npos || end < 3) return std::nullopt;
    name = authority.substr(0, end + 1);
    if (!all(name.substr(1, name.size() - 2), ":.")) return std::nullopt;
    port = authority.substr(end + 1);
    if (!port.empty() && port.front() != ':') return std::nullopt;
  } else {
    const auto colon = authority.find(':');
    name = authority.substr(0, colon);
    if (name.empty() || !all(name, "-._")) return std::nullopt;
    if (colon != authority.npos) port = authority.substr(colon);
  }
  if (port.size() > 6 || port.find_first_not_of("0123456789", 1) != port.npos) return std::nullopt;
  return lower_case(name);
}

allowed_names::allowed_names(const std::vector<std::string>& hosts, const std::vector<std::string>& origins,
                             std::string_view address)
    : hosts_{"localhost", "127.0.0.1", "[::1]"} {
  if (hosts.empty()) {
    // An address that stands for all addresses is nobody's name.
    if (address != "0.0.0.0" && address != "::")
      hosts_.push_back(lower_case(address.find(':') == address.npos ? std::string{address}
                                                                    : "[" + std::string{address} + "]"));
  } else {
    hosts_.clear();
    for (const auto& name : hosts)
      hosts_.push_back(lower_case(name));
  }
  for (const auto& name : origins)
    origins_.push_back(lower_case(name));
  any_host_ = std::ranges::find(hosts_, "*") != hosts_.end();
  any_origin_ = std::ranges::find(origins_, "*") != origins_.end();
}

bool allowed_names::knows(std::string_view name) const {
  return any_host_ || std::ranges::find(hosts_, name) != hosts_.end();
}

bool allowed_names::host(std::string_view field) const {
  const auto name = host_name(field);
  return name && knows(*name);
}

bool allowed_names::origin(std::string_view field) const {
  if (any_origin_) return true;
  const auto text = lower_case(field);
  if (!origins_.empty()) return std::ranges::find(origins_, text) != origins_.end();
  for (const std::string_view scheme : {"http://", "https://"})
    if (text.starts_with(scheme)) {
      const auto name = host_name(std::string_view{text}.substr(scheme.size()));
      // Any Host being allowed says nothing about whose pages may ask.
      return name && std::ranges::find(hosts_, *name) != hosts_.end();
    }
  return false;
}

} // namespace forestage::adapters::gateway
