#include "models/bytes.hpp"
#include "models/sequence/sequence_model.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include "worlds.hpp"

using namespace forestage::models;
using forestage::tests::probability_of;
using forestage::tests::random_source;
using forestage::tests::repeat;

namespace {

constexpr std::uint64_t a = 101, b = 102, c = 103, d = 104, e = 105;

sequence_model made(sequence_settings s = {}) {
  return sequence_model::make(s).value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(sequence_model_)

BOOST_AUTO_TEST_CASE(it_learns_that_two_resources_alternate) {
  auto model = made();
  repeat(model, 1, 0, {a, b}, 100, 0);
  BOOST_TEST(probability_of(model.predict(1, 0), a) > .95); // the last was b
  // What one peer taught holds for another of the segment.
  model.observe(2, 0, a, interval_number{1'000});
  BOOST_TEST(probability_of(model.predict(2, 0), b) > .9);
}

BOOST_AUTO_TEST_CASE(it_learns_what_only_the_last_two_requests_tell) {
  // After b comes c when a was before, and e when d was.
  sequence_settings s;
  s.recency = s.own = false;
  auto model = made(s);
  s.orders = 1;
  auto shorter = made(s);
  for (auto* m : {&model, &shorter}) {
    repeat(*m, 1, 0, {a, b, c, d, b, e}, 200, 0);
    m->observe(2, 0, a, interval_number{5'000});
    m->observe(2, 0, b, interval_number{5'001});
  }
  BOOST_TEST(probability_of(model.predict(2, 0), c) > .9);
  BOOST_TEST(probability_of(model.predict(2, 0), e) < .1);
  BOOST_TEST(probability_of(shorter.predict(2, 0), c) == .5, boost::test_tools::tolerance(.2));
}

BOOST_AUTO_TEST_CASE(it_learns_what_only_the_last_three_requests_tell) {
  sequence_settings s;
  s.recency = s.own = false;
  auto model = made(s);
  repeat(model, 1, 0, {a, b, b, c, d, b, b, e}, 200, 0);
  for (const auto resource : {d, b, b})
    model.observe(2, 0, resource, interval_number{5'000});
  BOOST_TEST(probability_of(model.predict(2, 0), e) > .9);
}

BOOST_AUTO_TEST_CASE(a_peer_has_habits_of_its_own) {
  // Each peer asks for a set of its own, in no order.
  random_source random{1};
  auto model = made();
  for (std::int64_t t = 0; t < 400; ++t)
    for (std::uint64_t peer = 0; peer < 20; ++peer)
      model.observe(peer, 0, 1'000 + 3 * peer + static_cast<std::uint64_t>(random.below(3)),
                    interval_number{t});
  model.close(interval_number{400});
  const auto said = model.predict(4, 0, 3);
  BOOST_REQUIRE(said.size() == 3U);
  for (const auto& one : said) {
    BOOST_TEST(one.resource >= 1'012U);
    BOOST_TEST(one.resource <= 1'014U);
    BOOST_TEST(one.probability == 1. / 3, boost::test_tools::tolerance(.3));
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_is_not_known_gets_its_segments_popularity) {
  auto model = made();
  auto t = repeat(model, 1, 7, {a, a, a, b}, 50, 0);
  repeat(model, 1, 8, {c}, 50, t);
  const auto said = model.predict(99, 7);
  BOOST_REQUIRE(said.size() >= 2U);
  BOOST_TEST(said[0].resource == a);
  BOOST_TEST(said[0].probability == .75, boost::test_tools::tolerance(.05));
  BOOST_TEST(said[1].resource == b);
  BOOST_TEST(model.predict(99, 8)[0].resource == c);
  BOOST_TEST(model.predict(99, 12'345).empty()); // nothing is known of that segment
  BOOST_TEST(made().predict(1, 0).empty());
}

BOOST_AUTO_TEST_CASE(segments_beyond_the_bound_share_one_table) {
  sequence_settings s;
  s.most_segments = 1;
  auto model = made(s);
  auto t = repeat(model, 1, 1, {a}, 20, 0);
  t = repeat(model, 2, 2, {b}, 20, t);
  repeat(model, 3, 3, {b}, 20, t);
  BOOST_TEST(model.predict(99, 1)[0].resource == a);
  BOOST_TEST(model.predict(99, 2)[0].resource == b);
  BOOST_TEST(model.predict(99, 77)[0].resource == b);
}

BOOST_AUTO_TEST_CASE(it_says_how_long_peers_take_to_come_back) {
  auto model = made();
  for (std::int64_t t = 0; t < 2'000; t += 8) {
    model.observe(1, 0, a, interval_number{t});
    model.close(interval_number{t});
  }
  BOOST_REQUIRE(!model.predict(1, 0).empty());
  BOOST_TEST(model.predict(1, 0)[0].delay == 8);
}

BOOST_AUTO_TEST_CASE(a_new_resource_is_expected_where_new_ones_have_come) {
  auto model = made();
  for (std::int64_t t = 0; t < 500; ++t) {
    model.observe(1, 0, t % 4 == 0 ? 10'000 + static_cast<std::uint64_t>(t) : a, interval_number{t});
    model.close(interval_number{t});
  }
  const auto fresh = model.judge(2, 0, 999'999);
  BOOST_TEST(fresh.is_new);
  BOOST_TEST(fresh.popularity == .25, boost::test_tools::tolerance(.2));
}

BOOST_AUTO_TEST_CASE(requests_that_come_late_are_counted_and_left_out) {
  auto model = made();
  model.observe(1, 0, a, interval_number{10});
  model.observe(1, 0, b, interval_number{9}); // an open interval has begun behind it
  model.close(interval_number{10});
  model.observe(1, 0, b, interval_number{10});
  model.observe(1, 0, b, interval_number{std::int64_t{1} << 60});
  BOOST_TEST(model.late() == 3U);
  BOOST_TEST(probability_of(model.predict(1, 0), b) == 0);
  model.observe(1, 0, b, interval_number{11});
  BOOST_TEST(model.late() == 3U);
}

BOOST_AUTO_TEST_CASE(closing_an_interval_before_an_open_one_leaves_the_open_one_open) {
  auto model = made();
  model.observe(1, 0, a, interval_number{10});
  model.close(interval_number{5});
  BOOST_TEST(model.predict(9, 0).empty()); // not learned yet
  model.observe(1, 0, b, interval_number{10});
  model.close(interval_number{10});
  BOOST_TEST(model.late() == 0U);
  BOOST_TEST(model.predict(9, 0).size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_silence_of_many_half_lives_leaves_nothing) {
  sequence_settings s;
  s.half_life = 1;
  auto model = made(s);
  repeat(model, 1, 0, {a, b}, 50, 0);
  model.observe(2, 0, c, interval_number{1'000'000});
  model.close(interval_number{1'000'000});
  const auto said = model.predict(9, 0);
  BOOST_REQUIRE(said.size() == 1U);
  BOOST_TEST(said[0].resource == c);
}

BOOST_AUTO_TEST_CASE(peers_beyond_the_bound_are_forgotten_the_longest_silent_first) {
  sequence_settings s;
  s.most_peers = 64;
  auto model = made(s);
  for (std::uint64_t peer = 0; peer < 1'000; ++peer) {
    model.observe(peer, 0, a, interval_number{static_cast<std::int64_t>(peer / 10)});
    BOOST_TEST(model.peers() <= 72U);
  }
  model.close(interval_number{200});
  BOOST_TEST(model.peers() <= 64U);
  BOOST_TEST(model.knows(999));
  BOOST_TEST(!model.knows(0));
}

BOOST_AUTO_TEST_CASE(what_is_beyond_the_bound_of_an_interval_is_counted) {
  sequence_settings s;
  s.most_open = 64;
  auto model = made(s);
  for (std::uint64_t peer = 0; peer < 100; ++peer)
    model.observe(peer, 0, a, interval_number{1});
  BOOST_TEST(model.left_out() == 36U);
}

BOOST_AUTO_TEST_CASE(state_of_another_kind_is_refused_and_says_why) {
  auto model = made();
  repeat(model, 1, 0, {a, b}, 10, 0);
  const auto bytes = model.snapshot();
  BOOST_TEST(sequence_model::restore({}, bytes).ok());
  sequence_settings other;
  other.half_life = 99;
  const auto foreign = sequence_model::restore(other, bytes);
  BOOST_REQUIRE(!foreign.ok());
  BOOST_TEST((foreign.failure().code == errc::incompatible));
  for (std::size_t at = 0; at < bytes.size(); at += 97) {
    auto broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    BOOST_TEST(!sequence_model::restore({}, broken).ok());
  }
  for (std::size_t size = 0; size < bytes.size(); size += 89)
    BOOST_TEST(!sequence_model::restore({}, std::string_view{bytes}.substr(0, size)).ok());
  auto later = bytes.substr(0, bytes.size() - 8);
  later[0] = 2; // the version
  seal(later, 0);
  const auto newer = sequence_model::restore({}, later);
  BOOST_REQUIRE(!newer.ok());
  BOOST_TEST((newer.failure().code == errc::incompatible));
  BOOST_TEST(newer.failure().text.find("version 2") != std::string::npos, newer.failure().text);
}

BOOST_AUTO_TEST_SUITE_END()
