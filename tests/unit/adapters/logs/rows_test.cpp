// From rows to events: roles, counts, choices, bad rows, passes.
#define BOOST_TEST_MODULE adapters_logs_rows
#include "tests/unit/adapters/logs/support.hpp"

#include <boost/test/unit_test.hpp>

using namespace forestage::adapters::logs;
using namespace forestage::tests;

namespace {

constexpr std::string_view chat = "timestamp,room,region,peer,kind,n,bytes\n"
                                  "2012-01-01 00:00,html5,de,7,j,2,10\n"
                                  "2012-01-01 00:01,css,nl,8,m,3,\n"
                                  "2012-01-01 00:02,,,9,j,4,-\n";

} // namespace

BOOST_AUTO_TEST_CASE(mapped_columns_become_an_event) {
  const auto log = read_text(chat, "time=timestamp,resource=room,region=region,peer=peer,count=n,size=bytes");
  BOOST_REQUIRE_EQUAL(log.error, "");
  BOOST_REQUIRE(log.events.size() == 3U);
  BOOST_TEST((log.events[0] == kept_event{1325376000, "html5", "de", "7", 2, 10, false, 2, 0, 2.0}));
  BOOST_TEST((log.events[1] == kept_event{1325376060, "css", "nl", "8", 3, -1, false, 3, 0, 3.0}));
  BOOST_TEST((log.events[2] == kept_event{1325376120, "", "", "9", 4, -1, false, 4, 0, 4.0}));
}

BOOST_AUTO_TEST_CASE(roles_that_are_not_named_are_absent) {
  const auto log = read_text(chat, "time=timestamp");
  BOOST_REQUIRE(log.events.size() == 3U);
  BOOST_TEST((log.events[0] == kept_event{1325376000, "all", "all", "", 1, -1, false, 2, 0, 1.0}));
}

BOOST_AUTO_TEST_CASE(one_column_may_play_two_roles) {
  const auto log = read_text(chat, "time=timestamp,resource=region,region=region");
  BOOST_TEST(log.events.at(0).resource == "de");
  BOOST_TEST(log.events.at(0).region == "de");
}

BOOST_AUTO_TEST_CASE(several_counted_columns_are_resources_of_their_own) {
  constexpr std::string_view text = "t,place,casual,registered\n0,x,3,13\n60,y,,4.5\n";
  auto log = read_text(text, "time=t,count=casual,registered");
  BOOST_REQUIRE(log.events.size() == 4U);
  BOOST_TEST(log.events[0].resource == "casual");
  BOOST_TEST(log.events[0].count == 3);
  BOOST_TEST(log.events[1].resource == "registered");
  BOOST_TEST(log.events[2].missing);
  BOOST_TEST(log.events[3].count == 5);
  BOOST_TEST(log.report.rows == 2U);
  BOOST_TEST(log.report.selected_rows == 2U);
  BOOST_TEST(log.report.events == 4U);
  log = read_text(text, "time=t,count=casual,registered,resource=place");
  BOOST_TEST(log.events.at(3).resource == "y/registered");
}

BOOST_AUTO_TEST_CASE(a_bad_count_in_one_column_takes_the_whole_row_with_it) {
  const auto log = read_text("t,a,b\n0,1,x\n60,1,2\n", "time=t,count=a,b");
  BOOST_TEST(log.events.size() == 2U);
  BOOST_TEST(log.report.bad_rows == 1U);
}

BOOST_AUTO_TEST_CASE(counts_are_rounded_half_up) {
  const auto log = read_text(
      "t,n\n0,94.0\n0,0.5\n0,1.5\n0,2.49\n0, 7 \n0,1e3\n0,1e12\n0,0.49999999999999994\n", "time=t,count=n");
  std::vector<std::int64_t> counts;
  for (const auto& event : log.events)
    counts.push_back(event.count);
  BOOST_TEST((counts == std::vector<std::int64_t>{94, 1, 2, 2, 7, 1000, 1'000'000'000'000, 0}));
  BOOST_TEST(log.events.at(3).value == 2.49);
}

BOOST_AUTO_TEST_CASE(an_empty_count_is_a_missing_interval) {
  const auto log = read_text("t,n\n0,\n60, \n120,0\n", "time=t,count=n");
  BOOST_REQUIRE(log.events.size() == 3U);
  BOOST_TEST(log.events[0].missing);
  BOOST_TEST(log.events[0].count == 0);
  BOOST_TEST(log.events[1].missing);
  BOOST_TEST(!log.events[2].missing);
}

BOOST_AUTO_TEST_CASE(what_is_no_count_is_a_bad_row) {
  for (const auto* text : {"-1", "-0.5", "nan", "inf", "-inf", "x", "1,5", "1e13", "1000000000001", "0x10",
                           "1 2", "1e999", "+-1"}) {
    const auto log = read_text("t;n\n0;" + std::string{text} + "\n0;1\n", "time=t,count=n");
    BOOST_TEST(log.report.bad_rows == 1U, text << " should be refused");
    BOOST_TEST(log.events.size() == 1U);
    BOOST_TEST(holds(log.report.first_bad_rows.at(0).reason, "column 'n'"));
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_size_is_a_bad_row) {
  const auto log = read_text("t,s\n0,-5\n0,1.5\n0,x\n0,1e300\n0,512.0\n", "time=t,size=s");
  BOOST_TEST(log.report.bad_rows == 4U);
  BOOST_TEST(log.events.at(0).size == 512);
}

BOOST_AUTO_TEST_CASE(ids_are_utf8_of_at_most_256_bytes) {
  const auto log = read_text("t,r,g,p\n0," + std::string(256, 'r') + ",g,p\n1," + std::string(257, 'r') +
                                 ",g,p\n2,r,\xff,p\n3,r,g,\xc3\n" + "4,,,\n5,caf\xc3\xa9,g,p\n",
                             "time=t,resource=r,region=g,peer=p");
  BOOST_TEST(log.events.size() == 3U);
  BOOST_REQUIRE(log.report.first_bad_rows.size() == 3U);
  BOOST_TEST(holds(log.report.first_bad_rows[0].reason, "257 bytes"));
  BOOST_TEST(holds(log.report.first_bad_rows[1].reason, "column 'g': an id that is not valid UTF-8"));
  BOOST_TEST(log.report.first_bad_rows[2].line == 5U);
}

BOOST_AUTO_TEST_CASE(an_id_made_of_resource_and_column_has_to_fit_as_well) {
  const auto log =
      read_text("t,r,a,b\n0," + std::string(255, 'r') + ",1,2\n0,r,1,2\n", "time=t,resource=r,count=a,b");
  BOOST_TEST(log.report.bad_rows == 1U);
  BOOST_TEST(log.events.size() == 2U);
}

BOOST_AUTO_TEST_CASE(rows_are_chosen_by_every_clause_and_the_others_are_not_bad) {
  auto log = read_text(chat, "time=timestamp,resource=room", {"kind=j"});
  BOOST_TEST(log.report.rows == 3U);
  BOOST_TEST(log.report.selected_rows == 2U);
  BOOST_TEST(log.report.bad_rows == 0U);
  log = read_text(chat, "time=timestamp,resource=room", {"kind=j|m", "room=*s*"});
  BOOST_TEST(log.events.size() == 1U);
  BOOST_TEST(log.events.at(0).resource == "css");
  log = read_text("t,kind\nnever,x\n0,y\n", "time=t", {"kind=y"});
  BOOST_TEST(log.report.bad_rows == 0U);
  BOOST_TEST(log.events.size() == 1U);
}

BOOST_AUTO_TEST_CASE(bad_times_say_what_is_wrong) {
  const auto log = read_text("t\n1600-01-01\n9999-01-01\nx\n\"\"\n2012-01-01\n", "time=t");
  BOOST_REQUIRE(log.report.first_bad_rows.size() == 4U);
  BOOST_TEST(to_string(log.report.first_bad_rows[0]) ==
             "log:2: column 't': '1600-01-01' is outside the years 1970 to 2199");
  BOOST_TEST(holds(log.report.first_bad_rows[1].reason, "1970 to 2199"));
  BOOST_TEST(holds(log.report.first_bad_rows[2].reason, "--time-format"));
  BOOST_TEST(log.events.size() == 1U);
}

BOOST_AUTO_TEST_CASE(times_of_two_columns_are_added) {
  const auto log = read_text("date,hour\n2012-01-01,13\n1/1/2012,13:30\n2012-01-01,25\n", "time=date+hour");
  BOOST_TEST(log.events.at(0).seconds == 1325376000 + 13 * 3600);
  BOOST_TEST(log.events.at(1).seconds == 1325376000 + 13 * 3600 + 1800);
  BOOST_TEST(holds(log.report.first_bad_rows.at(0).reason, "column 'hour': '25'"));
}

BOOST_AUTO_TEST_CASE(a_described_form_of_times_holds_for_one_and_for_two_columns) {
  auto log = read_text("t\n31/12/2011\n12/31/2011\n", "time=t", {}, false, "%d/%m/%Y");
  BOOST_TEST(log.events.at(0).seconds == 1325289600);
  BOOST_TEST(holds(log.report.first_bad_rows.at(0).reason, "'%d/%m/%Y'"));
  log = read_text("d,c\n31.12.2011,2359\n", "time=d+c", {}, false, "%d.%m.%Y %H%M");
  BOOST_TEST(log.events.at(0).seconds == 1325375940);
}

BOOST_AUTO_TEST_CASE(all_bad_rows_are_counted_and_ten_are_kept) {
  std::string text = "t\n";
  for (int i = 0; i < 25; ++i)
    text += "x\n0\n";
  const auto log = read_text(text, "time=t");
  BOOST_TEST(log.report.rows == 50U);
  BOOST_TEST(log.report.bad_rows == 25U);
  BOOST_TEST(log.report.selected_rows == 25U);
  BOOST_REQUIRE(log.report.first_bad_rows.size() == 10U);
  BOOST_TEST(log.report.first_bad_rows[9].line == 20U);
}

BOOST_AUTO_TEST_CASE(strict_reading_fails_at_the_first_bad_row) {
  auto log = read_text("t\n0\nx\ny\n", "time=t", {}, true);
  BOOST_TEST(log.error.starts_with("log:3: column 't': 'x' is not a time"), log.error);
  BOOST_TEST(holds(log.error, "--strict"));
  BOOST_TEST(log.events.size() == 1U);
  log = read_text("t,u\n0,1\n0\n", "time=t", {}, true);
  BOOST_TEST(log.error.starts_with("log:3: 1 field where the header has 2"), log.error);
}

BOOST_AUTO_TEST_CASE(a_log_is_read_again_with_the_same_events) {
  auto source = log_source::open_bytes("log", chat, {});
  BOOST_REQUIRE(source.ok());
  const auto sum = [&] {
    std::int64_t total = 0;
    const auto report =
        source->read_each([&](const log_event& event) { total += event.time_us + event.count; });
    BOOST_REQUIRE(report.ok());
    BOOST_TEST((*report).rows == 3U);
    return total;
  };
  BOOST_TEST(sum() == sum());
}

BOOST_AUTO_TEST_CASE(a_sink_can_stop_a_pass) {
  auto source = log_source::open_bytes("log", chat, {});
  BOOST_REQUIRE(source.ok());
  int events = 0;
  const auto report = source->read_each([&](const log_event&) { return ++events < 2; });
  BOOST_REQUIRE(!report.ok());
  BOOST_TEST((report.failure().code == forestage::models::errc::interrupted));
  BOOST_TEST(events == 2);
}

BOOST_AUTO_TEST_CASE(progress_goes_up_to_the_size_of_the_log) {
  std::string text = "t,filler\n";
  for (int i = 0; i < 60'000; ++i)
    text += std::to_string(i) + "," + std::string(90, 'x') + "\n";
  struct watcher final : log_sink {
    bool on_event(const log_event&) override { return true; }
    bool on_progress(std::uint64_t bytes, std::uint64_t total) override {
      BOOST_TEST(bytes >= last);
      BOOST_TEST(bytes <= total);
      last = bytes;
      all = total;
      return ++calls != stop_at;
    }
    std::uint64_t last = 0;
    std::uint64_t all = 0;
    int calls = 0;
    int stop_at = -1;
  };
  auto source = log_source::open_bytes("log", text, {});
  BOOST_REQUIRE(source.ok());
  watcher calm;
  BOOST_REQUIRE(source->read(calm).ok());
  BOOST_TEST(calm.last == text.size());
  BOOST_TEST(calm.all == text.size());
  BOOST_TEST(calm.calls >= 5);
  BOOST_TEST(calm.calls <= 9);
  watcher hasty;
  hasty.stop_at = 2;
  const auto stopped = source->read(hasty);
  BOOST_REQUIRE(!stopped.ok());
  BOOST_TEST((stopped.failure().code == forestage::models::errc::interrupted));
}
