#define BOOST_TEST_MODULE adapters_memory
#include "adapters/memory/memory_demand_log.hpp"
#include "tests/support/demand_log_contract.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage;

namespace {

class memory_world final : public tests::demand_log_world {
public:
  models::result<std::unique_ptr<actors::demand_log>> open(const actors::demand_log_limits& limits) override {
    auto log = adapters::memory_demand_log::open(disk_, limits);
    if (!log) return log.failure();
    return std::unique_ptr<actors::demand_log>{std::move(*log)};
  }

private:
  std::shared_ptr<adapters::memory_disk> disk_ = std::make_shared<adapters::memory_disk>();
};

const bool contract =
    tests::add_demand_log_contract("memory_demand_log", [] { return std::make_unique<memory_world>(); });
const bool metadata =
    tests::add_run_metadata_contract("memory_demand_log", [] { return std::make_unique<memory_world>(); });

} // namespace
