// Where a head ends, and what is refused before it is parsed.
#include "adapters/gateway/head_scan.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace forestage::adapters::gateway;

namespace {
head_state state(std::string_view input, std::size_t most = 8'192) {
  return scan_head(input, most).state;
}
} // namespace

BOOST_AUTO_TEST_CASE(a_head_ends_with_its_empty_line_and_not_before) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t size = 0; size < head.size(); ++size)
    BOOST_TEST((state(head.substr(0, size)) == head_state::incomplete));
  BOOST_TEST((scan_head(head, 8'192) == head_scan{head_state::complete, head.size()}));
  BOOST_TEST((scan_head(head + "body\n\n", 8'192) == head_scan{head_state::complete, head.size()}));
  BOOST_TEST((scan_head(head, head.size()) == head_scan{head_state::complete, head.size()}));
  BOOST_TEST((state(head, head.size() - 1) == head_state::header_too_large));
}

BOOST_AUTO_TEST_CASE(lines_that_two_readers_may_read_differently_are_malformed) {
  for (const std::string_view input :
       {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n", "GET / HTTP/1.1\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n", "\x16\x03\x01", " GET", "1", "\n"})
    BOOST_TEST_CONTEXT(input) BOOST_TEST((state(input) == head_state::malformed));
  BOOST_TEST((state(std::string_view{"GET /\0", 6}) == head_state::malformed));
}

BOOST_AUTO_TEST_CASE(a_first_line_that_does_not_fit_is_told_from_fields_that_do_not) {
  const std::string line = "GET /" + std::string(300, 'a');
  BOOST_TEST((state(line, 256) == head_state::target_too_long));
  BOOST_TEST((state(line, 512) == head_state::incomplete));
  BOOST_TEST((state("GET / HTTP/1.1\r\nX: " + std::string(300, 'a'), 256) == head_state::header_too_large));
}
