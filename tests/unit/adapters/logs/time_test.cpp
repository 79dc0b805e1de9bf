#define BOOST_TEST_MODULE adapters_logs_time
#include "adapters/logs/time_format.hpp"
#include "adapters/logs/time_text.hpp"

#include <boost/test/unit_test.hpp>

#include <ctime>
#include <string>

using namespace forestage::adapters::logs;

namespace {

// Unix seconds of a text, or -1 for no time, -2 for one out of range.
double seconds(std::string_view text) {
  const auto time = parse_time(text);
  if (time.fault == time_fault::out_of_range) return -2;
  return time.ok() ? static_cast<double>(time.us) / 1e6 : -1;
}

double formatted(std::string_view format, std::string_view text) {
  const auto made = time_format::make(format);
  BOOST_REQUIRE_MESSAGE(made.ok(), "the form " << format << " is refused");
  const auto time = (*made).parse(text);
  if (time.fault == time_fault::out_of_range) return -2;
  return time.ok() ? static_cast<double>(time.us) / 1e6 : -1;
}

} // namespace

BOOST_AUTO_TEST_CASE(iso_times_are_utc_unless_an_offset_says) {
  BOOST_TEST(seconds("2012-01-01") == 1325376000);
  BOOST_TEST(seconds("2012-01-01 00:00") == 1325376000);
  BOOST_TEST(seconds("2012-01-01T00:00:01") == 1325376001);
  BOOST_TEST(seconds("2012-01-01T00:00:01Z") == 1325376001);
  BOOST_TEST(seconds("2012-01-01t00:00:01z") == 1325376001);
  BOOST_TEST(seconds("2012-01-01 02:00:00+02:00") == 1325376000);
  BOOST_TEST(seconds("2012-01-01 02:00:00 +0200") == 1325376000);
  BOOST_TEST(seconds("2011-12-31T19:30-04:30") == 1325376000);
  BOOST_TEST(seconds("2012-01-01T02:00:00+02") == 1325376000);
  BOOST_TEST(seconds("2012-01-01 00:00:00 UTC") == 1325376000);
  BOOST_TEST(seconds("2012/01/01 00:00:00") == 1325376000);
  BOOST_TEST(seconds("  2012-01-01 00:00\t") == 1325376000);
  BOOST_TEST(seconds("2012-02-29") == 1330473600);
  BOOST_TEST(seconds("2012-01-01 24:00") == 1325462400);
  BOOST_TEST(seconds("2012-06-30T23:59:60Z") == 1341100800);
}

BOOST_AUTO_TEST_CASE(fractions_are_kept_to_the_microsecond) {
  BOOST_TEST(parse_time("2023-11-16 18:17:03.9799600").us == 1700158623979960);
  BOOST_TEST(parse_time("2014-05-22T09:09:04,145").us == 1400749744145000);
  BOOST_TEST(parse_time("1189828805.208862").us == 1189828805208862);
  BOOST_TEST(parse_time("1970-01-01 00:00:00.9999999").us == 999999);
}

BOOST_AUTO_TEST_CASE(unix_times_tell_their_unit_by_their_size) {
  BOOST_TEST(seconds("0") == 0);
  BOOST_TEST(seconds("1325376000") == 1325376000);
  BOOST_TEST(seconds("1325376000.") == 1325376000);
  BOOST_TEST(seconds("1325376000.5") == 1325376000.5);
  BOOST_TEST(seconds("1325376000500") == 1325376000.5);
  BOOST_TEST(seconds("1325376000500000") == 1325376000.5);
  BOOST_TEST(seconds("1325376000500000000") == 1325376000.5);
  BOOST_TEST(seconds("1.325376e9") == 1325376000);
}

BOOST_AUTO_TEST_CASE(month_first_dates_are_understood) {
  BOOST_TEST(seconds("1/1/2012") == 1325376000);
  BOOST_TEST(seconds("01/10/2012") == 1326153600);
  BOOST_TEST(seconds("1/1/2012 13:05") == 1325423100);
  BOOST_TEST(seconds("1/1/2012 1:05:00 PM") == 1325423100);
  BOOST_TEST(seconds("1/1/2012 12:05 AM") == 1325376300);
  BOOST_TEST(seconds("13/1/2012") == -1);
}

BOOST_AUTO_TEST_CASE(ncsa_times_are_understood_with_and_without_brackets) {
  BOOST_TEST(seconds("[10/Oct/2000:13:55:36 -0700]") == 971211336);
  BOOST_TEST(seconds("10/Oct/2000:13:55:36 -0700") == 971211336);
  BOOST_TEST(seconds("10/Oct/2000:20:55:36") == 971211336);
  BOOST_TEST(seconds("[10/Oct/2000:20:55:36]") == 971211336);
  BOOST_TEST(seconds("[10/Oct/2000:13:55:36 -0700") == -1);
  BOOST_TEST(seconds("10/Okt/2000:13:55:36 -0700") == -1);
}

BOOST_AUTO_TEST_CASE(times_outside_1970_to_2199_are_out_of_range) {
  for (const auto* text :
       {"1600-01-01", "9999-12-31 23:59:59", "2200-01-01", "1969-12-31 23:59:59", "-5", "-0.5",
        "1970-01-01 00:00:00+01:00", "99999999999", "1e300", "-1325376000", "9999999999999999999999"})
    BOOST_TEST(seconds(text) == -2, text << " should be out of range");
  BOOST_TEST(seconds("2199-12-31 23:59:59") == 7258118399);
  BOOST_TEST(seconds("1970-01-01") == 0);
}

BOOST_AUTO_TEST_CASE(texts_that_are_no_time_are_refused) {
  for (const auto* text : {"",
                           " ",
                           "x",
                           "2012-13-01",
                           "2012-00-01",
                           "2012-01-32",
                           "2011-02-29",
                           "2012-01-01 25:00",
                           "2012-01-01 23:60",
                           "2012-01-01 23:59:61",
                           "2012-01-01 24:01",
                           "2012-01-01T",
                           "2012-01-01T1:2:3",
                           "2012-01-01 00:00 x",
                           "2012-01-01 00:00:00+2",
                           "2012-01-01 00:00+25:00",
                           "2012-01-0100:00",
                           "20 12-01-01",
                           "nan",
                           "inf",
                           "1/2",
                           "1/2/12",
                           "//",
                           "2012-01-01 00:00:00.",
                           "1325376000x",
                           "0x10",
                           "--5",
                           "1.2.3",
                           "2012-1-1-1",
                           "/",
                           "2012/01-01",
                           "1/1/2012 13:05 PM"})
    BOOST_TEST(seconds(text) == -1, text << " should be no time");
}

BOOST_AUTO_TEST_CASE(every_day_of_the_range_agrees_with_the_c_library) {
  for (std::int64_t day = 0; day < end_time_us / 1'000'000 / 86'400; ++day) {
    const std::time_t at = day * 86'400 + 43'200 + day % 3'600;
    std::tm parts{};
    gmtime_r(&at, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    if (parse_time(text).us != at * 1'000'000) BOOST_FAIL(text);
  }
}

BOOST_AUTO_TEST_CASE(a_second_column_adds_hours_or_a_clock_time) {
  const auto day = parse_time("2012-01-01");
  BOOST_TEST(add_hour(day, "0").us == day.us);
  BOOST_TEST(add_hour(day, "13").us == day.us + 13 * 3'600'000'000);
  BOOST_TEST(add_hour(day, "1.5").us == day.us + 5'400'000'000);
  BOOST_TEST(add_hour(day, "13:30").us == day.us + 13 * 3'600'000'000 + 1'800'000'000);
  BOOST_TEST(add_hour(day, "13:30:01.5").us == day.us + 13 * 3'600'000'000 + 1'801'500'000);
  for (const auto* text : {"", "x", "25", "-1", "nan", "12:60", "12:", ":30"})
    BOOST_TEST((add_hour(day, text).fault == time_fault::not_an_hour), text << " should be no hour");
  BOOST_TEST((add_hour(parse_time("x"), "1").fault == time_fault::not_a_time));
}

BOOST_AUTO_TEST_CASE(a_described_form_is_read_as_strptime_would) {
  BOOST_TEST(formatted("%Y%m%d%H%M%S", "20120101000001") == 1325376001);
  BOOST_TEST(formatted("%d/%m/%Y %H:%M", "31/12/2011 23:59") == 1325375940);
  BOOST_TEST(formatted("%d.%m.%y", "1.1.12") == 1325376000);
  BOOST_TEST(formatted("%d.%m.%y", "01.01.71") == 31536000);
  BOOST_TEST(formatted("%a %b %e %H:%M:%S %Y", "Sun Jan  1 00:00:01 2012") == 1325376001);
  BOOST_TEST(formatted("%d %B %Y", "1 January 2012") == 1325376000);
  BOOST_TEST(formatted("%d %B %Y", "1 May 2012") == 1335830400);
  BOOST_TEST(formatted("%F %T", "2012-01-01 00:00:01.25") == 1325376001.25);
  BOOST_TEST(formatted("%FT%T%z", "2012-01-01T02:00:00+0200") == 1325376000);
  BOOST_TEST(formatted("%F %R", "2012-01-01 00:01") == 1325376060);
  BOOST_TEST(formatted("%D %I:%M %p", "01/01/12 01:05 PM") == 1325423100);
  BOOST_TEST(formatted("%s", "1325376000") == 1325376000);
  BOOST_TEST(formatted("%s.%f", "1325376000.5") == 1325376000.5);
  BOOST_TEST(formatted("%Y-%j", "2012-060") == 1330473600);
  BOOST_TEST(formatted("%Y-%m-%d%%", "2012-01-01%") == 1325376000);
}

BOOST_AUTO_TEST_CASE(a_text_of_another_form_is_no_time) {
  BOOST_TEST(formatted("%Y-%m-%d", "2012-01-01 00:00") == -1);
  BOOST_TEST(formatted("%Y-%m-%d", "2012/01/01") == -1);
  BOOST_TEST(formatted("%Y-%m-%d", "") == -1);
  BOOST_TEST(formatted("%d/%m/%Y", "1/13/2012") == -1);
  BOOST_TEST(formatted("%Y-%j", "2011-366") == -1);
  BOOST_TEST(formatted("%Y-%j", "2011-000") == -1);
  BOOST_TEST(formatted("%F %I %p", "2011-01-01 13 PM") == -1);
  BOOST_TEST(formatted("%Y-%m-%d", "1600-01-01") == -2);
}

BOOST_AUTO_TEST_CASE(a_form_that_cannot_mean_a_date_is_refused_with_a_remedy) {
  for (const auto* text : {"%H:%M", "%Y", "%Y-%m", "%m-%d", "%Q", "%", "%Y-%m-%d %", ""}) {
    const auto made = time_format::make(text);
    BOOST_REQUIRE_MESSAGE(!made.ok(), text << " should be refused");
    BOOST_TEST(made.failure().text.starts_with("--time-format: "));
  }
  BOOST_TEST(!time_format::make(std::string(257, 'x')).ok());
}
