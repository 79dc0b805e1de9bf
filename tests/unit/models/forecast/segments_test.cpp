// Segments: alike series get one label, unlike ones another, the same every time.
#include "models/forecast/segments.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <set>
#include <vector>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(two_kinds_of_series_become_two_segments) {
  forestage::tests::random_source random{1};
  std::vector<std::vector<double>> rows;
  for (int i = 0; i < 20; ++i) {
    std::vector<float> z;
    for (std::size_t t = 0; t < 24; ++t)
      z.push_back(static_cast<float>((i % 2 == 0 ? t % 4 < 2 : t % 4 >= 2) ? 2 : 1) +
                  static_cast<float>(0.1 * random.uniform()));
    rows.push_back(features_of(z, {4, 8}));
    BOOST_TEST(rows.back().size() == 8U + 4U);
  }
  const auto labels = k_means(rows, 2, 1);
  for (std::size_t i = 2; i < labels.size(); ++i)
    BOOST_TEST(labels[i] == labels[i % 2]);
  BOOST_TEST(labels[0] != labels[1]);
  BOOST_TEST((labels == k_means(rows, 2, 1)));
}

BOOST_AUTO_TEST_CASE(a_series_of_less_than_two_long_seasons_has_no_features) {
  BOOST_TEST(features_of(std::vector<float>(15, 1), {4, 8}).empty());
  BOOST_TEST(!features_of(std::vector<float>(16, 1), {4, 8}).empty());
}

BOOST_AUTO_TEST_CASE(features_do_not_depend_on_level_and_scale) {
  std::vector<float> z, moved;
  for (std::size_t t = 0; t < 24; ++t) {
    z.push_back(static_cast<float>(t % 5));
    moved.push_back(7 + static_cast<float>(t % 5));
  }
  const auto a = features_of(z, {4, 8}), b = features_of(moved, {4, 8});
  for (std::size_t i = 0; i < a.size(); ++i)
    BOOST_TEST(std::abs(a[i] - b[i]) < 1e-5);
}

BOOST_AUTO_TEST_CASE(labels_lie_below_the_number_of_segments_whatever_is_asked) {
  std::vector<std::vector<double>> rows(5, std::vector<double>{1, 2}); // all the same
  for (const std::size_t k : {1U, 3U, 5U, 50U})
    for (const auto label : k_means(rows, k, 3))
      BOOST_TEST(label < k);
}
