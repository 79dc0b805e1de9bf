// The Range field, against the examples of RFC 9110 §14 and everything that is cut short.
#include "adapters/gateway/range.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::adapters::gateway;

namespace {
void expect(std::string_view field, std::uint64_t size, byte_range wanted) {
  const auto got = parse_range(field, size);
  BOOST_TEST_CONTEXT(field << " of " << size) BOOST_TEST((got == wanted));
}
} // namespace

BOOST_AUTO_TEST_CASE(one_range_is_a_part_of_the_file) {
  expect("bytes=0-499", 10'000, {range_kind::part, 0, 500});
  expect("bytes=500-999", 10'000, {range_kind::part, 500, 500});
  expect("bytes=-500", 10'000, {range_kind::part, 9'500, 500});
  expect("bytes=9500-", 10'000, {range_kind::part, 9'500, 500});
  expect("bytes=0-0", 10'000, {range_kind::part, 0, 1});
  expect("Bytes=9999-9999", 10'000, {range_kind::part, 9'999, 1});
  expect("bytes=0-99999", 10'000, {range_kind::part, 0, 10'000});
  expect("bytes=-99999", 10'000, {range_kind::part, 0, 10'000});
  expect("bytes=0-18446744073709551615", 7, {range_kind::part, 0, 7});
}

BOOST_AUTO_TEST_CASE(a_range_behind_the_end_cannot_be_satisfied) {
  for (const auto* field : {"bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=18446744073709551615-"})
    expect(field, 10'000, {range_kind::unsatisfiable, 0, 0});
  expect("bytes=0-0", 0, {range_kind::unsatisfiable, 0, 0});
  expect("bytes=-1", 0, {range_kind::unsatisfiable, 0, 0});
}

BOOST_AUTO_TEST_CASE(what_is_not_one_range_means_the_whole_file) {
  for (const auto* field : {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=a-b", "bytes=1-b",
                            "bytes= 1-2", "bytes=1 -2", "bytes=5-4", "bytes=0-0,-1", "bytes=--1",
                            "bytes=+1-2", "items=0-1", "bytes=18446744073709551616-", "bytes=-1-"})
    expect(field, 100, {range_kind::whole, 0, 100});
}
