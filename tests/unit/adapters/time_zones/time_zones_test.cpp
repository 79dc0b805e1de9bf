// Time zones of the system: known changes, zones without any, names that do not exist.
#define BOOST_TEST_MODULE time_zones
#include "adapters/time_zones/time_zones.hpp"

#include <boost/test/unit_test.hpp>

using forestage::adapters::offsets_of;
using forestage::models::errc;
using forestage::models::utc_offset;

namespace {

// 2024-01-01 and 2025-01-01, UTC.
constexpr std::int64_t year_begins = 1'704'067'200, year_ends = 1'735'689'600;

} // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(utc_offset)

BOOST_AUTO_TEST_CASE(a_zone_with_summer_time_changes_twice_a_year) {
  const auto berlin = offsets_of("Europe/Berlin", year_begins, year_ends).value();
  const std::vector<utc_offset> expected{
      {year_begins, 3'600}, {1'711'846'800, 7'200}, {1'729'990'800, 3'600}}; // last Sundays, 01:00 UTC
  BOOST_TEST(berlin == expected, boost::test_tools::per_element());
  const auto howe = offsets_of("Australia/Lord_Howe", year_begins, year_ends).value();
  BOOST_REQUIRE_EQUAL(howe.size(), 3U); // half an hour
  BOOST_TEST(howe[0].seconds == 39'600);
  BOOST_TEST(howe[1].seconds == 37'800);
}

BOOST_AUTO_TEST_CASE(zones_without_changes_are_one_offset) {
  for (const auto& [zone, seconds] :
       {std::pair{"UTC", 0}, {"Asia/Kolkata", 19'800}, {"Asia/Tokyo", 32'400}}) {
    const auto offsets = offsets_of(zone, year_begins, year_ends).value();
    BOOST_REQUIRE_EQUAL(offsets.size(), 1U);
    BOOST_TEST(offsets[0].seconds == seconds);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_zone_is_refused_with_the_names_next_to_it) {
  for (const auto& [wrong, like] : {std::pair{"Europe/Brelin", "Europe/Berlin"},
                                    {"berlin", "Europe/Berlin"},
                                    {"America/NewYork", "America/New_York"}}) {
    const auto refused = offsets_of(wrong, year_begins, year_ends);
    BOOST_REQUIRE(!refused.ok());
    BOOST_TEST((refused.failure().code == errc::invalid_argument));
    BOOST_TEST(refused.failure().text.find(like) != std::string::npos, refused.failure().text);
    BOOST_TEST(refused.failure().text.find("/usr/share/zoneinfo") != std::string::npos);
  }
  for (const auto* wrong : {"", "/", "../../etc/passwd", "Europe/", "Europe"})
    BOOST_TEST(!offsets_of(wrong, year_begins, year_ends).ok());
  BOOST_TEST(!offsets_of(std::string(100'000, 'x'), year_begins, year_ends).ok());
}
