// What a series' own past says: the same as the simple models, step by step.
#include "models/forecast/analogue_bands.hpp"
#include "models/forecast/simple_forecasts.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

constexpr std::array<double, 3> qs{0.1, 0.5, 0.9};
const season_lengths seasons{96, 288};

struct told {
  std::vector<float> values;
  analogue_bands bands;
};

told history(std::size_t length, double one, bool sparse) {
  random_source random{7};
  std::vector<float> values;
  for (std::size_t t = 0; t < length; ++t)
    values.push_back(static_cast<float>(sparse && random.uniform() < 0.9 ? 0 : random.below(9)));
  analogue_bands bands{seasons, std::span<const float>{values}.first(192), one};
  for (std::size_t t = 0; t < length; ++t)
    bands.observe(std::span<const float>{values}.first(t), values[t]);
  return {std::move(values), std::move(bands)};
}

} // namespace

BOOST_AUTO_TEST_CASE(the_time_of_day_and_a_season_before_are_those_of_the_simple_models) {
  const auto h = history(1'500, 0, false);
  const std::vector<double> before(h.values.begin(), h.values.end());
  const std::vector<std::size_t> steps{0, 1, 50, 95, 96, 150};
  std::vector<float> out(analogue_bands::count * qs.size() * steps.size());
  h.bands.predict(h.values, steps, qs, out);
  const auto day = time_of_season(before, 96, 160, qs);
  const auto naive = seasonal_naive(before, 96, 160, qs), week = seasonal_naive(before, 288, 160, qs);
  const auto at = [&](std::size_t candidate, std::size_t q, std::size_t k) {
    return out[(candidate * qs.size() + q) * steps.size() + k];
  };
  for (std::size_t k = 0; k < steps.size(); ++k) {
    for (std::size_t q = 0; q < qs.size(); ++q)
      BOOST_TEST(at(analogue_bands::time_of_day, q, k) == day.bands[q][steps[k]]);
    BOOST_TEST(at(analogue_bands::short_naive, 1, k) == naive.mean[steps[k]]);
    BOOST_TEST(at(analogue_bands::long_naive, 1, k) == week.mean[steps[k]]);
    // Read from a histogram of the changes.
    BOOST_TEST(std::abs(at(analogue_bands::short_naive, 2, k) - naive.bands[2][steps[k]]) < 1);
    BOOST_TEST(at(analogue_bands::sparse, 1, k) == at(analogue_bands::time_of_day, 1, k));
  }
}

BOOST_AUTO_TEST_CASE(counts_that_are_mostly_zero_have_quantiles_of_their_own) {
  const auto h = history(1'500, 1, true);
  BOOST_TEST(h.bands.is_sparse());
  BOOST_TEST(!history(1'500, 1, false).bands.is_sparse());
  BOOST_TEST(!history(1'500, 0, true).bands.is_sparse());
  const std::vector<std::size_t> steps{0, 3};
  const std::array<double, 2> levels{0.5, 0.99};
  std::vector<float> out(analogue_bands::count * levels.size() * steps.size());
  h.bands.predict(h.values, steps, levels, out);
  const auto sparse = std::span{out}.last(4);
  BOOST_TEST(sparse[0] == 0);
  BOOST_TEST(sparse[2] > 0);
  BOOST_TEST(sparse[2] == sparse[3]);
}

BOOST_AUTO_TEST_CASE(values_that_do_not_change_have_a_scale_above_zero) {
  for (const float level : {0.0F, 1e-6F, 5.0F}) {
    const std::vector<float> values(200, level);
    analogue_bands bands{seasons, values, 1};
    for (std::size_t t = 0; t < values.size(); ++t)
      bands.observe(std::span<const float>{values}.first(t), values[t]);
    BOOST_TEST(bands.scale(3) > 0);
  }
}

BOOST_AUTO_TEST_CASE(the_week_before_follows_half_of_a_change_of_level_and_never_more_than_a_doubling) {
  for (const float factor : {1.44F, 0.25F, 400.0F}) {
    auto h = history(1'500, 0, false);
    for (std::size_t t = 1'404; t < 1'500; ++t) // the last day is that of the week before, times the factor
      h.values[t] = h.values[t - 288] * factor;
    const std::vector<std::size_t> steps{0, 17, 95};
    std::vector<float> out(analogue_bands::count * qs.size() * steps.size());
    h.bands.predict(h.values, steps, qs, out);
    const auto each = qs.size() * steps.size();
    const float ratio = factor > 2 ? std::sqrt(2.0F) : factor < 0.5F ? std::sqrt(0.5F) : 1.2F;
    for (std::size_t i = 0; i < each; ++i)
      BOOST_TEST(std::abs(out[analogue_bands::level_naive * each + i] -
                          ratio * out[analogue_bands::long_naive * each + i]) < 1e-4F);
  }
}
