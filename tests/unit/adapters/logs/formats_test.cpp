// Formats, compression, several files.
#define BOOST_TEST_MODULE adapters_logs_formats
#include "adapters/logs/jsonl.hpp"
#include "adapters/logs/ncsa.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/adapters/logs/packed.hpp"
#include "tests/unit/adapters/logs/support.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace forestage::adapters::logs;
using namespace forestage::tests;

namespace {

constexpr std::string_view access_log =
    R"log(127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?x=1 HTTP/1.0" 200 2326 "http://a/b" "Mozilla/4.08 (X11)"
10.0.0.2 - - [10/Oct/2000:13:55:37 -0700] "POST /api HTTP/1.1" 204 - "-" "curl \"7\""
10.0.0.3 - - [10/Oct/2000:13:55:38 -0700] "\x16\x03\x01" 400 157 "-" "-"
10.0.0.4 - - [10/Oct/2000:13:55:39 -0700] "-" 408 0
)log";

std::string rows(int count, int from = 0) {
  std::string text = "timestamp,room\n";
  for (int i = from; i < from + count; ++i)
    text += std::to_string(i) + ",room/" + std::to_string(i % 7) + "\n";
  return text;
}

std::string file(const temporary_directory& folder, const std::string& name, std::string_view bytes) {
  const auto path = folder.path() / name;
  std::ofstream{path, std::ios::binary} << bytes;
  return path.string();
}

} // namespace

BOOST_AUTO_TEST_CASE(ncsa_combined_and_common_lines_are_split) {
  const auto log = read_text(access_log);
  BOOST_REQUIRE_EQUAL(log.error, "");
  BOOST_REQUIRE(log.events.size() == 4U);
  BOOST_TEST((log.events[0] ==
              kept_event{971211336, "/apache_pb.gif", "all", "127.0.0.1", 1, 2326, false, 1, 0, 1.0}));
  BOOST_TEST((log.events[1] == kept_event{971211337, "/api", "all", "10.0.0.2", 1, -1, false, 2, 0, 1.0}));
  BOOST_TEST(log.events[2].resource == "");
  BOOST_TEST(log.events[3].resource == "");
  ncsa_fields fields;
  BOOST_REQUIRE(split_ncsa(access_log.substr(0, access_log.find('\n')), fields));
  BOOST_TEST(fields[2] == "frank");
  BOOST_TEST(fields[6] == "x=1");
  BOOST_TEST(fields[7] == "HTTP/1.0");
  BOOST_TEST(fields[11] == "Mozilla/4.08 (X11)");
}

BOOST_AUTO_TEST_CASE(ncsa_columns_can_be_mapped_and_chosen) {
  const auto log = read_text(access_log, "time=time,resource=status,peer=user", {"method=GET", "status=2*"});
  BOOST_REQUIRE(log.events.size() == 1U);
  BOOST_TEST(log.events[0].resource == "200");
  BOOST_TEST(log.events[0].peer == "frank");
}

BOOST_AUTO_TEST_CASE(lines_that_are_no_access_log_are_bad_rows) {
  const auto log = read_text(std::string{access_log} +
                             "garbage\n1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.1\n\n");
  BOOST_TEST(log.report.rows == 6U);
  BOOST_TEST(log.report.bad_rows == 2U);
  BOOST_TEST(log.report.first_bad_rows.at(0).line == 5U);
}

BOOST_AUTO_TEST_CASE(json_lines_give_their_keys_as_columns) {
  const auto log =
      read_text(R"({"ts":1325376000.5,"http":{"uri":"/a","bytes":12},"client":"x","tags":[{"ts":1}],"on":true}
{"client":"y","ts":"2012-01-01T00:01:00Z","http":{"uri":"\u00e9"}}

{"ts":1325376120,"http":{"uri":null}}
)",
                "time=ts,resource=http.uri,peer=client,size=http.bytes");
  BOOST_REQUIRE_EQUAL(log.error, "");
  BOOST_REQUIRE(log.events.size() == 3U);
  BOOST_TEST((log.events[0] == kept_event{1325376000, "/a", "all", "x", 1, 12, false, 1, 0, 1.0}));
  BOOST_TEST((log.events[1] == kept_event{1325376060, "\xc3\xa9", "all", "y", 1, -1, false, 2, 0, 1.0}));
  BOOST_TEST((log.events[2] == kept_event{1325376120, "", "all", "", 1, -1, false, 4, 0, 1.0}));
}

BOOST_AUTO_TEST_CASE(json_columns_are_detected) {
  auto source = log_source::open_bytes(
      "log", R"({"level":"info","ts":1646861401.5,"request":{"remote_ip":"::1","uri":"/a"},"bytes":5}
)",
      {});
  BOOST_REQUIRE_MESSAGE(source.ok(), why(source));
  BOOST_TEST(to_string(source->columns()) ==
             "time=ts,resource=request.uri,peer=request.remote_ip,size=bytes");
  BOOST_TEST(source->notes().front() == "format: JSON Lines");
}

BOOST_AUTO_TEST_CASE(broken_json_is_a_bad_row_with_its_reason) {
  const auto log = read_text("{\"t\":0,\"r\":\"a\"}\n{\"t\":1,\n[1]\n7\n{\"t\":2,\"r\":{\"x\":1}}\n{\"t\":3}"
                             "\n{\"r\":\"a\"}\n{\"t\":4,\"r\":\"a\"} x\n{\"t\":1e999,\"r\":\"\"}\n",
                             "time=t,resource=r");
  BOOST_TEST(log.events.size() == 1U);
  BOOST_TEST(log.report.bad_rows == 8U);
  std::vector<std::string> reasons;
  for (const auto& row : log.report.first_bad_rows)
    reasons.push_back(row.reason);
  BOOST_REQUIRE(reasons.size() == 8U);
  BOOST_TEST(holds(reasons[0], "not valid JSON at byte"), reasons[0]);
  BOOST_TEST(reasons[1] == "not a JSON object");
  BOOST_TEST(reasons[2] == "not a JSON object");
  BOOST_TEST(reasons[3] == "key 'r' holds an object where a value is needed");
  BOOST_TEST(reasons[4] == "the key 'r' is absent");
  BOOST_TEST(reasons[5] == "the key 't' is absent");
  BOOST_TEST(holds(reasons[6], "not valid JSON"));
}

BOOST_AUTO_TEST_CASE(json_is_read_whatever_its_depth) {
  json_row row{{"a"}};
  std::string deep;
  for (int i = 0; i < 100'000; ++i)
    deep += "{\"b\":";
  BOOST_TEST(!row.parse(deep));
  BOOST_TEST(!row.parse(std::string(500'000, '[')));
  BOOST_TEST(row.parse(R"({"b":[[[{"a":1}]]],"a":2,"a":3})"));
  BOOST_TEST(row.fields().at(0) == "3");
}

BOOST_AUTO_TEST_CASE(a_key_that_may_come_later_is_not_refused) {
  std::string text;
  for (int i = 0; i < 2'000; ++i)
    text += "{\"t\":" + std::to_string(i) + "}\n";
  text += "{\"t\":5,\"late\":\"x\"}\n";
  BOOST_TEST(read_text(text, "time=t", {"late=x"}).events.size() == 1U);
  BOOST_TEST(holds(read_text("{\"t\":1}\n", "time=t", {"late=x"}).error, "no column 'late'"));
}

BOOST_AUTO_TEST_CASE(tab_separated_and_semicolon_separated_logs_are_told_apart) {
  BOOST_TEST(read_text("timestamp\troom\n0\ta,b\n").events.at(0).resource == "a,b");
  BOOST_TEST(read_text("timestamp;room\n0;a,b\n").events.at(0).resource == "a,b");
}

BOOST_AUTO_TEST_CASE(compression_is_told_by_content) {
  const auto text = rows(50'000);
  const auto plain = read_text(text);
  BOOST_REQUIRE(plain.events.size() == 50'000U);
  BOOST_TEST((read_text(gzip_of(text)).events == plain.events));
  BOOST_TEST((read_text(zstd_of(text)).events == plain.events));
}

BOOST_AUTO_TEST_CASE(several_members_and_frames_are_one_file) {
  const auto text = rows(10'000);
  const auto half = text.size() / 2;
  const auto a = text.substr(0, half);
  const auto b = text.substr(half);
  const auto plain = read_text(text);
  BOOST_TEST((read_text(gzip_of(a) + gzip_of("") + gzip_of(b)).events == plain.events));
  BOOST_TEST((read_text(gzip_of(a) + gzip_of(b) + std::string(512, '\0')).events == plain.events));
  BOOST_TEST((read_text(zstd_of(a) + zstd_of("") + zstd_of(b) + zstd_of("")).events == plain.events));
  const std::string skippable{"\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11};
  BOOST_TEST((read_text(skippable + zstd_of(a) + skippable + zstd_of(b) + skippable).events == plain.events));
}

BOOST_AUTO_TEST_CASE(several_files_are_read_one_after_the_other) {
  const temporary_directory folder;
  read_options options;
  options.paths = {file(folder, "b.csv.gz", gzip_of(rows(5, 100))),
                   file(folder, "a.csv", "room,timestamp\nx,7\n")};
  const auto log = keep(log_source::open(options));
  BOOST_REQUIRE_EQUAL(log.error, "");
  BOOST_REQUIRE(log.events.size() == 6U);
  BOOST_TEST(log.events[0].seconds == 100);
  BOOST_TEST(log.events[4].file == 0U);
  BOOST_TEST(log.events[5].resource == "x");
  BOOST_TEST(log.events[5].file == 1U);
  BOOST_TEST(log.events[5].line == 2U);
}

BOOST_AUTO_TEST_CASE(a_growing_log_gives_every_pass_the_same_rows) {
  const temporary_directory folder;
  const auto path = file(folder, "live.csv", rows(10));
  read_options options;
  options.paths = {path};
  auto source = log_source::open(options);
  BOOST_REQUIRE(source.ok());
  std::ofstream{path, std::ios::app} << "77,new\n";
  const auto report = source->read_each([](const log_event&) {});
  BOOST_REQUIRE(report.ok());
  BOOST_TEST((*report).rows == 10U);
}
