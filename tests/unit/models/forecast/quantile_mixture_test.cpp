// The last layer's weights: what counts before anything is known, and what losses make of it.
#include "models/forecast/quantile_mixture.hpp"

#include <boost/test/unit_test.hpp>

#include <numeric>
#include <vector>

using namespace forestage::models;

namespace {

constexpr std::size_t levels = quantile_mixture::levels.size();

// Two candidates, one block: the first loses `first` at every level, the second `second`.
std::vector<double> losses(double first, double second) {
  std::vector<double> out(levels, first);
  out.resize(2 * levels, second);
  return out;
}

quantile_mixture two() {
  return {{{1, 0}, {0.05, 1}}, 1, 0.98};
}

} // namespace

BOOST_AUTO_TEST_CASE(what_counts_at_first_counts_less_with_every_path) {
  auto own = two(), pooled = two();
  BOOST_TEST(own.weights(0.5, 0, pooled)[1] > 0.5);
  double before = 1;
  for (int i = 0; i < 60; ++i) {
    own.score(losses(1, 1), pooled);
    const auto w = own.weights(0.5, 0, pooled);
    BOOST_TEST(w[0] + w[1] == 1, boost::test_tools::tolerance(1e-12));
    BOOST_TEST(w[1] < before);
    before = w[1];
  }
  BOOST_TEST(before < 0.2);
}

BOOST_AUTO_TEST_CASE(a_candidate_that_costs_a_fifth_less_gets_nearly_all) {
  auto own = two(), pooled = two();
  for (int i = 0; i < 60; ++i)
    own.score(losses(1, 0.8), pooled);
  BOOST_TEST(own.weights(0.5, 0, pooled)[1] > 0.9);
  auto other = two(), all = two();
  for (int i = 0; i < 60; ++i)
    other.score(losses(0.8, 1), all);
  BOOST_TEST(other.weights(0.5, 0, all)[0] > 0.99);
}

BOOST_AUTO_TEST_CASE(losses_in_the_tail_move_weights_less) {
  auto own = two(), pooled = two();
  for (int i = 0; i < 20; ++i)
    own.score(losses(1, 0.9), pooled);
  BOOST_TEST(own.weights(0.99, 0, pooled)[1] < own.weights(0.5, 0, pooled)[1]);
}

BOOST_AUTO_TEST_CASE(between_two_levels_weights_are_between) {
  auto own = two(), pooled = two();
  for (int i = 0; i < 20; ++i)
    own.score(losses(1, 0.9), pooled);
  const auto at = [&](double q) { return own.weights(q, 0, pooled)[1]; };
  BOOST_TEST(at(0.625) == (at(0.5) + at(0.75)) / 2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(at(0.999) == at(0.99));
  BOOST_TEST(at(0.001) == at(0.025));
}

BOOST_AUTO_TEST_CASE(a_new_series_learns_from_the_others_whatever_their_scale) {
  auto pooled = two();
  auto large = two();
  for (int i = 0; i < 60; ++i)
    large.score(losses(1e6, 0.8e6), pooled);
  auto small = two();
  small.score(losses(1e-6, 1e-6), pooled);
  BOOST_TEST(small.weights(0.5, 0, pooled)[1] > 0.7);
}

BOOST_AUTO_TEST_CASE(losses_of_nothing_are_no_reason) {
  auto own = two(), pooled = two();
  for (int i = 0; i < 10; ++i)
    own.score(losses(0, 0), pooled);
  const auto w = own.weights(0.5, 0, pooled);
  BOOST_TEST(w[0] > 0.5);
  BOOST_TEST(w[0] + w[1] == 1, boost::test_tools::tolerance(1e-12));
}
