// What a configuration means for a node's actors, its history, and the mark that says it was alive.
#include "cluster/node/alive_mark.hpp"
#include "cluster/node/node_settings.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <string>

using namespace forestage;
using namespace forestage::cluster;

BOOST_AUTO_TEST_SUITE(node_settings)

BOOST_AUTO_TEST_CASE(an_idle_unit_costs_by_the_length_of_an_interval) {
  node_config config;
  config.demand.interval_ms = 900'000;
  config.allocation.cost_over = 2;
  const auto settings = settings_of(config, models::interval_number{5});
  BOOST_REQUIRE(settings.ok());
  BOOST_TEST((**settings).costs().cost_over == 6.0);
  BOOST_TEST((**settings).costs().cost_under == 9.0);
  BOOST_TEST((**settings).live);
  BOOST_TEST(!(**settings).budgeted);
  BOOST_TEST((**settings).evaluation().value() == 5);
}

BOOST_AUTO_TEST_CASE(budgets_are_those_of_the_longest_pattern) {
  node_config config;
  config.allocation.budget = {{"*", 40}, {"eu-*", 120}};
  const auto of = [&](const char* region) {
    return budget_of(config, models::region_id::make(region).value());
  };
  BOOST_TEST(of("eu-west") == 120);
  BOOST_TEST(of("us") == 40);
  BOOST_TEST((**settings_of(config, {})).budgeted);
  config.allocation.budget.erase("*");
  BOOST_TEST(of("us") == 1'000'000'000);
}

BOOST_AUTO_TEST_CASE(a_history_is_another_where_the_fold_would_be) {
  const node_config config;
  const auto changed = [&](auto change) {
    auto other = config;
    change(other);
    return history_text(other) != history_text(config);
  };
  BOOST_TEST(changed([](auto& c) { c.demand.interval_ms = 60'000; }));
  BOOST_TEST(changed([](auto& c) { c.cluster.shards = 8; }));
  BOOST_TEST(changed([](auto& c) { c.allocation.lead = 2; }));
  BOOST_TEST(changed([](auto& c) { c.allocation.cost_under = 4; }));
  BOOST_TEST(changed([](auto& c) { c.allocation.cost_over = 4; }));
  BOOST_TEST(changed([](auto& c) { c.allocation.budget["*"] = 1; }));
  BOOST_TEST(changed([](auto& c) { c.allocation.policy = allocation_policy::threshold; }));
  BOOST_TEST(!changed([](auto& c) { c.demand.grace_ms = 0; }));
  BOOST_TEST(!changed([](auto& c) { c.node.name = "other"; }));
  // How much a budget allows may change; that there is one may not.
  auto one = config, two = config;
  one.allocation.budget["*"] = 1;
  two.allocation.budget["*"] = 2;
  BOOST_TEST(history_text(one) == history_text(two));
}

BOOST_AUTO_TEST_CASE(the_mark_of_a_living_node_is_read_back_or_nothing) {
  const tests::temporary_directory directory;
  BOOST_TEST(!read_alive(directory.path()).has_value());
  BOOST_REQUIRE(write_alive(directory.path(), 1'700'000'000'123).ok());
  BOOST_TEST(read_alive(directory.path()).value() == 1'700'000'000'123);
  for (const std::string text : {"", "\n", "soon\n", "12x\n", "-5\n", "99999999999999999999\n"}) {
    std::ofstream{directory.path() / alive_file} << text;
    BOOST_TEST(!read_alive(directory.path()).has_value(), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
