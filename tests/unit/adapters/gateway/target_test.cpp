// Targets and escapes.
#include "adapters/gateway/target.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::adapters::gateway;
using forestage::models::errc;

BOOST_AUTO_TEST_CASE(a_target_is_a_decoded_path_and_its_query) {
  const auto got = parse_target("/v1/r%C3%A4ume/a+b?q=x%20y+z&empty&q=2&=v&&last=%3D");
  BOOST_REQUIRE(got.ok());
  BOOST_TEST(got->path == "/v1/r\xC3\xA4ume/a+b");
  BOOST_TEST(got->parameter("q") == "x y z");
  BOOST_TEST(got->parameter("empty") == "");
  BOOST_TEST(got->parameter("last") == "=");
  BOOST_TEST(got->query.size() == 5U);
}

BOOST_AUTO_TEST_CASE(slashes_are_kept_as_they_are) {
  for (const auto* text : {"/", "//", "/a/", "/a//b"}) {
    const auto got = parse_target(text);
    BOOST_REQUIRE(got.ok());
    BOOST_TEST(got->path == text);
  }
}

BOOST_AUTO_TEST_CASE(paths_that_leave_their_folder_are_refused_however_they_are_written) {
  for (const auto* text :
       {"/..", "/a/../b", "/%2e%2E/x", "/.%2e", "/a/.", "/./a", "/a%2fb", "/a%2F..%2Fb", "/a%00"}) {
    const auto got = parse_target(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(!got.ok());
      BOOST_TEST((got.failure().code == errc::invalid_data));
      BOOST_TEST(!got.failure().text.empty());
    }
  }
  BOOST_TEST(parse_target("/...").ok());
  BOOST_TEST(parse_target("/a..b").ok());
}

BOOST_AUTO_TEST_CASE(what_is_no_target_is_refused) {
  for (const auto* text :
       {"", "*", "a", "http://a/b", "/a b", "/a\tb", "/a#b", "/%", "/%4", "/%zz", "/?a=%g0", "/?%1=b"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!parse_target(text).ok());
}

BOOST_AUTO_TEST_CASE(a_query_has_a_bound) {
  std::string text = "/?a";
  for (int i = 1; i < 64; ++i)
    text += "&a";
  BOOST_TEST(parse_target(text).ok());
  BOOST_TEST(!parse_target(text + "&a").ok());
}
