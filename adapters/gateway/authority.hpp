// Who a request says it is for (Host) and from whose page it comes (Origin), against what is allowed. A web
// page that has its own name resolve to our address reaches the port, but not past these.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::adapters::gateway {

// The name of "name", "name:port" or "[address]:port", in lower case; nothing when it is none of these.
[[nodiscard]] std::optional<std::string> host_name(std::string_view authority);

class allowed_names {
public:
  // As listener_options has them.
  allowed_names(const std::vector<std::string>& hosts, const std::vector<std::string>& origins,
                std::string_view address);

  [[nodiscard]] bool host(std::string_view field) const;
  [[nodiscard]] bool origin(std::string_view field) const;

private:
  [[nodiscard]] bool knows(std::string_view name) const;

  std::vector<std::string> hosts_, origins_;
  bool any_host_ = false, any_origin_ = false;
};

} // namespace forestage::adapters::gateway
