// Lengths of time and sizes as people write them.
#define BOOST_TEST_MODULE units
#include "models/units.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(lengths_of_time_are_a_whole_number_and_a_unit) {
  for (const auto& [text, expected] : {std::pair{"250ms", 250},
                                       {"30s", 30'000},
                                       {"5m", 300'000},
                                       {"1h", 3'600'000},
                                       {"2d", 172'800'000},
                                       {"0s", 0},
                                       {"0", 0}})
    BOOST_TEST(parse_milliseconds(text).value() == expected);
  BOOST_TEST(parse_milliseconds("36500d").value() == 3'153'600'000'000);
}

BOOST_AUTO_TEST_CASE(sizes_are_a_whole_number_and_a_unit) {
  for (const auto& [text, expected] : {std::pair<const char*, std::uint64_t>{"512B", 512},
                                       {"64KiB", 65'536},
                                       {"1MiB", 1'048'576},
                                       {"4GiB", 4'294'967'296},
                                       {"1024TiB", 1ULL << 50U}})
    BOOST_TEST(parse_bytes(text).value() == expected);
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused_with_examples) {
  for (const auto* text : {"", "5", "m", "5 m", " 5m", "5m ", "-5m", "+5m", "1.5h", "5M", "5min", "5mm",
                           "1e3s", "36501d", "99999999999999999999s", "0x1s"}) {
    const auto parsed = parse_milliseconds(text);
    BOOST_REQUIRE_MESSAGE(!parsed.ok(), text);
    BOOST_TEST(parsed.failure().text.find("5m") != std::string::npos);
  }
  for (const auto* text :
       {"", "5", "KiB", "64kb", "64KB", "64 KiB", "-1B", "1025TiB", "18446744073709551615TiB"}) {
    const auto parsed = parse_bytes(text);
    BOOST_REQUIRE_MESSAGE(!parsed.ok(), text);
    BOOST_TEST(parsed.failure().text.find("64KiB") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back_in_the_largest_whole_unit) {
  for (const auto& [value, text] : {std::pair{0, "0s"},
                                    {1, "1ms"},
                                    {999, "999ms"},
                                    {1'000, "1s"},
                                    {90'000, "90s"},
                                    {5'400'000, "90m"},
                                    {86'400'000, "1d"}}) {
    BOOST_TEST(milliseconds_text(value) == text);
    BOOST_TEST(parse_milliseconds(text).value() == value);
  }
  for (const auto& [value, text] : {std::pair<std::uint64_t, const char*>{0, "0B"},
                                    {1, "1B"},
                                    {1'000, "1000B"},
                                    {1'536, "1536B"},
                                    {2'048, "2KiB"},
                                    {1ULL << 40U, "1TiB"}}) {
    BOOST_TEST(bytes_text(value) == text);
    BOOST_TEST(parse_bytes(text).value() == value);
  }
}
