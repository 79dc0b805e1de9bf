// The fold of one resource, alone: its state as bytes, and when a key gets a model.
#include "actors/resource/resource_core.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::random_source;

namespace {

struct stream {
  tests::small_run run;
  std::vector<round_context> rounds;
  std::vector<std::vector<region_cells>> cells; // by round

  // Rounds are those of a small run; the counts are given by `count`.
  template <class Count>
  stream(const tests::small_run_options& options, std::vector<std::uint32_t> regions, Count count)
      : run(tests::make_small_run(options)) {
    for (const auto& r : run.rounds) {
      round_context round;
      round.number = r.number;
      round.from = r.from;
      round.to = r.to;
      rounds.push_back(round);
      std::vector<region_cells> of_round;
      for (const auto region : regions) {
        region_cells c{region_number{region}, {}};
        for (auto t = r.from; t < r.to; ++t)
          if (const auto n = count(region, t - run.settings->models.settings.first()); n > 0)
            c.cells.push_back({t, static_cast<std::uint32_t>(n)});
        if (!c.cells.empty()) of_round.push_back(std::move(c));
      }
      cells.push_back(std::move(of_round));
    }
  }
};

std::string bytes_of(const resource_core& core) {
  std::string bytes;
  core.write_to(bytes);
  return bytes;
}

// Everything that a round said, as bytes.
std::string bytes_of(const resource_result& r) {
  std::string bytes;
  models::byte_writer write{bytes};
  for (const auto& region : r.regions) {
    write(region.region, region.plan);
    for (const auto* runs : {&region.runs, &region.threshold_runs})
      for (const auto& run : *runs)
        write(run.policy, run.from, run.to, run.allocation);
  }
  write(r.yardsticks, r.threshold, r.forecast, static_cast<std::uint8_t>(r.idle));
  if (r.pool) write(*r.pool);
  return bytes;
}

stream busy_stream(bool budgeted, std::uint64_t seed = 3) {
  auto random = std::make_shared<random_source>(seed);
  return stream{{.days = 24, .budgeted = budgeted, .threshold = true},
                {0, 2, 5},
                [random](std::uint32_t region, std::int64_t t) {
                  const auto day = t / 24;
                  if (region == 5 && (day < 1 || (day > 3 && day < 20))) return std::int64_t{0};
                  return region == 0 ? random->poisson(2) : random->chance(0.1) ? random->between(1, 3) : 0;
                }};
}

} // namespace

BOOST_AUTO_TEST_CASE(restored_in_the_middle_of_a_stream_a_resource_continues_bit_for_bit) {
  for (const bool budgeted : {false, true}) {
    const auto given = busy_stream(budgeted);
    resource_core straight;
    resource_core restored;
    for (std::size_t i = 0; i < given.rounds.size(); ++i) {
      const auto bytes = bytes_of(restored);
      auto read = resource_core::read_from(*given.run.settings, bytes);
      BOOST_REQUIRE_MESSAGE(read.ok(), "round " << i);
      restored = std::move(*read);
      BOOST_REQUIRE_EQUAL(bytes_of(restored).size(), bytes.size());
      BOOST_TEST((bytes_of(restored) == bytes));
      const auto a = straight.advance(*given.run.settings, given.rounds[i], given.cells[i]);
      const auto b = restored.advance(*given.run.settings, given.rounds[i], given.cells[i]);
      BOOST_TEST((bytes_of(a) == bytes_of(b)), "round " << i);
    }
    BOOST_TEST((bytes_of(straight) == bytes_of(restored)));
    BOOST_TEST(straight.bytes() > 1'000U);
  }
}

BOOST_AUTO_TEST_CASE(damaged_state_is_refused) {
  const auto given = busy_stream(false);
  resource_core core;
  for (std::size_t i = 0; i < 6; ++i)
    (void)core.advance(*given.run.settings, given.rounds[i], given.cells[i]);
  const auto good = bytes_of(core);
  const auto refused = [&](std::string_view bytes) {
    return !resource_core::read_from(*given.run.settings, bytes).ok();
  };
  BOOST_TEST(!refused(good));
  for (std::size_t length = 0; length < good.size(); length += length < 200 ? 1 : 37)
    BOOST_REQUIRE_MESSAGE(refused(std::string_view{good}.substr(0, length)), length);
  BOOST_TEST(refused(good + "x"));
  random_source random{tests::seed("damaged resources", 121)};
  for (int trial = 0; trial < 500; ++trial) {
    auto bytes = good;
    auto& byte = bytes[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())))];
    byte = static_cast<char>(byte ^ (1 << random.below(8)));
    BOOST_REQUIRE(refused(bytes));
  }
  // Whole, but not what this version writes, or of other settings.
  std::string other{"\xff"}; // a format number of the far future
  models::seal(other, 0);
  const auto incompatible = resource_core::read_from(*given.run.settings, other);
  BOOST_REQUIRE(!incompatible.ok());
  BOOST_TEST((incompatible.failure().code == models::errc::incompatible));
  const auto slower = tests::make_small_run({.interval_seconds = 7'200});
  BOOST_TEST(!resource_core::read_from(*slower.settings, good).ok());
}

BOOST_AUTO_TEST_CASE(a_resource_with_one_request_ever_gets_no_model_and_is_given_nothing) {
  stream given{{.days = 24}, {0}, [](std::uint32_t, std::int64_t t) { return t == 30 ? 1 : 0; }};
  resource_core core;
  bool idle = false;
  for (std::size_t i = 0; i < given.rounds.size(); ++i) {
    const auto result = core.advance(*given.run.settings, given.rounds[i], given.cells[i]);
    for (const auto& region : result.regions)
      BOOST_TEST(region.plan.units.empty());
    BOOST_TEST(result.forecast.worked == 0);
    BOOST_TEST(!result.pool);
    idle = result.idle;
  }
  BOOST_TEST(core.bytes() < 400U);
  BOOST_TEST(idle);
}

namespace {

// Key-intervals that a model worked on when these intervals (hours) of a log of forty days bring two requests
// each.
std::int64_t worked(const std::vector<std::int64_t>& active, std::uint32_t requests = 2) {
  stream given{{.days = 40}, {0}, [&](std::uint32_t, std::int64_t t) {
                 return std::ranges::count(active, t) > 0 ? requests : 0;
               }};
  resource_core core;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < given.rounds.size(); ++i)
    sum += core.advance(*given.run.settings, given.rounds[i], given.cells[i]).forecast.worked;
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_eighth_active_interval_of_two_weeks_makes_a_model) {
  BOOST_TEST(worked({105, 106, 107, 108, 109, 110, 111}) == 0);
  BOOST_TEST(worked({105, 106, 107, 108, 109, 110, 111, 112}) > 0);
  BOOST_TEST(worked({105, 106, 107, 108, 109, 110, 111, 105 + 14 * 24}) > 0);
  BOOST_TEST(worked({105, 106, 107, 108, 109, 110, 111, 106 + 14 * 24}) == 0);
}

BOOST_AUTO_TEST_CASE(a_key_that_is_dense_from_the_start_of_the_log_gets_a_model_sooner) {
  BOOST_TEST(worked({5, 6}) == 0);
  BOOST_TEST(worked({5, 6, 7}) > 0);
  BOOST_TEST(worked({5}, 32) > 0);
  BOOST_TEST(worked({5}, 31) == 0);
  BOOST_TEST(worked({95}, 32) == 0); // one of 96 intervals is not dense
}

BOOST_AUTO_TEST_CASE(every_request_of_the_evaluation_part_is_counted_whether_there_is_a_model_or_not) {
  const auto given = busy_stream(true);
  resource_core core;
  std::int64_t requests = 0;
  std::int64_t expected = 0;
  std::int64_t threshold_requests = 0;
  for (std::size_t i = 0; i < given.rounds.size(); ++i) {
    const auto result = core.advance(*given.run.settings, given.rounds[i], given.cells[i]);
    requests += result.forecast.requests;
    threshold_requests += result.threshold.requests();
    if (given.rounds[i].from < given.run.settings->evaluation()) continue;
    for (const auto& region : given.cells[i])
      for (const auto& c : region.cells)
        expected += c.count;
  }
  BOOST_TEST(requests == expected);
  BOOST_TEST(threshold_requests == expected);
}

BOOST_AUTO_TEST_CASE(regions_are_folded_each_for_itself_whatever_their_numbers) {
  // Region numbers depend on who is heard of first: the same counts under other numbers give the same.
  const auto seed = tests::seed("region numbers", 122);
  const auto totals = [seed](std::vector<std::uint32_t> numbers) {
    random_source random{seed};
    std::vector<std::vector<std::int64_t>> counts(3);
    for (auto& of_region : counts) {
      const double mean = 0.1 + 3 * random.uniform();
      for (int t = 0; t < 24 * 24; ++t)
        of_region.push_back(random.poisson(mean));
    }
    stream given{{.days = 24, .budgeted = true}, {0, 1, 2}, [&](std::uint32_t region, std::int64_t t) {
                   const auto of_region = std::ranges::find(numbers, region) - numbers.begin();
                   return counts[static_cast<std::size_t>(of_region)][static_cast<std::size_t>(t)];
                 }};
    resource_core core;
    models::yardstick_sums yardsticks;
    forecast_sums forecast;
    models::pool_statistics pool;
    std::map<std::pair<std::uint32_t, models::interval_number>, std::int64_t>
        plans; // by the order in `counts`
    for (std::size_t i = 0; i < given.rounds.size(); ++i) {
      auto result = core.advance(*given.run.settings, given.rounds[i], given.cells[i]);
      yardsticks += result.yardsticks;
      forecast += result.forecast;
      if (result.pool) pool.merge(*result.pool);
      for (const auto& region : result.regions)
        for (const auto& u : region.plan.units) {
          const auto of_region = std::ranges::find(numbers, region.region.value()) - numbers.begin();
          plans[{static_cast<std::uint32_t>(of_region), u.interval}] = u.units;
        }
    }
    std::string bytes;
    models::byte_writer write{bytes};
    write(yardsticks, forecast, pool);
    for (const auto& [key, units] : plans)
      write(key.first, key.second, units);
    BOOST_TEST(plans.size() > 100U);
    return bytes;
  };
  const auto once = totals({0, 1, 2});
  BOOST_TEST((totals({2, 0, 1}) == once));
  BOOST_TEST((totals({1, 2, 0}) == once));
}

BOOST_AUTO_TEST_CASE(a_region_may_be_left_out_where_nothing_happened) {
  const auto given = busy_stream(false);
  resource_core sparse;
  resource_core full;
  for (std::size_t i = 0; i < given.rounds.size(); ++i) {
    auto cells = given.cells[i];
    for (const std::uint32_t region : {0U, 2U, 5U})
      if (std::ranges::none_of(cells, [&](const auto& c) { return c.region.value() == region; }) && i > 1)
        cells.push_back({region_number{region}, {}});
    std::ranges::sort(cells, {}, [](const auto& c) { return c.region; });
    const auto a = sparse.advance(*given.run.settings, given.rounds[i], given.cells[i]);
    const auto b = full.advance(*given.run.settings, given.rounds[i], cells);
    BOOST_TEST((bytes_of(a) == bytes_of(b)), "round " << i);
  }
}

BOOST_AUTO_TEST_CASE(an_idle_resource_that_is_not_asked_says_what_one_that_is_asked_says) {
  // Rounds of a passive resource are left out: the next request must find the same state.
  // For 14 days it still wakes for times of day that repeated.
  stream given{{.days = 80, .warmup_intervals = 300}, {0}, [](std::uint32_t, std::int64_t t) {
                 const auto day = t / 24;
                 return (day < 3 || day == 40 || day > 75) && t % 3 == 0 ? 1 + t % 2 : 0;
               }};
  resource_core asked;
  resource_core passive;
  bool idle = false;
  int left_out = 0;
  for (std::size_t i = 0; i < given.rounds.size(); ++i) {
    const auto a = asked.advance(*given.run.settings, given.rounds[i], given.cells[i]);
    if (idle && given.cells[i].empty()) {
      ++left_out;
      BOOST_TEST(a.idle);
      BOOST_TEST(a.regions.empty());
      BOOST_TEST(a.forecast.worked == 0);
      BOOST_TEST((a.yardsticks == models::yardstick_sums{}));
      continue;
    }
    const auto b = passive.advance(*given.run.settings, given.rounds[i], given.cells[i]);
    idle = b.idle;
    BOOST_TEST((bytes_of(a) == bytes_of(b)), "round " << i);
  }
  BOOST_TEST(left_out > 20);
}

BOOST_AUTO_TEST_CASE(wishes_of_any_size_have_benefits_that_fall_from_unit_to_unit) {
  random_source random{tests::seed("wishes", 123)};
  for (const double mean : {3.0, 60.0, 200.0, 450.0}) {
    stream given{{.days = 12, .budgeted = true}, {0}, [&](std::uint32_t, std::int64_t) {
                   std::int64_t sum = 0;
                   for (int part = 0; part < 10; ++part)
                     sum += random.poisson(mean / 10);
                   return sum;
                 }};
    resource_core core;
    std::int64_t seen = 0;
    for (std::size_t i = 0; i < given.rounds.size(); ++i) {
      const auto result = core.advance(*given.run.settings, given.rounds[i], given.cells[i]);
      for (const auto& region : result.regions)
        for (const auto& u : region.plan.units) {
          ++seen;
          const auto steps = std::span{region.plan.steps}.subspan(u.first_step, u.last_step - u.first_step);
          BOOST_REQUIRE(!steps.empty());
          BOOST_REQUIRE_EQUAL(static_cast<std::int64_t>(steps.back().last_unit), u.units);
          for (std::size_t k = 1; k < steps.size(); ++k) {
            BOOST_REQUIRE(steps[k - 1].last_unit < steps[k].last_unit);
            BOOST_REQUIRE(steps[k - 1].worth > steps[k].worth);
          }
          if (i < 10) continue;
          // The first unit is surely needed; what is wanted beyond twice the mean is surely not.
          if (mean > 10)
            BOOST_REQUIRE(steps.front().worth > models::benefit_of(0.95, given.run.settings->costs()));
          if (static_cast<double>(u.units) > 2 * mean)
            BOOST_REQUIRE(steps.back().worth < models::benefit_of(0.3, given.run.settings->costs()));
        }
    }
    BOOST_TEST(seen > 100);
  }
}

// What an hour of every day brings; a gap of half a day at a busy time in the last week.
BOOST_AUTO_TEST_CASE(an_outage_is_not_learned_from_and_an_open_count_neither) {
  constexpr std::int64_t gap = 26 * 24 + 8, gap_end = gap + 6;
  const auto demand = [](std::int64_t t) {
    return t % 24 >= 6 ? std::int64_t{20 + t % 24} : std::int64_t{5};
  };
  const auto silent = [=](std::int64_t t) { return t >= gap && t < gap_end; };
  const tests::small_run_options options{.days = 28};
  const stream whole{options, {0}, [&](std::uint32_t, std::int64_t t) { return demand(t); }};
  const stream cut{options, {0}, [&](std::uint32_t, std::int64_t t) { return silent(t) ? 0 : demand(t); }};
  const auto first = cut.run.settings->models.settings.first();
  enum class told { nothing, outage, open };
  // The cost of the day after the gap, against what was wanted.
  const auto cost_after = [&](const stream& given, told what) {
    resource_core core;
    std::map<std::int64_t, std::int64_t> planned;
    for (std::size_t i = 0; i < given.rounds.size(); ++i) {
      region_table table(1);
      auto cells = given.cells[i];
      for (auto t = std::max(given.rounds[i].from, first + gap);
           t < std::min(given.rounds[i].to, first + gap_end); ++t) {
        if (what == told::open) cells.front().missing.push_back(t);
        if (what == told::outage) table[0].outages = {{first + gap, first + gap_end}};
      }
      for (const auto& region :
           core.advance(*given.run.settings, given.rounds[i], cells, false, table).regions)
        for (const auto& u : region.plan.units)
          planned[u.interval - first] = u.units;
    }
    std::int64_t cost = 0;
    for (auto t = gap_end + 2; t < gap_end + 26; ++t) {
      const auto off = demand(t) - planned[t];
      cost += off > 0 ? 9 * off : -off;
    }
    return cost;
  };
  const auto untouched = cost_after(whole, told::nothing);
  const auto learned = cost_after(cut, told::nothing);
  BOOST_TEST_MESSAGE("untouched " << untouched << ", learned " << learned << ", outage "
                                  << cost_after(cut, told::outage) << ", open "
                                  << cost_after(cut, told::open));
  BOOST_TEST(learned > untouched + 20);
  for (const auto what : {told::outage, told::open})
    BOOST_TEST(cost_after(cut, what) <= untouched + (learned - untouched) / 4);
}

// A resource that is passive during an outage hears of it when it wakes.
BOOST_AUTO_TEST_CASE(an_outage_while_a_resource_is_passive_is_told_when_it_wakes) {
  // Noon of every day, but for two weeks.
  const stream given{{.days = 40}, {0}, [](std::uint32_t, std::int64_t t) {
                       return t % 24 == 12 && (t / 24 < 16 || t / 24 >= 36) ? 3 : 0;
                     }};
  const auto first = given.run.settings->models.settings.first();
  const auto from = first + (32 * 24 + 11), to = from + 3; // when it might have come
  const auto state_after = [&](bool always, bool outage) {
    resource_core core;
    bool idle = false;
    std::size_t passive = 0;
    for (std::size_t i = 0; i < given.rounds.size(); ++i) {
      region_table table(1);
      if (outage && given.rounds[i].to > from) table[0].outages = {{from, to}};
      if (!always && idle && given.cells[i].empty()) {
        ++passive;
        continue;
      }
      idle = core.advance(*given.run.settings, given.rounds[i], given.cells[i], false, table).idle;
    }
    if (!always) BOOST_TEST(passive > 3U);
    return bytes_of(core);
  };
  BOOST_TEST((state_after(true, true) == state_after(false, true)));
  BOOST_TEST((state_after(true, true) != state_after(true, false)));
}
