// The operator's catalogue: what is read, and how rows that cannot be are named.
#define BOOST_TEST_MODULE adapters_logs_catalogue
#include "adapters/logs/catalogue.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace forestage;
using namespace forestage::adapters::logs;

namespace {

bool says(const std::string& text, const std::vector<std::string>& words) {
  const auto read = parse_catalogue(text, "known.csv");
  if (read.ok()) return false;
  for (const auto& word : words)
    if (read.failure().text.find(word) == std::string::npos) {
      BOOST_TEST_MESSAGE("'" << read.failure().text << "' does not say '" << word << "'");
      return false;
    }
  return true;
}

} // namespace

BOOST_AUTO_TEST_CASE(rows_are_read_whatever_other_columns_there_are) {
  const auto read =
      parse_catalogue("kind,size_bytes,resource\nroom,7,room/*\n\"a,b\",,x\n,1,y\n", "known.csv");
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(
      (read->entries == std::vector<models::catalogue_entry>{{"room/*", "room"}, {"x", "a,b"}, {"y", ""}}));
  BOOST_TEST(read->catalogue.kinds()[read->catalogue.kind_of("room/7")] == "room");
  BOOST_TEST(parse_catalogue("resource,kind\n", "known.csv").value().catalogue.empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_named_by_file_and_line_with_a_remedy) {
  BOOST_TEST(says("", {"known.csv", "empty", "resource,kind"}));
  BOOST_TEST(says("resource\nx\n", {"known.csv", "'kind' is missing", "resource,kind"}));
  BOOST_TEST(says("resource;kind\nx;a\n", {"known.csv", "'resource' is missing", "commas"}));
  BOOST_TEST(says("resource,kind,kind\n", {"known.csv", "'kind' comes twice"}));
  BOOST_TEST(says("resource,kind\nx,a\n,a\n", {"known.csv:3", "no resource", "room/*"}));
  BOOST_TEST(says("resource,kind\n" + std::string(300, 'x') + ",a\n", {"known.csv:2", "256"}));
  BOOST_TEST(says("resource,kind\nx,\xff\n", {"known.csv:2", "UTF-8"}));
  BOOST_TEST(says("resource,kind\nx,a\nx,b\n", {"known.csv", "'x'", "one of the two"}));
  const auto absent = read_catalogue("/nonexistent/known.csv");
  BOOST_REQUIRE(!absent.ok());
  BOOST_TEST(absent.failure().text.find("/nonexistent/known.csv") != std::string::npos);
}
