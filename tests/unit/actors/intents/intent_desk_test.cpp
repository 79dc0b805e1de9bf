#include "actors/intents/intent_desk.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace forestage;
using namespace forestage::actors;

namespace {

constexpr std::int64_t interval_ms = 300'000;
const auto eu = models::region_id::make("eu").value(), us = models::region_id::make("us").value();
const auto room = models::resource_id::make("room").value();

// The middle of an interval.
std::int64_t at(std::int64_t interval) {
  return interval * interval_ms + interval_ms / 2;
}
models::interval_number t(std::int64_t number) {
  return models::interval_number{number};
}

// For intervals [first, last].
declared_intent intent(std::uint64_t id, std::int64_t first, std::int64_t last, std::uint32_t expected = 1,
                       float probability = 1) {
  return {id, "room", first * interval_ms, (last + 1) * interval_ms, expected, probability};
}

std::vector<std::int64_t> targets(const messages::intent_events& events) {
  std::vector<std::int64_t> out;
  for (const auto& d : events.declarations)
    out.push_back(d.is.target.value());
  return out;
}

using numbers = std::vector<std::int64_t>;

} // namespace

BOOST_AUTO_TEST_CASE(what_is_declared_is_passed_on_when_it_can_just_be_acted_on) {
  intent_desk desk{{}};
  const auto answer = desk.declare("p", eu, {intent(7, 10, 11)}, at(0));
  BOOST_TEST(answer.refused.empty());
  BOOST_TEST(answer.standing.at(0).id == 7U);
  BOOST_TEST(answer.credibility == 0.5F); // nobody knows anybody
  BOOST_TEST(desk.take(at(7)).empty());
  const auto first = desk.take(at(8));
  BOOST_TEST(targets(first) == (numbers{10}));
  const auto& d = first.declarations.front().is;
  BOOST_TEST(d.made.value() == 8);
  BOOST_TEST(d.expected == 1U);
  BOOST_TEST(d.weight == 0.25F); // one request, two intervals, a word worth a half
  BOOST_TEST(d.peer == number_of_peer("p"));
  BOOST_TEST((first.resources.at(d.expected - 1) == room && first.regions.at(0) == eu));
  BOOST_TEST(targets(desk.take(at(9))) == (numbers{11}));
  BOOST_TEST(desk.take(at(10)).empty());
}

BOOST_AUTO_TEST_CASE(what_comes_too_late_to_be_acted_on_is_not_passed_on) {
  intent_desk desk{{}};
  (void)desk.declare("p", eu, {intent(1, 5, 8, 8)}, at(5)); // of 5 to 8, only 7 and 8 can be
  const auto now = desk.take(at(5));
  BOOST_TEST(targets(now) == (numbers{7}));
  BOOST_TEST(now.declarations[0].is.expected == 2U);
  BOOST_TEST(targets(desk.take(at(6))) == (numbers{8}));
  // A node that slept skips what is over.
  (void)desk.declare("p", eu, {intent(2, 20, 30, 11)}, at(10));
  BOOST_TEST(targets(desk.take(at(25))) == (numbers{27}));
}

BOOST_AUTO_TEST_CASE(a_word_is_worth_what_it_has_been_worth) {
  intent_desk desk{{}};
  for (int i = 0; i < 50; ++i) {
    const auto begin = 10 * i;
    (void)desk.declare("honest", eu, {intent(1, begin + 3, begin + 3)}, at(begin));
    (void)desk.declare("liar", eu, {intent(1, begin + 3, begin + 3)}, at(begin));
    (void)desk.take(at(begin + 1));
    desk.asked("honest", eu, room, t(begin + 3), 1, at(begin + 3));
    const auto kept = desk.take(at(begin + 3));
    BOOST_REQUIRE(kept.kept.size() == 1U);
    BOOST_TEST((kept.kept[0].is.in_time && kept.kept[0].is.shift == 0));
    (void)desk.take(at(begin + 6));
  }
  BOOST_TEST(desk.credibility_of("honest") > 0.9F);
  BOOST_TEST(desk.credibility_of("liar") < 0.1F);
  BOOST_TEST(desk.counts().judged == 100U);
  BOOST_TEST(desk.counts().kept == 50U);
  BOOST_TEST(desk.counts().standing == 0U);
}

BOOST_AUTO_TEST_CASE(who_says_how_likely_it_is_is_believed_when_that_is_so) {
  intent_desk desk{{}};
  for (int i = 0; i < 200; ++i) {
    const auto begin = 10 * i;
    (void)desk.declare("p", eu, {intent(1, begin + 3, begin + 3, 1, 0.25F)}, at(begin));
    if (i % 4 == 0) desk.asked("p", eu, room, t(begin + 3), 1, at(begin + 3));
    (void)desk.take(at(begin + 6));
  }
  BOOST_TEST(desk.credibility_of("p") > 0.85F);
}

BOOST_AUTO_TEST_CASE(an_interval_off_is_kept_and_said) {
  intent_desk desk{{}};
  (void)desk.declare("p", eu, {intent(1, 10, 10), intent(2, 20, 20)}, at(0));
  const auto early = desk.take(at(8));
  BOOST_TEST(targets(early) == (numbers{10}));
  desk.asked("p", eu, room, t(9), 1, at(9));
  desk.asked("p", eu, room, t(21), 1, at(21));
  desk.asked("p", eu, room, t(23), 1, at(23)); // nobody declared it
  desk.asked("q", eu, room, t(10), 1, at(23)); // nor did this one
  const auto events = desk.take(at(23));
  BOOST_REQUIRE(events.kept.size() == 2U);
  BOOST_TEST((events.kept[0].is.shift == -1 && events.kept[1].is.shift == 1));
  BOOST_TEST(events.kept[0].is.in_time);
  BOOST_TEST(!events.kept[1].is.in_time); // the node slept: it was never passed on
  BOOST_TEST(desk.counts().kept == 2U);
}

BOOST_AUTO_TEST_CASE(an_intent_is_kept_by_no_more_requests_than_it_expected) {
  intent_desk desk{{}};
  (void)desk.declare("p", eu, {intent(1, 10, 10, 3)}, at(0));
  desk.asked("p", eu, room, t(10), 2, at(10));
  desk.asked("p", us, room, t(10), 5, at(10)); // elsewhere
  desk.asked("p", eu, room, t(10), 9, at(10));
  std::uint32_t kept = 0;
  for (const auto& k : desk.take(at(10)).kept)
    kept += k.is.count;
  BOOST_TEST(kept == 3U);
}

BOOST_AUTO_TEST_CASE(what_nobody_has_acted_on_is_revoked_without_a_trace) {
  intent_desk desk{{}};
  (void)desk.declare("p", eu, {intent(1, 10, 12)}, at(0));
  desk.revoke("p", {1, 99}, at(5));
  BOOST_TEST(!desk.knows("p"));
  (void)desk.take(at(30));
  BOOST_TEST(desk.counts().judged == 0U);
  BOOST_TEST(desk.credibility_of("p") == 0.5F);
  // Later, what was passed on is judged, and nothing more is said.
  (void)desk.declare("p", eu, {intent(1, 40, 45, 6)}, at(31));
  BOOST_TEST(targets(desk.take(at(38))) == (numbers{40}));
  desk.revoke("p", {1}, at(38));
  BOOST_TEST(desk.take(at(39)).empty());
  (void)desk.take(at(60));
  BOOST_TEST(desk.counts().judged == 1U);
  BOOST_TEST(desk.credibility_of("p") < 0.5F);
}

BOOST_AUTO_TEST_CASE(the_same_number_again_replaces_an_intent_and_no_interval_is_declared_twice) {
  intent_desk desk{{}};
  (void)desk.declare("p", eu, {intent(1, 10, 11, 2)}, at(0));
  BOOST_TEST(targets(desk.take(at(8))) == (numbers{10}));
  (void)desk.declare("p", eu, {intent(1, 10, 13, 4)}, at(8)); // a longer window
  BOOST_TEST(targets(desk.take(at(8))).empty());
  BOOST_TEST(targets(desk.take(at(9))) == (numbers{11}));
  // Another resource under its number: the first one is judged for what was said of it.
  auto other = intent(1, 20, 20);
  other.resource = "video";
  (void)desk.declare("p", eu, {other}, at(9));
  BOOST_TEST(desk.counts().standing == 2U);
  BOOST_TEST(desk.take(at(10)).empty());
  BOOST_TEST(targets(desk.take(at(18))) == (numbers{20}));
  BOOST_TEST(desk.counts().judged == 1U);
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused_with_a_reason_and_the_rest_stands) {
  intent_desk desk{{.standing = 4, .by_peer = 3, .expected = 100, .intervals = 12}};
  auto nameless = intent(1, 5, 5), long_name = intent(2, 5, 5), likely = intent(3, 5, 5);
  nameless.resource.clear();
  long_name.resource = std::string(257, 'x');
  likely.probability = std::numeric_limits<float>::quiet_NaN();
  auto backwards = intent(4, 5, 5);
  std::swap(backwards.from_ms, backwards.to_ms);
  const auto answer = desk.declare("p", eu,
                                   {nameless, long_name, likely, backwards, intent(5, 0, 0), intent(6, 5, 17),
                                    intent(7, 5, 5, 101), intent(8, 1'000'000, 1'000'000), intent(9, 5, 5)},
                                   at(2));
  BOOST_TEST(answer.refused.size() == 8U);
  for (const auto& refused : answer.refused)
    BOOST_TEST(!refused.why.empty());
  BOOST_TEST(answer.standing.size() == 1U);
  // Bounds, by peer and in all.
  const auto more = desk.declare("p", eu, {intent(10, 5, 5), intent(11, 5, 5), intent(12, 5, 5)}, at(2));
  BOOST_TEST(more.refused.size() == 1U);
  BOOST_TEST(desk.declare("q", eu, {intent(1, 5, 5), intent(2, 5, 5)}, at(2)).refused.size() == 1U);
  BOOST_TEST(desk.declare("p", eu, {intent(10, 6, 6)}, at(2)).refused.empty()); // a replacement
}

BOOST_AUTO_TEST_CASE(what_words_have_been_worth_outlives_the_desk) {
  intent_desk desk{{}};
  for (int i = 0; i < 20; ++i) {
    (void)desk.declare("liar", eu, {intent(1, 10 * i + 3, 10 * i + 3)}, at(10 * i));
    (void)desk.take(at(10 * i + 9));
  }
  std::string bytes;
  desk.write_to(bytes);
  intent_desk again{{}};
  BOOST_TEST(!again.read_book("rubbish"));
  BOOST_TEST(!again.read_book(bytes + "x"));
  BOOST_TEST(again.read_book(bytes));
  BOOST_TEST(again.credibility_of("liar") == desk.credibility_of("liar"));
  std::string once_more;
  again.write_to(once_more);
  BOOST_TEST(once_more == bytes);
}
