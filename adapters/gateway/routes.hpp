// A table of routes for a handler: method and path to a function, 404 and 405 in words, HEAD as GET.
#pragma once

#include "adapters/gateway/handler.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace forestage::adapters::gateway {

class routes {
public:
  using function = std::function<void(request asked, responder answer)>;

  // `path` is whole, or ends with /* and stands for everything below it. An earlier route wins.
  routes& add(std::string_view method, std::string_view path, function answer);

  // Calls the route's function, or answers 404, or 405 with Allow, or OPTIONS with Allow.
  void answer(request asked, responder with) const;

private:
  struct route {
    std::string method, path;
    function answer;
    [[nodiscard]] bool matches(std::string_view where) const noexcept;
  };
  std::vector<route> routes_;
};

} // namespace forestage::adapters::gateway
