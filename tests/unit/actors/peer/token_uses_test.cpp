// One session for a token at a time.
#include "actors/peer/token_uses.hpp"

#include <boost/test/unit_test.hpp>

using forestage::actors::token_uses;
using forestage::models::errc;

BOOST_AUTO_TEST_SUITE(token_uses_tests)

BOOST_AUTO_TEST_CASE(a_second_session_with_the_same_token_is_refused_while_the_first_lasts) {
  token_uses uses{10};
  BOOST_TEST(uses.admit("t", "one", 0, 0).ok());
  const auto copied = uses.admit("t", "two", 0, 1);
  BOOST_REQUIRE(!copied);
  BOOST_TEST((copied.failure().code == errc::not_permitted));
  BOOST_TEST(uses.admit("other", "two", 0, 1).ok());
  uses.release("t", "one");
  BOOST_TEST(uses.admit("t", "two", 0, 2).ok());
  BOOST_TEST(!uses.admit("t", "one", 0, 3).ok());
}

BOOST_AUTO_TEST_CASE(a_session_may_connect_again_before_its_old_connection_is_gone) {
  token_uses uses{10};
  BOOST_TEST(uses.admit("t", "one", 0, 0).ok());
  BOOST_TEST(uses.admit("t", "one", 0, 1).ok());
  uses.release("t", "one"); // the old connection, at last
  BOOST_TEST(!uses.admit("t", "two", 0, 2).ok());
  uses.release("t", "one");
  BOOST_TEST(uses.size() == 0U);
  BOOST_TEST(uses.admit("t", "two", 0, 3).ok());
}

BOOST_AUTO_TEST_CASE(a_release_of_another_session_takes_nothing_away) {
  token_uses uses{10};
  BOOST_TEST(uses.admit("t", "one", 0, 0).ok());
  uses.release("t", "two");
  uses.release("unknown", "one");
  BOOST_TEST(!uses.admit("t", "two", 0, 1).ok());
}

BOOST_AUTO_TEST_CASE(the_table_is_bounded_and_never_forgets_a_token_that_is_valid) {
  token_uses uses{2};
  BOOST_TEST(uses.admit("a", "one", 100, 0).ok());
  BOOST_TEST(uses.admit("b", "two", 200, 0).ok());
  const auto full = uses.admit("c", "three", 300, 99);
  BOOST_REQUIRE(!full);
  BOOST_TEST((full.failure().code == errc::unavailable));
  BOOST_TEST(uses.admit("b", "two", 200, 99).ok());    // known ones still come again
  BOOST_TEST(uses.admit("c", "three", 300, 100).ok()); // a has expired
  BOOST_TEST(uses.size() == 2U);
  BOOST_TEST(!uses.admit("b", "one", 200, 150).ok());
}

BOOST_AUTO_TEST_CASE(an_expired_token_is_nobodys) {
  token_uses uses{2};
  BOOST_TEST(uses.admit("t", "one", 100, 0).ok());
  BOOST_TEST(!uses.admit("t", "two", 100, 99).ok());
  BOOST_TEST(uses.admit("t", "two", 100, 100).ok());
  uses.release("t", "one"); // came too late to matter
  BOOST_TEST(!uses.admit("t", "one", 100, 99).ok());
}

BOOST_AUTO_TEST_SUITE_END()
