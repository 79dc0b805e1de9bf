// What a key does without a source of knowledge.
#include "models/demand/key_model.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

constexpr std::int64_t per_day = 48;

model_context context_of(const ablation& without, std::int64_t first = 0) {
  demand_options options;
  options.interval_seconds = 1'800;
  options.first = interval_number{first};
  options.without = without;
  return model_context{demand_settings::make(options).value()};
}

// The decisions over a stream; weights are made every day of the stream, whatever the clock says.
std::vector<decision> decisions_of(const model_context& context, const std::vector<float>& counts,
                                   const pool_parameters& pool = {}) {
  key_model key{context, pool, context.settings.first()};
  std::vector<decision> out;
  for (std::size_t t = 0; t < counts.size(); ++t) {
    if (t % per_day == 0) key.refit(context, pool);
    key.observe(context, counts[t]);
    out.push_back(key.predict(context));
  }
  return out;
}

// Of the second half, at 9:1.
double cost_of(const ablation& without, const std::vector<float>& counts) {
  const auto context = context_of(without);
  const auto said = decisions_of(context, counts);
  double cost = 0;
  for (std::size_t t = counts.size() / 2; t + 2 < counts.size(); ++t) {
    const auto missing = static_cast<double>(counts[t + 2]) - static_cast<double>(said[t].allocation);
    cost += missing > 0 ? 9 * missing : -missing;
  }
  return cost;
}

std::vector<float> stream(std::int64_t days, const std::function<float(std::int64_t)>& at) {
  std::vector<float> out;
  for (std::int64_t t = 0; t < days * per_day; ++t)
    out.push_back(at(t));
  return out;
}

std::vector<float> of_allocations(const std::vector<decision>& decisions) {
  std::vector<float> out;
  for (const auto& d : decisions)
    out.push_back(static_cast<float>(d.allocation));
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(without_history_a_timetable_is_not_learned) {
  random_source random{forestage::tests::seed("timetable", 301)};
  const auto counts = stream(28, [&](std::int64_t t) {
    return t % per_day == 19 ? static_cast<float>(10 + random.below(5)) : 0.0F;
  });
  const auto known = cost_of({}, counts);
  BOOST_TEST(cost_of({.history = true}, counts) > 2 * known);
  BOOST_TEST(cost_of({.live = true}, counts) < 1.5 * known); // which has nothing to do with what came lately
}

BOOST_AUTO_TEST_CASE(without_history_a_key_does_not_know_what_time_it_is) {
  random_source random{forestage::tests::seed("clock", 302)};
  const auto counts = stream(
      20, [&](std::int64_t t) { return static_cast<float>(random.poisson(t % per_day < 16 ? 1.0 : 12.0)); });
  const auto in_the_morning = [&](const ablation& without, std::int64_t first) {
    return of_allocations(decisions_of(context_of(without, first), counts));
  };
  const ablation without{.history = true};
  BOOST_TEST((in_the_morning(without, 0) == in_the_morning(without, 7 * per_day / 2 + 5)));
  BOOST_TEST((in_the_morning({}, 0) != in_the_morning({}, 7 * per_day / 2 + 5)));
}

BOOST_AUTO_TEST_CASE(without_live_rates_a_crowd_is_not_followed) {
  random_source random{forestage::tests::seed("crowd", 303)};
  double level = 5;
  const auto counts = stream(28, [&](std::int64_t t) {
    if (t % 12 == 0) level = random.chance(0.2) ? 60 : 5;
    return static_cast<float>(random.poisson(level));
  });
  const auto known = cost_of({}, counts);
  BOOST_TEST(cost_of({.live = true}, counts) > 1.5 * known);
  BOOST_TEST(cost_of({.history = true}, counts) < 1.1 * known);
}

BOOST_AUTO_TEST_CASE(without_pooling_no_pool_changes_a_decision) {
  random_source random{forestage::tests::seed("pooling", 304)};
  const auto counts = stream(6, [&](std::int64_t) { return static_cast<float>(random.poisson(3)); });
  // A pool that has learned that yesterday's half-hour is all that counts.
  pool_parameters pool;
  for (auto& w : pool.weights) {
    w = {};
    w[5] = 3;
  }
  const auto alone = context_of({.pooling = true});
  const auto taught = context_of({});
  BOOST_TEST((of_allocations(decisions_of(alone, counts, pool)) ==
              of_allocations(decisions_of(alone, counts, pool_parameters{}))));
  BOOST_TEST((of_allocations(decisions_of(taught, counts, pool)) !=
              of_allocations(decisions_of(taught, counts, pool_parameters{}))));
}

BOOST_AUTO_TEST_CASE(without_recalibration_a_curve_stands_as_it_was_forecast) {
  random_source random{forestage::tests::seed("curves", 305)};
  const auto counts = stream(
      14, [&](std::int64_t) { return random.chance(0.5) ? 0.0F : static_cast<float>(random.poisson(20)); });
  const auto plain = decisions_of(context_of({.recalibration = true}), counts);
  const auto corrected = decisions_of(context_of({}), counts);
  BOOST_TEST((of_allocations(plain) == of_allocations(corrected)));
  BOOST_TEST((plain.back().map == probability_map{}));
  BOOST_TEST((corrected.back().map != probability_map{}));
}
