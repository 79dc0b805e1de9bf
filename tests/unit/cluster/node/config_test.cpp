// What a node may be set up as.
#include "cluster/node/config.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <utility>

using namespace forestage::cluster;

namespace {

// The first key and text of what is wrong; empty: nothing.
std::string wrong(const node_config& config) {
  std::string out;
  for (const auto& fault : validate(config))
    out += fault.keys.front() + ": " + fault.text + "\n";
  return out;
}

bool has(const std::string& text, std::string_view word) {
  return text.find(word) != std::string::npos;
}

// A node that others may reach.
node_config reachable() {
  node_config c;
  c.open.listen = "0.0.0.0:7400";
  c.open.tls_certificate = "cert.pem";
  c.open.tls_key = "key.pem";
  c.open.hosts = {"forestage.example.org"};
  c.agents.tokens = token_policy::required;
  return c;
}

} // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(the_defaults_can_be_used) {
  BOOST_TEST(wrong({}) == "");
}

BOOST_AUTO_TEST_CASE(outside_loopback_a_node_needs_tls_and_tokens) {
  BOOST_TEST(wrong(reachable()) == "");
  auto c = reachable();
  c.open.tls_certificate = c.open.tls_key = "";
  BOOST_TEST(has(wrong(c), "refused without TLS"));
  BOOST_TEST(has(wrong(c), "public.tls_certificate"));
  c = reachable();
  c.agents.tokens = token_policy::development;
  BOOST_TEST(has(wrong(c), "refused without tokens"));
  BOOST_TEST(has(wrong(c), "forestage token keys new"));
  c = reachable();
  c.open.hosts = {"localhost", "127.0.0.1"};
  BOOST_TEST(has(wrong(c), "public.hosts"));
  for (const auto* listen :
       {"10.0.0.1:7400", "[::]:7400", "[2001:db8::1]:7400", "[::ffff:127.0.0.1]:7400", "0.0.0.0:0"}) {
    node_config plain;
    plain.open.listen = listen;
    BOOST_TEST(has(wrong(plain), "refused without TLS"), listen);
    plain = {};
    plain.operators.listen = listen;
    BOOST_TEST(has(wrong(plain), "operator.tls_certificate"), listen);
  }
  for (const auto* listen :
       {"127.0.0.1:7500", "127.8.9.1:7500", "[::1]:7500", "localhost:7500", "127.0.0.1:0"}) {
    node_config plain;
    plain.open.listen = listen;
    BOOST_TEST(wrong(plain) == "", listen);
  }
}

BOOST_AUTO_TEST_CASE(a_certificate_and_its_key_go_together) {
  node_config c;
  c.open.tls_certificate = "cert.pem";
  BOOST_TEST(has(wrong(c), "name public.tls_key too"));
  c = {};
  c.operators.tls_key = "key.pem";
  BOOST_TEST(has(wrong(c), "name operator.tls_certificate too"));
}

BOOST_AUTO_TEST_CASE(two_listeners_need_two_ports) {
  const auto both = [](const char* a, const char* b) {
    node_config c;
    c.open.listen = a;
    c.operators.listen = b;
    return wrong(c);
  };
  BOOST_TEST(has(both("127.0.0.1:7400", "127.0.0.1:7400"), "both listeners"));
  BOOST_TEST(has(both("0.0.0.0:7400", "127.0.0.1:7400"), "both listeners"));
  BOOST_TEST(both("127.0.0.1:7400", "127.0.0.2:7400") == "");
  BOOST_TEST(both("127.0.0.1:0", "127.0.0.1:0") == "");
}

BOOST_AUTO_TEST_CASE(intervals_divide_a_day_and_seasons_are_whole_intervals) {
  const auto with = [](std::int64_t interval, std::int64_t grace, std::int64_t season) {
    node_config c;
    c.demand.interval_ms = interval;
    c.demand.grace_ms = grace;
    c.demand.season_ms = season;
    return wrong(c);
  };
  BOOST_TEST(with(60'000, 60'000, 120'000) == "");
  BOOST_TEST(has(with(420'000, 0, 0), "divide a day"));
  BOOST_TEST(has(with(1'500, 0, 0), "whole seconds"));
  BOOST_TEST(has(with(60'000, 60'001, 0), "demand.grace"));
  BOOST_TEST(has(with(60'000, 0, 90'000), "demand.season"));
  BOOST_TEST(has(with(3'600'000, 0, 3'600'000), "demand.season"));
  for (const std::int64_t odd : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
                                 std::numeric_limits<std::int64_t>::max()})
    BOOST_TEST(has(with(odd, 0, 0), "demand.interval"));
}

BOOST_AUTO_TEST_CASE(sizes_hang_together) {
  node_config c;
  c.collections.bytes = c.collections.message_bytes - 1;
  BOOST_TEST(has(wrong(c), "at least one message"));
  c = {};
  c.collections.message_bytes = c.collections.bytes = c.agents.frame_bytes;
  BOOST_TEST(has(wrong(c), "fit into a frame"));
  c = {};
  c.collections.lease_ms = c.collections.keep_ms + 1;
  BOOST_TEST(has(wrong(c), "collections.lease"));
}

BOOST_AUTO_TEST_CASE(every_fault_is_told_not_only_the_first) {
  node_config c;
  c.node.name = "";
  c.allocation.cost_under = std::numeric_limits<double>::quiet_NaN();
  c.agents.questions = 0;
  c.cluster.shards = 4'097;
  c.demand.time_zones = {{"*", "Europe/Berln"}};
  c.allocation.budget = {{"*", -1}};
  c.open.hosts = {"https://x"};
  c.open.origins = {"app.example.org"};
  const auto all = wrong(c);
  for (const auto* key : {"node.name", "allocation.cost_under", "agents.questions", "cluster.shards",
                          "demand.time_zones", "allocation.budget", "public.hosts", "public.origins"})
    BOOST_TEST(has(all, std::string{key} + ": "), key);
}

BOOST_AUTO_TEST_CASE(addresses_are_read_whole_or_refused) {
  const auto six = parse_endpoint("[::1]:7400").value();
  BOOST_TEST(six.host == "::1");
  BOOST_TEST(six.port == 7'400);
  BOOST_TEST(six.loopback);
  BOOST_TEST(parse_endpoint("0.0.0.0:1").value().any);
  BOOST_TEST(parse_endpoint("[::]:65535").value().any);
  BOOST_TEST(!parse_endpoint("128.0.0.1:1").value().loopback);
  for (const auto* text :
       {"", ":", "7400", ":7400", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:x",
        "127.0.0.1:80 ", "127.1:80", "::1:7400", "[::1]", "[]:80", "[127.0.0.1]:80", "example.org:80",
        "[localhost]:80", "http://127.0.0.1:80"})
    BOOST_TEST(!parse_endpoint(text).ok(), text);
  BOOST_TEST(!parse_endpoint(std::string_view{"127.0.0.1\0:80", 13}).ok());
}

BOOST_AUTO_TEST_CASE(the_longest_pattern_decides) {
  const std::map<std::string, int> rules{{"*", 1}, {"eu-*", 2}, {"eu-west", 3}};
  BOOST_TEST(*value_for(rules, "us") == 1);
  BOOST_TEST(*value_for(rules, "eu-east") == 2);
  BOOST_TEST(*value_for(rules, "eu-west") == 3);
  BOOST_TEST(value_for(std::map<std::string, int>{{"eu", 1}}, "us") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
