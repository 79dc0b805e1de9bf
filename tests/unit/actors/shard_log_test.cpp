// The records of a shard's log: what is written is read, and what is damaged is refused.
#include "actors/shard/shard_log.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/small_run.hpp"

#include <boost/test/unit_test.hpp>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::random_source;

namespace {

std::vector<v1::LogRecord> decoded(const std::vector<std::string>& records) {
  std::vector<v1::LogRecord> out;
  for (const auto& bytes : records) {
    auto record = messages::decode_record(bytes);
    BOOST_REQUIRE(record.ok());
    out.push_back(std::move(*record));
  }
  return out;
}

template <class T> std::string bytes_of(const T& value) {
  std::string bytes;
  models::byte_writer write{bytes};
  write(value);
  return bytes;
}

round_context random_round(random_source& random, const run_settings& settings) {
  round_context round;
  round.number = 1;
  round.from = settings.models.settings.first();
  round.to = round.from + 20;
  round.pool.version = 4;
  for (auto& weights : round.pool.weights)
    for (auto& w : weights)
      w = static_cast<float>(random.uniform());
  for (auto& prior : round.pool.prior)
    prior.rows = static_cast<float>(random.below(100));
  round.tuned = {3, 2, 4};
  return round;
}

region_prices random_prices(random_source& random, const std::string& region, std::size_t size) {
  region_prices prices{models::region_id::make(region).value(), {}, {}};
  for (std::size_t i = 0; i < size; ++i) {
    if (random.chance(0.3)) {
      prices.prices.emplace_back();
      continue;
    }
    const auto hash = random.next();
    prices.prices.push_back(
        {models::benefit{static_cast<std::int32_t>(random.between(-1'000'000'000, 1'000'000'000))},
         {hash, "tie/" + std::to_string(hash % 7), static_cast<std::uint32_t>(random.below(50))}});
  }
  return prices;
}

bool same(const region_prices& a, const region_prices& b) {
  const auto alike = [](const models::unit_price& x, const models::unit_price& y) {
    return x.value == y.value && (!x.value || x.line == y.line);
  };
  return a.region == b.region && std::ranges::equal(a.prices, b.prices, alike) &&
         std::ranges::equal(a.without_intents, b.without_intents, alike);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_round_is_parameters_counts_and_close) {
  random_source random{tests::seed("round records", 101)};
  const auto run = tests::make_small_run({.seed = 5, .days = 2});
  const auto round = random_round(random, *run.settings);
  const auto& events = run.rounds.front().events;
  const auto with = decoded(records_of(round, events, true));
  BOOST_REQUIRE(with.size() == 3U);
  BOOST_TEST(with[0].has_parameters());
  BOOST_TEST(with[0].parameters().version() == 4U);
  models::pool_parameters pool;
  models::tuned_choice tuned;
  BOOST_TEST(read_parameters(with[0].parameters(), pool, tuned).ok());
  BOOST_TEST(bytes_of(pool) == bytes_of(round.pool));
  BOOST_TEST((tuned == round.tuned));

  BOOST_REQUIRE(with[1].has_counts());
  const auto counts = messages::from_proto(with[1].counts().batch());
  BOOST_REQUIRE(counts.ok());
  BOOST_TEST((*counts == events));

  BOOST_REQUIRE(with[2].has_close());
  const auto close = read_close(with[2].close(), *run.settings, {});
  BOOST_REQUIRE(close.ok());
  BOOST_TEST(close->number == round.number);
  BOOST_TEST((close->from == round.from));
  BOOST_TEST((close->to == round.to));

  BOOST_TEST(decoded(records_of(round, events, false)).size() == 2U);
  BOOST_TEST(decoded(records_of(round, {}, false)).size() == 1U);
}

BOOST_AUTO_TEST_CASE(prices_and_outcomes_are_read_as_they_were_written) {
  random_source random{tests::seed("price records", 102)};
  for (int trial = 0; trial < 20; ++trial) {
    const bool both = trial % 2 == 1;
    std::vector<region_prices> prices;
    std::vector<region_outcome> outcomes;
    for (int i = 0; i < 3; ++i) {
      prices.push_back(random_prices(random, "region " + std::to_string(i), 7));
      if (both) prices.back().without_intents = random_prices(random, "", 7).prices;
      region_outcome outcome{models::region_id::make("outcome " + std::to_string(i)).value(), {}};
      for (auto& sums : outcome.policies)
        if (random.chance(0.7)) sums = {random.below(1'000'000'000'000), random.below(50), random.below(50)};
      outcomes.push_back(outcome);
    }
    const auto records = decoded({record_of(9, prices, outcomes, interval_number{55})});
    BOOST_REQUIRE(records[0].has_prices());
    BOOST_TEST(records[0].prices().round() == 9U);
    BOOST_TEST(records[0].prices().regions(0).first_interval() == 55);
    const auto read = read_prices(records[0].prices(), 7, both);
    BOOST_REQUIRE(read.ok());
    BOOST_TEST(std::ranges::equal(*read, prices, same));
    const auto kept = read_outcomes(records[0].prices());
    BOOST_REQUIRE(kept.ok());
    BOOST_TEST(std::ranges::equal(*kept, outcomes, [](const auto& a, const auto& b) {
      return a.region == b.region && a.policies == b.policies;
    }));
  }
}

BOOST_AUTO_TEST_CASE(prices_that_are_too_few_or_too_many_are_refused) {
  random_source random{103};
  const std::vector<region_prices> prices{random_prices(random, "r", 7)};
  const auto record = decoded({record_of(1, prices, {}, interval_number{})}).front();
  BOOST_TEST(read_prices(record.prices(), 7, false).ok());
  BOOST_TEST(!read_prices(record.prices(), 6, false).ok());
  BOOST_TEST(!read_prices(record.prices(), 8, false).ok());
  // A run that prices two plans needs the prices of both, and another run has no use for them.
  BOOST_TEST(!read_prices(record.prices(), 7, true).ok());
  auto two = prices;
  two.front().without_intents = random_prices(random, "r", 7).prices;
  const auto record_of_two = decoded({record_of(1, two, {}, interval_number{})}).front();
  BOOST_TEST(read_prices(record_of_two.prices(), 7, true).ok());
  BOOST_TEST(!read_prices(record_of_two.prices(), 7, false).ok());
}

BOOST_AUTO_TEST_CASE(an_outcome_of_an_unknown_policy_and_broken_names_are_refused) {
  v1::Prices record;
  auto& outcome = *record.add_outcomes();
  outcome.set_region("r");
  outcome.add_policies()->set_policy("last-day");
  BOOST_TEST(read_outcomes(record).ok());
  outcome.add_policies()->set_policy("crystal-ball");
  BOOST_TEST(!read_outcomes(record).ok());
  outcome.clear_policies();
  outcome.set_region(std::string(300, 'x'));
  BOOST_TEST(!read_outcomes(record).ok());
  record.add_regions()->set_region(std::string(300, 'x'));
  BOOST_TEST(!read_prices(record, 0, false).ok());
}

BOOST_AUTO_TEST_CASE(damaged_parameters_are_refused) {
  random_source random{tests::seed("damaged parameters", 104)};
  const auto run = tests::make_small_run({.seed = 5, .days = 1});
  const auto round = random_round(random, *run.settings);
  const auto good = decoded(records_of(round, {}, true)).front().parameters();
  models::pool_parameters pool;
  models::tuned_choice tuned;
  BOOST_TEST(read_parameters(good, pool, tuned).ok());
  auto cut = good;
  cut.mutable_pool()->pop_back();
  BOOST_TEST(!read_parameters(cut, pool, tuned).ok());
  auto longer = good;
  longer.mutable_pool()->push_back('x');
  BOOST_TEST(!read_parameters(longer, pool, tuned).ok());
  for (int field = 0; field < 3; ++field) {
    auto wrong = good;
    auto& t = *wrong.mutable_tuned();
    if (field == 0) t.set_window(6);
    if (field == 1) t.set_headroom(5);
    if (field == 2) t.set_week_headroom(5);
    BOOST_TEST(!read_parameters(wrong, pool, tuned).ok());
  }
}

BOOST_AUTO_TEST_CASE(a_close_follows_the_round_before_and_spans_at_most_a_day) {
  const auto run = tests::make_small_run({.seed = 5, .days = 1});
  const auto first = run.settings->models.settings.first();
  round_context before;
  before.number = 6;
  before.from = first + 10;
  before.to = first + 20;
  before.tuned = {1, 1, 1};
  const auto accepted = [&](std::uint64_t number, std::int64_t from, std::int64_t to,
                            const round_context& round) {
    v1::Close close;
    close.set_round(number);
    close.set_from_interval(from);
    close.set_to_interval(to);
    const auto read = read_close(close, *run.settings, round);
    if (read.ok()) BOOST_TEST((read->tuned == round.tuned));
    return read.ok();
  };
  const auto at = first.value();
  BOOST_TEST(accepted(7, at + 20, at + 44, before));
  BOOST_TEST(accepted(1, at, at + 1, {}));
  BOOST_TEST(!accepted(1, at - 1, at + 1, {}));
  BOOST_TEST(!accepted(6, at + 20, at + 44, before));
  BOOST_TEST(!accepted(8, at + 20, at + 44, before));
  BOOST_TEST(!accepted(7, at + 19, at + 30, before));
  BOOST_TEST(!accepted(7, at + 20, at + 20, before));
  BOOST_TEST(!accepted(7, at + 20, at + 45, before));
  BOOST_TEST(!accepted(7, at + 21, at + 20, before));
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  BOOST_TEST(!accepted(7, most - 1, most, before));
  BOOST_TEST(!accepted(7, -most, most, before));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_record_are_refused) {
  const google::protobuf::LogSilencer silence; // it reports broken UTF-8
  BOOST_TEST(!messages::decode_record("").ok());
  BOOST_TEST(!messages::decode_record("\xff\xff\xff").ok());
  v1::LogRecord unknown;
  BOOST_TEST(!messages::decode_record(messages::encode(unknown)).ok());
  random_source random{tests::seed("no records", 105)};
  const auto run = tests::make_small_run({.seed = 5, .days = 1});
  const auto round = random_round(random, *run.settings);
  for (const auto& good : records_of(round, run.rounds[0].events, true))
    for (int trial = 0; trial < 300; ++trial) {
      auto bytes = good;
      if (random.chance(0.5))
        bytes.resize(static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size()))));
      else
        bytes[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())))] =
            static_cast<char>(random.below(256));
      // Refused somewhere on the way, or read as something valid; never worse.
      const auto record = messages::decode_record(bytes);
      if (!record) continue;
      if (record->has_counts()) (void)messages::from_proto(record->counts().batch());
      models::pool_parameters pool;
      models::tuned_choice tuned;
      if (record->has_parameters()) (void)read_parameters(record->parameters(), pool, tuned);
      if (record->has_close()) (void)read_close(record->close(), *run.settings, {});
    }
}

BOOST_AUTO_TEST_CASE(an_epoch_names_its_owner) {
  const auto record = decoded({epoch_record(3, "node-7")}).front();
  BOOST_TEST(record.has_epoch());
  BOOST_TEST(record.epoch().number() == 3U);
  BOOST_TEST(record.epoch().owner() == "node-7");
}

BOOST_AUTO_TEST_CASE(roll_ups_hold_every_count_in_its_interval) {
  const auto run = tests::make_small_run({.seed = 6, .days = 3});
  std::map<tests::counted_key, std::int64_t> found;
  std::vector<models::interval_number> intervals;
  for (const auto& round : run.rounds)
    for (const auto& rollup : rollups_of(round.events)) {
      intervals.push_back(rollup.interval);
      v1::EventBatch batch;
      BOOST_REQUIRE(batch.ParseFromString(rollup.bytes));
      const auto counts = messages::from_proto(batch);
      BOOST_REQUIRE(counts.ok());
      for (const auto& e : counts->entries) {
        BOOST_TEST((e.cell.interval == rollup.interval));
        found[{counts->resources[e.resource], counts->regions[e.region], e.cell.interval}] += e.cell.count;
      }
    }
  BOOST_TEST((found == run.counts));
  BOOST_TEST((std::ranges::adjacent_find(intervals, std::greater_equal<>{}) == intervals.end()));
}

BOOST_AUTO_TEST_CASE(the_close_of_a_round_carries_its_outages_and_those_before_are_kept) {
  const auto run = tests::make_small_run({});
  const auto& settings = *run.settings;
  random_source random{7};
  auto before = random_round(random, settings);
  before.outages = {{before.from + 1, before.from + 3, true, ""}};
  auto round = before;
  round.number = 2;
  round.from = before.to;
  round.to = round.from + 10;
  round.add_outages({{round.from, round.from + 4, false, "eu"}, {round.from + 6, round.to, true, ""}});
  const auto records = decoded(records_of(round, {}, false));
  const auto& close = records.back().close();
  BOOST_REQUIRE_EQUAL(close.outages_size(), 2);
  const auto read = read_close(close, settings, before);
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((read->outages == round.outages));
  for (int broken = 0; broken < 3; ++broken) {
    auto wrong = close;
    auto& outage = *wrong.mutable_outages(0);
    if (broken == 0) outage.set_from_interval(round.from.value() - 1);
    if (broken == 1) outage.set_to_interval(round.to.value() + 1);
    if (broken == 2) outage.set_to_interval(outage.from_interval());
    BOOST_TEST(!read_close(wrong, settings, before).ok());
  }
}
