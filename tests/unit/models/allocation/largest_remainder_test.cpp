// The proportional cut against exact fractions.
#include "models/allocation/largest_remainder.hpp"
#include "models/ids.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck/boost_test.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

using namespace forestage::models;

namespace {

using units = std::vector<std::int64_t>;
__extension__ using wide = __int128;

std::vector<std::string> names_of(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i)
    names.push_back((i % 4 == 3 ? "\xc3\xa9" : "r") + std::to_string(i));
  return names;
}

units cut(const units& wanted, const std::vector<std::string>& names, std::int64_t budget) {
  const std::vector<std::string_view> ids(names.begin(), names.end());
  units out(wanted.size(), -1);
  cut_to_budget(wanted, ids, budget, out);
  return out;
}

// The definition, with full sorting by exact fractions.
units by_definition(const units& wanted, const std::vector<std::string>& names, std::int64_t budget) {
  const auto sum = std::accumulate(wanted.begin(), wanted.end(), wide{0});
  if (sum <= budget) return wanted;
  units out;
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (const auto a : wanted)
    out.push_back(static_cast<std::int64_t>(wide{a} * budget / sum));
  std::ranges::sort(order, [&](std::size_t i, std::size_t j) {
    const auto left = wide{wanted[i]} * budget % sum;
    const auto right = wide{wanted[j]} * budget % sum;
    return left != right ? left > right : names[i] < names[j];
  });
  const auto given = std::accumulate(out.begin(), out.end(), std::int64_t{0});
  for (std::int64_t k = 0; k < budget - given; ++k)
    ++out[order[static_cast<std::size_t>(k)]];
  return out;
}

units random_units() {
  // Small numbers for ties, large ones for products beyond 64 bits.
  const auto most =
      *rc::gen::element<std::int64_t>(2, 30, 1'000'000, std::int64_t{1} << 40, std::int64_t{1} << 58);
  return *rc::gen::container<units>(rc::gen::inRange<std::int64_t>(0, most));
}

std::int64_t random_budget(const units& wanted) {
  const auto sum =
      std::min<wide>(std::accumulate(wanted.begin(), wanted.end(), wide{0}), std::int64_t{1} << 62);
  return *rc::gen::inRange<std::int64_t>(0, static_cast<std::int64_t>(sum) + 2);
}

} // namespace

BOOST_AUTO_TEST_SUITE(largest_remainder)

RC_BOOST_PROP(the_cut_equals_exact_fractions, ()) {
  const auto wanted = random_units();
  const auto budget = random_budget(wanted);
  const auto names = names_of(wanted.size());
  RC_ASSERT(cut(wanted, names, budget) == by_definition(wanted, names, budget));
}

RC_BOOST_PROP(the_cut_sums_to_the_budget_within_one_of_every_quota, ()) {
  const auto wanted = random_units();
  const auto budget = random_budget(wanted);
  const auto out = cut(wanted, names_of(wanted.size()), budget);
  const auto sum = std::accumulate(wanted.begin(), wanted.end(), wide{0});
  RC_ASSERT((std::accumulate(out.begin(), out.end(), wide{0}) == std::min<wide>(sum, budget)));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    RC_ASSERT(out[i] <= wanted[i]);
    if (sum <= budget) continue;
    const auto product = wide{wanted[i]} * budget;
    RC_ASSERT(out[i] >= static_cast<std::int64_t>(product / sum));
    RC_ASSERT(out[i] <= static_cast<std::int64_t>((product + sum - 1) / sum));
  }
}

RC_BOOST_PROP(the_order_of_the_resources_does_not_matter, ()) {
  const auto wanted = random_units();
  const auto budget = random_budget(wanted);
  const auto names = names_of(wanted.size());
  const auto out = cut(wanted, names, budget);
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
  units shuffled;
  std::vector<std::string> shuffled_names;
  for (const auto i : order) {
    shuffled.push_back(wanted[i]);
    shuffled_names.push_back(names[i]);
  }
  const auto shuffled_out = cut(shuffled, shuffled_names, budget);
  for (std::size_t k = 0; k < order.size(); ++k)
    RC_ASSERT(shuffled_out[k] == out[order[k]]);
}

RC_BOOST_PROP(turns_in_the_order_of_the_ids_give_the_same_cut_as_the_ids, ()) {
  const auto wanted = random_units();
  const auto budget = random_budget(wanted);
  const auto names = names_of(wanted.size());
  auto sorted = names;
  std::ranges::sort(sorted);
  std::vector<std::uint64_t> turns;
  for (const auto& each : names)
    turns.push_back(static_cast<std::uint64_t>(std::ranges::lower_bound(sorted, each) - sorted.begin()));
  units out(wanted.size());
  cut_to_budget(wanted, turns, budget, out);
  RC_ASSERT(out == cut(wanted, names, budget));
}

BOOST_AUTO_TEST_CASE(equal_remainders_go_to_the_smaller_id) {
  BOOST_TEST((cut({1, 1, 1}, {"c", "a", "b"}, 2) == units{0, 1, 1}));
  BOOST_TEST((cut({1, 1}, {"\xc3\xa9", "z"}, 1) == units{0, 1}));
  BOOST_TEST((cut({3, 3, 3, 3}, {"d", "c", "b", "a"}, 6) == units{1, 1, 2, 2}));
}

BOOST_AUTO_TEST_CASE(of_equal_turns_the_first_entry_is_served) {
  units out(3);
  cut_to_budget(units{1, 1, 1}, std::vector<std::uint64_t>{7, 7, 7}, 2, out);
  BOOST_TEST((out == units{1, 1, 0}));
}

BOOST_AUTO_TEST_CASE(in_the_long_run_equals_are_served_equally_whatever_their_names) {
  constexpr int intervals = 6'000;
  const std::vector<std::string> names{"a", "b", "c"};
  units got(names.size());
  for (int t = 0; t < intervals; ++t) {
    std::vector<std::uint64_t> turns;
    for (const auto& each : names)
      turns.push_back(turn_of(stable_hash(each), interval_number{5'000'000 + t}));
    units out(names.size());
    cut_to_budget(units{1, 1, 1}, turns, 1, out);
    for (std::size_t i = 0; i < out.size(); ++i)
      got[i] += out[i];
  }
  // Four standard deviations of a fair draw.
  for (const auto each : got)
    BOOST_TEST(std::abs(static_cast<double>(each) - intervals / 3.0) < 4 * std::sqrt(intervals * 2 / 9.0));
}

BOOST_AUTO_TEST_CASE(a_worked_example_is_cut_as_by_hand) {
  // Quotas 10 * {7, 5, 3} / 15 = 4.67, 3.33, 2.00.
  BOOST_TEST((cut({7, 5, 3}, {"a", "b", "c"}, 10) == units{5, 3, 2}));
}

BOOST_AUTO_TEST_CASE(edges_are_cut_as_expected) {
  BOOST_TEST(cut({}, {}, 5).empty());
  BOOST_TEST((cut({4, 2}, {"a", "b"}, 0) == units{0, 0}));
  BOOST_TEST((cut({4, 2}, {"a", "b"}, -3) == units{0, 0}));
  BOOST_TEST((cut({4, 2}, {"a", "b"}, 6) == units{4, 2}));
  BOOST_TEST((cut({4, -2}, {"a", "b"}, 2) == units{2, 0}));
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  BOOST_TEST((cut({most, most, most}, {"a", "b", "c"}, most) == units{most / 3 + 1, most / 3, most / 3}));
  BOOST_TEST((cut({most, most}, {"a", "b"}, most - 1) == units{most / 2, most / 2}));
}

BOOST_AUTO_TEST_CASE(a_cut_may_overwrite_what_was_wanted) {
  units wanted{7, 5, 3};
  const std::vector<std::string_view> ids{"a", "b", "c"};
  cut_to_budget(wanted, ids, 10, wanted);
  BOOST_TEST((wanted == units{5, 3, 2}));
}

BOOST_AUTO_TEST_SUITE_END()
