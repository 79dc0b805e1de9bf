// Hosts, origins, dates and heads.
#include "adapters/gateway/authority.hpp"
#include "adapters/gateway/counters.hpp"
#include "adapters/gateway/http_date.hpp"
#include "adapters/gateway/message.hpp"
#include "adapters/gateway/options.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace forestage::adapters::gateway;

BOOST_AUTO_TEST_CASE(a_host_is_a_name_and_perhaps_a_port) {
  BOOST_TEST(host_name("Node.Example").value() == "node.example");
  BOOST_TEST(host_name("localhost:7400").value() == "localhost");
  BOOST_TEST(host_name("[::1]:7400").value() == "[::1]");
  BOOST_TEST(host_name("a:").value() == "a"); // RFC 3986 allows an empty port
  for (const auto* text :
       {"", ":80", "a b", "a@b", "a/b", "a:x", "a:123456", "[", "[]", "[::1", "[::1]x", "[a/b]", "a,b"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!host_name(text).has_value());
}

BOOST_AUTO_TEST_CASE(by_default_only_loopback_names_and_the_address_are_answered_to) {
  const allowed_names names{{}, {}, "10.1.2.3"};
  for (const auto* host : {"localhost", "LOCALHOST:1", "127.0.0.1:7400", "[::1]", "10.1.2.3:80"})
    BOOST_TEST_CONTEXT(host) BOOST_TEST(names.host(host));
  for (const auto* host :
       {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.1.2.4", "*", ""})
    BOOST_TEST_CONTEXT(host) BOOST_TEST(!names.host(host));
  BOOST_TEST(names.origin("http://localhost:3000"));
  BOOST_TEST(names.origin("HTTPS://[::1]"));
  for (const auto* origin : {"http://evil.example", "null", "", "file://", "http://localhost@evil.example",
                             "http://localhost/", "ftp://localhost"})
    BOOST_TEST_CONTEXT(origin) BOOST_TEST(!names.origin(origin));
  const allowed_names everywhere{{}, {}, "0.0.0.0"};
  BOOST_TEST(!everywhere.host("0.0.0.0"));
  BOOST_TEST((allowed_names{{}, {}, "fe80::1"}.host("[FE80::1]:7400")));
}

BOOST_AUTO_TEST_CASE(names_that_are_listed_replace_the_default) {
  const allowed_names names{{"Node.example"}, {"https://App.example:8443"}, "127.0.0.1"};
  BOOST_TEST(names.host("node.EXAMPLE:7400"));
  BOOST_TEST(!names.host("localhost"));
  BOOST_TEST(names.origin("https://app.example:8443"));
  BOOST_TEST(!names.origin("https://app.example"));
  BOOST_TEST(!names.origin("https://node.example"));
  // Any Host does not mean any page.
  const allowed_names any{{"*"}, {}, "127.0.0.1"};
  BOOST_TEST(any.host("whatever.example"));
  BOOST_TEST(!any.host("not a name"));
  BOOST_TEST(!any.origin("http://whatever.example"));
  BOOST_TEST((allowed_names{{}, {"*"}, "127.0.0.1"}.origin("null")));
}

BOOST_AUTO_TEST_CASE(dates_are_written_and_read_as_the_rfc_has_them) {
  BOOST_TEST(format_http_date(784'111'777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  BOOST_TEST(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").value() == 784'111'777);
  for (const std::time_t at :
       {0L, 951'782'399L, 951'782'400L, 1'709'164'800L, 4'102'444'800L, 253'402'300'799L})
    BOOST_TEST(parse_http_date(format_http_date(at)).value() == at);
  BOOST_TEST(format_http_date(-1) == format_http_date(0));
  for (const auto* text :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!parse_http_date(text).has_value());
}

BOOST_AUTO_TEST_CASE(a_head_has_one_line_per_field_and_none_that_was_smuggled_in) {
  const auto head =
      response_head(404, "application/json", {{"A", "b"}, {"X", "1\r\nEvil: 2"}, {"Y\n", "3"}, {"", "4"}},
                    {.now = 784'111'777, .content_length = 12, .keep_alive = false, .with_length = true});
  BOOST_TEST(
      head ==
      "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\n"
      "X-Content-Type-Options: nosniff\r\nA: b\r\nContent-Length: 12\r\nConnection: close\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(errors_are_json_whatever_is_in_their_text) {
  const auto told = error_response(400, "bad_request", "a \"quote\", a \\ and \n\x01");
  BOOST_TEST(told.status == 400);
  BOOST_TEST(
      told.body ==
      "{\"error\":{\"code\":\"bad_request\",\"text\":\"a \\\"quote\\\", a \\\\ and \\u000a\\u0001\"}}\n");
}

BOOST_AUTO_TEST_CASE(fields_of_a_request_are_found_whatever_their_case) {
  request asked;
  asked.headers = {{"content-TYPE", "a"}, {"Content-Type", "b"}};
  BOOST_TEST(asked.header("Content-Type") == "a");
  BOOST_TEST(asked.header("Content").empty());
}

BOOST_AUTO_TEST_CASE(every_reason_of_a_refusal_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < refusal_count; ++i)
    names.insert(to_string(static_cast<refusal>(i)));
  BOOST_TEST(names.size() == refusal_count);
  BOOST_TEST(names.count("unknown") == 0U);
  BOOST_TEST(to_string(refusal::bad_utf8) == "bad_utf8"); // the last: the list of names has no gap
  BOOST_TEST(to_string(refusal::too_many_connections) == "too_many_connections");
}

BOOST_AUTO_TEST_CASE(options_that_cannot_work_are_refused_by_name) {
  BOOST_TEST(validate({}).ok());
  const auto refused = [](auto change) {
    listener_options options;
    options.name = "operator";
    change(options);
    const auto checked = validate(options);
    return !checked.ok() && checked.failure().text.find("listener operator: ") == 0;
  };
  BOOST_TEST(refused([](auto& o) { o.address.clear(); }));
  BOOST_TEST(refused([](auto& o) { o.key_file = "key.pem"; }));
  BOOST_TEST(refused([](auto& o) { o.agent_path = "v1/agent"; }));
  BOOST_TEST(refused([](auto& o) { o.bounds.connections = 0; }));
  BOOST_TEST(refused([](auto& o) { o.bounds.header_bytes = 10; }));
  BOOST_TEST(refused([](auto& o) { o.bounds.target_bytes = o.bounds.header_bytes + 1; }));
  BOOST_TEST(refused([](auto& o) { o.bounds.frames_in_hand = 0; }));
  BOOST_TEST(refused([](auto& o) { o.bounds.idle = std::chrono::milliseconds{0}; }));
}
