// Scores: exact, additive request by request, the same however a log is split.
#include "models/metrics/score.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <vector>

using namespace forestage::models;

namespace {

struct observation {
  std::int64_t day;
  std::int64_t demand;
  std::int64_t units;
};

std::vector<observation> random_log() {
  return *rc::gen::container<std::vector<observation>>(rc::gen::construct<observation>(
      rc::gen::inRange<std::int64_t>(-3, 6), rc::gen::inRange<std::int64_t>(0, 20),
      rc::gen::inRange<std::int64_t>(0, 20)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(score)

RC_BOOST_PROP(sums_equal_serving_the_requests_one_by_one, ()) {
  const auto log = random_log();
  policy_score score;
  unit_sums counted;
  for (const auto& [day, demand, units] : log) {
    score.add(day, demand, units);
    auto free = units;
    for (auto request = std::int64_t{0}; request < demand; ++request) {
      if (free > 0) {
        --free;
        ++counted.used;
      } else {
        ++counted.cold;
      }
    }
    counted.waste += free;
  }
  RC_ASSERT(score.total() == counted);
}

RC_BOOST_PROP(a_log_split_over_streams_scores_the_same_in_any_order, ()) {
  const auto log = random_log();
  policy_score whole;
  std::vector<policy_score> parts(*rc::gen::inRange<std::size_t>(1, 9));
  for (const auto& [day, demand, units] : log) {
    whole.add(day, demand, units);
    parts[*rc::gen::inRange<std::size_t>(0, parts.size())].add(day, demand, units);
  }
  policy_score forward;
  policy_score backward;
  for (const auto& part : parts)
    forward.merge(part);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part)
    backward.merge(*part);
  RC_ASSERT(forward == whole);
  RC_ASSERT(backward == whole);
}

RC_BOOST_PROP(days_add_up_to_the_total_and_come_in_order, ()) {
  policy_score score;
  for (const auto& [day, demand, units] : random_log())
    score.add(day, demand, units);
  unit_sums sums;
  for (std::size_t i = 0; i < score.days().size(); ++i) {
    sums += score.days()[i].sums;
    RC_ASSERT(score.on(score.days()[i].day) == score.days()[i].sums);
    if (i > 0) RC_ASSERT(score.days()[i - 1].day < score.days()[i].day);
  }
  RC_ASSERT(sums == score.total());
}

BOOST_AUTO_TEST_CASE(a_worked_example_has_the_costs_and_ratios_of_the_definitions) {
  policy_score score;
  score.add(10, 5, 3); // used 3, cold 2
  score.add(10, 1, 5); // used 1, waste 4
  score.add(11, 0, 0);
  const auto& total = score.total();
  BOOST_TEST((total == unit_sums{.used = 4, .cold = 2, .waste = 4}));
  BOOST_TEST(total.requests() == 6);
  BOOST_TEST(total.allocated() == 8);
  const unit_costs costs{9.0, 1.0};
  BOOST_TEST(cost(total, costs) == 22.0);
  BOOST_TEST(cost_per_request(total, costs).value() == 22.0 / 6.0);
  BOOST_TEST(waste_per_request(total).value() == 4.0 / 6.0);
  BOOST_TEST(warm_ratio(total).value() == 4.0 / 6.0);
  BOOST_TEST(precision(total).value() == 0.5);
  BOOST_TEST(replay_timeliness(total).value() == 1.0);
  BOOST_TEST((score.on(9) == unit_sums{}));
}

BOOST_AUTO_TEST_CASE(coverage_is_what_was_removed_of_the_cold_requests_of_none) {
  policy_score policy;
  policy_score none;
  for (const std::int64_t demand : {4, 0, 6}) {
    policy.add(1, demand, 3);
    none.add(1, demand, 0);
  }
  BOOST_TEST(none.total().cold == 10);
  BOOST_TEST(coverage(policy.total(), none.total()).value() == 0.6);
}

BOOST_AUTO_TEST_CASE(ratios_without_a_denominator_do_not_exist) {
  const unit_sums nothing;
  BOOST_TEST(!cost_per_request(nothing, {}).has_value());
  BOOST_TEST(!waste_per_request(nothing).has_value());
  BOOST_TEST(!warm_ratio(nothing).has_value());
  BOOST_TEST(!precision(nothing).has_value());
  BOOST_TEST(!coverage(nothing, nothing).has_value());
  BOOST_TEST(!replay_timeliness(nothing).has_value());
}

BOOST_AUTO_TEST_CASE(a_score_merged_into_itself_is_doubled) {
  policy_score score;
  score.add(3, 5, 2);
  score.add(1, 2, 5);
  score.merge(score);
  BOOST_TEST((score.total() == unit_sums{.used = 8, .cold = 6, .waste = 6}));
  BOOST_TEST((score.on(3) == unit_sums{.used = 4, .cold = 6, .waste = 0}));
}

BOOST_AUTO_TEST_SUITE_END()
