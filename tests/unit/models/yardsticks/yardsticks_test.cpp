// Yardsticks by hand: small streams whose sums a person can check. The properties are in
// tests/property/models.
#define BOOST_TEST_MODULE models_yardsticks
#include "models/yardsticks/bytes.hpp"
#include "models/yardsticks/tracker.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

using namespace forestage::models;
using namespace forestage::models::yardsticks;

namespace {

interval_number n(std::int64_t value) {
  return interval_number{value};
}

// Ten intervals a day, from 100 on; the evaluation part starts at 140. Nine to one: a fractile of 0.9.
yardstick_settings ten_a_day() {
  yardstick_settings settings;
  settings.per_day = 10;
  settings.per_week = 70;
  settings.first = n(100);
  settings.evaluation = n(140);
  return settings;
}

// Plays a stream day by day up to `to`, and gives the sums of the evaluation part.
yardstick_sums evaluated(yardstick_workspace& work, const std::vector<cell>& cells, std::int64_t to,
                         std::vector<allocation_run>* runs = nullptr) {
  yardstick_tracker tracker;
  yardstick_sums warmup;
  yardstick_sums sums;
  std::size_t next = 0;
  for (auto at = work.settings().first; at < n(to); at = at + 10) {
    const auto begin = next;
    while (next < cells.size() && cells[next].interval < at + 10)
      ++next;
    tracker.advance(work, std::span{cells}.subspan(begin, next - begin), at, at + 10,
                    at < work.settings().evaluation ? warmup : sums, runs);
  }
  return sums;
}

std::vector<allocation_run> of(yardstick policy, const std::vector<allocation_run>& runs) {
  std::vector<allocation_run> chosen;
  for (const auto& run : runs)
    if (run.policy == policy) chosen.push_back(run);
  return chosen;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_rank_of_a_fractile_is_the_ceiling_even_where_a_rounded_tau_would_miss) {
  BOOST_TEST(fractile_rank(9, 1, 14) == 13);
  BOOST_TEST(fractile_rank(9, 1, 10) == 9);
  BOOST_TEST(fractile_rank(0.9, 0.1, 10) == 9);
  BOOST_TEST(fractile_rank(0.7, 0.3, 10) == 7);
  BOOST_TEST(fractile_rank(99, 1, 100) == 99);
  BOOST_TEST(fractile_rank(1, 1, 1) == 1);
  BOOST_TEST(fractile_rank(0, 1, 5) == 1);
  BOOST_TEST(fractile_rank(1, 0, 5) == 5);
}

BOOST_AUTO_TEST_CASE(the_kth_largest_counts_equals_one_by_one) {
  for (std::size_t k = 1; k <= 5; ++k) {
    std::vector<std::uint32_t> values{3, 7, 7, 1, 5};
    BOOST_TEST(kth_largest(values, k) == (std::vector<std::uint32_t>{7, 7, 5, 3, 1}[k - 1]));
  }
}

BOOST_AUTO_TEST_CASE(a_tally_knows_every_count_and_takes_the_rest_for_zeros) {
  count_tally tally;
  for (std::uint32_t count = 1; count <= 100; ++count) {
    tally.add(101 - count);
    tally.add(50);
  }
  BOOST_TEST(tally.kth_largest(1) == 100U);
  BOOST_TEST(tally.kth_largest(50) == 51U);
  BOOST_TEST(tally.kth_largest(51) == 50U);
  BOOST_TEST(tally.kth_largest(151) == 50U);
  BOOST_TEST(tally.kth_largest(152) == 49U);
  BOOST_TEST(tally.kth_largest(200) == 1U);
  BOOST_TEST(tally.kth_largest(201) == 0U);
}

BOOST_AUTO_TEST_CASE(headroom_rounds_up_and_one_changes_nothing) {
  BOOST_TEST(with_headroom(7, 4) == 7);
  BOOST_TEST(with_headroom(1, 5) == 2);
  BOOST_TEST(with_headroom(4, 5) == 5);
  BOOST_TEST(with_headroom(3, 6) == 5);
  BOOST_TEST(with_headroom(3, 12) == 9);
  BOOST_TEST(with_headroom(0, 12) == 0);
}

BOOST_AUTO_TEST_CASE(reactive_with_lead_one_holds_a_count_two_intervals_later) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  std::vector<allocation_run> runs;
  const auto sums = evaluated(work, {{n(143), 2}, {n(145), 5}, {n(149), 1}}, 160, &runs);
  BOOST_TEST((of(yardstick::reactive, runs) ==
              std::vector<allocation_run>{{yardstick::reactive, n(145), n(146), 2},
                                          {yardstick::reactive, n(147), n(148), 5},
                                          {yardstick::reactive, n(151), n(152), 1}}));
  const auto& reactive = sums.of(yardstick::reactive);
  BOOST_TEST(sums.requests == 8);
  BOOST_TEST(reactive.used == 2);
  BOOST_TEST(reactive.cold == 6);
  BOOST_TEST(reactive.allocated == 8);
  BOOST_TEST(reactive.waste == 6);
}

BOOST_AUTO_TEST_CASE(keepalive_holds_the_largest_of_its_window) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  std::vector<allocation_run> runs;
  evaluated(work, {{n(141), 2}, {n(142), 5}, {n(144), 3}}, 160, &runs);
  BOOST_TEST((of(yardstick::keepalive_3, runs) ==
              std::vector<allocation_run>{{yardstick::keepalive_3, n(143), n(144), 2},
                                          {yardstick::keepalive_3, n(144), n(147), 5},
                                          {yardstick::keepalive_3, n(147), n(149), 3}}));
}

BOOST_AUTO_TEST_CASE(last_day_and_last_week_repeat_a_count_exactly) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  std::vector<allocation_run> runs;
  const auto sums = evaluated(work, {{n(135), 4}, {n(145), 3}, {n(205), 9}}, 220, &runs);
  BOOST_TEST((of(yardstick::last_day, runs) ==
              std::vector<allocation_run>{{yardstick::last_day, n(145), n(146), 4},
                                          {yardstick::last_day, n(155), n(156), 3},
                                          {yardstick::last_day, n(215), n(216), 9}}));
  BOOST_TEST((of(yardstick::last_week, runs) ==
              std::vector<allocation_run>{{yardstick::last_week, n(205), n(206), 4},
                                          {yardstick::last_week, n(215), n(216), 3}}));
  BOOST_TEST(sums.of(yardstick::last_day).used == 3);
  BOOST_TEST(sums.of(yardstick::last_week).used == 4);
}

BOOST_AUTO_TEST_CASE(static_q_is_the_fractile_of_the_warm_up_part_with_its_zeros) {
  // 40 intervals, 0.9: the 36th smallest, which is the 5th largest.
  std::vector<cell> cells{{n(103), 7}, {n(110), 2}, {n(111), 6}, {n(120), 3}};
  auto work = yardstick_workspace::make(ten_a_day()).value();
  BOOST_TEST(evaluated(work, cells, 160).of(yardstick::static_q).allocated == 0);
  cells.push_back({n(139), 9});
  std::vector<allocation_run> runs;
  const auto sums = evaluated(work, cells, 160, &runs);
  BOOST_TEST(sums.of(yardstick::static_q).allocated == 20 * 2);
  BOOST_TEST(sums.of(yardstick::static_q).waste == 20 * 2);
  BOOST_TEST((of(yardstick::static_q, runs) ==
              std::vector<allocation_run>{{yardstick::static_q, n(140), n(150), 2},
                                          {yardstick::static_q, n(150), n(160), 2}}));
}

BOOST_AUTO_TEST_CASE(tod14_takes_the_fractile_of_the_days_that_lie_in_the_log) {
  // At 145 four days of the log lie behind: the largest of four. At 255, fourteen: the second largest.
  std::vector<cell> cells{{n(105), 8}, {n(115), 4}};
  auto work = yardstick_workspace::make(ten_a_day()).value();
  std::vector<allocation_run> runs;
  evaluated(work, cells, 270, &runs);
  const auto held = of(yardstick::tod14, runs);
  // Up to nine days the largest counts (8); from ten to fourteen the second largest (4); at 255 the 8 is 15
  // days old.
  std::vector<allocation_run> expected;
  for (std::int64_t t = 145; t <= 195; t += 10)
    expected.push_back({yardstick::tod14, n(t), n(t + 1), 8});
  for (std::int64_t t = 205; t <= 245; t += 10)
    expected.push_back({yardstick::tod14, n(t), n(t + 1), 4});
  BOOST_TEST((held == expected));
}

BOOST_AUTO_TEST_CASE(the_oracle_wastes_nothing_and_none_warms_nothing) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  const auto sums = evaluated(work, {{n(143), 2}, {n(158), 5}}, 160);
  BOOST_TEST((sums.of(yardstick::oracle) == policy_sums{0, 0, 7, 7}));
  BOOST_TEST((sums.of(yardstick::none) == policy_sums{7, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(a_day_that_the_lead_hides_is_not_used) {
  auto settings = ten_a_day();
  settings.lead = 10; // knows t - 11, not t - 10
  auto work = yardstick_workspace::make(settings).value();
  const auto sums = evaluated(work, {{n(141), 2}}, 170);
  BOOST_TEST(sums.of(yardstick::last_day).allocated == 0);
  settings.lead = 9;
  work = yardstick_workspace::make(settings).value();
  BOOST_TEST(evaluated(work, {{n(141), 2}}, 170).of(yardstick::last_day).allocated == 2);
}

BOOST_AUTO_TEST_CASE(the_tuned_yardsticks_are_the_cheapest_of_the_warm_up_part_and_the_first_of_equals) {
  yardstick_sums warmup;
  for (auto& window : warmup.windows)
    window.fill({100, 0});
  warmup.weeks.fill({10, 10});
  BOOST_TEST((choose_tuned(warmup, ten_a_day()) == tuned_choice{0, 0, 0}));
  warmup.windows[3][2] = {50, 449}; // 899 < 900
  warmup.windows[5][4] = {0, 900};
  warmup.weeks[4] = {9, 18}; // 99 < 100
  BOOST_TEST((choose_tuned(warmup, ten_a_day()) == tuned_choice{3, 2, 4}));
}

BOOST_AUTO_TEST_CASE(a_chosen_headroom_reaches_the_runs) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  work.choose({.window = 1, .headroom = 2, .week_headroom = 4}); // 3 intervals x 1.5; x 3
  std::vector<allocation_run> runs;
  evaluated(work, {{n(141), 3}}, 220, &runs);
  BOOST_TEST((of(yardstick::reactive_tuned, runs) ==
              std::vector<allocation_run>{{yardstick::reactive_tuned, n(143), n(146), 5}}));
  BOOST_TEST((of(yardstick::last_week_tuned, runs) ==
              std::vector<allocation_run>{{yardstick::last_week_tuned, n(211), n(212), 9}}));
}

BOOST_AUTO_TEST_CASE(a_key_is_idle_when_its_last_count_no_longer_matters) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  yardstick_tracker tracker;
  yardstick_sums sums;
  BOOST_TEST(tracker.idle(work, n(100), n(100 + 1)));
  tracker.advance(work, std::vector<cell>{{n(105), 1}}, n(100), n(110), sums);
  BOOST_TEST(!tracker.idle(work, n(110), n(110 + 1)));
  BOOST_TEST(!tracker.idle(work, n(105 + 1 + 288), n(105 + 1 + 288 + 1))); // the longest window, with lead 1
  BOOST_TEST(tracker.idle(work, n(105 + 1 + 288 + 1), n(105 + 1 + 288 + 1 + 1)));
}

BOOST_AUTO_TEST_CASE(a_key_with_a_static_allocation_is_never_idle_in_the_evaluation_part) {
  auto settings = ten_a_day();
  settings.evaluation = n(1'000);
  auto work = yardstick_workspace::make(settings).value();
  yardstick_tracker tracker;
  yardstick_sums sums;
  std::vector<cell> cells;
  for (std::int64_t t = 100; t < 200; ++t)
    cells.push_back({n(t), 1}); // 100 of 900: the 91st largest is 1
  tracker.advance(work, cells, n(100), n(200), sums);
  BOOST_TEST(tracker.idle(work, n(900), n(900 + 1)));
  BOOST_TEST(tracker.idle(work, n(900), n(1'000)));
  BOOST_TEST(!tracker.idle(work, n(900), n(1'001)));
  BOOST_TEST(!tracker.idle(work, n(1'000), n(1'001)));
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_sense_are_refused) {
  auto settings = ten_a_day();
  BOOST_TEST(validate(settings).ok());
  settings.lead = -1;
  BOOST_TEST(!yardstick_workspace::make(settings).ok());
  settings = ten_a_day();
  settings.per_day = 0;
  BOOST_TEST(!validate(settings).ok());
  settings = ten_a_day();
  settings.per_week = 0;
  BOOST_TEST(!validate(settings).ok());
  settings = ten_a_day();
  settings.evaluation = n(99);
  BOOST_TEST(!validate(settings).ok());
  settings = ten_a_day();
  settings.cost_under = settings.cost_over = 0;
  BOOST_TEST(!validate(settings).ok());
}

BOOST_AUTO_TEST_CASE(sums_merge_by_addition) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  yardstick_tracker one;
  yardstick_tracker two;
  yardstick_sums apart_one;
  yardstick_sums apart_two;
  yardstick_sums together;
  const std::vector<cell> cells{{n(101), 3}, {n(104), 2}};
  one.advance(work, cells, n(100), n(150), apart_one);
  two.advance(work, cells, n(100), n(150), apart_two);
  yardstick_tracker{}.advance(work, cells, n(100), n(150), together);
  yardstick_tracker{}.advance(work, cells, n(100), n(150), together);
  apart_one += apart_two;
  BOOST_TEST((apart_one == together));
}

BOOST_AUTO_TEST_CASE(zeros_may_be_told_and_change_nothing) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  yardstick_tracker told;
  yardstick_tracker spared;
  yardstick_sums told_sums;
  yardstick_sums spared_sums;
  told.advance(work, std::vector<cell>{{n(100), 0}, {n(107), 3}, {n(109), 0}}, n(100), n(110), told_sums);
  spared.advance(work, std::vector<cell>{{n(107), 3}}, n(100), n(110), spared_sums);
  std::string told_bytes;
  std::string spared_bytes;
  told.write_to(told_bytes);
  spared.write_to(spared_bytes);
  BOOST_TEST(told_bytes == spared_bytes);
  BOOST_TEST((told_sums == spared_sums));
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_snapshot_do_not_tell_how_the_past_was_split) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  std::vector<cell> cells;
  for (std::int64_t t = 100; t < 600; t += 1 + t % 7)
    cells.push_back({n(t), static_cast<std::uint32_t>(t % 5 + 1)});
  yardstick_sums sums;
  yardstick_tracker whole;
  whole.advance(work, cells, n(100), n(600), sums);
  std::string expected;
  whole.write_to(expected);
  for (const std::int64_t step : {1, 3, 10, 25}) {
    yardstick_tracker split;
    std::size_t next = 0;
    for (std::int64_t at = 100; at < 600; at += step) {
      const auto to = std::min<std::int64_t>(at + step, 600);
      const auto begin = next;
      while (next < cells.size() && cells[next].interval < n(to))
        ++next;
      split.advance(work, std::span{cells}.subspan(begin, next - begin), n(at), n(to), sums);
    }
    std::string bytes;
    split.write_to(bytes);
    BOOST_TEST((bytes == expected));
  }
}

BOOST_AUTO_TEST_CASE(the_layout_of_a_snapshot_never_changes) {
  auto work = yardstick_workspace::make(ten_a_day()).value();
  yardstick_tracker tracker;
  yardstick_sums sums;
  tracker.advance(work, std::vector<cell>{{n(100), 1}, {n(107), 300}}, n(100), n(110), sums);
  std::string bytes;
  tracker.write_to(bytes);
  // version, next, evaluating, static, 2 counts: +1 (1), +7 (300); 2 tallied: 1 once, 299 more once
  BOOST_TEST(bytes == std::string("\x01\x0a\x00\x00\x02\x01\x01\x07\xac\x02\x02\x01\x01\xab\x02\x01", 16));
  std::string_view other = "\x02";
  BOOST_TEST((yardstick_tracker::read_from(other).failure().code == errc::incompatible));
  std::string_view nothing;
  BOOST_TEST((yardstick_tracker::read_from(nothing).failure().code == errc::invalid_data));
}

BOOST_AUTO_TEST_CASE(an_integer_of_any_size_survives_as_bytes_and_an_overlong_one_is_refused) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, ~std::uint64_t{0}}) {
    std::string bytes;
    write_varint(bytes, value);
    std::string_view rest = bytes;
    std::uint64_t read = 0;
    BOOST_TEST(read_varint(rest, read));
    BOOST_TEST(read == value);
    BOOST_TEST(rest.empty());
  }
  for (const auto& overlong :
       {std::string(9, '\xff') + '\x02', std::string(11, '\x80'), std::string("\x80")}) {
    std::string_view rest = overlong;
    std::uint64_t read = 0;
    BOOST_TEST(!read_varint(rest, read));
  }
}
