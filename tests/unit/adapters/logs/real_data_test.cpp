// The readers over real logs, whose row counts are known. The files are not part of the repository:
// FORESTAGE_SHARED names the folder above their folder data, else ../shared beside the repository. Absent
// files are said plainly, and are no failure.
#define BOOST_TEST_MODULE adapters_logs_real_data
#include "adapters/logs/log_source.hpp"
#include "tests/unit/adapters/logs/support.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>

using namespace forestage::adapters::logs;
using forestage::tests::why;

namespace {

std::string data_file(const std::string& name) {
  const char* shared = std::getenv("FORESTAGE_SHARED");
  const auto path = (shared != nullptr ? std::filesystem::path{shared}
                                       : std::filesystem::path{FORESTAGE_SOURCE_DIR} / ".." / "shared") /
                    "data" / name;
  if (std::filesystem::exists(path)) return path.string();
  std::cout << "missing data: " << path.string()
            << " is absent, so nothing was checked against it; set FORESTAGE_SHARED\n";
  return {};
}

struct known_log {
  const char* file;
  const char* columns; // empty: detected
  const char* where;   // empty: all rows
  std::uint64_t rows;
  std::uint64_t selected;
  std::uint64_t bad = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(real_logs_are_read_to_the_last_row) {
  const known_log logs[] = {
      {"us_flights_2001_origins_open.csv.gz", "time=timestamp_local,resource=destination,region=origin", "",
       1'338'419, 1'338'419},
      {"irc_w3c_2012_2013.csv.gz", "time=timestamp,resource=room,region=region,peer=peer", "kind=j",
       1'710'873, 599'033},
      {"irc_raku_2016_2017.csv.gz", "", "kind=m|a", 1'334'784, 944'142},
      {"worldcup98_per_minute.csv.gz", "", "", 125'300, 125'300},
      {"melbourne_pedestrians_2016_hourly.csv.gz", "time=date_local+hour,resource=sensor,count=count", "",
       78'755, 78'755},
      {"uci_bike_sharing_hourly.csv.gz", "time=dteday+hr,count=casual,registered", "", 17'379, 17'379},
      {"bank_calls_5min.csv.gz", "", "", 27'716, 27'716},
      {"alibaba_genai_requests_2024.csv.gz", "", "", 26'823, 26'823},
      {"collegemsg.csv.gz", "time=unix_time,resource=recipient,region=region", "", 59'835, 59'835},
      {"youtube_campus_2007-09-15_clean.csv.gz", "", "", 26'633, 26'633},
      {"semicomplete_apache_2015-05.csv.gz", "", "", 10'000, 9'999, 1},
      {"seattle_bike_counters_hourly.csv.gz", "", "field=*_total|*_cycletrack", 318'407, 106'136},
  };
  for (const auto& log : logs) {
    const auto path = data_file(log.file);
    if (path.empty()) continue;
    BOOST_TEST_CONTEXT(log.file) {
      read_options options{.paths = {path}};
      if (*log.columns != '\0') options.columns = parse_columns(log.columns).value();
      if (*log.where != '\0') options.where = {parse_where(log.where).value()};
      auto source = log_source::open(options);
      BOOST_REQUIRE_MESSAGE(source.ok(), why(source));
      for (const auto& note : source->notes())
        BOOST_TEST_MESSAGE(log.file << ": " << note);
      const auto report = source->read_each([](const log_event&) {});
      BOOST_REQUIRE_MESSAGE(report.ok(), why(report));
      for (const auto& row : (*report).first_bad_rows)
        BOOST_TEST_MESSAGE(to_string(row));
      BOOST_TEST((*report).rows == log.rows);
      BOOST_TEST((*report).bad_rows == log.bad);
      BOOST_TEST((*report).selected_rows == log.selected);
    }
  }
}

BOOST_AUTO_TEST_CASE(resources_and_regions_of_a_real_log_are_those_of_its_documentation) {
  const auto path = data_file("us_flights_2001_origins_open.csv.gz");
  if (path.empty()) return;
  auto source = log_source::open({.paths = {path}});
  BOOST_REQUIRE(source.ok());
  std::set<std::string, std::less<>> resources;
  std::set<std::string, std::less<>> regions;
  const auto report = source->read_each([&](const log_event& event) {
    if (!resources.contains(event.resource)) resources.emplace(event.resource);
    if (!regions.contains(event.region)) regions.emplace(event.region);
  });
  BOOST_REQUIRE(report.ok());
  BOOST_TEST(resources.size() == 185U);
  BOOST_TEST(regions.size() == 115U);
}
