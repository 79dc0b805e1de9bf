#define BOOST_TEST_MODULE adapters_logs_columns
#include "adapters/logs/columns.hpp"
#include "models/glob.hpp"
#include "tests/unit/adapters/logs/support.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::adapters::logs;
using forestage::tests::holds;
using forestage::tests::why;

namespace {

bool matches_text(std::string_view clause, std::string_view field) {
  return matches(parse_where(clause).value(), field);
}

} // namespace

BOOST_AUTO_TEST_CASE(roles_are_mapped_to_columns) {
  const auto map = parse_columns("time=timestamp,resource=room,region=region,peer=peer,count=n,size=bytes");
  BOOST_REQUIRE(map.ok());
  const column_map expected{.time = {"timestamp"},
                            .resource = "room",
                            .region = "region",
                            .peer = "peer",
                            .counts = {"n"},
                            .size = "bytes"};
  BOOST_TEST((*map == expected));
}

BOOST_AUTO_TEST_CASE(an_item_without_a_role_continues_the_count) {
  const auto map = parse_columns("count=a,b, c d ,time=t,resource=r");
  BOOST_REQUIRE(map.ok());
  BOOST_TEST(((*map).counts == std::vector<std::string>{"a", "b", "c d"}));
  BOOST_TEST(((*map).time == std::vector<std::string>{"t"}));
}

BOOST_AUTO_TEST_CASE(time_may_be_two_columns) {
  const auto map = parse_columns("time=date+hour");
  BOOST_REQUIRE(map.ok());
  BOOST_TEST(((*map).time == std::vector<std::string>{"date", "hour"}));
}

BOOST_AUTO_TEST_CASE(a_backslash_takes_a_separator_literally) {
  const auto map = parse_columns(R"(time=a\+b+c,resource=x\,y,region=p\=q,peer=u+v,count=m\\n)");
  BOOST_REQUIRE(map.ok());
  const column_map expected{
      .time = {"a+b", "c"}, .resource = "x,y", .region = "p=q", .peer = "u+v", .counts = {"m\\n"}};
  BOOST_TEST((*map == expected));
  BOOST_TEST((parse_columns(to_string(*map)).value() == expected));
}

BOOST_AUTO_TEST_CASE(a_map_that_is_written_is_read_back) {
  for (const auto* name : {"a", " a", "a ", " ", "\t", "a b", "a\\", "\\ ", "a,b", "a=b", "a+b", "\\\\"}) {
    const column_map map{.time = {name, name},
                         .resource = name,
                         .region = name,
                         .peer = name,
                         .counts = {name, "n"},
                         .size = name};
    const auto again = parse_columns(to_string(map));
    BOOST_REQUIRE_MESSAGE(again.ok(), to_string(map) << " gave " << why(again));
    BOOST_TEST((*again == map), to_string(map));
  }
}

BOOST_AUTO_TEST_CASE(a_map_that_makes_no_sense_is_refused_with_its_reason) {
  const auto refused = [](std::string_view text, std::string_view part) {
    const auto map = parse_columns(text);
    BOOST_REQUIRE_MESSAGE(!map.ok(), text << " should be refused");
    BOOST_TEST(holds(map.failure().text, part), text << " gave: " << map.failure().text);
    BOOST_TEST(holds(map.failure().text, "--columns"));
  };
  refused("", "empty");
  refused("resource=room", "no time column");
  refused("time=t,resorce=room", "did you mean 'resource'");
  refused("time=t,banana=room", "roles are time, resource");
  refused("time=t,resource=a,b", "'b' has no role");
  refused("t", "'t' has no role");
  refused("time=t,resource=", "has no column");
  refused("time=t,,resource=a", "empty item");
  refused("time=t,resource=a,resource=b", "twice");
  refused("time=t,time=u", "twice");
  refused("time=t,count=a,count=b", "twice");
  refused("time=t,count=a,a", "twice");
  refused("time=a+b+c", "one column, or two");
  refused("time=a+", "beside '+'");
  refused(std::string(70'000, 'x'), "64 KiB");
}

BOOST_AUTO_TEST_CASE(a_row_is_chosen_by_the_whole_field) {
  BOOST_TEST(matches_text("kind=j", "j"));
  BOOST_TEST(!matches_text("kind=j", "jj"));
  BOOST_TEST(!matches_text("kind=j", ""));
  BOOST_TEST(matches_text("kind=", ""));
  BOOST_TEST(!matches_text("kind=", "x"));
  BOOST_TEST(matches_text("kind=a=b", "a=b"));
}

BOOST_AUTO_TEST_CASE(globs_match_any_text_and_any_one_character) {
  BOOST_TEST(matches_text("path=/video/*", "/video/"));
  BOOST_TEST(matches_text("path=/video/*", "/video/a/b"));
  BOOST_TEST(!matches_text("path=/video/*", "/audio/a"));
  BOOST_TEST(matches_text("path=*.mp4", "/a.mp4"));
  BOOST_TEST(matches_text("path=*a*b*", "xxaxxbxx"));
  BOOST_TEST(!matches_text("path=*a*b*", "xxbxxaxx"));
  BOOST_TEST(matches_text("path=*", ""));
  BOOST_TEST(matches_text("path=a?c", "abc"));
  BOOST_TEST(matches_text("path=a?c", "a\xc3\xa9"
                                      "c"));
  BOOST_TEST(!matches_text("path=a?c", "ac"));
  BOOST_TEST(matches_text("path=caf\xc3\xa9", "caf\xc3\xa9"));
}

BOOST_AUTO_TEST_CASE(alternatives_and_literal_signs_are_understood) {
  BOOST_TEST(matches_text("kind=m|a", "m"));
  BOOST_TEST(matches_text("kind=m|a", "a"));
  BOOST_TEST(!matches_text("kind=m|a", "m|a"));
  BOOST_TEST(matches_text(R"(kind=m\|a)", "m|a"));
  BOOST_TEST(matches_text(R"(kind=\*)", "*"));
  BOOST_TEST(!matches_text(R"(kind=\*)", "x"));
  BOOST_TEST(matches_text(R"(kind=a\\b)", "a\\b"));
  BOOST_TEST(matches_text("kind=a*|b?", "bc"));
}

BOOST_AUTO_TEST_CASE(a_pattern_of_many_stars_stays_quick) {
  std::string pattern;
  for (int i = 0; i < 50; ++i)
    pattern += "a*";
  BOOST_TEST(!forestage::models::matches_glob(pattern + "b", std::string(20'000, 'a')));
}

BOOST_AUTO_TEST_CASE(a_where_without_a_column_is_refused) {
  for (const auto* text : {"", "kind", "=j", " =j"}) {
    const auto clause = parse_where(text);
    BOOST_TEST(!clause.ok());
    BOOST_TEST(holds(why(clause), "COLUMN=PATTERN"));
  }
}
