// Non-negative least squares from additive statistics.
#include "models/demand/gram.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstring>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

feature_vector random_features(random_source& random, double zeros) {
  feature_vector x{};
  for (std::size_t i = 0; i < feature_count; ++i)
    x[i] = random.chance(zeros) ? 0.0F : static_cast<float>(4 * random.uniform());
  return x;
}

// Random rows, as those of keys are: features that are alike, some that never say anything.
gram random_gram(random_source& random, int rows) {
  gram g;
  const auto silent = static_cast<std::size_t>(random.below(feature_count));
  for (int i = 0; i < rows; ++i) {
    auto x = random_features(random, 0.3);
    const auto common = static_cast<float>(5 * random.uniform());
    for (std::size_t k = 0; k < feature_count; ++k)
      x[k] = k == silent ? 0.0F : x[k] + common;
    g.add(x, static_cast<float>(random.below(12)), static_cast<float>(0.1 + random.uniform()));
  }
  return g;
}

double objective(const gram& g, const weight_vector& w) {
  double sum = 0;
  for (std::size_t i = 0; i < feature_count; ++i) {
    sum -= 2 * static_cast<double>(g.xy[i]) * static_cast<double>(w[i]);
    for (std::size_t j = 0; j < feature_count; ++j)
      sum += static_cast<double>(w[i]) * static_cast<double>(g.xx[i][j]) * static_cast<double>(w[j]);
  }
  return sum;
}

bool same_bits(const gram& a, const gram& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

} // namespace

BOOST_AUTO_TEST_CASE(weights_that_made_the_rows_are_found_again) {
  random_source random{forestage::tests::seed("known weights", 31)};
  for (int problem = 0; problem < 50; ++problem) {
    weight_vector truth{};
    for (std::size_t i = 0; i < feature_count; ++i)
      truth[i] = random.chance(0.4) ? 0.0F : static_cast<float>(random.uniform());
    gram g;
    for (int row = 0; row < 400; ++row) {
      const auto x = random_features(random, 0.5);
      g.add(x, dot(x, truth), static_cast<float>(0.5 + random.uniform()));
    }
    weight_vector w{};
    w.fill(0.1F);
    for (int day = 0; day < 20; ++day)
      w = non_negative_weights(g, w);
    for (std::size_t i = 0; i < feature_count; ++i)
      BOOST_TEST(std::fabs(w[i] - truth[i]) < 0.01F, "problem " << problem << ", weight " << i);
  }
}

BOOST_AUTO_TEST_CASE(no_weight_is_ever_negative_and_no_step_makes_the_fit_worse) {
  random_source random{forestage::tests::seed("steps", 32)};
  for (int problem = 0; problem < 100; ++problem) {
    const auto g = random_gram(random, static_cast<int>(random.between(1, 200)));
    weight_vector w{};
    for (std::size_t i = 0; i < feature_count; ++i)
      w[i] = static_cast<float>(random.uniform());
    double before = objective(g, w);
    for (int step = 0; step < 10; ++step) {
      w = non_negative_weights(g, w);
      for (const auto weight : w) {
        BOOST_REQUIRE(std::isfinite(weight));
        BOOST_REQUIRE(weight >= 0);
      }
      const double now = objective(g, w);
      BOOST_REQUIRE(now <= before + 1e-4 * std::fabs(before) + 1e-3);
      before = now;
    }
  }
}

BOOST_AUTO_TEST_CASE(settled_weights_meet_the_conditions_of_karush_kuhn_and_tucker) {
  random_source random{forestage::tests::seed("optimality", 33)};
  for (int problem = 0; problem < 100; ++problem) {
    const auto g = random_gram(random, static_cast<int>(random.between(1, 300)));
    weight_vector w{};
    w.fill(0.1F);
    for (int day = 0; day < 300; ++day)
      w = non_negative_weights(g, w);
    for (std::size_t i = 0; i < feature_count; ++i) {
      if (g.xx[i][i] == 0) {
        BOOST_TEST(w[i] == 0);
        continue;
      }
      // How far the weight alone would still move.
      const float step = (g.xy[i] - dot(g.xx[i], w)) / g.xx[i][i];
      if (w[i] > 0)
        BOOST_TEST(std::fabs(step) < 2e-3F, "problem " << problem << ", weight " << i);
      else
        BOOST_TEST(step < 2e-3F, "problem " << problem << ", weight " << i);
    }
  }
}

BOOST_AUTO_TEST_CASE(without_rows_every_weight_is_zero) {
  weight_vector start{};
  start.fill(0.5F);
  for (const auto w : non_negative_weights(gram{}, start))
    BOOST_TEST(w == 0);
}

BOOST_AUTO_TEST_CASE(a_gram_is_the_weighted_sum_of_its_rows) {
  random_source random{forestage::tests::seed("sums", 34)};
  gram g;
  std::array<std::array<double, feature_count>, feature_count> xx{};
  std::array<double, feature_count> xy{};
  for (int row = 0; row < 100; ++row) {
    const auto x = random_features(random, 0.2);
    const double y = static_cast<double>(random.below(9));
    const double w = 0.5 + random.uniform();
    g.add(x, static_cast<float>(y), static_cast<float>(w));
    for (std::size_t i = 0; i < feature_count; ++i) {
      xy[i] += w * static_cast<double>(x[i]) * y;
      for (std::size_t j = 0; j < feature_count; ++j)
        xx[i][j] += w * static_cast<double>(x[i]) * static_cast<double>(x[j]);
    }
  }
  gram twice = g;
  twice.add_scaled(g, 1);
  gram halved = g;
  halved.scale(0.5F);
  BOOST_TEST(g.rows == 100);
  BOOST_TEST(twice.rows == 200);
  BOOST_TEST(halved.rows == 50);
  for (std::size_t i = 0; i < feature_count; ++i) {
    BOOST_TEST(static_cast<double>(g.xy[i]) == xy[i], boost::test_tools::tolerance(1e-4));
    BOOST_TEST(twice.xy[i] == 2 * g.xy[i]);
    BOOST_TEST(halved.xy[i] == g.xy[i] / 2);
    for (std::size_t j = 0; j < feature_count; ++j) {
      BOOST_TEST(static_cast<double>(g.xx[i][j]) == xx[i][j], boost::test_tools::tolerance(1e-4));
      BOOST_TEST(twice.xx[i][j] == 2 * g.xx[i][j]);
      BOOST_TEST(halved.xx[i][j] == g.xx[i][j] / 2);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pool_is_the_same_bits_for_any_order_and_any_split) {
  random_source random{forestage::tests::seed("pools", 35)};
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<gram> keys;
    for (int i = 0; i < 30; ++i)
      keys.push_back(random_gram(random, static_cast<int>(random.between(0, 40))));
    keys[3].scale(1e30F); // saturates
    keys[4].scale(1e-12F);
    pooled_gram all;
    for (const auto& g : keys)
      all.add(g);
    for (int split = 0; split < 4; ++split) {
      random.shuffle(keys);
      std::vector<pooled_gram> parts(static_cast<std::size_t>(random.between(1, 8)));
      for (const auto& g : keys)
        parts[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(parts.size())))].add(g);
      random.shuffle(parts);
      pooled_gram sum;
      for (const auto& part : parts)
        sum.merge(part);
      BOOST_TEST((sum == all));
      BOOST_TEST(same_bits(sum.to_gram(), all.to_gram()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pooled_gram_is_its_keys_within_the_fixed_point) {
  random_source random{forestage::tests::seed("fixed point", 36)};
  const auto a = random_gram(random, 50);
  const auto b = random_gram(random, 50);
  pooled_gram pool;
  pool.add(a);
  pool.add(b);
  const auto sum = pool.to_gram();
  BOOST_TEST(sum.rows == 100);
  for (std::size_t i = 0; i < feature_count; ++i) {
    BOOST_TEST(sum.xy[i] == a.xy[i] + b.xy[i], boost::test_tools::tolerance(1e-5F));
    for (std::size_t j = 0; j < feature_count; ++j)
      BOOST_TEST(sum.xx[i][j] == a.xx[i][j] + b.xx[i][j], boost::test_tools::tolerance(1e-5F));
  }
}

BOOST_AUTO_TEST_CASE(fixed_point_numbers_saturate_and_refuse_what_is_no_number) {
  BOOST_TEST(to_fixed(1.5, 4) == 6);
  BOOST_TEST(to_fixed(-1.5, 4) == -6);
  BOOST_TEST(to_fixed(std::nan(""), 4) == 0);
  BOOST_TEST(to_fixed(std::numeric_limits<double>::infinity(), 4) == 0);
  BOOST_TEST(to_fixed(1e200, 4) == 4'600'000'000'000'000'000);
  BOOST_TEST(to_fixed(-1e200, 4) == -4'600'000'000'000'000'000);
  constexpr auto limit = (std::int64_t{1} << 62) - 1;
  BOOST_TEST(saturating_add(limit, limit) == limit);
  BOOST_TEST(saturating_add(-limit, -limit) == -limit);
  BOOST_TEST(saturating_add(limit, -limit) == 0);
  BOOST_TEST(saturating_add(3, 4) == 7);
}
