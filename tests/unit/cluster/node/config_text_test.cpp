// A configuration as text: the defaults read back, and nothing is forgotten.
#include "adapters/files/read_file.hpp"
#include "cluster/node/config_keys.hpp"
#include "cluster/node/config_text.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <set>

using namespace forestage::cluster;

namespace {

std::string shown(const node_config& config) {
  std::string out;
  for (const auto& key : config_keys())
    out += key.full_name() + " = " + key.show(config) + "\n";
  return out;
}

std::string problems(const config_reading& reading) {
  std::string out;
  for (const auto& problem : reading.problems)
    out += problem + "\n";
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(config_text)

BOOST_AUTO_TEST_CASE(every_key_is_documented_and_stands_once_in_a_known_section) {
  std::set<std::string> sections, names;
  for (const auto& section : config_sections())
    BOOST_TEST(sections.insert(std::string{section.name}).second);
  for (const auto& key : config_keys()) {
    BOOST_TEST(names.insert(key.full_name()).second, key.full_name());
    BOOST_TEST(sections.contains(key.section), key.full_name());
    BOOST_TEST(!key.expects.empty(), key.full_name());
    BOOST_TEST(key.help.ends_with("."), key.full_name());
  }
  BOOST_TEST(names.size() >= 40U);
}

BOOST_AUTO_TEST_CASE(what_is_shown_reads_back_to_the_defaults) {
  const auto text = default_config_toml();
  const auto reading = read_config(text, "shown");
  BOOST_REQUIRE_MESSAGE(reading.ok(), problems(reading));
  BOOST_TEST(reading.set.size() == config_keys().size()); // every key is in it, not only in a comment
  BOOST_TEST(shown(reading.config) == shown({}));
}

BOOST_AUTO_TEST_CASE(what_is_shown_of_any_configuration_reads_back) {
  node_config odd;
  odd.node.name = "a \"b\" \\ c";
  odd.node.mode = run_mode::approve;
  odd.open.hosts = {};
  odd.open.origins = {"https://a.example", "http://b.example:8080"};
  odd.demand.season_ms = 43'200'000;
  odd.demand.time_zones = {{"eu-*", "Europe/Berlin"}, {"*", "Asia/Tokyo"}};
  odd.allocation.cost_under = 0.1;
  odd.allocation.budget = {{"\"", 0}, {"ü?", 1'000'000'000}};
  odd.agents.idle_ms = 5'001;
  odd.collections.bytes = (1 << 20) + 1;
  std::string text;
  for (const auto& section : config_sections()) {
    text += "[" + std::string{section.name} + "]\n";
    for (const auto& key : config_keys())
      if (key.section == section.name) text += key.name + " = " + key.show(odd) + "\n";
  }
  const auto reading = read_config(text, "odd");
  BOOST_REQUIRE_MESSAGE(reading.ok(), problems(reading));
  BOOST_TEST(shown(reading.config) == shown(odd));
}

BOOST_AUTO_TEST_CASE(the_documentation_is_the_table) {
  const auto page = forestage::files::read_file(FORESTAGE_SOURCE_DIR "/docs/configuration.md");
  BOOST_REQUIRE(page.ok());
  BOOST_TEST((page.value() == config_markdown()),
             "write it again: forestage config show -o markdown > docs/configuration.md");
}

BOOST_AUTO_TEST_CASE(every_value_says_where_it_came_from) {
  const auto reading = read_config("[demand]\ngrace = \"1m\"\n", "f.toml");
  const auto text = to_text(reading);
  const auto line = [&](const std::string& key) {
    const auto at = text.find(key + " = ");
    BOOST_REQUIRE(at != std::string::npos);
    return text.substr(at, text.find('\n', at) - at);
  };
  BOOST_TEST(line("demand.grace").starts_with("demand.grace = \"1m\""));
  BOOST_TEST(line("demand.grace").ends_with("# line 2"));
  BOOST_TEST(line("demand.interval").ends_with("# default"));
  for (const auto& key : config_keys())
    BOOST_TEST(text.find(key.full_name() + " = ") != std::string::npos, key.full_name());
}

BOOST_AUTO_TEST_CASE(programs_get_values_with_their_types) {
  const auto reading =
      read_config("[allocation]\nbudget = { \"eu-*\" = 5 }\ncost_over = 2\n[odd]\n", "f.toml");
  const auto document = nlohmann::json::parse(to_json(reading));
  BOOST_TEST(document["ok"] == false);
  BOOST_TEST(document["problems"].size() == 1U);
  BOOST_TEST(document["config"]["allocation"]["budget"]["value"]["eu-*"] == 5);
  BOOST_TEST(document["config"]["allocation"]["budget"]["line"] == 2);
  BOOST_TEST(document["config"]["allocation"]["cost_over"]["value"] == 2.0);
  BOOST_TEST(document["config"]["demand"]["interval"]["value"] == "5m");
  BOOST_TEST(document["config"]["demand"]["interval"]["line"].is_null());
  BOOST_TEST(document["config"]["public"]["hosts"]["value"].is_array());
  std::size_t keys = 0;
  for (const auto& section : document["config"])
    keys += section.size();
  BOOST_TEST(keys == config_keys().size());
}

BOOST_AUTO_TEST_SUITE_END()
