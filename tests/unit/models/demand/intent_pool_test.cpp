// What keys learn from each other about declarations: exact in any order, forgotten at the stated pace.
#include "models/demand/intent_pool.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace forestage::models;
namespace tests = forestage::tests;

namespace {

intent_statistics some_statistics(tests::random_source& random) {
  intent_statistics s;
  s.requests = random.below(1'000'000'000);
  s.in_time = random.below(s.requests + 1);
  for (auto& n : s.shifts)
    n = random.below(1'000'000);
  s.cost_without = random.below(1'000'000'000'000);
  s.cost_with = random.below(1'000'000'000'000);
  for (auto& situation : s.readings)
    for (auto& cost : situation)
      cost = random.below(1'000'000'000'000);
  s.beside = random.below(1'000'000'000);
  for (auto& loss : s.burst_losses)
    loss = random.between(-1'000'000'000, 1'000'000'000);
  return s;
}

} // namespace

BOOST_AUTO_TEST_CASE(sums_about_declarations_do_not_depend_on_order_or_grouping) {
  tests::random_source random{tests::seed("intent pool", 531)};
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<intent_statistics> parts;
    for (int i = 0; i < 9; ++i)
      parts.push_back(some_statistics(random));
    intent_statistics all;
    for (const auto& p : parts)
      all += p;
    random.shuffle(parts);
    intent_statistics left;
    intent_statistics right;
    for (std::size_t i = 0; i < parts.size(); ++i)
      (i < 4 ? left : right) += parts[i];
    right += left;
    BOOST_TEST((right == all));
    BOOST_TEST((learn_intents(right, {}) == learn_intents(all, {})));
  }
}

BOOST_AUTO_TEST_CASE(shares_are_shares_before_and_after_anything_is_known) {
  tests::random_source random{tests::seed("intent shares", 532)};
  intent_parameters p;
  for (int day = 0; day < 400; ++day) {
    BOOST_TEST(p.in_time_share() >= 0.0F);
    BOOST_TEST(p.in_time_share() <= 1.0F);
    const float sum = p.kernel(-1) + p.kernel(0) + p.kernel(1);
    BOOST_TEST(std::fabs(sum - 1) < 1e-5F);
    BOOST_TEST(p.cost_ratio() >= 0.0F);
    p = learn_intents(day < 50 ? some_statistics(random) : intent_statistics{}, p); // then silence for a year
  }
}

BOOST_AUTO_TEST_CASE(what_was_known_is_halved_in_a_week) {
  intent_statistics s;
  s.requests = 1'000'000;
  s.in_time = 400'000;
  s.cost_without = 800;
  s.cost_with = 600;
  auto p = learn_intents(s, {});
  BOOST_TEST(p.in_time_share() == 0.4F, boost::test_tools::tolerance(1e-3F));
  BOOST_TEST(p.cost_ratio() == 0.75F, boost::test_tools::tolerance(1e-6F));
  const auto before = p.requests;
  for (int day = 0; day < 7; ++day)
    p = learn_intents({}, p);
  BOOST_TEST(p.requests == before / 2, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(p.in_time_share() == 0.4F, boost::test_tools::tolerance(1e-3F));
}
