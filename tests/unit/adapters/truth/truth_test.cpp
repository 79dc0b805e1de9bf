#define BOOST_TEST_MODULE truth
#include "adapters/files/read_file.hpp"
#include "adapters/truth/truth_file.hpp"
#include "models/synthetic/compose.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace forestage::truth;
using namespace forestage::models::synthetic;
using forestage::models::errc;
using forestage::tests::temporary_directory;

namespace {

rate_model world(std::uint64_t seed) {
  options wanted;
  wanted.resources = 30;
  wanted.peers = 100;
  wanted.events = 5'000;
  wanted.seed = seed;
  return std::move(rate_model::make(compose(wanted).value()).value());
}

std::string text_of(const rate_model& model) {
  const temporary_directory directory;
  const auto path = (directory.path() / "truth.jsonl").string();
  BOOST_TEST_REQUIRE(write_truth(model, path).ok());
  return forestage::files::read_file(path).value();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  BOOST_TEST_REQUIRE(at != std::string::npos, what);
  return text.replace(at, what.size(), with);
}

// Two regions, one class, one resource, one pulse, one habit.
const std::string small =
    R"({"format":"forestage-truth","version":1,"first_day":20454,"days":1,"seed":7,"regions":2,"classes":1,"resources":1,"pulses":1,"habits":1,"expected_requests":20.5}
{"region":"here","utc_offset_minutes":60,"first_peer":0,"peers":5}
{"region":"there","utc_offset_minutes":-60,"first_peer":5,"peers":5}
{"class":"room","floor":1,"peaks":[[600,60,0],[900,60,0]],"weekend_factor":1}
{"resource":"room/1","class":0,"rate":0.0125,"life":[0,1440],"shares":[4000,6000]}
{"pulse":"flash","resource":0,"region":1,"first_minute":700,"minutes":1,"period_minutes":0,"decay_minutes":30,"height":2}
{"habit":3,"resource":0,"region":0,"minute":600,"spread":5,"strength":0.5}
)";

} // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_exactly) {
  const temporary_directory directory;
  for (const auto* name : {"t.jsonl", "t.jsonl.gz", "t.jsonl.zst"})
    for (const std::uint64_t seed : {std::uint64_t{1}, ~std::uint64_t{0}}) {
      const auto model = world(seed);
      const auto path = (directory.path() / name).string();
      BOOST_TEST_REQUIRE(write_truth(model, path).ok());
      const auto read = read_truth(path);
      BOOST_TEST_REQUIRE(read.ok(), (read.ok() ? "" : read.failure().text));
      BOOST_TEST((read->truth() == model.truth()));
    }
}

BOOST_AUTO_TEST_CASE(the_documented_format_is_understood) {
  const auto read = parse_truth(small, "small");
  BOOST_TEST_REQUIRE(read.ok(), (read.ok() ? "" : read.failure().text));
  BOOST_TEST(read->truth().seed == 7U);
  BOOST_TEST(read->truth().regions[1].utc_offset_minutes == -60);
  BOOST_TEST(read->truth().habits[0].peer == 3U);
  BOOST_TEST(text_of(*read) == text_of(*parse_truth(text_of(*read), "again")));
}

BOOST_AUTO_TEST_CASE(a_file_cut_short_anywhere_is_refused_with_its_line) {
  const auto text = text_of(world(1));
  for (std::size_t keep = 0; keep + 1 < text.size(); keep += 97) {
    const auto read = parse_truth(std::string_view{text}.substr(0, keep), "cut.jsonl");
    BOOST_TEST_REQUIRE(!read.ok());
    BOOST_TEST(read.failure().text.find("cut.jsonl") == 0U);
    if (keep > 30) BOOST_TEST(read.failure().text.find("line ") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_foreign_file_or_version_is_refused) {
  for (const auto* text :
       {"", "\n", "timestamp,resource\n", "{}", "[]", "{\"format\":\"other\"}\n", "\x1f\x8b"})
    BOOST_TEST((parse_truth(text, "x").failure().code == errc::incompatible));
  BOOST_TEST((parse_truth(replaced(small, "\"version\":1", "\"version\":2"), "x").failure().code ==
              errc::incompatible));
}

BOOST_AUTO_TEST_CASE(every_wrong_value_is_refused_with_its_line) {
  struct change {
    const char* what;
    const char* with;
    const char* line;
  };
  const std::vector<change> changes = {
      {"\"days\":1", "\"days\":0", "line 1:"},
      {"\"seed\":7", "\"seed\":-7", "line 1:"},
      {"\"habits\":1", "\"habits\":2", "line 8:"},
      {"\"habits\":1", "\"habits\":0", "line 7:"},
      {"\"habits\":1", "\"habits\":1e3", "line 1:"},
      {"\"peers\":5", "\"peers\":0", "line 2:"},
      {"\"peers\":5", "\"peers\":5.5", "line 2:"},
      {"\"here\"", "7", "line 2:"},
      {"\"utc_offset_minutes\":60", "\"utc_offset_minutes\":18446744073709551615", "line 2:"},
      {"\"utc_offset_minutes\":-60", "\"utc_offset_minutes\":-9000", "line 3:"},
      {"\"floor\":1", "\"floor\":\"1\"", "line 4:"},
      {"[600,60,0]", "[600,60]", "line 4:"},
      {"[600,60,0]", "600", "line 4:"},
      {"[600,60,0],", "", "line 4:"},
      {"room/1", "\xff", "line 5:"},
      {"0.0125", "1e999", "line 5:"},
      {"0.0125", "null", "line 5:"},
      {"[0,1440]", "[0,1441]", "line 5:"},
      {"[0,1440]", "[1440]", "line 5:"},
      {"[4000,6000]", "[4000,6001]", "line 5:"},
      {"[4000,6000]", "[4000,65536]", "line 5:"},
      {"\"flash\"", "\"flush\"", "line 6:"},
      {"\"minutes\":1", "\"minutes\":0", "line 6:"},
      {"\"decay_minutes\":30,", "", "line 6:"},
      {"\"spread\":5", "\"spread\":5,\"extra\":1", "line 7:"},
      {"{\"habit\"", "[\"habit\"", "line 7:"},
      {"\"minute\":600", "\"minute\":1440", "line 7:"},
      {"\"strength\":0.5}", "\"strength\":0.5} {}", "line 7:"}};
  for (const auto& [what, with, line] : changes) {
    const auto read = parse_truth(replaced(small, what, with), "x.jsonl");
    BOOST_TEST_CONTEXT(what << " -> " << with) {
      BOOST_TEST_REQUIRE(!read.ok());
      BOOST_TEST(read.failure().text.find(line) != std::string::npos, read.failure().text);
      BOOST_TEST(read.failure().text.find("forestage generate --truth") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(rates_that_do_not_sum_to_what_the_header_says_are_refused) {
  const auto read = parse_truth(replaced(small, "0.0125", "0.0126"), "x");
  BOOST_TEST_REQUIRE(!read.ok());
  BOOST_TEST(read.failure().text.find("sum to") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_not_found) {
  const temporary_directory directory;
  BOOST_TEST((read_truth((directory.path() / "none").string()).failure().code == errc::not_found));
}
