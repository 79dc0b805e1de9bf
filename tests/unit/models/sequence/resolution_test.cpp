#include "models/sequence/resolution.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::models;

BOOST_AUTO_TEST_SUITE(resolution)

BOOST_AUTO_TEST_CASE(delay_classes_are_two_an_octave_and_know_where_they_begin) {
  BOOST_TEST(delay_class(1) == 0U);
  BOOST_TEST(delay_class(2) == 1U);
  BOOST_TEST(delay_class(3) == 2U);
  BOOST_TEST(delay_class(4) == 3U);
  BOOST_TEST(delay_class(5) == 3U);
  BOOST_TEST(delay_class(6) == 4U);
  for (std::size_t c = 0; c < delay_classes; ++c) {
    BOOST_TEST(delay_class(delay_of(c)) == c);
    if (c + 1 < delay_classes) BOOST_TEST(delay_class(delay_of(c + 1) - 1) == c);
  }
  BOOST_TEST(delay_class(std::int64_t{1} << 50) == delay_classes - 1);
}

BOOST_AUTO_TEST_CASE(peers_come_back_when_they_have_come_back) {
  return_times times;
  BOOST_TEST(times.after(1, 0) == 0);
  BOOST_TEST(times.median(0) == 1);
  delay_sums sums;
  sums.visits[0] = 1'000;
  sums.came[0][delay_class(1)] = 250;
  sums.came[0][delay_class(4)] = 500; // 4 or 5
  times.fold(sums, 1);
  BOOST_TEST(times.after(1, 0) == .25, boost::test_tools::tolerance(.01));
  BOOST_TEST(times.after(5, 0) == .25, boost::test_tools::tolerance(.01));
  BOOST_TEST(times.after(2, 0) == 0);
  BOOST_TEST(times.median(0) == 4);
}

BOOST_AUTO_TEST_CASE(a_prediction_is_worth_what_such_predictions_were_worth) {
  track_record record;
  BOOST_TEST(record.worth(.3, nullptr) == .3, boost::test_tools::tolerance(1e-12));
  outcome_sums sums;
  sums.predicted[probability_class(.3)] = 10'000;
  sums.arrived[probability_class(.3)] = 1'000;
  record.fold(sums, 1);
  BOOST_TEST(record.worth(.3, nullptr) == .1, boost::test_tools::tolerance(.02));
  BOOST_TEST(record.worth(.9, nullptr) == .9, boost::test_tools::tolerance(1e-12));
  // A segment of its own begins with that.
  const track_record fresh;
  BOOST_TEST(fresh.worth(.3, &record) == record.worth(.3, nullptr), boost::test_tools::tolerance(1e-12));
  for (const double p : {0.0, 1e-300, .5, 1.0}) {
    BOOST_TEST(probability_class(p) < probability_classes);
    BOOST_TEST(record.worth(p, nullptr) >= 0);
    BOOST_TEST(record.worth(p, nullptr) <= 1);
  }
}

BOOST_AUTO_TEST_CASE(skill_is_proven_only_beyond_chance) {
  skill s;
  BOOST_TEST(!s.proven());
  skill_sums sums;
  sums.requests = 10'000;
  sums.gain = 100 * 1'024; // a hundredth of a bit each, among outcomes of one bit: chance
  sums.square = 10'000 * 1'024;
  s.fold(sums, 1);
  BOOST_TEST(!s.proven());
  sums.gain = 2'000 * 1'024;
  s.fold(sums, 1);
  BOOST_TEST(s.proven());
  // What has been lost since counts more.
  sums.gain = -3'000 * 1'024;
  s.fold(sums, .5);
  BOOST_TEST(!s.proven());
}

BOOST_AUTO_TEST_SUITE_END()
