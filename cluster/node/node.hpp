// A node: the engine on the wall clock behind a gateway, with its demand log in a data directory.
#pragma once

#include "cluster/node/config.hpp"
#include "models/result.hpp"

#include <functional>
#include <string>

namespace forestage::cluster {

struct node_hooks {
  std::function<bool()> stop_requested;        // asked ten times a second, on the thread of run_node
  std::function<void(const std::string&)> say; // the start-up text, once it serves
};

// Serves until it is told to stop, then drains: what is on its way is answered, the state is saved.
// What it logs goes to standard error. Errors: invalid_argument (what this version does not do, named),
// locked, incompatible (a history of other settings), storage_failed, unavailable (a port is taken),
// invalid_data (a damaged log).
[[nodiscard]] models::status run_node(const node_config& config, const node_hooks& hooks);

} // namespace forestage::cluster
