// What a service sends becomes counts, or is refused with its place.
#include "cluster/node/events_request.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace forestage;
using namespace forestage::cluster;

namespace {

constexpr std::int64_t noon_ms = 1'767'268'800'000; // 2026-01-01T12:00:00Z

events_context context() {
  return {.grid = models::interval_grid::make(300).value(), .received_ms = noon_ms, .most_events = 4};
}

models::result<events_request> parse(const std::string& body) {
  return parse_events(body, context());
}

std::string refusal(const std::string& body) {
  const auto parsed = parse(body);
  return parsed ? "" : parsed.failure().text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(events_requests)

BOOST_AUTO_TEST_CASE(events_are_summed_by_resource_region_and_interval) {
  const auto parsed = parse(R"({"session": "s", "sequence": 7, "region": "eu", "events": [
    {"resource": "b", "time": "2026-01-01T11:59:59Z"},
    {"resource": "a", "region": "us", "count": 3},
    {"resource": "b", "time": 1767268799},
    {"resource": "b"}]})");
  BOOST_REQUIRE(parsed.ok());
  BOOST_TEST(parsed->session == "s");
  BOOST_TEST(parsed->sequence == 7U);
  BOOST_TEST(parsed->requests == 6U);
  const auto& counts = parsed->counts;
  BOOST_REQUIRE(counts.resources.size() == 2U);
  BOOST_TEST(counts.resources[0].text() == "a");
  BOOST_REQUIRE(counts.entries.size() == 3U);
  const auto now = models::interval_grid::make(300).value().at(noon_ms / 1'000);
  const auto is = [&](std::size_t i, const char* resource, const char* region, std::int64_t back,
                      std::uint32_t count) {
    const auto& e = counts.entries[i];
    return counts.resources[e.resource].text() == resource && counts.regions[e.region].text() == region &&
           e.cell.interval == now - back && e.cell.count == count;
  };
  BOOST_TEST(is(0, "a", "us", 0, 3));
  BOOST_TEST(is(1, "b", "eu", 1, 2));
  BOOST_TEST(is(2, "b", "eu", 0, 1));
}

BOOST_AUTO_TEST_CASE(a_clock_that_runs_ahead_is_held_to_the_interval_after_receipt) {
  const auto parsed = parse(R"({"events": [{"resource": "a", "time": "2026-01-01T12:09:59Z"},
                                           {"resource": "a", "time": "2026-01-02T00:00:00Z", "count": 2}]})");
  BOOST_REQUIRE(parsed.ok());
  BOOST_TEST(parsed->ahead == 2U);
  BOOST_REQUIRE(parsed->counts.entries.size() == 1U);
  BOOST_TEST(parsed->counts.entries[0].cell.count == 3U);
}

BOOST_AUTO_TEST_CASE(nothing_to_count_is_a_batch_too) {
  const auto parsed = parse(R"({"events": []})");
  BOOST_REQUIRE(parsed.ok());
  BOOST_TEST(parsed->counts.entries.empty());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  const auto says = [](const std::string& body, const std::string& text) {
    const auto why = refusal(body);
    BOOST_TEST(why.find(text) != std::string::npos, body << ": " << why);
  };
  says("", "not a JSON object");
  says("[]", "not a JSON object");
  says("{", "not a JSON object");
  says("{}", "events: a list");
  says(R"({"events": [], "Session": "x"})", "'Session': no such key; there are session");
  says(R"({"events": [{"resource": "a"}, {"resource": "a", "when": 1}]})", "events[1].'when'");
  says(R"({"events": [{"resource": "a", "time": "12:00"}]})", "events[0].time");
  says(R"({"events": [{"resource": "a", "time": true}]})", "events[0].time");
  says(R"({"events": [{"resource": "a", "count": 1e3}]})", "events[0].count");
  says(R"({"events": [{"resource": "a", "count": 1000000001}]})", "events[0].count");
  says(R"({"events": [], "region": 1})", "region");
  says(R"({"events": [], "session": "", "sequence": 1})", "session");
  says(R"({"events": [], "session": "a", "sequence": -1})", "sequence");
  says(R"({"events": [{},{},{},{},{}]})", "5 events; at most 4");
}

BOOST_AUTO_TEST_SUITE_END()
