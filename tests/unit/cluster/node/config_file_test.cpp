// Configuration files: what they set, and every mistake with its place.
#include "cluster/node/config_file.hpp"
#include "cluster/node/config_keys.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <utility>

using namespace forestage::cluster;

namespace {

config_reading read(std::string_view text) {
  return read_config(text, "f.toml");
}

std::string problems(const config_reading& reading) {
  std::string out;
  for (const auto& problem : reading.problems)
    out += problem + "\n";
  return out;
}

// The one problem of a file.
std::string problem(std::string_view text) {
  const auto reading = read(text);
  BOOST_REQUIRE_MESSAGE(reading.problems.size() == 1, text << " -> " << problems(reading));
  return reading.problems.front();
}

void says(std::string_view text, std::string_view place, std::string_view words) {
  const auto said = problem(text);
  BOOST_TEST(said.starts_with(place), said);
  BOOST_TEST(said.find(words) != std::string::npos, said);
}

} // namespace

BOOST_AUTO_TEST_SUITE(config_file)

BOOST_AUTO_TEST_CASE(an_empty_file_is_the_defaults) {
  const auto reading = read("");
  BOOST_TEST(reading.ok());
  BOOST_TEST(reading.set.empty());
}

BOOST_AUTO_TEST_CASE(values_are_taken_and_remember_where_they_stand) {
  const auto reading =
      read("[node]\nname = \"n\"\nmode = \"shadow\"\nclock = \"log\"\n"
           "[demand]\ninterval = \"15m\"\nseason = \"12h\"\ntime_zones = { \"eu-*\" = \"Europe/Berlin\" }\n"
           "[allocation]\npolicy = \"threshold\"\ncost_under = 19\nbudget = { \"*\" = 40 }\n"
           "[public]\norigins = [\"https://a.example\"]\n"
           "[collections]\nbytes = \"2MiB\"\n"
           "[agents]\ntokens = \"required\"\n");
  BOOST_REQUIRE_MESSAGE(reading.ok(), problems(reading));
  const auto& c = reading.config;
  BOOST_TEST(c.node.name == "n");
  BOOST_TEST((c.node.mode == run_mode::shadow));
  BOOST_TEST((c.node.clock == node_clock::log));
  BOOST_TEST(c.demand.interval_ms == 900'000);
  BOOST_TEST(c.demand.season_ms == 43'200'000);
  BOOST_TEST(c.demand.time_zones.at("eu-*") == "Europe/Berlin");
  BOOST_TEST((c.allocation.policy == allocation_policy::threshold));
  BOOST_TEST(c.allocation.cost_under == 19);
  BOOST_TEST(c.allocation.budget.at("*") == 40);
  BOOST_TEST(c.open.origins.at(0) == "https://a.example");
  BOOST_TEST(c.collections.bytes == 2'097'152);
  BOOST_TEST((c.agents.tokens == token_policy::required));
  BOOST_TEST(c.demand.grace_ms == 30'000); // a default
  BOOST_TEST(reading.set.at("demand.interval").line == 6U);
  BOOST_TEST(reading.set.contains("demand.grace") == false);
}

BOOST_AUTO_TEST_CASE(an_unknown_key_is_an_error_with_the_nearest_one) {
  says("[demand]\n  intervall = \"5m\"\n", "f.toml:2:3: ", "did you mean interval?");
  says("[demnd]\ninterval = \"5m\"\n", "f.toml:1:", "did you mean [demand]?");
  says("[agents]\nzzzzzz = 1\n", "f.toml:2:1: ", "its keys are max_connections, reports");
  says("[zzzzzz]\n", "f.toml:1:", "sections are node, public");
  says("[agents]\ninterval = \"5m\"\n", "f.toml:2:1: ", "it belongs in [demand]");
  says("interval = \"5m\"\n", "f.toml:1:1: ", "it belongs in [demand]");
  says("\"\" = 1\n", "f.toml:1:1: ", "sections are");
}

BOOST_AUTO_TEST_CASE(a_wrong_type_is_an_error_that_says_what_was_expected) {
  says("[demand]\ninterval = 300\n",
       "f.toml:2:12: ", "expected a length of time from 1m to 1d, such as \"5m\", found a whole number, 300");
  says("[demand]\ninterval = \"5 minutes\"\n", "f.toml:2:12: ", "found \"5 minutes\"");
  says("[node]\nname = 7\n", "f.toml:2:8: ", "node.name: expected a name");
  says("[node]\nmode = \"enforse\"\n", "f.toml:2:8: ", "did you mean \"enforce\"?");
  says("[agents]\nreports = \"32\"\n", "f.toml:2:11: ", "expected a whole number from 1 to 32");
  says("[agents]\nreports = 32.0\n", "f.toml:2:11: ", "a number with a fraction");
  says("[agents]\nframe_bytes = 1048576\n", "f.toml:2:15: ", "expected a size from 4KiB to 16MiB");
  says("[public]\nhosts = \"localhost\"\n", "f.toml:2:9: ", "expected a list");
  says("[public]\nhosts = [7]\n", "f.toml:2:9: ", "expected a list");
  says("[allocation]\nbudget = 12\n", "f.toml:2:10: ", "expected a table");
  says("[allocation]\nbudget = { eu = \"x\" }\n", "f.toml:2:17: ", "expected a table of patterns");
  says("[allocation]\ncost_under = \"9\"\n", "f.toml:2:14: ", "expected a number");
  says("node = 1\n", "f.toml:1:1: ", "write [node] once");
  says("[[node]]\nname = \"a\"\n", "f.toml:1:", "write [node] once");
}

BOOST_AUTO_TEST_CASE(a_value_out_of_bounds_is_an_error_with_the_bounds) {
  says("[cluster]\nshards = 0\n", "f.toml:2:10: ", "from 1 to 4096");
  says("[cluster]\nshards = 9223372036854775807\n", "f.toml:2:10: ", "from 1 to 4096");
  says("[agents]\nidle = \"1s\"\n", "f.toml:2:8: ", "from 5s to 1h");
  says("[collections]\nbytes = \"2GiB\"\n", "f.toml:2:9: ", "to 1GiB");
  says("[allocation]\ncost_over = 0\n", "f.toml:2:13: ", "cost_over");
  says("[allocation]\ncost_over = nan\n", "f.toml:2:13: ", "found nan");
  says("[allocation]\ncost_over = -inf\n", "f.toml:2:13: ", "found -inf");
  says("[allocation]\nbudget = { eu = 5, us = -5 }\n", "f.toml:2:20: ", "from 0 to");
  says("[demand]\ninterval = \"7m\"\n", "f.toml:2:1: ", "divide a day");
  says("[demand]\ntime_zones = { eu = \"Europe/Berln\" }\n", "f.toml:2:16: ", "Europe/Berlin");
}

BOOST_AUTO_TEST_CASE(a_section_or_key_that_comes_twice_is_an_error) {
  says("[node]\nname = \"a\"\n[demand]\n[node]\nmode = \"shadow\"\n", "f.toml:4:", "no TOML");
  says("[node]\nname = \"a\"\nname = \"b\"\n", "f.toml:3:", "no TOML");
}

BOOST_AUTO_TEST_CASE(all_mistakes_are_told_in_the_order_of_the_file) {
  const auto reading = read("[public]\nlisten = \"0.0.0.0:7400\"\n"
                            "[agents]\nreports = 99\nquestion = 5\n"
                            "[oddity]\n"
                            "[demand]\ninterval = \"7m\"\n");
  BOOST_REQUIRE_MESSAGE(reading.problems.size() == 7, problems(reading));
  BOOST_TEST(reading.problems[0].starts_with("f.toml:2:1: public.listen"));
  BOOST_TEST(reading.problems[3].starts_with("f.toml:4:11: agents.reports"));
  BOOST_TEST(reading.problems[4].starts_with("f.toml:5:1: [agents] has no key"));
  BOOST_TEST(reading.problems[5].starts_with("f.toml:6:"));
  BOOST_TEST(reading.problems[6].starts_with("f.toml:8:1: demand.interval"));
}

BOOST_AUTO_TEST_CASE(a_mistake_does_not_cause_others) {
  // tokens was meant to be set: that they are missing is not said as well.
  const auto reading = read("[public]\nlisten = \"0.0.0.0:7400\"\ntls_certificate = \"c\"\ntls_key = "
                            "\"k\"\nhosts = [\"x.example\"]\n"
                            "[agents]\ntokens = \"requird\"\n");
  BOOST_REQUIRE_MESSAGE(reading.problems.size() == 1, problems(reading));
  BOOST_TEST(reading.problems[0].find("did you mean \"required\"?") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_key_refuses_every_kind_of_value_but_its_own) {
  // A date is nobody's value.
  for (const auto& key : config_keys()) {
    const auto said = problem("[" + key.section + "]\n" + key.name + " = 2026-01-01\n");
    BOOST_TEST(said.starts_with("f.toml:2:"), said);
    BOOST_TEST(said.find(key.full_name() + ": expected " + key.expects) != std::string::npos, said);
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_says_so) {
  const forestage::tests::temporary_directory directory;
  const auto absent = load_config((directory.path() / "absent.toml").string());
  BOOST_TEST(absent.unreadable);
  BOOST_TEST(!absent.ok());
  const auto path = (directory.path() / "f.toml").string();
  std::ofstream{path} << "[node]\nname = \"x\"\n";
  BOOST_TEST(load_config(path).config.node.name == "x");
}

BOOST_AUTO_TEST_CASE(the_example_can_be_used) {
  const auto reading = load_config(FORESTAGE_SOURCE_DIR "/configs/example.toml");
  BOOST_TEST(reading.ok(), problems(reading));
  BOOST_TEST(reading.set.size() > 10U);
  BOOST_TEST(!parse_endpoint(reading.config.open.listen).value().loopback);
}

BOOST_AUTO_TEST_SUITE_END()
