// The operator's calendar: what is read, and how rows that cannot be are named.
#define BOOST_TEST_MODULE adapters_logs_calendar
#include "adapters/logs/calendar.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace forestage;
using namespace forestage::adapters::logs;

namespace {

const std::string header = "resource,from,to,expected,region\n";

std::string failure_of(const std::string& text) {
  const auto read = parse_calendar(text, "plan.csv");
  return read.ok() ? "" : read.failure().text;
}

bool says(const std::string& text, const std::vector<std::string>& words) {
  const auto failure = failure_of(text);
  for (const auto& word : words)
    if (failure.find(word) == std::string::npos) {
      BOOST_TEST_MESSAGE("'" << failure << "' does not say '" << word << "'");
      return false;
    }
  return !failure.empty();
}

} // namespace

BOOST_AUTO_TEST_CASE(rows_are_read_in_their_order_with_columns_in_any_order) {
  const auto read = parse_calendar("expected,to,from,resource\n"
                                   "1200,2026-03-01 20:00,2026-03-01T18:00:00Z,room/launch\n"
                                   "1,1772400000,1772396400,\"room/a,b\"\n",
                                   "plan.csv");
  BOOST_REQUIRE(read.ok());
  BOOST_REQUIRE(read->size() == 2U);
  BOOST_TEST(((*read)[0] == calendar_row{"room/launch", "*", 1'772'388'000, 1'772'395'200, 1'200, 2}));
  BOOST_TEST(((*read)[1] == calendar_row{"room/a,b", "*", 1'772'396'400, 1'772'400'000, 1, 3}));
  const auto regions =
      parse_calendar(header + "room/*,2026-03-01,2026-03-02,40,eu\nx,2026-03-01,2026-03-02,7,\n", "plan.csv");
  BOOST_REQUIRE(regions.ok());
  BOOST_TEST((*regions)[0].region == "eu");
  BOOST_TEST((*regions)[1].region == "*");
  BOOST_TEST(parse_calendar(header, "plan.csv").value().empty());
}

BOOST_AUTO_TEST_CASE(a_row_that_cannot_be_is_named_by_file_and_line_with_a_remedy) {
  const std::string good = header + "x,2026-03-01,2026-03-02,7,eu\n";
  BOOST_TEST(failure_of(good).empty());
  BOOST_TEST(says(good + ",2026-03-01,2026-03-02,7,eu\n", {"plan.csv:3", "no resource", "*"}));
  BOOST_TEST(says(good + "x,soon,2026-03-02,7,eu\n", {"plan.csv:3", "from 'soon'", "2026-03-01 18:00"}));
  BOOST_TEST(says(good + "x,2026-03-01,,7,eu\n", {"plan.csv:3", "to ''", "2026-03-01 18:00"}));
  BOOST_TEST(says(good + "x,2026-03-02,2026-03-02,7,eu\n", {"plan.csv:3", "from is not before to"}));
  for (const auto* expected : {"0", "-1", "1.5", "many", "", "4294967296", "7 "})
    BOOST_TEST(
        says(good + "x,2026-03-01,2026-03-02," + expected + ",eu\n", {"plan.csv:3", "whole number from 1"}),
        expected);
  BOOST_TEST(says(good + std::string(300, 'x') + ",2026-03-01,2026-03-02,7,eu\n", {"plan.csv:3", "256"}));
  BOOST_TEST(says(good + "x,2026-03-01\n", {"plan.csv:3"}));
}

BOOST_AUTO_TEST_CASE(a_header_that_cannot_be_is_named) {
  BOOST_TEST(says("", {"plan.csv", "empty", "resource,from,to,expected"}));
  BOOST_TEST(says("resource,from,to\n", {"plan.csv", "'expected' is missing"}));
  BOOST_TEST(says("resource,from,to,expected,colour\n", {"plan.csv", "'colour' is not known"}));
  BOOST_TEST(says("resource,from,to,expected,from\n", {"plan.csv", "'from' comes twice"}));
}

BOOST_AUTO_TEST_CASE(a_calendar_has_a_limit_and_a_file_that_is_not_there_is_said) {
  std::string text = header;
  for (std::size_t i = 0; i <= most_calendar_rows; ++i)
    text += "x,0,1,7,\n";
  BOOST_TEST(says(text, {"more than 100000 rows", "globs"}));
  const auto absent = read_calendar("/nonexistent/plan.csv");
  BOOST_REQUIRE(!absent.ok());
  BOOST_TEST(absent.failure().text.find("/nonexistent/plan.csv") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_kind_of_file_is_named_and_nothing_breaks) {
  BOOST_TEST(says("SQLite format 3, or what begins like it", {"plan.csv"}));
}
