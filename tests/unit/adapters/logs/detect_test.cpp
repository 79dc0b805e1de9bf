// Columns found without being told.
#define BOOST_TEST_MODULE adapters_logs_detect
#include "tests/unit/adapters/logs/support.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::adapters::logs;
using namespace forestage::tests;

namespace {

// The detected map as --columns writes it, or the error.
std::string detected(std::string_view text) {
  auto source = log_source::open_bytes("log", text, {});
  return source ? to_string(source->columns()) : source.failure().text;
}

std::string notes_of(std::string_view text) {
  auto source = log_source::open_bytes("log", text, {});
  if (!source) return source.failure().text;
  std::string all;
  for (const auto& note : source->notes())
    all += note + "\n";
  return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(columns_are_found_by_their_names) {
  BOOST_TEST(detected("timestamp,room,peer,region,kind,length\n2012-01-01 00:00,a,1,de,j,0\n") ==
             "time=timestamp,resource=room,region=region,peer=peer");
  BOOST_TEST(detected("timestamp_local,origin,destination,delay_min\n2001-01-01 00:01,RIC,ORF,1\n") ==
             "time=timestamp_local,resource=destination,region=origin");
  BOOST_TEST(detected("unix_time,client,net,video\n1189828805.208862,140.8.48.66,140.8,lML\n") ==
             "time=unix_time,resource=video,region=net,peer=client");
  BOOST_TEST(detected("Time,Requests,Bytes\n0,2,49472\n") == "time=Time,count=Requests,size=Bytes");
  BOOST_TEST(detected("gmt_create,groupId,checkpoint_model_version_id\n2024-11-15 16:57:50,G,M\n") ==
             "time=gmt_create,resource=checkpoint_model_version_id,peer=groupId");
  BOOST_TEST(detected("series,timestamp,value\nx,2014-04-10 00:04:00,94.0\n") ==
             "time=timestamp,resource=series,count=value");
}

BOOST_AUTO_TEST_CASE(a_date_and_an_hour_are_found_as_two_columns) {
  BOOST_TEST(detected("sensor,date_local,hour,count\nx,2016-01-01,0,409\nx,2016-01-01,23,1\n") ==
             "time=date_local+hour,resource=sensor,count=count");
  BOOST_TEST(detected("when,hour\n2016-01-01 05:00,5\n") == "time=when");
}

BOOST_AUTO_TEST_CASE(values_decide_where_names_deceive) {
  // A column called "time" without times; a nameless one with dates.
  BOOST_TEST(detected("time,moment,room\nmorning,2012-01-01 08:00,a\n") == "time=moment,resource=room");
  // A column called "count" without counts.
  BOOST_TEST(detected("ts,count\n0,many\n60,few\n") == "time=ts");
  // A duration is no time of day.
  BOOST_TEST(detected("request_time,date\n0.5,2012-01-01\n") == "time=date");
}

BOOST_AUTO_TEST_CASE(a_log_without_times_asks_for_the_column) {
  const auto error = detected("seq,key\n0,0\n1,1\n");
  BOOST_TEST(holds(error, "no column holds times"), error);
  BOOST_TEST(holds(error, "--columns time=COLUMN"));
  BOOST_TEST(holds(error, "'seq', 'key'"));
}

BOOST_AUTO_TEST_CASE(what_was_found_is_said_in_sentences) {
  const auto notes = notes_of("timestamp\troom\n1/2/2012\ta\n");
  BOOST_TEST(holds(notes, "format: TSV, 2 columns"), notes);
  BOOST_TEST(holds(notes, "time: column 'timestamp', read as month/day/year"));
  BOOST_TEST(holds(notes, "resource: column 'room' (detected; change it with --columns)"));
  BOOST_TEST(holds(notes, "region: no column, so everything is one region, 'all'"));
  BOOST_TEST(holds(notes, "count: no column, so every row is one request"));
  BOOST_TEST(holds(notes_of("ts,n\n1325376000500,4\n"), "unix milliseconds"));
  BOOST_TEST(holds(notes_of("ts,n\n2012-01-01,4\n"), "UTC unless an offset says"));
}
