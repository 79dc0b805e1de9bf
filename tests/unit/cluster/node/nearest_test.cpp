// Which name was meant.
#include "cluster/node/nearest.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace forestage::cluster;

BOOST_AUTO_TEST_SUITE(nearest)

BOOST_AUTO_TEST_CASE(a_distance_counts_what_a_hand_does_wrong) {
  BOOST_TEST(typing_distance("", "") == 0U);
  BOOST_TEST(typing_distance("", "abc") == 3U);
  BOOST_TEST(typing_distance("abc", "") == 3U);
  BOOST_TEST(typing_distance("lease", "lease") == 0U);
  BOOST_TEST(typing_distance("leas", "lease") == 1U);
  BOOST_TEST(typing_distance("leaase", "lease") == 1U);
  BOOST_TEST(typing_distance("laese", "lease") == 1U); // two letters swapped
  BOOST_TEST(typing_distance("kitten", "sitting") == 3U);
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_offered_when_it_is_near) {
  const std::vector<std::string_view> names{"interval", "grace", "season", "time_zones"};
  BOOST_TEST(nearest_name("intervall", names) == "interval");
  BOOST_TEST(nearest_name("gracee", names) == "grace");
  BOOST_TEST(nearest_name("timezones", names) == "time_zones");
  BOOST_TEST(nearest_name("budget", names) == "");
  BOOST_TEST(nearest_name("", names) == "");
  BOOST_TEST(nearest_name(std::string(100'000, 'x'), names) == "");
  BOOST_TEST(nearest_name("grace", {}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
