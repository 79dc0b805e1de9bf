// The protocol of the price search: messages that merge, few rounds, batches, and answers that make no sense.
#include "tests/unit/models/allocation/world.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <limits>

using namespace forestage::models;
using namespace forestage::test;

namespace {

price_answer merged(const price_answer& a, const price_answer& b) {
  auto sum = a;
  merge(sum, b);
  return sum;
}

// A request that covers part of the benefits or of the hashes.
price_request random_request() {
  price_request request;
  request.form = *rc::gen::element(answer_form::histogram, answer_form::runs);
  request.field = *rc::gen::element(price_field::benefit, price_field::hash);
  const auto last =
      request.field == price_field::benefit ? last_benefit_rank : std::numeric_limits<std::uint64_t>::max();
  request.first_rank = *rc::gen::inRange<std::uint64_t>(0, last / 2);
  request.last_rank = last - *rc::gen::inRange<std::uint64_t>(0, last / 2);
  request.shift = request.field == price_field::benefit ? 24 : 56;
  request.tied = {*rc::gen::inRange(-2, 3) * (greatest_benefit.fixed / 2)};
  return request;
}

struct crowd {
  std::vector<std::string> names;
  std::vector<candidate_set> shards;
};

// `count` resources of one unit each over 8 shards.
template <class Worth> crowd crowd_of(std::size_t count, const Worth& worth) {
  crowd all{{}, std::vector<candidate_set>(8)};
  for (std::size_t i = 0; i < count; ++i)
    all.names.push_back("room/" + std::to_string(i));
  for (std::size_t i = 0; i < count; ++i)
    all.shards[i % 8].add(all.names[i], stable_hash(all.names[i]), std::vector<benefit_step>{{1, worth(i)}});
  return all;
}

unsigned rounds_for(const crowd& all, std::int64_t budget) {
  price_search search{budget};
  while (!search.done()) {
    price_answer sum;
    for (const auto& shard : all.shards)
      merge(sum, answer(search.request(), shard));
    BOOST_TEST_REQUIRE(search.step(sum).ok());
  }
  std::int64_t spent = 0;
  for (const auto& shard : all.shards)
    for (std::size_t i = 0; i < shard.size(); ++i)
      spent += allocation_at(search.price(), shard[i]);
  BOOST_TEST(spent == budget);
  return search.rounds();
}

} // namespace

BOOST_AUTO_TEST_SUITE(price_messages)

RC_BOOST_PROP(answers_add_up_to_the_answer_of_one_shard_in_any_order, ()) {
  const auto all = random_wanted();
  const auto request = random_request();
  RC_ASSERT(validate(request).ok());
  const auto whole = answer(request, set_of(all));
  price_answer forward;
  price_answer backward;
  const auto shards = random_split(all, *rc::gen::inRange<std::size_t>(1, 9));
  for (const auto& shard : shards)
    forward = merged(forward, answer(request, shard));
  for (auto shard = shards.rbegin(); shard != shards.rend(); ++shard)
    backward = merged(answer(request, *shard), backward);
  RC_ASSERT(forward == whole);
  RC_ASSERT(backward == whole);
}

RC_BOOST_PROP(a_histogram_counts_exactly_the_units_of_its_range, ()) {
  const auto all = random_wanted();
  auto request = random_request();
  request.form = answer_form::histogram;
  std::map<std::uint64_t, std::uint64_t> expected;
  for (const auto& one : all)
    for (const auto worth : one.units) {
      if (request.field == price_field::hash && worth != request.tied) continue;
      const auto rank = request.field == price_field::hash ? one.hash : rank_of(worth);
      if (rank >= request.first_rank && rank <= request.last_rank)
        ++expected[(rank - request.first_rank) >> request.shift];
    }
  std::map<std::uint64_t, std::uint64_t> counted;
  for (const auto& bin : answer(request, set_of(all)).bins)
    counted[bin.bin] = bin.units;
  RC_ASSERT(counted == expected);
}

BOOST_AUTO_TEST_CASE(a_smooth_crowd_of_100000_takes_at_most_three_rounds) {
  const auto all =
      crowd_of(100'000, [](std::size_t i) { return benefit{static_cast<std::int32_t>(i) * 9'973}; });
  for (const std::int64_t budget : {1, 500, 50'000, 99'999})
    BOOST_TEST(rounds_for(all, budget) <= 3U);
}

BOOST_AUTO_TEST_CASE(a_crowd_of_20000_that_is_all_alike_takes_three_rounds) {
  const auto all = crowd_of(20'000, [](std::size_t) { return greatest_benefit; });
  for (const std::int64_t budget : {1, 500, 10'000, 19'999})
    BOOST_TEST(rounds_for(all, budget) == 3U);
}

BOOST_AUTO_TEST_CASE(ties_within_a_smooth_crowd_take_at_most_five_rounds) {
  const auto all = crowd_of(60'000, [](std::size_t i) {
    return benefit{i % 2 == 0 ? 500'000'000 : 499'990'000 + static_cast<std::int32_t>(i)};
  });
  for (const std::int64_t budget : {20'000, 30'000, 45'000})
    BOOST_TEST(rounds_for(all, budget) <= 5U);
}

BOOST_AUTO_TEST_CASE(one_resource_of_a_million_equal_units_is_a_single_run) {
  candidate_set shard;
  shard.add("a", 4, std::vector<benefit_step>{{1'000'000, {77}}});
  price_search search{400'000};
  while (!search.done())
    BOOST_TEST_REQUIRE(search.step(answer(search.request(), shard)).ok());
  BOOST_TEST(search.rounds() == 2U);
  BOOST_TEST(allocation_at(search.price(), shard[0]) == 400'000U);
}

RC_BOOST_PROP(a_batch_finds_the_price_of_every_search_alone, ()) {
  const auto searches = *rc::gen::inRange<std::size_t>(1, 6);
  const auto shards = *rc::gen::inRange<std::size_t>(1, 4);
  std::vector<std::vector<wanted>> worlds;
  std::vector<std::int64_t> budgets;
  for (std::size_t i = 0; i < searches; ++i) {
    worlds.push_back(random_wanted());
    budgets.push_back(*rc::gen::inRange<std::int64_t>(0, total_of(worlds.back()) + 3));
  }
  // candidates[shard][search]
  std::vector<std::vector<candidate_set>> candidates(shards);
  for (const auto& world : worlds) {
    auto split = random_split(world, shards);
    for (std::size_t shard = 0; shard < shards; ++shard)
      candidates[shard].push_back(std::move(split[shard]));
  }
  price_batch batch{budgets, {.bin_bits = 3, .run_limit = 2}};
  while (!batch.done()) {
    std::vector<numbered_answer> sums;
    for (const auto& shard : candidates) {
      const auto answers = answer(batch.requests(), shard);
      RC_ASSERT(answers.ok());
      merge(sums, *answers);
    }
    RC_ASSERT(batch.step(sums).ok());
  }
  RC_ASSERT(batch.size() == searches);
  for (std::size_t i = 0; i < searches; ++i)
    RC_ASSERT(batch[i].price() == *find_price(budgets[i], std::vector{set_of(worlds[i])}));
}

BOOST_AUTO_TEST_CASE(a_batch_refuses_answers_that_are_missing) {
  price_batch batch{std::vector<std::int64_t>{5, 0, 5}};
  BOOST_TEST(batch.requests().size() == 2U);
  BOOST_TEST(!batch.step({}).ok());
  BOOST_TEST(!batch.step(std::vector<numbered_answer>{{0, {}}, {1, {}}}).ok());
  BOOST_TEST(batch.step(std::vector<numbered_answer>{{0, {}}, {2, {}}}).ok());
  BOOST_TEST(batch.done());
}

BOOST_AUTO_TEST_CASE(a_shard_that_lost_candidates_between_rounds_is_noticed) {
  const auto all = crowd_of(1'000, [](std::size_t) { return benefit{7}; });
  price_search search{500};
  for (unsigned round = 0; !search.done(); ++round) {
    price_answer whole;
    price_answer partial; // Without the first shard that has any of what is asked for.
    for (const auto& shard : all.shards) {
      const auto part = answer(search.request(), shard);
      if (!whole.bins.empty() || !whole.runs.empty()) merge(partial, part);
      merge(whole, part);
    }
    if (round > 0) {
      const auto before = search.request();
      const auto outcome = search.step(partial);
      BOOST_TEST_REQUIRE(!outcome.ok());
      BOOST_TEST((outcome.failure().code == errc::invalid_data));
      BOOST_TEST((search.request() == before));
    }
    BOOST_TEST_REQUIRE(search.step(whole).ok());
  }
  BOOST_TEST(search.rounds() == 3U);
}

BOOST_AUTO_TEST_CASE(answers_outside_what_was_asked_are_refused) {
  price_search search{1};
  price_answer wrong_bin{{{.bin = 3, .units = 2, .runs = 2, .lowest_rank = 0, .highest_rank = 0}}, {}};
  BOOST_TEST(!search.step(wrong_bin).ok());
  const price_answer bin{{{.bin = 0, .units = 2, .runs = 2, .lowest_rank = 0, .highest_rank = 9}}, {}};
  BOOST_TEST_REQUIRE(search.step(bin).ok());
  BOOST_TEST((search.request().form == answer_form::runs));
  const price_answer outside{
      {}, {{.benefit_rank = 10, .hash = 1, .resource = "a", .first_unit = 1, .last_unit = 2}}};
  BOOST_TEST(!search.step(outside).ok());
  const price_answer inside{
      {}, {{.benefit_rank = 9, .hash = 1, .resource = "a", .first_unit = 1, .last_unit = 2}}};
  BOOST_TEST(search.step(inside).ok());
  BOOST_TEST((search.price().line == tie_line{1, "a", 1}));
}

BOOST_AUTO_TEST_CASE(requests_that_are_no_ranges_or_have_too_many_bins_are_refused) {
  BOOST_TEST(validate(price_request{.shift = 16}).ok());
  BOOST_TEST(!validate(price_request{.shift = 15}).ok());
  BOOST_TEST(!validate(price_request{.shift = 64}).ok());
  BOOST_TEST(!validate(price_request{.first_rank = 2, .last_rank = 1}).ok());
  BOOST_TEST(!validate(price_request{.shift = 22, .tied = prohibitive_benefit}).ok());
  const std::vector<numbered_request> wrong{{0, {.shift = 0}}};
  BOOST_TEST(!answer(wrong, std::vector<candidate_set>(1)).ok());
  const std::vector<numbered_request> unknown{{1, {.shift = 22}}};
  BOOST_TEST(!answer(unknown, std::vector<candidate_set>(1)).ok());
}

BOOST_AUTO_TEST_SUITE_END()
