#include "models/demand/count_histogram.hpp"

#include <boost/test/unit_test.hpp>

using forestage::models::count_histogram;

BOOST_AUTO_TEST_SUITE(count_histogram_suite)

BOOST_AUTO_TEST_CASE(a_quantile_counts_the_intervals_that_brought_nothing) {
  count_histogram counts;
  for (int i = 0; i < 5; ++i)
    counts.add(3);
  counts.add(7);
  BOOST_TEST(counts.quantile(0.9F, 6) == 7);
  BOOST_TEST(counts.quantile(0.8F, 6) == 3);
  BOOST_TEST(counts.quantile(0.9F, 60) == 0);
  BOOST_TEST(counts.quantile(0.95F, 60) == 3);
}

BOOST_AUTO_TEST_CASE(large_counts_come_back_within_a_sixteenth) {
  for (const float count : {16.0F, 100.0F, 1'000.0F, 123'456.0F}) {
    count_histogram counts;
    counts.add(count);
    BOOST_TEST(counts.quantile(0.9F, 1) == count, boost::test_tools::tolerance(1.0F / 16));
  }
}

BOOST_AUTO_TEST_CASE(what_is_cached_is_that_of_the_last_refresh) {
  count_histogram counts;
  counts.add(2);
  BOOST_TEST(counts.cached() == 0);
  counts.refresh(0.9F, 1);
  counts.add(9);
  BOOST_TEST(counts.cached() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
