// What a report shows of a run: it adds up to the score, changes nothing of it, and depends on neither
// shards, order nor restarts.
#include "tests/support/hand_driver.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::hand_driver;
using forestage::tests::hand_options;
using forestage::tests::make_small_run;
using forestage::tests::small_run;

namespace {

std::string scores_of(const small_run& run, hand_options options = {}) {
  hand_driver driver{run, options};
  driver.all();
  return tests::bytes_of(driver.scores());
}

} // namespace

BOOST_AUTO_TEST_CASE(a_trace_adds_up_to_the_score_and_its_curves_are_the_counts_and_the_plans) {
  const auto seed = tests::seed("trace sums", 141);
  for (const bool budgeted : {false, true}) {
    const auto run = make_small_run({.seed = seed, .days = 16, .budgeted = budgeted, .traced = true});
    hand_driver driver{run};
    driver.all();
    const auto board = driver.scores().board;
    const auto& trace = board.trace;
    BOOST_REQUIRE(trace.fits(*run.settings->trace));
    models::hour_sums week;
    for (const auto& hour : trace.week())
      week += hour;
    const auto& total = board.policies[cost_policy].total();
    BOOST_TEST(week.requests == total.requests());
    BOOST_TEST(week.warm == total.used);
    std::int64_t observations = 0;
    for (std::size_t c = 0; c < models::calibration_sums::class_count; ++c)
      observations += trace.calibration().observations(c);
    BOOST_TEST(observations == board.forecast.key_intervals);
    BOOST_TEST(observations > 0);

    const auto& settings = *run.settings->trace;
    for (std::size_t k = 0; k < settings.keys.size(); ++k) {
      const auto& key = settings.keys[k];
      const auto& curve = trace.curves()[k];
      BOOST_REQUIRE(!curve.empty());
      std::size_t said = 0;
      for (auto t = settings.from; t < settings.to; ++t) {
        const auto i = static_cast<std::size_t>(t - settings.from);
        const auto count = run.counts.find({key.resource, key.region, t});
        const auto plan = driver.plans.find({key.resource, key.region, t});
        BOOST_TEST(curve.actual[i] == (count != run.counts.end() ? count->second : 0));
        BOOST_TEST(curve.units[i] == (plan != driver.plans.end() ? plan->second : 0));
        if (curve.mean[i] == models::traced_curve::nothing_said) continue;
        ++said;
        for (std::size_t q = 1; q < models::curve_levels.size(); ++q)
          BOOST_TEST(curve.quantiles[q - 1][i] <= curve.quantiles[q][i]);
      }
      BOOST_TEST(said > 0U, key.resource.text());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_run_without_a_trace_keeps_none_and_scores_the_same) {
  for (const bool budgeted : {false, true}) {
    const auto plain = make_small_run({.seed = 21, .budgeted = budgeted, .threshold = true});
    const auto traced = make_small_run({.seed = 21, .budgeted = budgeted, .threshold = true, .traced = true});
    hand_driver without{plain};
    without.all();
    hand_driver with{traced};
    with.all();
    auto scores = with.scores();
    BOOST_TEST(without.scores().board.trace.empty());
    BOOST_TEST(!scores.board.trace.empty());
    scores.board.trace = {};
    BOOST_TEST((tests::bytes_of(scores) == tests::bytes_of(without.scores())));
  }
}

BOOST_AUTO_TEST_CASE(a_trace_does_not_depend_on_shards_order_passivation_or_restarts) {
  const auto seed = tests::seed("trace order", 142);
  for (const bool budgeted : {false, true}) {
    std::string expected;
    for (const std::uint32_t shards : {1U, 4U, 16U}) {
      const auto run =
          make_small_run({.seed = seed, .days = 14, .shards = shards, .budgeted = budgeted, .traced = true});
      const auto scores = scores_of(run);
      if (expected.empty()) expected = scores;
      BOOST_TEST((scores == expected), shards << " shards, budgeted " << budgeted);
      BOOST_TEST((scores_of(run, {.order_seed = seed + 1}) == expected));
      BOOST_TEST((scores_of(run, {.order_seed = 1, .passivates = false, .restarts = true}) == expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_snapshot_of_a_run_with_another_trace_is_refused) {
  const auto traced = make_small_run({.seed = 5, .days = 8, .shards = 1, .traced = true});
  const auto plain = make_small_run({.seed = 5, .days = 8, .shards = 1});
  for (const auto* made : {&traced, &plain}) {
    hand_driver driver{*made};
    driver.all();
    const auto bytes = driver.snapshot(0);
    for (const auto* read : {&traced, &plain}) {
      const auto found = shard_core::read_from(read->settings, bytes);
      BOOST_TEST(found.ok() == (made == read));
      if (!found) BOOST_TEST((found.failure().code == models::errc::incompatible));
    }
  }
}
