// The event-driven yardsticks equal the interval-by-interval definition: on any stream, lead, grid, split
// into rounds, with snapshots and restores in between, and with calls left out while a key is idle.
#define BOOST_TEST_MODULE property_models_yardsticks
#include "models/yardsticks/tracker.hpp"
#include "tests/support/yardsticks_reference.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace forestage::models;
using forestage::tests::yardsticks_reference;

namespace {

std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// A number in [0, bound) that depends on the seed and two places only.
std::uint64_t drawn(std::uint64_t seed, std::int64_t a, std::int64_t b, std::uint64_t bound) {
  return mixed(mixed(seed ^ static_cast<std::uint64_t>(a)) ^ static_cast<std::uint64_t>(b)) % bound;
}

// A number in [least, bound), of the whole range from the first case on (RapidCheck's own ranges grow
// slowly).
template <class T> T between(T least, T bound) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(least, bound));
}

struct scenario {
  yardstick_settings settings;
  tuned_choice choice;
  std::vector<std::int64_t> demand; // of first, first + 1, ...
  std::vector<bool> open;           // the same: nobody knows the count
  std::uint64_t seed = 0;           // of the splits, snapshots and skips
  std::int64_t longest_round = 1;
};

// Counts: a share of random intervals, and a share of slots that repeat daily with a chance; busy or quiet
// stretches of days.
std::vector<std::int64_t> make_demand(std::int64_t length, std::int64_t per_day) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto noise = *rc::gen::element(0, 1, 10, 100, 500, 1'000); // of 1,000 intervals
  const auto slots = *rc::gen::element(0, 1, 50, 300, 1'000);      // of 1,000 slots of the day
  const auto chance = *rc::gen::element(100, 500, 900, 1'000);     // of 1,000 days
  const auto quiet = *rc::gen::element(0, 0, 300, 900);            // of 1,000 stretches of 5 days
  const auto most = *rc::gen::element<std::uint64_t>(1, 2, 5, 1'000, 4'000'000'000);
  std::vector<std::int64_t> demand(static_cast<std::size_t>(length));
  for (std::int64_t t = 0; t < length; ++t) {
    const auto day = t / per_day;
    if (drawn(seed, 1, day / 5, 1'000) < static_cast<std::uint64_t>(quiet)) continue;
    const auto scheduled = drawn(seed, 2, t % per_day, 1'000) < static_cast<std::uint64_t>(slots) &&
                           drawn(seed, 3, t, 1'000) < static_cast<std::uint64_t>(chance);
    if (scheduled || drawn(seed, 4, t, 1'000) < static_cast<std::uint64_t>(noise))
      demand[static_cast<std::size_t>(t)] = static_cast<std::int64_t>(1 + drawn(seed, 5, t, most));
  }
  // A few counts that shrink one by one.
  for (const auto& [at, count] : *rc::gen::arbitrary<std::vector<std::pair<std::uint16_t, std::uint8_t>>>())
    if (at < length) demand[at] = count;
  return demand;
}

scenario make_scenario(std::int64_t per_day, std::int64_t most_days) {
  scenario made;
  auto& settings = made.settings;
  settings.lead = between<std::int64_t>(0, 5);
  settings.per_day = per_day;
  settings.per_week = per_day * 7;
  settings.first = interval_number{between<std::int64_t>(-3'000, 3'000)};
  const auto length = between<std::int64_t>(1, most_days * per_day + 1);
  settings.evaluation = settings.first + between<std::int64_t>(0, length + 1);
  const auto costs =
      *rc::gen::element(std::pair{9.0, 1.0}, std::pair{1.0, 1.0}, std::pair{99.0, 1.0}, std::pair{1.0, 4.0},
                        std::pair{0.7, 0.3}, std::pair{0.0, 1.0}, std::pair{1.0, 0.0});
  settings.cost_under = costs.first;
  settings.cost_over = costs.second;
  made.choice.window = between<std::uint8_t>(0, tuned_windows.size());
  made.choice.headroom = between<std::uint8_t>(0, tuned_headroom_quarters.size());
  made.choice.week_headroom = between<std::uint8_t>(0, tuned_headroom_quarters.size());
  made.demand = make_demand(length, per_day);
  const auto open = *rc::gen::element(0, 0, 20, 500); // of 1,000 intervals without a request
  const auto open_seed = *rc::gen::arbitrary<std::uint64_t>();
  for (std::int64_t t = 0; t < length; ++t)
    made.open.push_back(made.demand[static_cast<std::size_t>(t)] == 0 &&
                        drawn(open_seed, 6, t, 1'000) < static_cast<std::uint64_t>(open));
  made.seed = *rc::gen::arbitrary<std::uint64_t>();
  made.longest_round = *rc::gen::element<std::int64_t>(1, std::max<std::int64_t>(per_day / 3, 1), per_day,
                                                       per_day, 3 * per_day);
  return made;
}

std::vector<cell> cells_of(const scenario& given, std::int64_t from, std::int64_t to) {
  std::vector<cell> cells;
  for (auto t = from; t < to; ++t)
    if (const auto count = given.demand[static_cast<std::size_t>(t)]; count != 0)
      cells.push_back({given.settings.first + t, static_cast<std::uint32_t>(count)});
  return cells;
}

std::vector<interval_number> missing_of(const scenario& given, std::int64_t from, std::int64_t to) {
  std::vector<interval_number> missing;
  for (auto t = from; t < to; ++t)
    if (given.open[static_cast<std::size_t>(t)]) missing.push_back(given.settings.first + t);
  return missing;
}

void check_runs(const scenario& given, const yardsticks_reference& reference,
                const std::vector<allocation_run>& runs, std::int64_t from, std::int64_t to) {
  const auto width = static_cast<std::size_t>(to - from);
  std::vector<std::vector<std::int64_t>> held(yardstick_count, std::vector<std::int64_t>(width));
  for (const auto& run : runs) {
    RC_ASSERT(run.allocation > 0);
    RC_ASSERT(run.from < run.to);
    RC_ASSERT(run.from >= given.settings.first + from);
    RC_ASSERT(run.to <= given.settings.first + to);
    for (auto t = run.from; t < run.to; ++t) {
      auto& place = held[static_cast<std::size_t>(run.policy)]
                        [static_cast<std::size_t>(t - given.settings.first - from)];
      RC_ASSERT(place == 0);
      place = run.allocation;
    }
  }
  for (auto t = from; t < to; ++t)
    for (std::size_t i = 0; i < yardstick_count; ++i) {
      const auto policy = static_cast<yardstick>(i);
      const auto collected = policy != yardstick::oracle && reference.evaluates(t);
      RC_ASSERT(held[i][static_cast<std::size_t>(t - from)] ==
                (collected ? reference.allocation(policy, t) : 0));
    }
}

void check_equal(const scenario& given) {
  const yardsticks_reference reference{given.settings, given.choice, given.demand};
  auto work = yardstick_workspace::make(given.settings).value();
  work.choose(given.choice);
  yardstick_tracker tracker;
  const auto length = static_cast<std::int64_t>(given.demand.size());
  for (std::int64_t from = 0, round = 0; from < length; ++round) {
    const auto longest = static_cast<std::uint64_t>(given.longest_round);
    const auto steady = drawn(given.seed, 0, 0, 2) == 0; // all rounds as long as they may be
    const auto wanted = steady ? longest : 1 + drawn(given.seed, 1, round, longest);
    const auto to = std::min(length, from + static_cast<std::int64_t>(wanted));
    const auto cells = cells_of(given, from, to);
    const auto expected = reference.sums(from, to, given.open);
    const auto left_out = cells.empty() && drawn(given.seed, 2, round, 4) != 0 &&
                          tracker.idle(work, given.settings.first + from, given.settings.first + to);
    yardstick_sums got;
    std::vector<allocation_run> runs;
    const auto collects = drawn(given.seed, 3, round, 2) == 0;
    if (!left_out)
      tracker.advance(work, cells, given.settings.first + from, given.settings.first + to, got,
                      collects ? &runs : nullptr, missing_of(given, from, to));
    RC_ASSERT((got == expected));
    if (collects) check_runs(given, reference, runs, from, to);
    if (drawn(given.seed, 4, round, 5) == 0) {
      std::string bytes;
      tracker.write_to(bytes);
      std::string_view rest = bytes;
      auto restored = yardstick_tracker::read_from(rest);
      RC_ASSERT(restored.ok());
      RC_ASSERT(rest.empty());
      std::string again;
      restored->write_to(again);
      RC_ASSERT(again == bytes);
      tracker = std::move(restored).value();
    }
    from = to;
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(on_small_grids_where_weeks_pass_quickly_the_sums_are_those_of_the_definition) {
  BOOST_TEST(rc::check("small grids", [] { check_equal(make_scenario(between<std::int64_t>(4, 25), 40)); }));
}

BOOST_AUTO_TEST_CASE(on_grids_so_small_that_the_lead_hides_whole_days_the_sums_are_those_of_the_definition) {
  BOOST_TEST(rc::check("tiny grids", [] { check_equal(make_scenario(between<std::int64_t>(1, 5), 40)); }));
}

BOOST_AUTO_TEST_CASE(on_real_grids_the_sums_are_those_of_the_definition) {
  BOOST_TEST(rc::check("real grids",
                       [] { check_equal(make_scenario(*rc::gen::element<std::int64_t>(96, 288), 20)); }));
}

BOOST_AUTO_TEST_CASE(no_broken_snapshot_does_harm) {
  BOOST_TEST(rc::check("broken snapshots", [] {
    const auto given = make_scenario(between<std::int64_t>(4, 25), 10);
    auto work = yardstick_workspace::make(given.settings).value();
    yardstick_tracker tracker;
    yardstick_sums sums;
    const auto length = static_cast<std::int64_t>(given.demand.size());
    tracker.advance(work, cells_of(given, 0, length), given.settings.first, given.settings.first + length,
                    sums);
    std::string bytes;
    tracker.write_to(bytes);
    const auto cut = between<std::size_t>(0, bytes.size());
    std::string_view truncated{bytes.data(), cut};
    RC_ASSERT(!yardstick_tracker::read_from(truncated).ok());
    // A changed byte is refused or gives a tracker that can go on.
    bytes[between<std::size_t>(1, bytes.size())] = *rc::gen::arbitrary<char>();
    std::string_view changed = bytes;
    auto restored = yardstick_tracker::read_from(changed);
    if (!restored) return;
    std::string again;
    restored->write_to(again);
    std::string_view rest = again;
    RC_ASSERT(yardstick_tracker::read_from(rest).ok());
  }));
}
