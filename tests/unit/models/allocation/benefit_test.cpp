// Fixed-point benefits, and their steps: exact, monotone, compact.
#include "models/allocation/benefit.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <cmath>
#include <limits>

using namespace forestage::models;

namespace {

const unit_costs nine_to_one{9.0, 1.0};

// The benefit of a unit, looked up in steps.
benefit worth_of(const std::vector<benefit_step>& steps, std::uint32_t unit) {
  for (const auto& step : steps)
    if (unit <= step.last_unit) return step.worth;
  return least_benefit;
}

double random_probability() {
  return *rc::gen::inRange(0, 1'000'001) / 1e6;
}

} // namespace

BOOST_AUTO_TEST_SUITE(benefits)

BOOST_AUTO_TEST_CASE(a_benefit_is_the_formula_over_the_sum_of_the_costs) {
  for (const auto costs : {nine_to_one, unit_costs{1, 1}, unit_costs{0, 3}, unit_costs{2.5, 0}})
    for (const double p : {0.0, 0.05, 0.1, 0.3, 0.5, 0.999, 1.0}) {
      const auto expected = costs.cost_under * p - costs.cost_over * (1.0 - p);
      BOOST_TEST(std::abs(money(benefit_of(p, costs), costs) - expected) <= 1e-8);
    }
  BOOST_TEST(benefit_of(1.0, {1, 0}).fixed == greatest_benefit.fixed);
  BOOST_TEST(benefit_of(0.0, {0, 1}).fixed == least_benefit.fixed);
}

BOOST_AUTO_TEST_CASE(a_unit_at_the_critical_fractile_is_worth_nothing) {
  BOOST_TEST(critical_fractile(nine_to_one) == 0.9);
  BOOST_TEST(benefit_of(1.0 - 0.9, nine_to_one).fixed == 0);
}

RC_BOOST_PROP(a_benefit_never_falls_when_the_probability_rises, ()) {
  const auto costs = unit_costs{*rc::gen::inRange(0, 100) / 7.0, *rc::gen::inRange(1, 100) / 3.0};
  auto low = random_probability();
  auto high = *rc::gen::element(random_probability(), std::nextafter(low, 2.0), low + 1e-9);
  if (low > high) std::swap(low, high);
  RC_ASSERT(benefit_of(low, costs) <= benefit_of(high, costs));
  RC_ASSERT(benefit_of(high, costs) <= greatest_benefit);
  RC_ASSERT(benefit_of(low, costs) >= least_benefit);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_probability_counts_as_the_nearest_one) {
  BOOST_TEST(fixed_probability(std::numeric_limits<double>::quiet_NaN()) == 0);
  BOOST_TEST(fixed_probability(-3.0) == 0);
  BOOST_TEST(fixed_probability(7.0) == (1 << 30));
  BOOST_TEST(fixed_probability(std::numeric_limits<double>::infinity()) == (1 << 30));
  BOOST_TEST(fixed_probability(0.5) == (1 << 29));
}

BOOST_AUTO_TEST_CASE(costs_must_be_finite_not_negative_and_not_both_zero) {
  BOOST_TEST(validate(nine_to_one).ok());
  BOOST_TEST(validate(unit_costs{0, 1}).ok());
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  const auto infinity = std::numeric_limits<double>::infinity();
  for (const auto costs : {unit_costs{0, 0}, unit_costs{-1, 3}, unit_costs{3, -1}, unit_costs{nan, 1},
                           unit_costs{1, nan}, unit_costs{infinity, 1}})
    BOOST_TEST(!validate(costs).ok());
}

RC_BOOST_PROP(steps_hold_the_benefit_of_every_unit, ()) {
  auto survival =
      *rc::gen::container<std::vector<float>>(rc::gen::element(0.0F, 0.1F, 0.25F, 0.5F, 0.75F, 1.0F));
  std::ranges::sort(survival, std::greater<>{});
  const auto steps = steps_of(survival, nine_to_one);
  RC_ASSERT((steps.empty() ? 0 : steps.back().last_unit) == survival.size());
  for (std::uint32_t j = 1; j <= survival.size(); ++j)
    RC_ASSERT(worth_of(steps, j) == benefit_of(survival[j - 1], nine_to_one));
  for (std::size_t i = 1; i < steps.size(); ++i)
    RC_ASSERT(steps[i].worth < steps[i - 1].worth);
}

RC_BOOST_PROP(a_curve_and_its_values_have_the_same_steps, ()) {
  auto survival =
      *rc::gen::container<std::vector<float>>(rc::gen::element(0.0F, 0.1F, 0.25F, 0.5F, 0.75F, 1.0F));
  std::ranges::sort(survival, std::greater<>{});
  const auto curve = [&](std::uint32_t j) { return survival[j - 1]; };
  RC_ASSERT(steps_of(static_cast<std::uint32_t>(survival.size()), curve, nine_to_one) ==
            steps_of(survival, nine_to_one));
}

BOOST_AUTO_TEST_CASE(a_survival_that_rises_counts_as_its_predecessor) {
  const std::vector<float> survival{0.5F, 0.75F, 0.25F, std::numeric_limits<float>::quiet_NaN(), 0.5F};
  const auto steps = steps_of(survival, nine_to_one);
  const std::vector<benefit_step> expected{{2, benefit_of(0.5, nine_to_one)},
                                           {3, benefit_of(0.25, nine_to_one)},
                                           {5, benefit_of(0.0, nine_to_one)}};
  BOOST_TEST((steps == expected));
}

BOOST_AUTO_TEST_CASE(a_busy_resource_has_few_steps_and_is_hardly_evaluated) {
  constexpr std::uint32_t cap = 1'000'000;
  std::size_t evaluations = 0;
  const auto curve = [&](std::uint32_t j) {
    ++evaluations;
    return 1.0 / (1.0 + std::exp((j - 800'000.0) / 40'000.0));
  };
  const auto steps = steps_of(cap, curve, nine_to_one);
  BOOST_TEST(steps.size() <= max_exact_steps + 1);
  BOOST_TEST(steps.size() >= 900U);
  BOOST_TEST(steps.back().last_unit == cap);
  BOOST_TEST(evaluations < 100'000U);
  for (std::uint32_t j = 1; j <= cap; j += 997) {
    const auto error = std::abs(worth_of(steps, j).fixed - benefit_of(curve(j), nine_to_one).fixed);
    BOOST_TEST_REQUIRE(error <= 1 << 19);
  }

  std::vector<float> survival(cap);
  for (std::uint32_t j = 1; j <= cap; ++j)
    survival[j - 1] = static_cast<float>(curve(j));
  const auto same = steps_of(survival, nine_to_one);
  BOOST_TEST(same.size() == steps.size());
  BOOST_TEST(same.back().last_unit == cap);
}

BOOST_AUTO_TEST_CASE(a_set_gives_back_what_was_added) {
  candidate_set set;
  set.add("a", 7, std::vector<benefit_step>{{3, {5}}, {4, {-5}}});
  set.add("b", 8, {});
  set.add("c", 9, std::vector<benefit_step>{{1, {0}}});
  BOOST_TEST(set.size() == 3U);
  BOOST_TEST(set[0].resource == "a");
  BOOST_TEST(set[0].cap() == 4U);
  BOOST_TEST(set[1].cap() == 0U);
  BOOST_TEST(set[2].hash == 9U);
  BOOST_TEST(set[2].steps.size() == 1U);
  set.clear();
  BOOST_TEST(set.size() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
