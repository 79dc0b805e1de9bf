#define BOOST_TEST_MODULE adapters_sqlite
#include "adapters/sqlite/sqlite_demand_log.hpp"
#include "tests/support/demand_log_contract.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage;
using namespace forestage::adapters;
using namespace forestage::actors;
using namespace forestage::models;

namespace {

class sqlite_world final : public tests::demand_log_world {
public:
  result<std::unique_ptr<demand_log>> open(const demand_log_limits& limits) override {
    sqlite_options options;
    options.limits = limits;
    auto log = sqlite_demand_log::open(directory_.path() / "data", options);
    if (!log) return log.failure();
    return std::unique_ptr<demand_log>{std::move(*log)};
  }

private:
  tests::temporary_directory directory_;
};

const bool contract =
    tests::add_demand_log_contract("sqlite_demand_log", [] { return std::make_unique<sqlite_world>(); });
const bool metadata =
    tests::add_run_metadata_contract("sqlite_demand_log", [] { return std::make_unique<sqlite_world>(); });

} // namespace
