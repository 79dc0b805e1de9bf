// The catalogue: which kind a resource is of.
#define BOOST_TEST_MODULE models_catalogue
#include "models/catalogue/catalogue.hpp"
#include "models/glob.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(a_name_decides_before_globs_and_of_globs_the_first) {
  const std::vector<catalogue_entry> entries{
      {"room/*", "room"}, {"room/9?", "class"}, {"room/launch", "event"}, {"room/quiet", ""}};
  const auto made = catalogue::make(entries);
  BOOST_REQUIRE(made.ok());
  const auto kind = [&](const char* resource) { return made->kinds()[made->kind_of(resource)]; };
  BOOST_TEST(kind("room/91") == "room");
  BOOST_TEST(kind("room/launch") == "event");
  BOOST_TEST(kind("room/quiet") == "");
  BOOST_TEST(kind("video/1") == "");
  BOOST_TEST(catalogue{}.kind_of("room/1") == 0);
  BOOST_TEST(catalogue{}.empty());
}

BOOST_AUTO_TEST_CASE(the_same_row_twice_is_one_and_two_kinds_for_one_name_are_refused) {
  const std::vector<catalogue_entry> twice{{"a", "x"}, {"b", "y"}, {"a", "x"}};
  BOOST_TEST(catalogue::make(twice).ok());
  const std::vector<catalogue_entry> torn{{"a", "x"}, {"a", "y"}};
  const auto made = catalogue::make(torn);
  BOOST_REQUIRE(!made.ok());
  for (const auto* word : {"'a'", "'x'", "'y'", "one of the two"})
    BOOST_TEST(made.failure().text.find(word) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(kinds_are_bounded_and_the_one_too_many_is_named) {
  std::vector<catalogue_entry> entries;
  for (std::size_t i = 1; i < most_kinds; ++i)
    entries.push_back({"r" + std::to_string(i), "kind" + std::to_string(i)});
  BOOST_TEST(catalogue::make(entries).ok());
  entries.push_back({"last", "straw"});
  const auto made = catalogue::make(entries);
  BOOST_REQUIRE(!made.ok());
  BOOST_TEST((made.failure().code == errc::limit_exceeded));
  BOOST_TEST(made.failure().text.find("'straw'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(globs_are_bounded_because_every_resource_is_tried_against_all) {
  std::vector<catalogue_entry> entries;
  for (std::size_t i = 0; i < catalogue::most_globs; ++i)
    entries.push_back({"room/" + std::to_string(i) + "/*", "room"});
  for (int i = 0; i < 5'000; ++i)
    entries.push_back({"named/" + std::to_string(i), "room"});
  BOOST_TEST(catalogue::make(entries).ok());
  entries.push_back({"straw/*", "room"});
  const auto made = catalogue::make(entries);
  BOOST_REQUIRE(!made.ok());
  BOOST_TEST((made.failure().code == errc::limit_exceeded));
  for (const auto* word : {"'straw/*'", "at most 1000", "name resources"})
    BOOST_TEST(made.failure().text.find(word) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(globs_are_told_from_names) {
  BOOST_TEST(is_glob("room/*"));
  BOOST_TEST(is_glob("room/4?"));
  BOOST_TEST(!is_glob("room/42"));
}
