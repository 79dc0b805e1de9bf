#include "models/sequence/blend.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::models;

BOOST_AUTO_TEST_SUITE(blend)

BOOST_AUTO_TEST_CASE(every_context_has_a_class) {
  for (const double n : {0.0, 0.3, 1.0, 2.0, 63.9, 64.0, 1e18})
    for (const std::size_t distinct : {0, 1, 2, 3, 6, 7, 100'000})
      BOOST_TEST(blend_class(n, distinct) < blend_classes);
  BOOST_TEST(blend_class(1, 1) != blend_class(2, 1));
  BOOST_TEST(blend_class(8, 1) != blend_class(8, 2));
}

BOOST_AUTO_TEST_CASE(trust_begins_as_witten_and_bell_have_it) {
  const blend_weights weights;
  for (std::size_t c = 0; c < blend_classes; ++c)
    BOOST_TEST(weights.passes(level_own, c, nullptr) == witten_bell(c), boost::test_tools::tolerance(1e-12));
  // More seen: less is passed on. More different successors: more.
  BOOST_TEST(witten_bell(blend_class(64, 1)) < witten_bell(blend_class(1, 1)));
  BOOST_TEST(witten_bell(blend_class(64, 8)) > witten_bell(blend_class(64, 1)));
}

BOOST_AUTO_TEST_CASE(trust_follows_what_happened_and_what_happened_fades) {
  blend_weights weights;
  blend_sums sums;
  sums.of[level_own][3] = {.passed = static_cast<std::int64_t>(30 * blend_unit),
                           .stopped = static_cast<std::int64_t>(970 * blend_unit)};
  weights.fold(sums, 1);
  BOOST_TEST(weights.passes(level_own, 3, nullptr) == .03, boost::test_tools::tolerance(.05));
  weights.fold({}, 1e-9);
  BOOST_TEST(weights.passes(level_own, 3, nullptr) == witten_bell(3), boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(a_segment_begins_with_what_all_have_learned) {
  blend_weights all;
  blend_sums sums;
  sums.of[level_order_1][0].stopped = static_cast<std::int64_t>(1'000 * blend_unit);
  all.fold(sums, 1);
  const blend_weights fresh;
  BOOST_TEST(fresh.passes(level_order_1, 0, &all) == all.passes(level_order_1, 0, nullptr),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(fresh.passes(level_order_1, 0, &all) < .01);
}

BOOST_AUTO_TEST_SUITE_END()
