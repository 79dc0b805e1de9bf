// The best fixed mix in hindsight: known optima, and that neither order nor sampling changes what it says.
#include "models/demand/hindsight.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

constexpr unit_costs costs{9, 1};

struct seen {
  expert_allocations said{};
  float decided = 0, count = 0;
};

double cost_of(double units, double count) {
  return std::max(9 * (count - units), units - count);
}

// Two experts: all others say the same as one of them.
std::vector<seen> two_experts(random_source& random, int rows) {
  std::vector<seen> out;
  for (int i = 0; i < rows; ++i) {
    seen s;
    s.count = static_cast<float>(100 + random.below(100));
    s.said.fill(s.count - static_cast<float>(random.below(40)));
    s.said[static_cast<std::size_t>(expert::counts)] = s.count + static_cast<float>(random.below(120));
    s.decided = s.count + static_cast<float>(random.below(50));
    out.push_back(s);
  }
  return out;
}

hindsight_sample sample_of(const std::vector<seen>& rows) {
  hindsight_sample sample;
  for (std::size_t i = 0; i < rows.size(); ++i)
    sample.add(static_cast<std::int64_t>(i), rows[i].said, rows[i].decided, rows[i].count, costs);
  return sample;
}

double gain_of(const std::vector<seen>& rows, double share_of_base) {
  double gain = 0;
  for (const auto& s : rows) {
    const double units =
        share_of_base * static_cast<double>(s.said[static_cast<std::size_t>(expert::base)]) +
        (1 - share_of_base) * static_cast<double>(s.said[static_cast<std::size_t>(expert::counts)]);
    gain += cost_of(static_cast<double>(s.decided), static_cast<double>(s.count)) -
            cost_of(units, static_cast<double>(s.count));
  }
  return gain;
}

double best_gain(const std::vector<seen>& rows) {
  double best = gain_of(rows, 0);
  for (int i = 1; i <= 1'000; ++i)
    best = std::max(best, gain_of(rows, i / 1'000.0));
  return best;
}

double cost_of_decisions(const std::vector<seen>& rows) {
  double sum = 0;
  for (const auto& s : rows)
    sum += cost_of(static_cast<double>(s.decided), static_cast<double>(s.count));
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_mix_is_the_best_of_all_mixes_when_every_row_is_kept) {
  random_source random{forestage::tests::seed("all rows", 61)};
  const auto rows = two_experts(random, 2'000);
  const auto mix = best_fixed_mix(sample_of(rows), costs);
  BOOST_REQUIRE(mix.has_value());
  BOOST_TEST(mix->standard_error == 0);
  const double cost = cost_of_decisions(rows) - best_gain(rows);
  BOOST_TEST(std::fabs(mix->gain - best_gain(rows)) < 0.005 * cost, mix->gain << " of " << best_gain(rows));
  double sum = 0;
  for (const auto w : mix->weights) {
    BOOST_TEST(w >= 0);
    sum += static_cast<double>(w);
  }
  BOOST_TEST(sum == 1, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(a_sample_says_within_its_error_what_all_rows_say) {
  random_source random{forestage::tests::seed("sampled rows", 62)};
  const auto rows = two_experts(random, 60'000);
  const auto sample = sample_of(rows);
  BOOST_TEST(sample.rows().size() == hindsight_sample::capacity);
  const auto mix = best_fixed_mix(sample, costs);
  BOOST_REQUIRE(mix.has_value());
  BOOST_TEST(mix->standard_error > 0);
  BOOST_TEST(std::fabs(mix->gain - best_gain(rows)) <
                 4 * mix->standard_error + 0.01 * cost_of_decisions(rows),
             mix->gain << " +- " << mix->standard_error << " of " << best_gain(rows));
}

BOOST_AUTO_TEST_CASE(neither_the_order_of_rows_nor_the_split_over_shards_changes_a_bit) {
  random_source random{forestage::tests::seed("order", 63)};
  const auto rows = two_experts(random, 20'000);
  const auto whole = best_fixed_mix(sample_of(rows), costs);
  std::vector<hindsight_sample> shards(7);
  for (std::size_t i = rows.size(); i-- > 0;)
    shards[static_cast<std::size_t>(random.below(7))].add(static_cast<std::int64_t>(i), rows[i].said,
                                                          rows[i].decided, rows[i].count, costs);
  hindsight_sample merged;
  for (const auto& shard : shards)
    merged.merge(shard);
  const auto split = best_fixed_mix(merged, costs);
  BOOST_REQUIRE((whole && split));
  BOOST_TEST(whole->gain == split->gain);
  BOOST_TEST(whole->standard_error == split->standard_error);
  BOOST_TEST(whole->weights == split->weights, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(rows_on_which_all_agree_are_not_kept) {
  hindsight_sample sample;
  sample.add(1, {}, 0, 5, costs);
  BOOST_TEST(sample.rows().empty());
  BOOST_TEST(!best_fixed_mix(sample, costs).has_value());
}

BOOST_AUTO_TEST_CASE(decisions_that_know_more_than_any_mix_have_a_negative_gain) {
  hindsight_sample sample;
  for (int i = 0; i < 100; ++i) {
    expert_allocations said{};
    said.fill(i % 2 == 0 ? 10.0F : 0.0F);
    said[0] = 0;
    sample.add(i, said, i % 2 == 0 ? 0.0F : 10.0F, i % 2 == 0 ? 0.0F : 10.0F, costs);
  }
  const auto mix = best_fixed_mix(sample, costs);
  BOOST_REQUIRE(mix.has_value());
  BOOST_TEST(mix->gain < 0);
}
