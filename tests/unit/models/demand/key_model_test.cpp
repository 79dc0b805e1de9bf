// The demand model of one key: what it learns, and that nothing breaks it. Longer than 500 lines: its cases
// share the worlds and the checks in front of them.
#define BOOST_TEST_MODULE models_demand_key_model
#include "models/demand/key_model.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

demand_options options_of(std::int64_t seconds, std::int64_t lead = 1, double under = 9, double over = 1) {
  demand_options options;
  options.interval_seconds = seconds;
  options.lead = lead;
  options.cost_under = under;
  options.cost_over = over;
  options.first = interval_number{3};
  return options;
}

model_context context_of(const demand_options& options) {
  return model_context{demand_settings::make(options).value()};
}

// Nothing unless the decision makes sense.
std::string complaint(const decision& d) {
  const auto probability = [](float p) { return std::isfinite(p) && p >= 0; };
  if (!std::isfinite(d.mean) || d.mean < 0) return "mean " + std::to_string(d.mean);
  if (!std::isfinite(d.dispersion) || d.dispersion < 0) return "dispersion " + std::to_string(d.dispersion);
  if (d.allocation < 0 || d.allocation > 100'000'000'000) return "allocation " + std::to_string(d.allocation);
  for (std::size_t j = 0; j < indicator_count; ++j)
    if (!probability(d.at_least[j]) || d.at_least[j] > (j == 0 ? 1 : d.at_least[j - 1]))
      return "at_least[" + std::to_string(j) + "] " + std::to_string(d.at_least[j]);
  std::array<float, 64> survival{};
  d.survival(survival);
  for (std::size_t j = 0; j < survival.size(); ++j)
    if (!probability(survival[j]) || survival[j] > (j == 0 ? 1 : survival[j - 1]))
      return "survival[" + std::to_string(j) + "] " + std::to_string(survival[j]);
  return {};
}

// A key as a fold drives it: every interval observed, predicted a horizon ahead, refitted at midnight.
struct driven_key {
  explicit driven_key(const model_context& c, bool pools_ = true)
      : context(c)
      , model(c, pool, c.settings.first())
      , pools(pools_) {}

  decision step(float count) {
    const auto& s = context.settings;
    if (s.grid().slot_of_day(model.next()) == 0) {
      if (pools) {
        pool_statistics statistics;
        model.report(statistics);
        pool = learn_parameters(statistics, pool);
      }
      model.refit(context, pool);
    }
    model.observe(context, count);
    return model.predict(context);
  }

  const model_context& context;
  pool_parameters pool;
  key_model model;
  bool pools;
};

std::string bytes_of(const key_model& model) {
  std::string bytes;
  byte_writer write{bytes};
  write(model);
  return bytes;
}

bool same(const decision& a, const decision& b) {
  return a.interval == b.interval && a.allocation == b.allocation &&
         std::memcmp(&a.mean, &b.mean, sizeof a.mean) == 0 &&
         std::memcmp(&a.dispersion, &b.dispersion, sizeof a.dispersion) == 0 && a.at_least == b.at_least;
}

// Streams of every kind: silence, single requests, schedules, swings, spikes of any size.
class any_stream {
public:
  explicit any_stream(std::uint64_t seed)
      : random_(seed)
      , kind_(random_.below(8))
      , period_(random_.between(1, 60))
      , mean_(std::exp(random_.uniform() * 9 - 4)) {}
  float count(std::int64_t t) {
    switch (kind_) {
    case 0:
      return 0;
    case 1:
      return random_.chance(0.01) ? 1 : 0;
    case 2:
      return t % period_ == 0 ? static_cast<float>(random_.between(0, 30)) : 0;
    case 3:
      return static_cast<float>(random_.poisson(std::min(mean_, 100.0)));
    case 4:
      return random_.chance(0.02) ? 1e9F : static_cast<float>(random_.below(2));
    case 5:
      return t / 200 % 2 == 0 ? 0 : static_cast<float>(random_.poisson(20));
    case 6:
      return std::ldexp(1.0F, static_cast<int>(random_.below(32)));
    default:
      return t < 400 ? 4294967040.0F : 0;
    }
  }

private:
  random_source random_;
  std::int64_t kind_, period_;
  double mean_;
};

// Largest distance of the allocation from a constant count in the fourth week.
std::int64_t distance_from_constant(std::int64_t seconds, float c) {
  const auto context = context_of(options_of(seconds));
  driven_key key{context};
  std::int64_t worst = 0;
  for (std::int64_t t = 0; t < 28 * context.settings.per_day(); ++t) {
    const auto d = key.step(c);
    if (t >= 21 * context.settings.per_day())
      worst = std::max(worst, std::abs(d.allocation - static_cast<std::int64_t>(c)));
  }
  return worst;
}

} // namespace

BOOST_AUTO_TEST_CASE(for_any_stream_decisions_are_finite_not_negative_and_in_order) {
  BOOST_TEST(rc::check("any stream", [] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto seconds = *rc::gen::element<std::int64_t>(1'800, 3'600, 7'200, 86'400);
    const auto lead = *rc::gen::element<std::int64_t>(0, 1, 3, 30);
    const auto ratio = *rc::gen::element(std::pair{9.0, 1.0}, std::pair{1.0, 1.0}, std::pair{1.0, 9.0},
                                         std::pair{99.0, 1.0}, std::pair{1e6, 1.0}, std::pair{1.0, 1e6});
    const auto context = context_of(options_of(seconds, lead, ratio.first, ratio.second));
    driven_key key{context};
    any_stream stream{seed};
    random_source random{seed + 1};
    const auto length = std::min<std::int64_t>(1'200, 40 * context.settings.per_day());
    for (std::int64_t t = 0; t < length; ++t) {
      const auto d = key.step(stream.count(t));
      const auto wrong = complaint(d);
      if (!wrong.empty()) RC_FAIL(wrong + " at " + std::to_string(t));
      RC_ASSERT(d.interval == context.settings.first() + t + context.settings.horizon());
      if (random.chance(0.01)) {
        const auto gap = random.between(1, 3 * context.settings.per_day());
        key.model.skip(context, key.model.next() + gap);
        t += gap;
      }
    }
  }));
}

BOOST_AUTO_TEST_CASE(weights_of_wild_swings_do_not_run_away) {
  // Found by the property above: a mean whose square was no number.
  const auto context = context_of(options_of(7'200, 0, 1, 9));
  driven_key key{context};
  any_stream stream{4474785836913};
  for (std::int64_t t = 0; t < 480; ++t)
    BOOST_REQUIRE_EQUAL(complaint(key.step(stream.count(t))), "");
}

BOOST_AUTO_TEST_CASE(a_restored_key_continues_bit_for_bit) {
  BOOST_TEST(rc::check("restored keys", [] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const auto context = context_of(options_of(*rc::gen::element<std::int64_t>(3'600, 7'200), 2));
    driven_key key{context};
    any_stream stream{seed};
    random_source random{seed};
    const auto before = random.between(0, 400);
    for (std::int64_t t = 0; t < before; ++t)
      (void)key.step(stream.count(t));
    const auto bytes = bytes_of(key.model);
    driven_key other{context};
    other.pool = key.pool;
    byte_reader read{bytes};
    read(other.model);
    RC_ASSERT(read.ok());
    RC_ASSERT(read.rest().empty());
    RC_ASSERT(other.model.fits(context));
    RC_ASSERT(bytes_of(other.model) == bytes);
    for (std::int64_t t = before; t < before + 200; ++t) {
      const auto count = stream.count(t);
      RC_ASSERT(same(key.step(count), other.step(count)));
    }
    RC_ASSERT(bytes_of(other.model) == bytes_of(key.model));
  }));
}

BOOST_AUTO_TEST_CASE(bytes_cut_off_anywhere_are_refused) {
  const auto context = context_of(options_of(7'200));
  driven_key key{context};
  any_stream stream{5};
  random_source random{5};
  for (std::int64_t t = 0; t < 300; ++t)
    (void)key.step(static_cast<float>(random.poisson(2)));
  const auto bytes = bytes_of(key.model);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    key_model cut;
    byte_reader read{std::string_view{bytes}.substr(0, length)};
    read(cut);
    BOOST_REQUIRE_MESSAGE(!read.ok(), "of " << bytes.size() << " bytes, " << length << " were accepted");
  }
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_refused_or_do_no_harm) {
  const auto seed = forestage::tests::seed("damaged keys", 71);
  std::size_t refused = 0;
  constexpr std::uint64_t trials = 3'000;
  const auto context = context_of(options_of(7'200));
  for (std::uint64_t kind = 0; kind < 3; ++kind) {
    driven_key key{context};
    random_source stream{seed + kind};
    for (std::int64_t t = 0; t < 300; ++t)
      (void)key.step(kind == 0   ? static_cast<float>(stream.poisson(2))
                     : kind == 1 ? (stream.chance(0.05) ? 1.0F : 0.0F)
                                 : static_cast<float>(stream.poisson(40)));
    const auto good = bytes_of(key.model);
    for (std::uint64_t i = 0; i < trials; ++i) {
      random_source random{seed + 1'000 * kind + i};
      auto bytes = good;
      for (auto n = random.between(1, 3); n > 0; --n)
        bytes[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())))] =
            static_cast<char>(random.chance(0.3) ? 0xff : random.below(256));
      driven_key damaged{context};
      byte_reader read{bytes};
      read(damaged.model);
      if (!read.ok() || !damaged.model.fits(context)) {
        ++refused;
        continue;
      }
      // Its numbers may be wrong, but it can go on: nothing runs away, nothing is out of bounds.
      for (std::int64_t t = 0; t < 15; ++t)
        (void)damaged.step(static_cast<float>(random.below(3)));
      damaged.model.skip(context, damaged.model.next() + 500);
      (void)damaged.step(2);
    }
  }
  BOOST_TEST(refused > 0U);
}

BOOST_AUTO_TEST_CASE(state_of_other_settings_does_not_fit) {
  const auto context = context_of(options_of(7'200, 1));
  driven_key key{context};
  for (std::int64_t t = 0; t < 100; ++t)
    (void)key.step(t % 3 == 0 ? 4.0F : 0.0F);
  BOOST_TEST(key.model.fits(context));
  BOOST_TEST(!key.model.fits(context_of(options_of(3'600, 1))));
  BOOST_TEST(!key.model.fits(context_of(options_of(7'200, 2))));
  BOOST_TEST(!key_model{}.fits(context));
}

BOOST_AUTO_TEST_CASE(after_three_weeks_a_constant_is_met_within_one) {
  for (const float c : {1.0F, 2.0F, 3.0F, 7.0F, 8.0F, 20.0F, 100.0F, 1'000.0F})
    BOOST_TEST(distance_from_constant(3'600, c) <= 1, "constant of " << c);
  for (const float c : {1.0F, 5.0F})
    BOOST_TEST(distance_from_constant(900, c) <= 1, "constant of " << c << " in 15 minutes");
}

BOOST_AUTO_TEST_CASE(silence_allocates_nothing) {
  const auto context = context_of(options_of(3'600));
  driven_key key{context};
  for (std::int64_t t = 0; t < 24 * 10; ++t)
    BOOST_REQUIRE_EQUAL(key.step(0).allocation, 0);
}

BOOST_AUTO_TEST_CASE(a_daily_schedule_is_learned) {
  const auto context = context_of(options_of(900));
  driven_key key{context};
  const auto wanted = [&](interval_number t) {
    const auto slot = context.settings.grid().slot_of_day(t);
    return slot == 36 ? 3 : slot == 60 ? 5 : 0;
  };
  std::int64_t cold = 0;
  std::int64_t waste = 0;
  for (std::int64_t t = 0; t < 42 * 96; ++t) {
    const auto d = key.step(static_cast<float>(wanted(key.model.next())));
    if (t < 35 * 96) continue;
    cold += std::max<std::int64_t>(0, wanted(d.interval) - d.allocation);
    waste += std::max<std::int64_t>(0, d.allocation - wanted(d.interval));
  }
  BOOST_TEST(cold == 0);  // of 56 requests in a week
  BOOST_TEST(waste <= 7); // one a day
}

BOOST_AUTO_TEST_CASE(a_weekly_schedule_is_learned) {
  const auto context = context_of(options_of(3'600));
  driven_key key{context};
  const auto wanted = [&](interval_number t) {
    return context.settings.grid().slot_of_week(t) == 100 ? 4 : 0;
  };
  std::int64_t cold = 0;
  std::int64_t waste = 0;
  for (std::int64_t t = 0; t < 12 * 168; ++t) {
    const auto d = key.step(static_cast<float>(wanted(key.model.next())));
    if (t < 8 * 168) continue;
    cold += std::max<std::int64_t>(0, wanted(d.interval) - d.allocation);
    waste += std::max<std::int64_t>(0, d.allocation - wanted(d.interval));
  }
  BOOST_TEST(cold <= 4); // of 16 in four weeks
  BOOST_TEST(waste <= 16);
}

BOOST_AUTO_TEST_CASE(a_busy_stream_ten_times_as_busy_gets_about_ten_times_as_much) {
  const auto seed = forestage::tests::seed("scale", 72);
  const auto context = context_of(options_of(3'600));
  for (std::uint64_t i = 0; i < 3; ++i) {
    driven_key once{context};
    driven_key tenfold{context};
    random_source random{seed + i};
    double units = 0;
    double units_of_tenfold = 0;
    for (std::int64_t t = 0; t < 24 * 35; ++t) {
      const double swing = 1 + 0.6 * std::sin(static_cast<double>(t % 24) / 24 * 6.283185307179586);
      const auto count = static_cast<float>(random.poisson(40 * swing));
      const auto a = once.step(count);
      const auto b = tenfold.step(10 * count);
      if (t < 24 * 21) continue;
      units += static_cast<double>(a.allocation);
      units_of_tenfold += static_cast<double>(b.allocation);
    }
    BOOST_TEST(units_of_tenfold / units > 9.0);
    BOOST_TEST(units_of_tenfold / units < 11.0);
  }
}

BOOST_AUTO_TEST_CASE(poisson_demand_is_covered_about_as_often_as_the_fractile_says) {
  const auto seed = forestage::tests::seed("coverage", 73);
  const auto context = context_of(options_of(3'600));
  for (const double mean : {4.0, 30.0, 150.0}) {
    driven_key key{context};
    random_source random{seed};
    std::vector<std::int64_t> decided(3);
    int covered = 0;
    int seen = 0;
    for (std::int64_t t = 0; t < 24 * 56; ++t) {
      const auto count = random.poisson(mean);
      if (t >= 24 * 21) {
        ++seen;
        if (count <= decided[static_cast<std::size_t>(t % 3)]) ++covered;
      }
      const auto d = key.step(static_cast<float>(count));
      decided[static_cast<std::size_t>((t + 2) % 3)] = d.allocation;
    }
    const double share = static_cast<double>(covered) / seen;
    BOOST_TEST(share > 0.8, "mean " << mean << " covered " << share);
    BOOST_TEST(share < 0.99, "mean " << mean << " covered " << share);
  }
}

BOOST_AUTO_TEST_CASE(a_gap_skipped_while_nothing_is_pending_leaves_the_same_counts_behind) {
  const auto context = context_of(options_of(3'600));
  // Without decisions nothing is learned online, so both ways must agree on what was counted.
  key_model skipped{context, {}, context.settings.first()};
  key_model stepped{context, {}, context.settings.first()};
  random_source random{74};
  for (int round = 0; round < 30; ++round) {
    const auto gap = random.between(1, 60);
    skipped.skip(context, skipped.next() + gap);
    for (std::int64_t i = 0; i < gap; ++i)
      stepped.observe(context, 0);
    const auto count = static_cast<float>(random.between(1, 5));
    skipped.observe(context, count);
    stepped.observe(context, count);
    BOOST_TEST((skipped.next() == stepped.next()));
    BOOST_TEST((skipped.wakes(context) == stepped.wakes(context)));
  }
}

bool awake_at(const driven_key& key, interval_number t) {
  const auto wakes = key.model.wakes(key.context);
  return wakes && wakes->from <= t && t < wakes->until;
}

BOOST_AUTO_TEST_CASE(a_key_stirs_after_a_request_and_sleeps_when_its_averages_have_faded) {
  const auto context = context_of(options_of(300));
  driven_key key{context};
  for (int i = 0; i < 288 * 5; ++i)
    (void)key.step(0);
  BOOST_TEST(!key.model.wakes(context).has_value());
  (void)key.step(1);
  // A half-life of an hour brings one request from ln 2 / 12 = .058 to the stirring .033 in under an hour.
  int awake = 0;
  while (awake_at(key, key.model.next()) && awake < 288) {
    (void)key.step(0);
    ++awake;
  }
  BOOST_TEST(awake > 6);
  BOOST_TEST(awake < 12);
  BOOST_TEST(!key.model.wakes(context).has_value());
}

BOOST_AUTO_TEST_CASE(a_key_with_many_requests_stays_awake_through_the_night) {
  const auto context = context_of(options_of(300));
  driven_key key{context};
  for (int day = 0; day < 4; ++day) {
    for (int i = 0; i < 144; ++i)
      (void)key.step(1);
    for (int i = 0; i < 144; ++i) {
      (void)key.step(0);
      BOOST_TEST_REQUIRE(awake_at(key, key.model.next()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_sleeping_key_wakes_for_the_time_of_day_that_several_days_had_a_request_at) {
  const auto context = context_of(options_of(300));
  const auto horizon = context.settings.horizon();
  driven_key key{context};
  BOOST_TEST_REQUIRE(context.repeated_days == 2); // of 14, at 9:1
  for (std::int64_t t = 0; t < 288 * 3; ++t) {
    const auto slot = t % 288;
    (void)key.step((t / 288 != 2 && slot == 100) || t == 288 * 2 + 102 ? 1 : 0);
  }
  // Asleep at midnight; two days at slot 100 and one at 102: from the third on within three slots of both.
  const auto wakes = key.model.wakes(context);
  BOOST_TEST_REQUIRE(wakes.has_value());
  BOOST_TEST(((wakes->from + horizon) - context.settings.first()) == 288 * 3 + 100 - context.repeated_within);
  BOOST_TEST((wakes->until - wakes->from) == 2 * context.repeated_within + 1);
  key.model.skip(context, wakes->from);
  int decided = 0;
  for (; awake_at(key, key.model.next()); ++decided)
    (void)key.step(0);
  BOOST_TEST(decided == 2 * context.repeated_within + 1); // the third day's own hour is not two days'
  const auto tomorrow = key.model.wakes(context);
  BOOST_TEST_REQUIRE(tomorrow.has_value());
  BOOST_TEST((tomorrow->from - wakes->from) == 288);
}

BOOST_AUTO_TEST_CASE(weights_are_made_anew_once_a_day_when_enough_was_observed_and_weekly_otherwise) {
  const auto context = context_of(options_of(300));
  driven_key key{context};
  // The log begins at slot 3 of a day; until midnight it is the same day. In its first day a key learns
  // whenever its age has doubled.
  for (int i = 3; i < 288; ++i) {
    const int age = i - 3;
    const bool doubled = age == 8 || age == 16 || age == 32 || age == 64 || age == 128 || age == 256;
    BOOST_TEST_REQUIRE(key.model.refit_due(context) == doubled, "age " << age);
    if (doubled) key.model.refit(context, {});
    (void)key.step(i == 3 ? 1 : 0);
  }
  for (int i = 288; i < 2 * 288; ++i) {
    const bool enough = key.model.refit_due(context);
    BOOST_TEST_REQUIRE(!enough, "slot " << i);
    (void)key.step(0);
  }
  BOOST_TEST(key.model.refit_due(context));
  key.model.refit(context, {});
  BOOST_TEST(!key.model.refit_due(context));
  const auto fitted = key.model.next();
  for (int day = 1; day < 7; ++day) {
    key.model.skip(context, fitted + day * 288);
    BOOST_TEST(!key.model.refit_due(context));
  }
  key.model.skip(context, fitted + 7 * 288);
  BOOST_TEST(key.model.refit_due(context));
}

BOOST_AUTO_TEST_CASE(a_skip_learns_from_decisions_that_lie_within_the_gap) {
  // Deciding now and then leaves gaps between the pending decisions: both ways must meet them.
  const auto context = context_of(options_of(300, 5));
  driven_key skipped{context};
  driven_key stepped{context};
  random_source random{75};
  for (int i = 0; i < 40; ++i) {
    const auto count = static_cast<float>(random.between(0, 2));
    skipped.model.observe(context, count);
    stepped.model.observe(context, count);
    if (random.chance(0.3)) {
      (void)skipped.model.predict(context);
      (void)stepped.model.predict(context);
    }
    const auto gap = random.between(0, 12);
    std::int64_t observed = 0;
    const auto until = skipped.model.next() + gap;
    while (stepped.model.next() < until) {
      if (const auto decided = stepped.model.next_pending(); decided && *decided < until) {
        BOOST_TEST_REQUIRE((stepped.model.pending(context, *decided) != nullptr));
        stepped.model.skip(context, *decided);
        stepped.model.observe(context, 0);
        ++observed;
      } else {
        stepped.model.skip(context, until);
      }
    }
    skipped.model.skip(context, until);
    BOOST_TEST((skipped.model.next() == stepped.model.next()));
    BOOST_TEST(skipped.model.next_pending().has_value() == stepped.model.next_pending().has_value());
  }
  const auto bytes = [](const key_model& m) {
    std::string out;
    byte_writer write{out};
    write(m);
    return out;
  };
  BOOST_TEST((bytes(skipped.model) == bytes(stepped.model)));
}

BOOST_AUTO_TEST_CASE(a_decision_is_pending_until_its_interval_has_been_observed) {
  const auto context = context_of(options_of(3'600, 3));
  driven_key key{context};
  for (int i = 0; i < 50; ++i) {
    const auto d = key.step(static_cast<float>(i % 4));
    const auto* said = key.model.pending(context, d.interval);
    BOOST_REQUIRE(said != nullptr);
    BOOST_TEST(same(*said, d));
    BOOST_TEST(key.model.pending(context, key.model.next() - 1) == nullptr);
    BOOST_TEST(key.model.pending(context, d.interval + 1) == nullptr);
  }
}

// What is not known moves nothing: after a gap that is missed the forecasts are those of before, after one of
// zeros they are not.
BOOST_AUTO_TEST_CASE(missed_intervals_leave_the_forecasts_where_they_were) {
  const auto context = context_of(options_of(900));
  random_source random{forestage::tests::seed("missed", 91)};
  driven_key missed{context};
  driven_key zeros{context};
  const auto rate = [](std::int64_t i) { return i % 96 < 32 ? 4.0 : 25.0; };
  std::int64_t i = 0;
  for (; i < 21 * 96 + 60; ++i) {
    const auto count = static_cast<float>(random.poisson(rate(i)));
    (void)missed.step(count);
    (void)zeros.step(count);
  }
  const auto before = static_cast<double>(missed.model.pending(context, missed.model.next())->mean);
  for (int j = 0; j < 20; ++j, ++i) {
    missed.model.miss(context);
    (void)missed.model.predict(context);
    (void)zeros.step(0);
  }
  const auto* after = missed.model.pending(context, missed.model.next());
  BOOST_REQUIRE(after != nullptr);
  BOOST_TEST(std::fabs(static_cast<double>(after->mean) - before) < 5);
  BOOST_TEST(after->allocation > 15);
  BOOST_TEST(zeros.model.pending(context, zeros.model.next())->mean < after->mean - 1);
  BOOST_TEST(complaint(*after).empty());
  // Restored bytes go on the same.
  std::string bytes;
  byte_writer write{bytes};
  write(missed.model);
  byte_reader read{bytes};
  key_model restored;
  read(restored);
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(restored.fits(context));
  for (int j = 0; j < 40; ++j) {
    missed.model.observe(context, 3);
    restored.observe(context, 3);
    BOOST_REQUIRE_EQUAL(missed.model.predict(context).mean, restored.predict(context).mean);
  }
}

BOOST_AUTO_TEST_CASE(a_key_that_begins_like_its_kind_knows_its_first_morning) {
  // Asked for first on a Monday at noon, twelve an hour from 6 to 18; the log is four weeks old.
  auto options = options_of(3'600);
  options.first = interval_number{0};
  const auto context = context_of(options);
  const interval_number start{28 * 24 + 4 * 24 + 12};
  rhythm kind{};
  for (std::size_t h = 0; h < kind.size(); ++h)
    kind[h] = h % 24 >= 6 && h % 24 < 18 ? 2.0F : 0.0F;
  const auto count_at = [&](interval_number t) { return 6 * kind[rhythm_hour(context.settings, t)]; };
  double known = 0;
  double silent = 0;
  for (const bool seeded : {true, false}) {
    key_model model{context, {}, start};
    if (seeded) {
      std::vector<cell> seen;
      for (std::int64_t i = 0; i < 6; ++i)
        seen.push_back({start + i, 12});
      model.seed(context, {}, seed_of(context.settings, kind, seen));
    }
    double off = 0;
    for (auto t = start; t < start + 24; ++t) {
      model.observe(context, count_at(t));
      const auto said = model.predict(context);
      BOOST_REQUIRE(complaint(said) == "");
      if (t >= start + 14) off += std::fabs(said.mean - count_at(said.interval));
    }
    (seeded ? known : silent) = off;
  }
  BOOST_TEST(known < 0.6 * silent);
}

BOOST_AUTO_TEST_CASE(whatever_a_new_key_expects_its_decisions_make_sense_and_it_restores) {
  const auto holds = rc::check([] {
    const auto context = context_of(options_of(3'600));
    rhythm expected{};
    const float size = *rc::gen::element(0.0F, 1e-6F, 0.3F, 40.0F, 1e6F, 4e9F);
    for (std::size_t h = 0; h < expected.size(); ++h)
      expected[h] = h % 7 == 0 ? size : size / 3;
    key_model model{context, {}, context.settings.first() + 100};
    model.seed(context, {}, expected);
    for (int i = 0; i < 60; ++i) {
      model.observe(context, i % 9 == 0 ? std::min(size, 1e9F) : 0.0F);
      const auto said = complaint(model.predict(context));
      if (!said.empty()) RC_FAIL(said);
    }
    RC_ASSERT(model.fits(context));
    const auto bytes = bytes_of(model);
    key_model restored;
    byte_reader read{bytes};
    read(restored);
    RC_ASSERT(read.ok() && restored.fits(context) && bytes_of(restored) == bytes);
  });
  BOOST_TEST(holds);
}
