#include "models/bytes.hpp"
#include "models/sequence/context_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace forestage::models;

namespace {

template <class T> std::string written(T& table) {
  std::string bytes;
  byte_writer writer{bytes};
  table.fields(writer);
  return bytes;
}

} // namespace

BOOST_AUTO_TEST_SUITE(context_table_)

BOOST_AUTO_TEST_CASE(a_request_weighs_twice_as_much_as_one_a_half_life_ago) {
  decay_clock clock{100};
  BOOST_TEST(clock.advance(interval_number{1'000}) == 0U);
  const auto before = clock.unit(interval_number{1'000});
  BOOST_TEST(clock.advance(interval_number{1'100}) == 0U);
  BOOST_TEST(clock.unit(interval_number{1'100}) == 2 * before);
  BOOST_TEST(clock.kept(100) == .5);
  // After 16 half-lives everything is shifted, and weights begin again.
  BOOST_TEST(clock.advance(interval_number{1'000 + 1'650}) == 16U);
  BOOST_TEST(clock.unit(interval_number{1'000 + 1'600}) == before);
  // After a silence of many half-lives nothing is left.
  BOOST_TEST(clock.advance(interval_number{1'000'000'000}) == 64U);
}

BOOST_AUTO_TEST_CASE(a_full_context_gives_the_place_of_the_lightest_to_a_newcomer) {
  context_table table{64, 2};
  table.add(1, 10, 5);
  table.add(1, 20, 3);
  table.add(1, 30, 1);
  const auto* c = table.find(1);
  BOOST_REQUIRE(c != nullptr);
  BOOST_TEST(c->total == 9U); // what was forgotten still happened
  BOOST_REQUIRE(c->successors.size() == 2U);
  BOOST_TEST(c->successors[0].resource == 10U);
  BOOST_TEST(c->successors[1].resource == 30U);
}

BOOST_AUTO_TEST_CASE(a_full_table_forgets_its_lightest_eighth) {
  context_table table{64, 2};
  for (std::uint64_t key = 0; key < 64; ++key)
    table.add(key, 1, 100 - key);
  table.add(1'000, 1, 1);
  BOOST_TEST(table.size() == 57U);
  BOOST_TEST(table.find(0) != nullptr);
  BOOST_TEST(table.find(55) != nullptr);
  BOOST_TEST(table.find(56) == nullptr);
  BOOST_TEST(table.find(1'000) != nullptr);
}

BOOST_AUTO_TEST_CASE(what_has_faded_to_nothing_leaves_the_tables) {
  context_table table{64, 4};
  table.add(1, 10, 1'000);
  table.add(1, 20, 3);
  table.add(2, 10, 3);
  table.shift(2);
  BOOST_TEST(table.size() == 1U);
  BOOST_TEST(table.find(1)->successors.size() == 1U);
  table.shift(64);
  BOOST_TEST(table.size() == 0U);
  popularity popular{64};
  popular.add(1, 1'000);
  popular.add(2, 3);
  popular.shift(2);
  BOOST_TEST(popular.weight_of(1) == 250U);
  BOOST_TEST(popular.size() == 1U);
  BOOST_TEST(popular.top().size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_most_popular_are_at_hand) {
  popularity popular{64};
  for (std::uint64_t r = 0; r < 60; ++r)
    popular.add(r, 10 + r);
  popular.add(7, 1'000);
  const auto& top = popular.top();
  BOOST_REQUIRE(top.size() == popularity::top_count);
  BOOST_TEST(top[0].resource == 7U);
  BOOST_TEST(top[1].resource == 59U);
  BOOST_TEST(top[15].resource == 45U);
}

BOOST_AUTO_TEST_CASE(a_weight_that_would_overflow_is_not_counted) {
  context_table table{64, 4};
  const auto huge = std::uint64_t{1} << 62U;
  table.add(1, 10, huge);
  table.add(1, 10, huge);
  table.add(1, 20, ~std::uint64_t{0});
  BOOST_TEST(table.find(1)->total == huge);
  BOOST_TEST(table.find(1)->successors.size() == 1U);
  popularity popular{64};
  popular.add(1, huge);
  popular.add(2, huge);
  BOOST_TEST(popular.total() == huge);
  BOOST_TEST(popular.weight_of(2) == 0U);
}

BOOST_AUTO_TEST_CASE(state_that_breaks_the_bounds_is_refused) {
  context_table large{128, 8};
  for (std::uint64_t key = 0; key < 100; ++key)
    for (std::uint64_t r = 0; r < 5; ++r)
      large.add(key, r, 1 + r);
  const auto bytes = written(large);
  context_table same{128, 8};
  byte_reader reader{bytes};
  same.fields(reader);
  BOOST_TEST(reader.ok());
  BOOST_TEST(written(same) == bytes);
  context_table small{64, 8};
  byte_reader again{bytes};
  small.fields(again);
  BOOST_TEST(!again.ok());
  context_table narrow{128, 4};
  byte_reader third{bytes};
  narrow.fields(third);
  BOOST_TEST(!third.ok());
}

BOOST_AUTO_TEST_SUITE_END()
