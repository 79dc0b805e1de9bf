// Weights of experts: they sum to one, follow the better expert, and know the phase of the season.
#include "models/forecast/path_mixture.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

// Two experts over a horizon of four in two blocks: the first is right in the first block, the second later.
std::vector<float> two_paths() {
  return {1, 1, 5, 5, 3, 3, 2, 2};
}
const std::vector<float> actual{1, 1, 2, 2};

} // namespace

BOOST_AUTO_TEST_CASE(before_the_first_score_all_weigh_the_same) {
  const path_mixture mixture{4, {2, 5}};
  for (const auto& how : weightings())
    for (const double w : mixture.weights(how, mixture, 0))
      BOOST_TEST(w == 0.25);
}

BOOST_AUTO_TEST_CASE(weights_of_a_block_sum_to_one_and_none_is_negative) {
  random_source random{3};
  path_mixture own{5, {1, 3, 9}}, pooled{5, {1, 3, 9}};
  for (int round = 0; round < 30; ++round) {
    std::vector<float> paths, came;
    for (int i = 0; i < 45; ++i)
      paths.push_back(static_cast<float>(std::exp(30 * random.uniform() - 15)));
    for (int i = 0; i < 9; ++i)
      came.push_back(static_cast<float>(random.uniform()));
    const auto phase = static_cast<std::size_t>(random.below(path_mixture::phases));
    own.score(paths, came, 0.1, phase);
    pooled.score(paths, came, 0.1, phase);
    for (const auto& how : weightings()) {
      const auto weights = own.weights(how, pooled, phase);
      for (std::size_t b = 0; b < 3; ++b) {
        double sum = 0;
        for (std::size_t e = 0; e < 5; ++e) {
          BOOST_TEST(weights[e * 3 + b] >= 0);
          sum += weights[e * 3 + b];
        }
        BOOST_TEST(std::abs(sum - 1) < 1e-12);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_better_expert_of_a_block_gets_the_weight_there) {
  path_mixture mixture{2, {2, 4}};
  for (int i = 0; i < 10; ++i)
    mixture.score(two_paths(), actual, 1, 0);
  for (const auto& how : weightings()) {
    const auto weights = mixture.weights(how, mixture, 0);
    BOOST_TEST(weights[0] > 0.99); // first expert, first block
    BOOST_TEST(weights[3] > 0.99); // second expert, second block
    std::vector<float> path(4);
    mixture.mix(two_paths(), weights, path);
    for (std::size_t k = 0; k < 4; ++k)
      BOOST_TEST(std::abs(path[k] - actual[k]) < 0.05F);
  }
}

BOOST_AUTO_TEST_CASE(an_expert_that_turns_bad_loses_its_weight) {
  path_mixture mixture{2, {4}, {.floor = 0.003, .memory = 0.9}};
  const std::vector<float> paths{1, 1, 1, 1, 2, 2, 2, 2};
  const auto score = [&](float value) { mixture.score(paths, std::vector<float>(4, value), 1, 0); };
  for (int i = 0; i < 10; ++i)
    score(1);
  BOOST_TEST(mixture.weights({}, mixture, 0)[0] > 0.99);
  for (int i = 0; i < 40; ++i)
    score(2);
  BOOST_TEST(mixture.weights({}, mixture, 0)[0] < 0.01);
}

BOOST_AUTO_TEST_CASE(a_mixed_path_lies_between_its_experts) {
  random_source random{5};
  path_mixture mixture{3, {2, 6}};
  std::vector<float> paths;
  for (int i = 0; i < 18; ++i)
    paths.push_back(static_cast<float>(random.uniform()));
  mixture.score(paths, std::vector<float>(6, 0.5F), 1, 2);
  std::vector<float> path(6);
  mixture.mix(paths, mixture.weights({}, mixture, 2), path);
  for (std::size_t k = 0; k < 6; ++k) {
    const float low = std::min({paths[k], paths[6 + k], paths[12 + k]});
    const float high = std::max({paths[k], paths[6 + k], paths[12 + k]});
    BOOST_TEST((path[k] >= low - 1e-6F && path[k] <= high + 1e-6F));
  }
}

BOOST_AUTO_TEST_CASE(what_happened_at_another_time_of_day_counts_less_when_asked) {
  path_mixture mixture{2, {4}};
  const std::vector<float> paths{1, 1, 1, 1, 2, 2, 2, 2};
  for (int i = 0; i < 20; ++i) {
    mixture.score(paths, std::vector<float>(4, 1), 1, 0);
    mixture.score(paths, std::vector<float>(4, 2), 1, path_mixture::phases / 2);
  }
  const weighting sharp{.rate = 15, .pooled_paths = 0, .phase_share = 0.03};
  BOOST_TEST(mixture.weights(sharp, mixture, 0)[0] > 0.9);
  BOOST_TEST(mixture.weights(sharp, mixture, path_mixture::phases / 2)[0] < 0.1);
}

BOOST_AUTO_TEST_CASE(phases_are_eighths_of_the_season_and_the_first_surrounds_its_beginning) {
  BOOST_TEST(path_mixture::phase_of(0, 24) == 0U);
  BOOST_TEST(path_mixture::phase_of(23, 24) == 0U);
  BOOST_TEST(path_mixture::phase_of(3, 24) == 1U);
  BOOST_TEST(path_mixture::phase_of(12, 24) == 4U);
  for (std::size_t t = 0; t < 300; ++t)
    for (const std::size_t season : {1U, 2U, 7U, 24U, 288U})
      BOOST_TEST(path_mixture::phase_of(t, season) < path_mixture::phases);
}

BOOST_AUTO_TEST_CASE(the_weighting_that_cost_least_is_chosen_by_phase_and_block) {
  weighting_choice choice{2};
  for (std::size_t w = 0; w < weightings().size(); ++w) {
    choice.add(0, 0, w, w == 7 ? 0.5 : 1);
    choice.add(0, 1, w, w == 9 ? 0.5 : 1);
    choice.add(4, 0, w, w == 11 ? 0.5 : 1);
  }
  BOOST_TEST(choice.best(0, 0) == 7U);
  BOOST_TEST(choice.best(0, 1) == 9U);
  BOOST_TEST(choice.best(4, 0) == 11U);
  BOOST_TEST(choice.best(1, 0) == 7U); // the neighbour's experience, in part
}

BOOST_AUTO_TEST_CASE(of_experts_that_cost_the_same_the_prior_decides) {
  path_mixture mixture{2, {2, 4}, {}, {1, 0.1}};
  const std::vector<float> alike{1, 1, 5, 5, 1, 1, 5, 5};
  mixture.score(alike, actual, 1, 0);
  for (const auto& how : weightings()) {
    const auto weights = mixture.weights(how, mixture, 0);
    BOOST_TEST(std::abs(weights[0] - 10 * weights[2]) < 1e-9);
    BOOST_TEST(std::abs(weights[1] - 10 * weights[3]) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(shares_of_weightings_sum_to_one_and_follow_their_losses) {
  weighting_choice choice{2};
  const auto n = weightings().size();
  for (const double share : choice.shares(3, 1))
    BOOST_TEST(std::abs(share - 1 / static_cast<double>(n)) < 1e-12);
  for (std::size_t w = 0; w < n; ++w)
    choice.add(3, 1, w, w == 7 ? 1 : 1.01);
  const auto shares = choice.shares(3, 1);
  double sum = 0;
  for (std::size_t w = 0; w < n; ++w) {
    sum += shares[w];
    if (w != 7) BOOST_TEST(std::abs(shares[w] / shares[7] - std::exp(-1.0)) < 1e-9);
  }
  BOOST_TEST(std::abs(sum - 1) < 1e-12);
}
