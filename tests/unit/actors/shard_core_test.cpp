// The fold of a shard: every request once, the same in any order, plans that are the exact greedy choice.
#include "actors/shard/shard_core.hpp"
#include "tests/support/hand_driver.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::hand_driver;
using forestage::tests::hand_options;
using forestage::tests::make_small_run;
using forestage::tests::random_source;
using forestage::tests::small_run;
using forestage::tests::small_run_options;

namespace {

std::string bytes_of(const round_report& report) {
  std::string bytes;
  models::byte_writer write{bytes};
  write(report.number, report.pool, report.warmup, report.key_intervals,
        static_cast<std::uint64_t>(report.active_resources));
  for (const auto& region : report.regions)
    write(region.text());
  return bytes;
}

std::string scores_of(const small_run& run, hand_options options = {}) {
  hand_driver driver{run, options};
  driver.all();
  return tests::bytes_of(driver.scores());
}

// Used, cold and waste of the plans against the counts, by day.
models::policy_score scored(const small_run& run, const hand_driver& driver) {
  models::policy_score score;
  const auto& grid = run.settings->models.settings.grid();
  const auto end = run.rounds.back().to;
  for (const auto& [key, count] : run.counts) {
    const auto t = std::get<2>(key);
    if (t < run.settings->evaluation()) continue;
    const auto plan = driver.plans.find(key);
    score.add(grid.day(t), count, plan != driver.plans.end() ? plan->second : 0);
  }
  for (const auto& [key, units] : driver.plans)
    if (std::get<2>(key) < end && !run.counts.contains(key) && !run.open.contains(key))
      score.add(grid.day(std::get<2>(key)), 0, units);
  return score;
}

messages::event_counts counts_of(std::uint64_t sequence, const std::string& session,
                                 std::vector<messages::event_counts::entry> entries) {
  messages::event_counts counts;
  counts.session = session;
  counts.sequence = sequence;
  for (const auto* name : {"a", "b"})
    counts.resources.push_back(models::resource_id::make(name).value());
  for (const auto* name : {"x", "y"})
    counts.regions.push_back(models::region_id::make(name).value());
  counts.entries = std::move(entries);
  return counts;
}

// What a shard has counted for its next round, by name.
std::map<std::tuple<std::string, std::string, std::int64_t>, std::uint32_t>
due_counts(shard_core& core, const round_context& round) {
  std::map<std::tuple<std::string, std::string, std::int64_t>, std::uint32_t> out;
  for (const auto& d : core.begin_round(round))
    for (const auto& region : d.cells)
      for (const auto& c : region.cells)
        out[{core.name(d.index).text(), core.region(region.region).text(), c.interval.value()}] = c.count;
  return out;
}

round_context first_round(const small_run& run) {
  round_context round;
  round.number = 1;
  round.from = run.rounds.front().from;
  round.to = run.rounds.front().to;
  return round;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_batch_counts_once_however_often_it_is_sent) {
  const auto run = make_small_run({.days = 1});
  const auto t = run.rounds.front().from;
  shard_core core{run.settings};
  const auto first = counts_of(1, "s", {{0, 0, {t, 2}}, {1, 1, {t + 1, 3}}});
  const auto second = counts_of(2, "s", {{0, 0, {t, 5}}});
  BOOST_TEST(core.fold_counts(first));
  BOOST_TEST(!core.fold_counts(first));
  BOOST_TEST(core.fold_counts(second));
  BOOST_TEST(!core.fold_counts(first));
  BOOST_TEST(!core.fold_counts(second));
  BOOST_TEST(core.counted() == 10);
  // Another session has numbers of its own.
  BOOST_TEST(core.fold_counts(counts_of(1, "other", {{0, 0, {t, 1}}})));
  BOOST_TEST(core.counted() == 11);
  const auto due = due_counts(core, first_round(run));
  BOOST_TEST(due.size() == 2U);
  BOOST_TEST((due.at({"a", "x", t.value()}) == 8U));
  BOOST_TEST((due.at({"b", "y", t.value() + 1}) == 3U));
}

BOOST_AUTO_TEST_CASE(batches_in_halves_and_in_any_order_come_to_the_same_counts) {
  random_source random{tests::seed("halves", 131)};
  const auto run = make_small_run({.seed = 4, .days = 1});
  const auto& events = run.rounds.front().events;
  shard_core whole{run.settings};
  BOOST_TEST(whole.fold_counts(events));
  const auto expected = due_counts(whole, first_round(run));
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<messages::event_counts> parts(static_cast<std::size_t>(random.between(2, 5)), events);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i].sequence = i + 1;
      parts[i].entries.clear();
    }
    for (const auto& e : events.entries) {
      // Counts of one interval may be split as well.
      auto rest = e.cell.count;
      while (rest > 0) {
        auto piece = e;
        piece.cell.count = static_cast<std::uint32_t>(random.between(1, rest));
        rest -= piece.cell.count;
        parts[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(parts.size())))]
            .entries.push_back(piece);
      }
    }
    shard_core split{run.settings};
    for (auto& part : parts) {
      random.shuffle(part.entries);
      BOOST_TEST(split.fold_counts(part));
    }
    BOOST_TEST((due_counts(split, first_round(run)) == expected));
    BOOST_TEST(split.counted() == whole.counted());
  }
}

BOOST_AUTO_TEST_CASE(every_request_is_counted_and_scored_once) {
  for (const bool budgeted : {false, true})
    for (const std::uint32_t shards : {1U, 5U}) {
      const auto run = make_small_run({.seed = 7, .shards = shards, .budgeted = budgeted, .threshold = true});
      hand_driver driver{run};
      driver.all();
      const auto scores = driver.scores();
      BOOST_TEST(scores.counted == run.requests());
      BOOST_TEST(scores.resources == 12U);
      std::int64_t evaluated = 0;
      for (const auto& [key, count] : run.counts)
        if (std::get<2>(key) >= run.settings->evaluation()) evaluated += count;
      BOOST_TEST(scores.board.forecast.requests == evaluated);
      for (std::size_t i = 0; i < policy_count; ++i)
        if (takes_part(i, *run.settings))
          BOOST_TEST(scores.board.policies[i].total().requests() == evaluated,
                     policy_name(i) << ", " << shards << " shards");
    }
}

BOOST_AUTO_TEST_CASE(the_score_is_that_of_the_plans_against_the_counts) {
  const auto seed = tests::seed("brute-force scores", 132);
  for (std::uint64_t i = 0; i < 4; ++i)
    for (const bool budgeted : {false, true}) {
      const auto run =
          make_small_run({.seed = seed + i, .lead = static_cast<std::int64_t>(i), .budgeted = budgeted});
      hand_driver driver{run};
      driver.all();
      BOOST_TEST(driver.plans.size() > 500U);
      BOOST_TEST((driver.scores().board.policies[cost_policy] == scored(run, driver)),
                 "budgeted " << budgeted << ", lead " << i);
    }
}

BOOST_AUTO_TEST_CASE(what_a_log_leaves_open_is_scored_for_nobody_and_counted) {
  // Hours left open in which each resource is busy: what is held in them is idle for none.
  for (const bool budgeted : {false, true}) {
    auto run = make_small_run({.seed = 21, .budgeted = budgeted, .threshold = true, .unknowns = false});
    auto zeros = run;
    std::int64_t open = 0;
    for (std::size_t i = 0; i < run.rounds.size(); ++i) {
      auto& events = run.rounds[i].events;
      for (auto* r : {&run, &zeros})
        std::erase_if(r->rounds[i].events.entries,
                      [](const auto& e) { return e.cell.interval.value() % 24 == 15; });
      for (std::uint32_t resource = 0; resource < events.resources.size(); ++resource)
        for (std::uint32_t region = 0; region < events.regions.size(); ++region)
          for (auto t = run.rounds[i].from; t < run.rounds[i].to; ++t)
            if (t.value() % 24 == 15) {
              events.missing.push_back({resource, region, t});
              events.missing.push_back({resource, region, t}); // said twice, it is one
              open += t >= run.settings->evaluation() ? 1 : 0;
            }
    }
    hand_driver driver{run};
    driver.all();
    hand_driver charged{zeros};
    charged.all();
    const auto got = driver.scores().board;
    const auto zero = charged.scores().board;
    BOOST_TEST(got.left_out == open);
    BOOST_TEST(zero.left_out == 0);
    BOOST_TEST(got.forecast.key_intervals < zero.forecast.key_intervals);
    for (std::size_t i = 0; i < policy_count; ++i) {
      if (!takes_part(i, *run.settings) || policy_name(i) == "none" || policy_name(i) == "oracle") continue;
      BOOST_TEST((got.policies[i].total().requests() == zero.policies[i].total().requests()), policy_name(i));
      // Looking back a day at nothing, last-day holds nothing in these hours.
      if (policy_name(i) != "last-day" && policy_name(i) != "last-week" && policy_name(i) != "tod14" &&
          policy_name(i) != "last-week-tuned")
        BOOST_TEST(got.policies[i].total().waste < zero.policies[i].total().waste, policy_name(i));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_plan_without_declarations_is_that_of_a_run_without_any) {
  const auto seed = tests::seed("two markets", 135);
  for (const bool budgeted : {false, true})
    for (const std::uint32_t shards : {1U, 5U}) {
      const small_run_options options{
          .seed = seed, .days = 14, .shards = shards, .budgeted = budgeted, .threshold = true};
      auto with = options;
      with.intents = true;
      const auto plain = make_small_run(options);
      const auto declared = make_small_run(with);
      BOOST_TEST((plain.counts == declared.counts));
      hand_driver alone{plain};
      alone.all();
      hand_driver both{declared};
      both.all();
      const auto a = alone.scores().board;
      const auto b = both.scores().board;
      BOOST_TEST((b.policies[no_intents_index] == a.policies[cost_policy]), "budgeted " << budgeted);
      BOOST_TEST((b.policies[cost_policy] != a.policies[cost_policy]), "budgeted " << budgeted);
      BOOST_TEST((b.policies[threshold_index] == a.policies[threshold_index]));
      BOOST_TEST(both.mismatches == 0U);
      // And again when everything is turned to bytes and back after every round.
      hand_driver again{declared, {.order_seed = 5, .restarts = true}};
      again.all();
      BOOST_TEST((tests::bytes_of(again.scores()) == tests::bytes_of(both.scores())));
    }
}

BOOST_AUTO_TEST_CASE(under_a_budget_the_plan_is_the_exact_greedy_choice_over_all_shards) {
  const auto seed = tests::seed("greedy plans", 133);
  std::map<tests::counted_key, std::int64_t> plans_of_one_shard;
  for (const std::uint32_t shards : {1U, 3U, 16U}) {
    const auto run =
        make_small_run({.seed = seed, .lead = 3, .resources = 18, .shards = shards, .budgeted = true});
    hand_driver driver{run};
    driver.all();
    BOOST_TEST(driver.scarce > 50U); // else there was nothing to choose
    BOOST_TEST(driver.checked > 50U);
    BOOST_TEST(driver.mismatches == 0U);
    // Most plans are scored in the round that makes them: they show in the score.
    BOOST_TEST((driver.scores().board.policies[cost_policy] == scored(run, driver)), shards << " shards");
    if (shards == 1)
      plans_of_one_shard = driver.plans;
    else
      BOOST_TEST((driver.plans == plans_of_one_shard), shards << " shards");
  }
}

BOOST_AUTO_TEST_CASE(with_a_budget_that_nobody_reaches_yardsticks_come_to_what_they_do_without_one) {
  // Keys without a model of their own hold yardstick units too.
  const auto run = make_small_run({.seed = 12, .threshold = true});
  hand_driver free{run};
  free.all();
  const auto budgeted = make_small_run({.seed = 12, .budgeted = true, .threshold = true});
  hand_driver priced{budgeted};
  for (const auto& order : budgeted.rounds)
    priced.round_with_budget(order, 1'000'000);
  const auto expected = free.scores();
  const auto got = priced.scores();
  for (std::size_t i = 0; i < policy_count; ++i)
    if (takes_part(i, *budgeted.settings))
      BOOST_TEST((got.board.policies[i] == expected.board.policies[i]), policy_name(i));
}

BOOST_AUTO_TEST_CASE(scores_do_not_depend_on_shards_order_passivation_or_restarts) {
  const auto seed = tests::seed("order", 134);
  for (const bool budgeted : {false, true}) {
    std::string expected;
    for (const std::uint32_t shards : {1U, 4U, 16U}) {
      const auto run = make_small_run({.seed = seed,
                                       .days = 22,
                                       .warmup_intervals = 210,
                                       .shards = shards,
                                       .budgeted = budgeted,
                                       .threshold = true});
      const auto scores = scores_of(run);
      if (expected.empty()) expected = scores;
      BOOST_TEST((scores == expected), shards << " shards, budgeted " << budgeted);
      if (shards == 1) continue;
      for (std::uint64_t order = 1; order <= 3; ++order)
        BOOST_TEST((scores_of(run, {.order_seed = seed + order}) == expected), "order " << order);
      BOOST_TEST((scores_of(run, {.passivates = false}) == expected));
      BOOST_TEST((scores_of(run, {.restarts = true}) == expected));
      BOOST_TEST((scores_of(run, {.order_seed = 1, .passivates = false, .restarts = true}) == expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(idle_resources_are_passivated_and_woken_by_the_next_request) {
  const auto run = make_small_run({.seed = 9, .days = 24, .warmup_intervals = 210, .unknowns = false});
  hand_driver driver{run};
  std::size_t most = 0;
  for (const auto& r : run.rounds) {
    driver.round(r);
    std::size_t active = 0;
    for (const auto& report : driver.reports)
      active += report.active_resources;
    most = std::max(most, active);
  }
  BOOST_TEST(driver.passivated >= 2U);
  BOOST_TEST(driver.woken >= 1U);
  BOOST_TEST(most == 12U);
}

BOOST_AUTO_TEST_CASE(a_shard_restored_from_its_snapshot_reports_and_scores_the_same) {
  const auto seed = tests::seed("snapshots", 135);
  for (const bool budgeted : {false, true}) {
    const auto run = make_small_run({.seed = seed, .shards = 2, .budgeted = budgeted});
    hand_driver driver{run};
    for (const auto& r : run.rounds) {
      driver.round(r);
      for (std::size_t s = 0; s < 2; ++s) {
        const auto bytes = driver.snapshot(s);
        const auto before = bytes_of(driver.shard(s).report());
        const auto scores = tests::bytes_of(driver.scores());
        auto restored = shard_core::read_from(run.settings, bytes);
        BOOST_REQUIRE(restored.ok());
        auto report = restored->report();
        report.active_resources = driver.shard(s).report().active_resources; // they wake with the next round
        BOOST_TEST((bytes_of(report) == before));
        BOOST_TEST(restored->settled());
        BOOST_TEST(restored->round() == driver.shard(s).round());
        BOOST_TEST(restored->size() == driver.shard(s).size());
        driver.restart_from(s, bytes);
        BOOST_TEST((tests::bytes_of(driver.scores()) == scores));
        // States of resources that were active are kept as they were.
        BOOST_TEST((driver.snapshot(s).size() == bytes.size()));
      }
    }
    hand_driver undisturbed{run};
    undisturbed.all();
    BOOST_TEST((tests::bytes_of(driver.scores()) == tests::bytes_of(undisturbed.scores())));
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_snapshot_is_refused) {
  const auto run = make_small_run({.seed = 3, .days = 5, .shards = 1, .budgeted = true});
  hand_driver driver{run};
  driver.all();
  const auto good = driver.snapshot(0);
  const auto refused = [&](std::string_view bytes) {
    return !shard_core::read_from(run.settings, bytes).ok();
  };
  BOOST_TEST(!refused(good));
  BOOST_TEST(refused(good + "x"));
  for (std::size_t length = 0; length < good.size(); length += 1 + length / 20)
    BOOST_REQUIRE(refused(std::string_view{good}.substr(0, length)));
  random_source random{tests::seed("damaged shards", 136)};
  for (int trial = 0; trial < 300; ++trial) {
    auto bytes = good;
    auto& byte = bytes[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())))];
    byte = static_cast<char>(byte ^ (1 << random.below(8)));
    BOOST_REQUIRE(refused(bytes));
  }
  // Damage under a good checksum is no crash either: whoever reads looks at what it reads.
  for (int trial = 0; trial < 2'000; ++trial) {
    auto bytes = good.substr(0, good.size() - sizeof(std::uint64_t));
    const auto head = random.chance(0.5) ? 400 : static_cast<std::int64_t>(bytes.size());
    bytes[static_cast<std::size_t>(random.below(std::min(head, static_cast<std::int64_t>(bytes.size()))))] =
        static_cast<char>(random.below(256));
    if (random.chance(0.2))
      bytes.resize(static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size()))));
    models::seal(bytes, 0);
    (void)shard_core::read_from(run.settings, bytes);
  }
  std::string other{"\x08"};
  models::seal(other, 0);
  const auto incompatible = shard_core::read_from(run.settings, other);
  BOOST_REQUIRE(!incompatible.ok());
  BOOST_TEST((incompatible.failure().code == models::errc::incompatible));
}

namespace {

small_run with_segments(small_run run) {
  auto settings = std::make_shared<run_settings>(*run.settings);
  settings->segments = models::segment_table::make({"phone", "web"}).value();
  run.settings = settings;
  return run;
}

} // namespace

BOOST_AUTO_TEST_CASE(regions_of_which_no_shares_are_known_keep_one_belief_between_them) {
  const auto run = with_segments(make_small_run({.seed = 3, .days = 3, .shards = 1}));
  shard_core core{run.settings};
  BOOST_TEST(core.fold_counts(counts_of(
      1, "s",
      {{0, 0, {interval_number{run.rounds[0].from}, 1}}, {1, 1, {interval_number{run.rounds[0].from}, 1}}})));
  auto round = first_round(run);
  (void)core.begin_round(round);
  BOOST_REQUIRE(core.regions()->size() == 2U);
  BOOST_TEST(core.regions()->at(0).segments.get() == core.regions()->at(1).segments.get());
  BOOST_TEST(core.regions()->at(0).segments->segments == 3U);
}

BOOST_AUTO_TEST_CASE(a_snapshot_that_scored_more_segments_than_are_told_apart_is_refused) {
  const auto plain = make_small_run({.seed = 3, .days = 5, .shards = 1});
  const auto run = with_segments(plain);
  hand_driver driver{run};
  driver.all();
  BOOST_REQUIRE(driver.scores().board.segments.of.size() == 3U);
  BOOST_TEST(shard_core::read_from(run.settings, driver.snapshot(0)).ok());
  BOOST_TEST(!shard_core::read_from(plain.settings, driver.snapshot(0)).ok());
}

BOOST_AUTO_TEST_CASE(live_batches_come_to_what_a_replay_of_them_does) {
  for (const bool budgeted : {false, true})
    for (const bool restarts : {false, true}) {
      small_run_options options{
          .seed = 31, .shards = 3, .budgeted = budgeted, .threshold = true, .intents = true};
      const auto replayed = scores_of(make_small_run(options));
      options.live = true;
      const auto run = make_small_run(options);
      hand_driver driver{run, {.restarts = restarts}};
      driver.all();
      BOOST_TEST((tests::bytes_of(driver.scores()) == replayed),
                 "budgeted " << budgeted << ", restarts " << restarts);
      BOOST_TEST(driver.scores().counted == run.requests());
      for (std::size_t s = 0; s < driver.shard_count(); ++s) {
        BOOST_TEST(driver.shard(s).inbox().late() == 0);
        BOOST_TEST(driver.shard(s).inbox().waiting() == 0U);
      }
    }
}
