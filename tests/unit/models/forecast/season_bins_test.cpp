// Places of a season in bins: exact where there are as many, lines between the middles where there are fewer.
#include "models/forecast/season_bins.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace forestage::models;

BOOST_AUTO_TEST_CASE(as_many_bins_as_places_are_read_exactly) {
  const season_bins bins{5, 5};
  const std::vector<float> values{3, 1, 4, 1, 5};
  for (std::size_t p = 0; p < 5; ++p) {
    BOOST_TEST(season_bins::read(values.data(), bins.at(p)) == values[p]);
    BOOST_TEST(bins.ends(p));
  }
}

BOOST_AUTO_TEST_CASE(a_line_through_the_bins_is_read_as_that_line) {
  // 12 places in 4 bins: the middles are at places 1, 4, 7 and 10.
  const season_bins bins{12, 4};
  const std::vector<float> values{1, 4, 7, 10};
  for (std::size_t p = 1; p <= 10; ++p)
    BOOST_TEST(std::abs(season_bins::read(values.data(), bins.at(p)) - static_cast<float>(p)) < 1e-5F);
  // Around the end: from 10 at place 10 down to 1 at place 13.
  BOOST_TEST(std::abs(season_bins::read(values.data(), bins.at(11)) - 7) < 1e-5F);
  BOOST_TEST(std::abs(season_bins::read(values.data(), bins.at(0)) - 4) < 1e-5F);
}

BOOST_AUTO_TEST_CASE(every_bin_ends_once_a_season_whatever_the_lengths) {
  for (const std::size_t season : {1U, 7U, 169U, 288U})
    for (std::size_t count = 1; count <= season; count += 1 + season / 9) {
      const season_bins bins{season, count};
      std::size_t ends = 0;
      for (std::size_t p = 0; p < season; ++p) {
        const auto at = bins.at(p);
        BOOST_TEST((at.below < count && at.above < count && at.share >= 0 && at.share < 1));
        ends += bins.ends(p) ? 1 : 0;
      }
      BOOST_TEST(ends == count);
    }
}
