// Shares come out at their levels after a level has moved, too: generated counts double, halve or grow
// tenfold, and what was said of them is held to every level of probability (randomised probability integral
// transform), from the third day on.
#define BOOST_TEST_MODULE property_models_level_shift
#include "models/demand/count_distribution.hpp"
#include "models/demand/key_model.hpp"
#include "models/metrics/trace.hpp"
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

constexpr double within = 0.03;
constexpr double factors[] = {1, 2, 0.5, 10};

// Gamma with shape 4 times Poisson: variance = mean + mean^2 / 4.
std::int64_t negative_binomial(random_source& random, double mean) {
  double product = 1;
  for (int i = 0; i < 4; ++i)
    product *= std::max(1e-12, random.uniform());
  const double rate = -std::log(product) / 4 * mean;
  std::int64_t count = 0;
  for (double left = rate; left > 0; left -= 50)
    count += random.poisson(std::min(left, 50.0));
  return count;
}

double at_this_time(double level, std::int64_t t, std::int64_t per_day) {
  return level *
         (1 + 0.6 * std::sin(static_cast<double>(t % per_day) / static_cast<double>(per_day) * 6.283185307));
}

// The largest difference between a share and its level.
double worst_of(const calibration_sums& sums, const std::string& what) {
  const auto coverage = sums.coverage(0);
  double worst = 0;
  for (std::size_t i = 0; i < coverage.size(); ++i)
    if (const double off = coverage[i] - calibration_sums::levels[i]; std::fabs(off) > std::fabs(worst))
      worst = off;
  BOOST_TEST_MESSAGE(what << ": " << sums.observations(0) << " observations, off by " << worst);
  return std::fabs(worst);
}

// What a key says about two weeks, from `settled` days after its level has moved.
void play_key(std::uint64_t seed, double level, double factor, std::int64_t settled, calibration_sums& sums) {
  demand_options options;
  options.interval_seconds = 900;
  options.first = interval_number{3};
  const model_context context{demand_settings::make(options).value()};
  const auto per_day = context.settings.per_day();
  const pool_parameters pool;
  key_model model{context, pool, context.settings.first()};
  random_source random{seed};
  const auto shift = 21 * per_day;
  const auto from = shift + settled * per_day;
  for (std::int64_t t = 0; t < from + 14 * per_day; ++t) {
    if (model.refit_due(context)) model.refit(context, pool);
    const auto count =
        negative_binomial(random, at_this_time(t < shift ? level : level * factor, t, per_day));
    if (t >= from) {
      const auto* said = model.pending(context, model.next());
      BOOST_REQUIRE(said != nullptr);
      const auto [below, at_most] = distribution_at(*said, count);
      sums.add(0, {below, at_most});
    }
    model.observe(context, static_cast<float>(count));
    (void)model.predict(context);
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(a_key_says_what_comes_after_its_level_has_moved) {
  const auto seed = forestage::tests::seed("level shifts of keys", 301);
  for (const double level : {0.3, 3.0, 30.0})
    for (const double factor : factors) {
      calibration_sums sums;
      for (std::uint64_t key = 0; key < 6; ++key)
        play_key(seed + key, level, factor, 2, sums);
      BOOST_TEST(worst_of(sums, "level " + std::to_string(level) + " times " + std::to_string(factor)) <
                 within);
    }
}
