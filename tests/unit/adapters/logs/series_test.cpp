// Series for a backtest: rows in their order, and bad ones named with file, line and series.
#define BOOST_TEST_MODULE adapters_logs_series
#include "adapters/logs/series_reader.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/adapters/logs/support.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <fstream>

using namespace forestage;
using namespace forestage::adapters;
using tests::holds;

namespace {

struct world {
  tests::temporary_directory directory;
  std::string path = (directory.path() / "series.csv").string();

  models::result<logs::series_set> read(const std::string& text, const std::string& where = {},
                                        const std::string& columns = {}, const std::string& format = {}) {
    std::ofstream{path} << text;
    logs::read_options options;
    options.paths = {path};
    if (!where.empty()) options.where.push_back(logs::parse_where(where).value());
    if (!columns.empty()) options.columns = logs::parse_columns(columns).value();
    options.time_format = format;
    return logs::read_series(options);
  }
  std::string why(const std::string& text, const std::string& where = {}, const std::string& columns = {},
                  const std::string& format = {}) {
    return tests::why(read(text, where, columns, format));
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(rows_of_a_log_become_values_in_their_order, world) {
  const auto found = read("series,timestamp,value\na,2026-01-01 00:00:00,1.5\nb,2026-01-01 00:00:00,7\n"
                          "a,2026-01-01 01:00:00,\na,2026-01-01 00:30:00,3\n");
  BOOST_REQUIRE(found.ok());
  BOOST_REQUIRE((*found).series.size() == 2U);
  const auto& a = (*found).series[0];
  BOOST_TEST(a.name == "a");
  BOOST_REQUIRE(a.values.size() == 3U);
  BOOST_TEST(a.values[0] == 1.5);
  BOOST_TEST(std::isnan(a.values[1]));
  BOOST_TEST(a.values[2] == 3);
  const auto steps = logs::check_steps(a, 3'600);
  BOOST_TEST(steps.irregular == 0U);
  BOOST_TEST(steps.duplicate == 1U); // half an hour back
  BOOST_TEST(logs::check_steps(a, 1'800).irregular == 1U);
}

BOOST_FIXTURE_TEST_CASE(rows_of_id_and_values_become_series_without_times, world) {
  const auto found = read("id,values\nH1,1 2.5  3\nH2,4\n");
  BOOST_REQUIRE(found.ok());
  BOOST_REQUIRE((*found).series.size() == 2U);
  BOOST_TEST(((*found).series[0].values == std::vector<double>{1, 2.5, 3}));
  BOOST_TEST((*found).series[0].seconds.empty());
  BOOST_TEST((*read("id,values\nH1,1\nH2,4\n", "id=H2")).series.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_bad_value_is_named_with_file_line_series_and_remedy, world) {
  for (const auto& text : {why("series,timestamp,value\na,2026-01-01 00:00:00,1\na,2026-01-01 01:00:00,x\n"
                               "a,2026-01-01 02:00:00,1\na,2026-01-01 03:00:00,1\na,2026-01-01 04:00:00,1\n"
                               "a,2026-01-01 05:00:00,1\na,2026-01-01 06:00:00,1\na,2026-01-01 07:00:00,1\n"
                               "a,2026-01-01 08:00:00,1\na,2026-01-01 09:00:00,1\na,2026-01-01 10:00:00,1\n"),
                           why("id,values\nb,1\na,1 2 x\n")}) {
    BOOST_TEST(holds(text, path + ":3:"));
    BOOST_TEST(holds(text, "'a'"));
    BOOST_TEST(holds(text, "'x'"));
    BOOST_TEST(holds(text, "--where"));
    BOOST_TEST(!holds(text, "--strict"));
  }
  BOOST_TEST(holds(why("id,values\na,1 1e16\n"), "0 to 1e15"));
  BOOST_TEST(holds(why("id,values\na,1 -1\n"), "'-1'"));
}

BOOST_FIXTURE_TEST_CASE(ids_that_come_twice_are_refused_with_both_places, world) {
  const auto text = why("id,values\na,1\nb,2\na,3\n");
  BOOST_TEST(holds(text, path + ":4:"));
  BOOST_TEST(holds(text, path + ":2)"));
}

BOOST_FIXTURE_TEST_CASE(what_a_file_of_id_and_values_has_not_is_refused, world) {
  BOOST_TEST(holds(why("id,values\na,1\n", "series=a"), "only the column 'id'"));
  BOOST_TEST(holds(why("id,values\na,1\n", {}, {}, "%Y-%m-%d"), "no times"));
}

BOOST_FIXTURE_TEST_CASE(a_log_without_values_says_what_to_name, world) {
  BOOST_TEST(holds(why("timestamp,peer\n2026-01-01 00:00:00,a\n"), "count=COLUMN"));
}

BOOST_FIXTURE_TEST_CASE(a_format_over_two_columns_names_both_and_what_they_come_to, world) {
  const std::string rows = "series,date,hr,value\na,13.01.2024,0,5\n";
  const std::string columns = "time=date+hr,resource=series,count=value";
  const auto text = why(rows, {}, columns, "%d.%m.%Y");
  BOOST_TEST(holds(text, "columns 'date' and 'hr': '13.01.2024 0'"));
  BOOST_TEST(holds(text, "stands for both"));
  BOOST_TEST(read(rows, {}, columns, "%d.%m.%Y %H").ok());
}
