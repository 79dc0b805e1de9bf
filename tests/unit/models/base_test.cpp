#define BOOST_TEST_MODULE models_base
#include "models/ids.hpp"
#include "models/interval.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(an_interval_holds_its_start_and_not_its_end) {
  const auto grid = interval_grid::make(300).value();
  BOOST_TEST(grid.at(0).value() == 0);
  BOOST_TEST(grid.at(299).value() == 0);
  BOOST_TEST(grid.at(300).value() == 1);
  BOOST_TEST(grid.at(-1).value() == -1);
  BOOST_TEST(grid.at(-300).value() == -1);
  BOOST_TEST(grid.start(grid.at(1'000)) == 900);
}

BOOST_AUTO_TEST_CASE(midnight_is_a_boundary_before_and_after_the_epoch) {
  const auto grid = interval_grid::make(900).value();
  BOOST_TEST(grid.per_day() == 96);
  BOOST_TEST(grid.slot_of_day(grid.at(-1)) == 95);
  BOOST_TEST(grid.day(grid.at(-1)) == -1);
  BOOST_TEST(grid.slot_of_day(grid.at(86'400)) == 0);
  BOOST_TEST(grid.slot_of_week(grid.at(7 * 86'400 + 900)) == 1);
  BOOST_TEST(grid.slot_of_week(grid.at(-1)) == 7 * 96 - 1);
}

BOOST_AUTO_TEST_CASE(an_interval_that_does_not_divide_a_day_is_refused) {
  for (const std::int64_t seconds : {0, -5, 7, 86'401, 1'000})
    BOOST_TEST(!interval_grid::make(seconds).ok());
  BOOST_TEST(interval_grid::make(86'400).ok());
}

BOOST_AUTO_TEST_CASE(an_id_is_valid_utf8_of_at_most_256_bytes) {
  BOOST_TEST(resource_id::make("room/42").ok());
  BOOST_TEST(resource_id::make("").ok());
  BOOST_TEST(resource_id::make("caf\xc3\xa9 \xf0\x9f\x8e\xad").ok());
  BOOST_TEST(resource_id::make(std::string(256, 'a')).ok());
  BOOST_TEST(!resource_id::make(std::string(257, 'a')).ok());
  for (const auto* broken : {"\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "a\xff"})
    BOOST_TEST(!resource_id::make(broken).ok());
}

BOOST_AUTO_TEST_CASE(the_hash_of_an_id_never_changes) {
  BOOST_TEST(stable_hash("") == 0xf52a15e9a9b5e89bULL);
  BOOST_TEST(stable_hash("room/42") == stable_hash(std::string{"room/4"} + "2"));
  BOOST_TEST(shard_of(resource_id::make("room/42").value(), 1).value() == 0U);
}
