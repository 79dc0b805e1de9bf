// Scaled errors of forecasts, by hand.
#include "models/metrics/forecast_score.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(the_scale_is_the_mean_change_over_a_season) {
  BOOST_TEST(seasonal_scale(std::vector<double>{1, 2, 4, 2, 1, 10}, 3) == (1 + 1 + 6) / 3.0);
  BOOST_TEST(seasonal_scale(std::vector<double>{1, 2}, 3) == 0);
  BOOST_TEST(seasonal_scale(std::vector<double>{5, 5, 5}, 1) == 0);
}

BOOST_AUTO_TEST_CASE(mase_spl_and_coverage_are_those_of_their_equations) {
  forecast_scorer scorer{2, {0.5, 0.9}, 1};
  // Errors 1 and 3. Pinball .5: .5, 1.5; .9: against 12 and 10: below by 1 -> .1, above by 4 -> 3.6.
  scorer.add(std::vector<double>{11, 14}, std::vector<float>{10, 11},
             std::vector<std::vector<float>>{{10, 11}, {12, 10}});
  const auto s = scorer.scores().value();
  BOOST_TEST(std::abs(s.mase - (1 + 3) / 2.0 / 2) < 1e-12);
  BOOST_TEST(std::abs(s.mase_first - 1 / 2.0) < 1e-12);
  BOOST_TEST(std::abs(*s.spl - 2 * (0.5 + 1.5 + 0.1 + 3.6) / 2 / 2 / 2) < 1e-12);
  BOOST_TEST(std::abs(*s.spl_first - 2 * (0.5 + 0.1) / 2 / 2) < 1e-12);
  BOOST_TEST(s.coverage[0] == 0);
  BOOST_TEST(s.coverage[1] == 0.5);
  BOOST_TEST(s.origins == 1U);
}

BOOST_AUTO_TEST_CASE(origins_weigh_the_same_and_so_do_series) {
  forecast_scorer one{1, {}, 12}, two{1, {}, 12};
  one.add(std::vector<double>{1}, std::vector<float>{0}, {});
  one.add(std::vector<double>{3}, std::vector<float>{0}, {});
  two.add(std::vector<double>{10}, std::vector<float>{0}, {});
  const std::vector<forecast_scores> both{one.scores().value(), two.scores().value()};
  BOOST_TEST(both[0].mase == 2);
  BOOST_TEST(mean_of(both)->mase == 6);
  BOOST_TEST(mean_of(both)->series == 2U);
  BOOST_TEST(!mean_of(both)->spl.has_value());
  BOOST_TEST(!mean_of({}).has_value());
}

BOOST_AUTO_TEST_CASE(what_was_not_measured_is_not_scored) {
  forecast_scorer scorer{1, {}, 12};
  scorer.add(std::vector<double>{std::numeric_limits<double>::quiet_NaN(), 4}, std::vector<float>{100, 3},
             {});
  BOOST_TEST(scorer.scores()->mase == 1);
}

BOOST_AUTO_TEST_CASE(a_series_without_a_scale_or_an_origin_has_no_scores) {
  forecast_scorer flat{0, {}, 12};
  flat.add(std::vector<double>{1}, std::vector<float>{0}, {});
  BOOST_TEST(!flat.scores().has_value());
  BOOST_TEST(!forecast_scorer(1, {}, 12).scores().has_value());
}
