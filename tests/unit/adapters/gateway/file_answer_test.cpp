// 200, 206, 304 or 416: conditions and ranges of a file.
#include "adapters/gateway/file_answer.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::adapters::gateway;

namespace {
const file_facts file{1'000, 784'111'777, "\"3e8-1\""};
constexpr auto file_date = "Sun, 06 Nov 1994 08:49:37 GMT";

file_answer get(const header_fields& headers, const char* method = "GET") {
  request asked;
  asked.method = method;
  asked.headers = headers;
  return answer_with_file(asked, file);
}
std::string field(const file_answer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers)
    if (key == name) return value;
  return {};
}
} // namespace

BOOST_AUTO_TEST_CASE(a_file_says_what_it_is) {
  const auto whole = get({});
  BOOST_TEST(whole.status == 200);
  BOOST_TEST(whole.from == 0U);
  BOOST_TEST(whole.length == 1'000U);
  BOOST_TEST(field(whole, "ETag") == file.entity_tag);
  BOOST_TEST(field(whole, "Last-Modified") == file_date);
  BOOST_TEST(field(whole, "Accept-Ranges") == "bytes");
  BOOST_TEST(field(whole, "Content-Range").empty());
}

BOOST_AUTO_TEST_CASE(a_client_that_has_the_file_is_not_sent_it_again) {
  for (const auto* tags : {"\"3e8-1\"", "W/\"3e8-1\"", "\"other\", \"3e8-1\"", "*"})
    BOOST_TEST_CONTEXT(tags) BOOST_TEST(get({{"If-None-Match", tags}}).status == 304);
  for (const auto* tags : {"\"other\"", "3e8-1", "\"3e8-1", "\""})
    BOOST_TEST_CONTEXT(tags) BOOST_TEST(get({{"If-None-Match", tags}}).status == 200);
  BOOST_TEST(get({{"If-Modified-Since", file_date}}).status == 304);
  BOOST_TEST(get({{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}).status == 200);
  BOOST_TEST(get({{"If-Modified-Since", "yesterday"}}).status == 200);
  // The tag outranks the date.
  BOOST_TEST(get({{"If-Modified-Since", file_date}, {"If-None-Match", "\"other\""}}).status == 200);
  BOOST_TEST(get({{"If-None-Match", "*"}}).length == 0U);
}

BOOST_AUTO_TEST_CASE(a_part_is_sent_with_its_place) {
  const auto part = get({{"Range", "bytes=10-19"}});
  BOOST_TEST(part.status == 206);
  BOOST_TEST(part.from == 10U);
  BOOST_TEST(part.length == 10U);
  BOOST_TEST(field(part, "Content-Range") == "bytes 10-19/1000");
  const auto behind = get({{"Range", "bytes=1000-"}});
  BOOST_TEST(behind.status == 416);
  BOOST_TEST(behind.length == 0U);
  BOOST_TEST(field(behind, "Content-Range") == "bytes */1000");
  BOOST_TEST(get({{"Range", "bytes=10-19"}}, "HEAD").status == 200);
}

BOOST_AUTO_TEST_CASE(a_part_of_another_version_is_not_mixed_in) {
  const auto status = [](const char* condition) {
    return get({{"Range", "bytes=10-19"}, {"If-Range", condition}}).status;
  };
  BOOST_TEST(status("\"3e8-1\"") == 206);
  BOOST_TEST(status(file_date) == 206);
  for (const auto* condition : {"\"other\"", "W/\"3e8-1\"", "Sun, 06 Nov 1994 08:49:38 GMT", "junk"})
    BOOST_TEST_CONTEXT(condition) BOOST_TEST(status(condition) == 200);
}

BOOST_AUTO_TEST_CASE(another_size_or_time_is_another_tag) {
  BOOST_TEST(entity_tag_of(1'000, 1) == "\"3e8-1\"");
  BOOST_TEST(entity_tag_of(1'000, 2) != entity_tag_of(1'000, 1));
  BOOST_TEST(entity_tag_of(1'001, 1) != entity_tag_of(1'000, 1));
}
