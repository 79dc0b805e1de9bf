#include "actors/peer/push_window.hpp"

#include <boost/test/unit_test.hpp>

using forestage::actors::push_window;

BOOST_AUTO_TEST_CASE(what_is_pushed_and_not_done_with_is_bounded) {
  push_window window{4, 6};
  BOOST_TEST(window.room() == 4U);
  window.reserve(3);
  BOOST_TEST(window.room() == 1U);
  window.give_back(3);
  window.pushed("a", 1);
  window.pushed("a", 2);
  window.pushed("b", 1);
  window.pushed("b", 1); // again, after its lease
  BOOST_TEST(window.room() == 1U);
  window.done("a", 2);
  window.done("a", 2);
  window.done("c", 9);
  BOOST_TEST(window.room() == 2U);
  window.allow_more(1);
  BOOST_TEST(window.room() == 3U);
  window.allow_more(~0U); // never beyond the node's own bound
  BOOST_TEST(window.allowed() == 6U);
  window.forget("b");
  BOOST_TEST(window.room() == 5U);
  window.give_back(100);
  BOOST_TEST(window.room() == 5U);
}

BOOST_AUTO_TEST_CASE(an_agent_that_allows_none_gets_none) {
  BOOST_TEST(push_window{}.room() == 0U);
  BOOST_TEST((push_window{0, 10}.room()) == 0U);
}
