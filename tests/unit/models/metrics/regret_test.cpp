// Regret: the definitions by hand, and where it does not exist.
#include "models/metrics/regret.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace forestage::models;

namespace {

const unit_costs nine_to_one{9.0, 1.0};

bool near(double a, double b) {
  return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b));
}

// A score that costs `cold` times 9 on day `day`.
policy_score cold_score(std::vector<std::int64_t> cold_by_day) {
  policy_score score;
  for (std::size_t day = 0; day < cold_by_day.size(); ++day)
    score.add(static_cast<std::int64_t>(day), cold_by_day[day], 0);
  return score;
}

// Every yardstick of the strict set, and none.
std::vector<named_score> yardsticks(std::int64_t field, std::int64_t tuned, std::int64_t none) {
  std::vector<named_score> scores{{"none", cold_score({none, none})}};
  for (const auto name : strict_yardsticks) {
    const auto in_field = std::ranges::find(field_yardsticks, name) != field_yardsticks.end();
    scores.push_back({name, cold_score({in_field ? field : tuned, in_field ? field : tuned})});
  }
  return scores;
}

} // namespace

BOOST_AUTO_TEST_SUITE(regrets)

BOOST_AUTO_TEST_CASE(regret_is_0_for_the_oracle_and_1_for_the_yardstick) {
  BOOST_TEST(regret(10.0, 10.0, 30.0).value() == 0.0);
  BOOST_TEST(regret(30.0, 10.0, 30.0).value() == 1.0);
  BOOST_TEST(regret(15.0, 10.0, 30.0).value() == 0.25);
  BOOST_TEST(regret(50.0, 10.0, 30.0).value() == 2.0);
  BOOST_TEST(regret(15.0, 0.0, 30.0).value() == 0.5);
}

BOOST_AUTO_TEST_CASE(there_is_no_regret_where_the_oracle_is_nearly_as_dear_as_the_yardstick) {
  BOOST_TEST(!regret(100.0, 95.0, 100.0).has_value());
  BOOST_TEST(!regret(100.0, 99.0, 100.0).has_value());
  BOOST_TEST(regret(100.0, 94.9, 100.0).has_value());
  BOOST_TEST(!regret(1.0, 0.0, 0.0).has_value());
}

BOOST_AUTO_TEST_CASE(the_strict_set_holds_the_field_and_three_more) {
  BOOST_TEST(strict_yardsticks.size() == field_yardsticks.size() + 3);
  for (const auto name : field_yardsticks)
    BOOST_TEST((std::ranges::find(strict_yardsticks, name) != strict_yardsticks.end()));
}

BOOST_AUTO_TEST_CASE(the_best_of_a_set_is_its_cheapest_member_and_the_first_of_equals) {
  std::vector<named_cost> costs;
  for (const auto name : strict_yardsticks)
    costs.push_back({name, 10.0});
  costs.push_back({"oracle", 1.0});
  BOOST_TEST(best_of(field_yardsticks, costs)->name == "reactive");
  costs[3].cost = 7.0;
  costs[7].cost = 5.0;
  BOOST_TEST((best_of(field_yardsticks, costs) == named_cost{"keepalive-12", 7.0}));
  BOOST_TEST((best_of(strict_yardsticks, costs) == named_cost{"tod14", 5.0}));
  costs.erase(costs.begin());
  BOOST_TEST(!best_of(field_yardsticks, costs).has_value());
}

BOOST_AUTO_TEST_CASE(the_standard_error_is_the_linearised_one) {
  // r = 6 / 12; residuals 2 - 2 = 0, 1 - 2 = -1, 3 - 2 = 1.
  const std::vector<double> a{2.0, 1.0, 3.0};
  const std::vector<double> b{4.0, 4.0, 4.0};
  BOOST_TEST(near(ratio_standard_error(a, b).value(), std::sqrt(2.0) / 12.0));
  BOOST_TEST(near(ratio_standard_error(b, b).value(), 0.0));
}

BOOST_AUTO_TEST_CASE(there_is_no_standard_error_of_one_day_or_of_a_ratio_to_nothing) {
  BOOST_TEST(!ratio_standard_error(std::vector{1.0}, std::vector{2.0}).has_value());
  BOOST_TEST(!ratio_standard_error(std::vector{1.0, 1.0}, std::vector{2.0}).has_value());
  BOOST_TEST(!ratio_standard_error(std::vector{1.0, 1.0}, std::vector{0.0, 0.0}).has_value());
  BOOST_TEST(!ratio_standard_error(std::vector{1.0, 1.0}, std::vector{-2.0, 1.0}).has_value());
}

RC_BOOST_PROP(the_standard_error_does_not_depend_on_the_unit_of_money_or_on_idle_days, ()) {
  std::vector<double> a;
  std::vector<double> b;
  const auto days = *rc::gen::inRange<std::size_t>(2, 20);
  for (std::size_t day = 0; day < days; ++day) {
    a.push_back(*rc::gen::inRange(0, 100));
    b.push_back(*rc::gen::inRange(1, 100));
  }
  const auto before = ratio_standard_error(a, b).value();
  for (auto* each : {&a, &b}) {
    for (auto& value : *each)
      value *= 4.0;
    each->push_back(0.0);
  }
  RC_ASSERT(near(ratio_standard_error(a, b).value(), before));
}

BOOST_AUTO_TEST_CASE(the_oracles_daily_cost_is_taken_off_both_sides) {
  const auto policy = cold_score({5, 3, 0, 8});
  const auto best = cold_score({7, 5, 2, 8});
  const auto oracle = cold_score({3, 1, 0, 4});
  // By day, above the oracle: a = 9 * {2, 2, 0, 4}, b = 9 * {4, 4, 2, 4}.
  const std::vector<double> a{18.0, 18.0, 0.0, 36.0};
  const std::vector<double> b{36.0, 36.0, 18.0, 36.0};
  BOOST_TEST(near(regret_standard_error(policy, best, oracle, nine_to_one).value(),
                  ratio_standard_error(a, b).value()));
}

BOOST_AUTO_TEST_CASE(days_that_only_one_policy_has_are_zero_for_the_others) {
  policy_score policy;
  policy.add(3, 2, 0);
  policy_score best;
  best.add(5, 4, 0);
  const policy_score oracle;
  const auto expected = ratio_standard_error(std::vector{18.0, 0.0}, std::vector{0.0, 36.0});
  BOOST_TEST(near(regret_standard_error(policy, best, oracle, nine_to_one).value(), expected.value()));
}

BOOST_AUTO_TEST_CASE(a_summary_measures_against_both_sets) {
  const auto summary =
      summarize_regret(cold_score({20, 20}), cold_score({10, 10}), yardsticks(50, 30, 60), nine_to_one);
  BOOST_TEST(near(summary.regret_field.value(), 0.25));
  BOOST_TEST(near(summary.regret_strict.value(), 0.5));
  BOOST_TEST(near(summary.cost_none_over_best.value(), 2.0));
  BOOST_TEST(near(summary.regret_se.value(), 0.0));
  BOOST_TEST(summary.best_field == "reactive");
  BOOST_TEST(summary.best_strict == "tod14");
}

BOOST_AUTO_TEST_CASE(a_summary_says_nothing_that_it_cannot_know) {
  auto scores = yardsticks(50, 30, 60);
  std::erase_if(
      scores, [](const named_score& each) { return each.name == "last-week-tuned" || each.name == "none"; });
  const auto summary = summarize_regret(cold_score({20, 20}), cold_score({10, 10}), scores, nine_to_one);
  BOOST_TEST(summary.regret_field.has_value());
  BOOST_TEST(!summary.regret_strict.has_value());
  BOOST_TEST(!summary.regret_se.has_value());
  BOOST_TEST(!summary.cost_none_over_best.has_value());
  BOOST_TEST(summary.best_strict.empty());

  const auto no_room =
      summarize_regret(cold_score({29, 29}), cold_score({29, 29}), yardsticks(50, 30, 60), nine_to_one);
  BOOST_TEST(no_room.regret_field.has_value());
  BOOST_TEST(!no_room.regret_strict.has_value());
  BOOST_TEST(!no_room.regret_se.has_value());
  BOOST_TEST(no_room.cost_none_over_best.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
