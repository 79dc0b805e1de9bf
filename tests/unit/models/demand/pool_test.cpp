// What keys learn from each other does not depend on the order in which they report.
#include "models/bytes.hpp"
#include "models/demand/pool.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

pool_statistics random_key(random_source& random) {
  pool_statistics key;
  for (auto& pooled : key.grams) {
    gram g;
    for (auto rows = random.below(30); rows > 0; --rows) {
      feature_vector x{};
      for (std::size_t i = 0; i < feature_count; ++i)
        x[i] = static_cast<float>(3 * random.uniform());
      g.add(x, static_cast<float>(random.below(5)), static_cast<float>(random.uniform()));
    }
    pooled.add(g);
  }
  key.keys = 1;
  return key;
}

std::string bytes_of(const pool_parameters& parameters) {
  std::string bytes;
  byte_writer write{bytes};
  write(parameters);
  return bytes;
}

} // namespace

BOOST_AUTO_TEST_CASE(statistics_merged_in_any_order_give_the_same_parameters) {
  random_source random{forestage::tests::seed("pool order", 61)};
  for (int trial = 0; trial < 10; ++trial) {
    std::vector<pool_statistics> keys;
    for (int i = 0; i < 40; ++i)
      keys.push_back(random_key(random));
    pool_statistics all;
    for (const auto& key : keys)
      all.merge(key);
    const auto expected = learn_parameters(all, {});
    for (int order = 0; order < 4; ++order) {
      random.shuffle(keys);
      std::vector<pool_statistics> shards(static_cast<std::size_t>(random.between(1, 9)));
      for (const auto& key : keys)
        shards[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(shards.size())))].merge(key);
      pool_statistics sum;
      for (const auto& shard : shards)
        sum.merge(shard);
      BOOST_TEST((sum == all));
      BOOST_TEST((bytes_of(learn_parameters(sum, {})) == bytes_of(expected)));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_prior_counts_as_many_rows_whatever_was_pooled) {
  random_source random{forestage::tests::seed("pool prior", 62)};
  pool_statistics all;
  for (int i = 0; i < 5; ++i)
    all.merge(random_key(random));
  const auto learned = learn_parameters(all, {});
  BOOST_TEST(learned.version == 1U);
  for (std::size_t i = 0; i < pooled_models; ++i) {
    BOOST_TEST(learned.prior[i].rows == prior_rows, boost::test_tools::tolerance(1e-4F));
    for (const auto w : learned.weights[i])
      BOOST_TEST(w >= 0);
  }
}

BOOST_AUTO_TEST_CASE(what_nobody_reported_on_stays_as_it_was) {
  random_source random{forestage::tests::seed("pool silence", 63)};
  pool_statistics some = random_key(random);
  const auto before = learn_parameters(some, {});
  auto after = learn_parameters(pool_statistics{}, before);
  BOOST_TEST(after.version == before.version + 1);
  after.version = before.version;
  BOOST_TEST((bytes_of(after) == bytes_of(before)));
}

BOOST_AUTO_TEST_CASE(before_anything_is_learned_every_feature_weighs_a_tenth) {
  const pool_parameters fresh;
  for (std::size_t i = 0; i < pooled_models; ++i)
    for (std::size_t k = 0; k < feature_lanes; ++k)
      BOOST_TEST(fresh.weights[i][k] == (k < feature_count ? 0.1F : 0.0F));
}
