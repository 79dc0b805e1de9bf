// The priced allocation against the exact greedy one, and against the true optimum by enumeration.
#include "tests/unit/models/allocation/world.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

using namespace forestage::models;
using namespace forestage::test;

namespace {

price_search_options random_options() {
  return {.bin_bits = *rc::gen::inRange(1U, 13U), .run_limit = *rc::gen::element<std::uint64_t>(0, 1, 3, 64)};
}

std::int64_t random_budget(const std::vector<wanted>& all) {
  return *rc::gen::inRange<std::int64_t>(0, total_of(all) + 3);
}

} // namespace

BOOST_AUTO_TEST_SUITE(price)

RC_BOOST_PROP(the_priced_allocation_equals_the_exact_greedy_one_however_resources_are_split, ()) {
  const auto all = random_wanted();
  const auto shards = random_split(all, *rc::gen::inRange<std::size_t>(1, 65));
  const auto budget = random_budget(all);
  const auto price = find_price(budget, shards, random_options());
  RC_ASSERT(price.ok());
  RC_ASSERT(allocate(*price, shards) == greedy(all, budget));
}

RC_BOOST_PROP(the_price_does_not_depend_on_shards_or_on_how_it_was_searched, ()) {
  const auto all = random_wanted();
  const auto budget = random_budget(all);
  const auto one = find_price(budget, std::vector{set_of(all)});
  const auto other =
      find_price(budget, random_split(all, *rc::gen::inRange<std::size_t>(1, 65)), random_options());
  RC_ASSERT(one.ok() && other.ok());
  RC_ASSERT(*one == *other);
}

RC_BOOST_PROP(a_budget_that_binds_is_spent_to_the_last_unit, ()) {
  const auto all = random_wanted();
  const auto budget = random_budget(all);
  const std::vector shards{set_of(all)};
  const auto price = find_price(budget, shards);
  RC_ASSERT(price.ok());
  std::int64_t spent = 0;
  for (const auto& [resource, units] : allocate(*price, shards))
    spent += units;
  RC_ASSERT(spent == std::min(budget, total_of(all)));
  RC_ASSERT(price->value.has_value() == (budget == 0 || budget < total_of(all)));
}

BOOST_AUTO_TEST_CASE(without_a_binding_budget_everything_stands) {
  const std::vector<wanted> all{{"a", 1, {{7}, {-3}}}, {"b", 2, {{-9}}}};
  for (const std::int64_t budget : {3, 4, 1'000'000'000}) {
    const std::vector shards{set_of(all)};
    const auto price = find_price(budget, shards).value();
    BOOST_TEST(!price.value.has_value());
    BOOST_TEST((allocate(price, shards) == allocation{{"a", 2}, {"b", 1}}));
  }
}

BOOST_AUTO_TEST_CASE(a_budget_of_nothing_allocates_nothing_without_asking) {
  const std::vector<wanted> all{{"a", 1, {greatest_benefit}}};
  for (const std::int64_t budget : {0, -1}) {
    const price_search search{budget};
    BOOST_TEST(search.done());
    BOOST_TEST((allocate(search.price(), {set_of(all)}) == allocation{{"a", 0}}));
  }
}

BOOST_AUTO_TEST_CASE(resources_whose_hashes_collide_are_told_apart_by_name) {
  const std::vector<wanted> here{{"b", 9, {{4}, {4}}}};
  const std::vector<wanted> there{{"a", 9, {{4}, {4}}}};
  const std::vector shards{set_of(here), set_of(there)};
  const auto price = find_price(3, shards).value();
  BOOST_TEST((price.line == tie_line{9, "b", 1}));
  BOOST_TEST((allocate(price, shards) == allocation{{"a", 2}, {"b", 1}}));
}

BOOST_AUTO_TEST_CASE(names_that_collide_compare_as_unsigned_bytes) {
  const std::vector<wanted> all{{"\xc3\xa9", 9, {{4}}}, {"z", 9, {{4}}}};
  const std::vector shards{set_of(all)};
  BOOST_TEST((allocate(find_price(1, shards).value(), shards) == allocation{{"\xc3\xa9", 0}, {"z", 1}}));
}

BOOST_AUTO_TEST_CASE(the_worked_example_of_the_documentation_holds) {
  const unit_costs costs{9.0, 1.0};
  std::vector<candidate_set> shards(2);
  const auto add = [&](std::size_t shard, std::string_view resource, const std::vector<float>& survival) {
    shards[shard].add(resource, stable_hash(resource), steps_of(survival, costs));
  };
  add(0, "room/a", {0.95F, 0.70F, 0.30F});
  add(0, "room/d", {0.50F});
  add(1, "room/b", {0.70F, 0.70F});
  add(1, "room/c", {0.70F});
  price_search search{4};
  while (!search.done()) {
    price_answer sum;
    for (const auto& shard : shards)
      merge(sum, answer(search.request(), shard));
    BOOST_TEST_REQUIRE(search.step(sum).ok());
  }
  BOOST_TEST(search.rounds() == 2U);
  BOOST_TEST((search.price().value == benefit_of(0.70F, costs)));
  BOOST_TEST((search.price().line == tie_line{0xf69e413b0233efa1ULL, "room/b", 1}));
  const allocation expected{{"room/a", 2}, {"room/b", 1}, {"room/c", 1}, {"room/d", 0}};
  BOOST_TEST((allocate(search.price(), shards) == expected));
}

BOOST_AUTO_TEST_SUITE_END()
