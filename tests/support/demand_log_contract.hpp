// The contract of actors/ports/demand_log.hpp as tests that run against every implementation.
//
// An implementation gives a world: a place of its own where a log can be opened, closed and opened again, as
// a process would after a restart. add_demand_log_contract registers every case for it under a name; the
// test's main file calls it while static objects are made.
#pragma once

#include "actors/ports/demand_log.hpp"
#include "actors/ports/run_metadata.hpp"

#include <functional>
#include <memory>
#include <string>

namespace forestage::tests {

class demand_log_world {
public:
  demand_log_world() = default;
  demand_log_world(const demand_log_world&) = delete;
  demand_log_world& operator=(const demand_log_world&) = delete;
  virtual ~demand_log_world() = default;
  [[nodiscard]] virtual models::result<std::unique_ptr<actors::demand_log>>
  open(const actors::demand_log_limits& limits = {}) = 0;
};

using make_world = std::function<std::unique_ptr<demand_log_world>()>;

// Returns true, so that a constant can be initialised with it.
bool add_demand_log_contract(const std::string& implementation, make_world make);
// For logs that are run_metadata as well.
bool add_run_metadata_contract(const std::string& implementation, make_world make);

} // namespace forestage::tests
