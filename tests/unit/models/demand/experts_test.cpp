// The rule over all experts: small numbers follow the cheapest, larger ones are averaged by past cost.
#include "models/demand/expert_prior.hpp"
#include "models/demand/experts.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

using namespace forestage::models;

namespace {

expert_allocations all_say(float units) {
  expert_allocations a{};
  for (std::size_t i = 1; i < expert_count; ++i)
    a[i] = units;
  return a;
}
void say(expert_allocations& a, expert e, float units) {
  a[static_cast<std::size_t>(e)] = units;
}

// No belief about any.
constexpr expert_excess nothing{};

} // namespace

BOOST_AUTO_TEST_CASE(every_expert_has_a_name_of_its_own) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < expert_count; ++i)
    names.emplace(to_string(static_cast<expert>(i)));
  BOOST_TEST(names.size() == expert_count);
  BOOST_TEST(names.count("unknown") == 0U);
  BOOST_TEST(to_string(static_cast<expert>(200)) == "unknown");
}

BOOST_AUTO_TEST_CASE(a_miss_costs_more_than_a_unit_in_vain) {
  expert_mix mix;
  auto a = all_say(2);
  say(a, expert::base, 5);
  mix.observe(a, 4, 9, 1, 1);
  BOOST_TEST(mix.cost(expert::none) == 36);
  BOOST_TEST(mix.cost(expert::counts) == 18);
  BOOST_TEST(mix.cost(expert::base) == 1);
  BOOST_TEST((mix.best(nothing) == expert::base));
}

BOOST_AUTO_TEST_CASE(past_costs_fade_and_can_be_cut) {
  expert_mix mix;
  mix.observe(all_say(0), 1, 9, 1, 1);
  mix.observe(all_say(0), 0, 9, 1, 0.5F);
  BOOST_TEST(mix.cost(expert::none) == 4.5F);
  mix.scale(0.1F);
  BOOST_TEST(mix.cost(expert::none) == 0.45F, boost::test_tools::tolerance(1e-6F));
}

BOOST_AUTO_TEST_CASE(small_allocations_follow_the_cheapest_expert_alone) {
  expert_mix mix;
  auto a = all_say(1);
  say(a, expert::last_day, 3);
  for (int i = 0; i < 20; ++i)
    mix.observe(a, 3, 9, 1, 0.999F);
  BOOST_TEST((mix.best(nothing) == expert::last_day));
  auto now = all_say(6);
  say(now, expert::last_day, 2);
  BOOST_TEST(mix.allocate(now, nothing) == 2);
}

BOOST_AUTO_TEST_CASE(from_eight_units_on_the_experts_are_averaged_by_what_they_cost) {
  expert_mix mix;
  // Two experts of equal cost, all others hopeless.
  auto a = all_say(0);
  say(a, expert::base, 19);
  say(a, expert::counts, 19);
  for (int i = 0; i < 20; ++i)
    mix.observe(a, 20, 9, 1, 1);
  auto now = all_say(500);
  say(now, expert::base, 10);
  say(now, expert::counts, 20);
  BOOST_TEST(mix.allocate(now, nothing) == 15);
  // One of the two has been a tenth dearer: it weighs e^-2.
  expert_mix uneven;
  say(a, expert::base, 10);
  say(a, expert::counts, 9);
  for (int i = 0; i < 20; ++i)
    uneven.observe(a, 20, 9, 1, 1);
  const float weight = std::exp(-2.0F);
  BOOST_TEST(uneven.allocate(now, nothing) == std::floor((10 + weight * 20) / (1 + weight) + 0.5F));
}

BOOST_AUTO_TEST_CASE(a_mean_below_eight_units_is_not_used) {
  expert_mix mix;
  auto a = all_say(0);
  say(a, expert::base, 19);
  say(a, expert::counts, 19);
  mix.observe(a, 20, 9, 1, 1);
  auto now = all_say(0);
  say(now, expert::base, 4);
  say(now, expert::counts, 9);
  BOOST_TEST((mix.best(nothing) == expert::base));
  BOOST_TEST(mix.allocate(now, nothing) == 4);
  say(now, expert::base, 6);
  say(now, expert::counts, 10);
  BOOST_TEST(mix.allocate(now, nothing) == 8);
}

BOOST_AUTO_TEST_CASE(an_expert_without_any_cost_stands_alone) {
  expert_mix mix;
  auto a = all_say(0);
  say(a, expert::base, 20);
  mix.observe(a, 20, 9, 1, 1);
  auto now = all_say(100);
  say(now, expert::base, 30);
  BOOST_TEST(mix.allocate(now, nothing) == 30);
}

BOOST_AUTO_TEST_CASE(before_anything_was_observed_the_mix_is_the_first_expert_or_the_mean) {
  const expert_mix fresh;
  BOOST_TEST((fresh.best(nothing) == expert::none));
  BOOST_TEST(fresh.allocate(all_say(3), nothing) == 0);
  auto busy = all_say(29);
  say(busy, expert::none, 0);
  BOOST_TEST(fresh.allocate(busy, nothing) == std::floor(28.0F * 29 / 29 + 0.5F));
}

BOOST_AUTO_TEST_CASE(what_is_believed_decides_until_enough_was_seen) {
  expert_excess believed{};
  believed.fill(0.3F);
  believed[static_cast<std::size_t>(expert::keepalive_12)] = 0;
  expert_mix mix;
  BOOST_TEST((mix.best(believed) == expert::keepalive_12));
  // base is a fifth cheaper than keepalive-12, and than all the others.
  auto a = all_say(15);
  say(a, expert::base, 16);
  int seen = 0;
  while (mix.best(believed) != expert::base && seen < 1'000) {
    mix.observe(a, 20, 9, 1, 1);
    ++seen;
  }
  // 1 / 4 dearer against .3 believed for 8 intervals: as soon as n / 4 > 8 x .3.
  BOOST_TEST(seen == 10);
}

BOOST_AUTO_TEST_CASE(prior_knowledge_of_experts_is_an_excess_for_every_fractile_and_mean) {
  BOOST_TEST(rc::check("expert prior", [] {
    const float fractile = static_cast<float>(*rc::gen::inRange(1, 1'000)) / 1'000.0F;
    const expert_prior prior{fractile};
    for (const float mean : {0.0F, 0.2F, 0.3F, 2.0F, 3.0F, 1e9F}) {
      const auto& excess = prior.of(mean);
      RC_ASSERT(*std::min_element(excess.begin(), excess.begin() + expert_count) == 0.0F);
      RC_ASSERT(*std::max_element(excess.begin(), excess.end()) < 2.0F);
    }
  }));
  // A busy new key under dear shortages: what has been, with a margin, before nothing at all or last week.
  const expert_prior prior{0.95F};
  const auto& busy = prior.of(100);
  BOOST_TEST(busy[static_cast<std::size_t>(expert::keepalive_6_plus)] <
             busy[static_cast<std::size_t>(expert::last_count)]);
  BOOST_TEST(busy[static_cast<std::size_t>(expert::last_count)] <
             busy[static_cast<std::size_t>(expert::none)]);
}

BOOST_AUTO_TEST_CASE(a_blend_of_errors_in_opposite_directions_costs_less_than_half_of_either_expert) {
  expert_blend blend;
  auto seven = all_say(7);
  say(seven, expert::none, 7);
  BOOST_TEST(blend.allocate(seven) == 7, boost::test_tools::tolerance(1e-5F));
  double own = 0;
  double single = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto count = static_cast<float>(50 + i % 7 * 5);
    auto a = all_say(1'000);
    say(a, expert::none, 0);
    say(a, expert::last_day, count - 10);
    say(a, expert::last_week, count + 10);
    const float said = blend.allocate(a);
    say(a, expert::blend, said);
    if (i >= 1'500) {
      own += static_cast<double>(std::fabs(said - count));
      single += 10;
    }
    blend.observe(a, count, 1, 1, 1);
  }
  BOOST_TEST(own < 0.5 * single, own << " of " << single);
}

BOOST_AUTO_TEST_CASE(once_settled_a_blend_costs_hardly_more_than_the_best_expert) {
  expert_blend blend;
  double own = 0;
  double best = 0;
  for (int i = 0; i < 2'000; ++i) {
    const auto count = static_cast<float>(20 + i * 37 % 11);
    auto a = all_say(90);
    say(a, expert::counts, 30);
    const float said = blend.allocate(a);
    say(a, expert::blend, said);
    const auto cost = [count](float units) { return std::max(9 * (count - units), units - count); };
    if (i >= 1'500) {
      own += static_cast<double>(cost(said));
      best += static_cast<double>(cost(30));
    }
    blend.observe(a, count, 9, 1, 1);
  }
  BOOST_TEST(own < 1.1 * best, own << " of " << best);
}

BOOST_AUTO_TEST_CASE(a_blend_of_nothing_but_zeros_stays_zero) {
  expert_blend blend;
  for (int i = 0; i < 50; ++i) {
    blend.observe({}, 0, 9, 1, 0.99F);
    BOOST_TEST(blend.allocate({}) == 0);
  }
}
