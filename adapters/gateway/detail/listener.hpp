// What every connection of a listener needs to know.
#pragma once

#include "adapters/gateway/authority.hpp"
#include "adapters/gateway/counters.hpp"
#include "adapters/gateway/handler.hpp"
#include "adapters/gateway/options.hpp"

#include <cstddef>
#include <cstdint>

namespace forestage::adapters::gateway::detail {

struct listener_facts {
  listener_options options;
  std::size_t place = 0;
  allowed_names names;
  handler* behind = nullptr;
  live_counters counters{};
};

// Of one connection.
struct connection_facts {
  listener_facts* listener = nullptr;
  std::uint64_t id = 0;
  std::string remote;
  bool refused = false; // one too many: it is told so, and no more
};

inline constexpr auto too_many_text = "too many connections: come back later";
inline constexpr auto going_away_text = "the node is stopping: come back later";

} // namespace forestage::adapters::gateway::detail
