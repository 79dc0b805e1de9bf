// Intents of the sequence model: what it emits, and what its word is worth.
#include "models/sequence/sequence_model.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

struct request {
  std::uint64_t peer, resource;
  std::int64_t at;
};

struct totals {
  std::int64_t made = 0, kept = 0, missed = 0;
  double promised = 0;
};

// Intents made from the interval `from` on.
totals run(const std::vector<request>& log, std::int64_t from, sequence_settings settings = {}) {
  auto model = sequence_model::make(settings).value();
  totals out;
  std::int64_t open = log.front().at;
  const auto close = [&] {
    const auto closing = model.close(interval_number{open++});
    if (open <= from) return;
    out.made += static_cast<std::int64_t>(closing.made.size());
    for (const auto& i : closing.made)
      out.promised += i.probability;
    for (const auto& i : closing.kept)
      out.kept += i.made.value() >= from;
    out.missed += closing.missed;
  };
  for (const auto& r : log) {
    while (open < r.at)
      close();
    model.observe(r.peer, 0, r.resource, interval_number{r.at});
  }
  close();
  return out;
}

// Peers come at random; each visit begins with one of five resources, and two intervals later goes on, with
// `chance`, to the one that belongs to it.
std::vector<request> habits(std::uint64_t seed, double chance, std::int64_t intervals) {
  random_source random{seed};
  std::vector<std::vector<request>> by_interval(static_cast<std::size_t>(intervals));
  for (std::int64_t t = 0; t + 2 < intervals; ++t)
    for (int i = 0; i < 5; ++i) {
      const auto peer = static_cast<std::uint64_t>(random.below(2'000));
      const auto begins = static_cast<std::uint64_t>(random.below(5));
      by_interval[static_cast<std::size_t>(t)].push_back({peer, begins, t});
      if (random.chance(chance))
        by_interval[static_cast<std::size_t>(t + 2)].push_back({peer, 100 + begins, t + 2});
    }
  std::vector<request> log;
  for (const auto& of : by_interval)
    log.insert(log.end(), of.begin(), of.end());
  return log;
}

std::vector<request> shuffled(std::vector<request> log, std::uint64_t seed) {
  random_source random{seed};
  for (auto i = static_cast<std::int64_t>(log.size()); i > 1; --i)
    std::swap(log[static_cast<std::size_t>(i - 1)].resource,
              log[static_cast<std::size_t>(random.below(i))].resource);
  return log;
}

} // namespace

BOOST_AUTO_TEST_SUITE(sequence_intents)

BOOST_AUTO_TEST_CASE(a_habit_becomes_an_intent_for_the_interval_it_will_be_kept_in) {
  auto model = sequence_model::make({}).value();
  std::int64_t t = 0;
  sequence_closing last;
  for (std::uint64_t peer = 0; peer < 400; ++peer, t += 2) {
    model.observe(peer, 0, 1, interval_number{t});
    last = model.close(interval_number{t});
    (void)model.close(interval_number{t + 1});
    model.observe(peer, 0, 2, interval_number{t + 2});
    model.observe(peer + 1, 0, 1, interval_number{t + 2});
  }
  bool found = false;
  for (const auto& i : last.made) {
    BOOST_TEST(i.made.value() == t - 2);
    BOOST_TEST((i.target > i.made));
    if (i.peer != 399 || i.resource != 2) continue;
    found = true;
    BOOST_TEST(i.target.value() == t);
    BOOST_TEST(i.probability > .5);
  }
  BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(what_an_intent_promises_is_what_is_kept) {
  const auto seed = forestage::tests::seed("what_an_intent_promises_is_what_is_kept", 1);
  for (const double chance : {.2, .5, .9}) {
    const auto log = habits(seed, chance, 4'000);
    const auto out = run(log, 2'000);
    BOOST_TEST_CONTEXT("a habit kept with " << chance) {
      BOOST_REQUIRE(out.made > 1'000);
      const auto kept = static_cast<double>(out.kept) / static_cast<double>(out.made);
      const auto promised = out.promised / static_cast<double>(out.made);
      BOOST_TEST_MESSAGE("promised " << promised << ", kept " << kept << " of " << out.made);
      BOOST_TEST(std::abs(promised - kept) < .02 + .1 * kept);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_log_whose_order_says_nothing_yields_no_intents) {
  const auto seed = forestage::tests::seed("a_log_whose_order_says_nothing_yields_no_intents", 1);
  const auto log = habits(seed, .9, 4'000);
  const auto with = run(log, 2'000);
  const auto without = run(shuffled(log, seed + 1), 2'000);
  BOOST_TEST(with.made > 5'000);
  BOOST_TEST(without.made <= with.made / 1'000);
}

BOOST_AUTO_TEST_CASE(one_popular_resource_is_no_sequence) {
  // Everybody asks for the same thing nearly always: likely, and nothing that popularity does not know.
  random_source random{3};
  std::vector<request> log;
  for (std::int64_t t = 0; t < 3'000; ++t)
    for (int i = 0; i < 5; ++i)
      log.push_back({static_cast<std::uint64_t>(random.below(20)),
                     random.chance(.9) ? 1 : static_cast<std::uint64_t>(2 + random.below(10)), t});
  BOOST_TEST(run(log, 0).made == 0);
}

BOOST_AUTO_TEST_CASE(an_intent_is_said_once) {
  const auto log = habits(5, .9, 1'500);
  auto model = sequence_model::make({}).value();
  std::vector<std::vector<std::pair<std::uint64_t, std::uint64_t>>> said(1'600);
  std::int64_t open = 0, made = 0;
  for (const auto& r : log) {
    for (; open < r.at; ++open)
      for (const auto& i : model.close(interval_number{open}).made) {
        auto& of = said[static_cast<std::size_t>(i.target.value())];
        const std::pair one{i.peer, i.resource};
        BOOST_TEST((std::find(of.begin(), of.end(), one) == of.end()));
        of.push_back(one);
        ++made;
      }
    model.observe(r.peer, 0, r.resource, interval_number{r.at});
  }
  BOOST_TEST(made > 1'000);
}

BOOST_AUTO_TEST_CASE(intents_keep_to_the_window_and_the_least_probability) {
  sequence_settings s;
  s.window_from = s.window_to = 2;
  s.least_probability = .3;
  auto model = sequence_model::make(s).value();
  std::int64_t open = 0, made = 0;
  for (const auto& r : habits(6, .9, 1'500)) {
    for (; open < r.at; ++open)
      for (const auto& i : model.close(interval_number{open}).made) {
        BOOST_TEST((i.target - i.made) == 2);
        BOOST_TEST(i.probability >= .3);
        BOOST_TEST(i.probability <= 1);
        ++made;
      }
    model.observe(r.peer, 0, r.resource, interval_number{r.at});
  }
  BOOST_TEST(made > 500);
}

BOOST_AUTO_TEST_SUITE_END()
