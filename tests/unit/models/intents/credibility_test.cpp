// Credibility: what a peer's word has been worth, and that nobody gains by lying, flooding or changing names.
#include "models/bytes.hpp"
#include "models/intents/credibility.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <cmath>
#include <string>

using namespace forestage::models;
namespace tests = forestage::tests;

namespace {

constexpr auto agent = intent_source::agent;
constexpr auto operators = intent_source::operators;

std::string bytes_of(credibility_book& book) {
  std::string bytes;
  byte_writer write{bytes};
  write(book);
  return bytes;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_peer_is_worth_the_mean_of_a_beta_distribution_with_a_prior_of_four_outcomes) {
  credibility_book book;
  BOOST_TEST(book.of(agent, 7) == 0.5F);
  book.observe(agent, 7, 1, 1);
  // The source has kept (1 * .9999 + 1) of (2 * .9999 + 1) outcomes by now.
  const double prior = (1 * 0.9999 + 1) / (2 * 0.9999 + 1);
  BOOST_TEST(book.of_source(agent) == static_cast<float>(prior), boost::test_tools::tolerance(1e-6F));
  BOOST_TEST(book.of(agent, 7) == static_cast<float>((4 * prior + 1) / (4 + 1)),
             boost::test_tools::tolerance(1e-6F));
}

BOOST_AUTO_TEST_CASE(a_liar_loses_its_weight_and_an_honest_peer_gains_it) {
  credibility_book book;
  for (int i = 0; i < 60; ++i) {
    book.observe(agent, 1, 1, 1);
    book.observe(agent, 2, 1, 0);
  }
  BOOST_TEST(book.of(agent, 1) > 0.95F);
  BOOST_TEST(book.of(agent, 2) < 0.05F);
}

BOOST_AUTO_TEST_CASE(a_peer_that_changes_is_believed_again_or_no_more_after_some_hundred_outcomes) {
  credibility_book book;
  for (int i = 0; i < 2'000; ++i)
    book.observe(agent, 1, 1, 1);
  for (int i = 0; i < 600; ++i) // a sleeper wakes
    book.observe(agent, 1, 1, 0);
  BOOST_TEST(book.of(agent, 1) < 0.15F);
  for (int i = 0; i < 600; ++i)
    book.observe(agent, 1, 1, 1);
  BOOST_TEST(book.of(agent, 1) > 0.85F);
}

BOOST_AUTO_TEST_CASE(an_unknown_peer_is_worth_what_unknown_peers_have_been_worth) {
  credibility_book book;
  for (int i = 0; i < 300; ++i)
    book.observe(agent, 1, 1, 1); // one who is known changes nothing about that
  const auto first = book.first_time(agent);
  for (int i = 0; i < 300; ++i)
    book.observe(agent, 1, 1, 1);
  BOOST_TEST(book.first_time(agent) == first);
  for (std::uint64_t id = 1'000; id < 4'000; ++id) // a flood of fresh ids that never come
    book.observe(agent, id, 1, 0);
  BOOST_TEST(book.of(agent, 999'999) < 0.06F);
  BOOST_TEST(book.of(agent, 1) > 0.9F); // which costs the one who is known next to nothing
}

BOOST_AUTO_TEST_CASE(sources_do_not_answer_for_each_other) {
  credibility_book book;
  for (std::uint64_t id = 0; id < 500; ++id)
    book.observe(agent, id, 1, 0);
  BOOST_TEST(book.of(operators, 3) == 0.5F);
  BOOST_TEST(book.of(agent, 3) < 0.1F);
}

BOOST_AUTO_TEST_CASE(credibility_is_a_probability_whatever_happens) {
  BOOST_TEST(rc::check("in [0, 1], finite", [] {
    credibility_book book{{8}};
    const auto steps =
        *rc::gen::container<std::vector<std::tuple<std::uint8_t, std::uint32_t, std::uint32_t, bool>>>(
            rc::gen::tuple(rc::gen::arbitrary<std::uint8_t>(), rc::gen::arbitrary<std::uint32_t>(),
                           rc::gen::arbitrary<std::uint32_t>(), rc::gen::arbitrary<bool>()));
    for (const auto& [peer, a, b, operated] : steps) {
      const auto source = operated ? operators : agent;
      book.observe(source, peer % 16, std::max(a, b), std::min(a, b));
      const auto c = book.of(source, peer % 16);
      RC_ASSERT(std::isfinite(c));
      RC_ASSERT(c >= 0.0F);
      RC_ASSERT(c <= 1.0F);
    }
  }));
}

BOOST_AUTO_TEST_CASE(memory_is_bounded_and_one_time_ids_do_not_push_out_those_who_came_back) {
  constexpr std::size_t most = 400;
  credibility_book book{{most}};
  for (int round = 0; round < 20; ++round)
    for (std::uint64_t id = 0; id < 50; ++id)
      book.observe(agent, id, 1, 1);
  for (std::uint64_t id = 1'000; id < 50'000; ++id) {
    book.observe(agent, id, 1, 0);
    BOOST_REQUIRE(book.peers() <= most);
  }
  BOOST_TEST(book.forgotten() > 45'000U);
  for (std::uint64_t id = 0; id < 50; ++id)
    BOOST_TEST(book.of(agent, id) > 0.8F);
  // Whoever is forgotten is unknown again, and counted.
  const auto known = book.peers();
  BOOST_TEST(known + book.forgotten() == 50U + 49'000U);
}

BOOST_AUTO_TEST_CASE(a_book_survives_its_bytes) {
  tests::random_source random{tests::seed("credibility bytes", 501)};
  credibility_book book{{64}};
  for (int i = 0; i < 5'000; ++i) {
    const auto declared = static_cast<std::uint32_t>(random.between(1, 5));
    book.observe(random.chance(0.2) ? operators : agent, static_cast<std::uint64_t>(random.below(200)),
                 declared, static_cast<std::uint32_t>(random.below(declared + 1)));
  }
  const auto bytes = bytes_of(book);
  credibility_book restored{{64}};
  byte_reader read{bytes};
  read(restored);
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read.rest().empty());
  BOOST_TEST((bytes_of(restored) == bytes));
  for (int i = 0; i < 500; ++i) { // and goes on the same
    const auto peer = static_cast<std::uint64_t>(random.below(300));
    book.observe(agent, peer, 1, static_cast<std::uint32_t>(i % 2));
    restored.observe(agent, peer, 1, static_cast<std::uint32_t>(i % 2));
  }
  BOOST_TEST((bytes_of(restored) == bytes_of(book)));
}
