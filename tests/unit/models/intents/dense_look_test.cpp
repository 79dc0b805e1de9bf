// The dense form: declared sums of a busy key as a noisy observation of its count.
#include "models/bytes.hpp"
#include "models/intents/dense_look.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <cmath>
#include <string>

using namespace forestage::models;
namespace tests = forestage::tests;

namespace {

demand_settings settings() {
  demand_options options;
  options.interval_seconds = 900;
  return demand_settings::make(options).value();
}

} // namespace

BOOST_AUTO_TEST_CASE(a_steady_share_of_declarations_foretells_counts_that_the_forecast_does_not) {
  const dense_rates rates{settings()};
  tests::random_source random{tests::seed("dense", 511)};
  dense_look look;
  double with = 0;
  double without = 0;
  for (int t = 0; t < 3'000; ++t) {
    const auto y = static_cast<float>(random.between(100, 900)); // the forecast knows the mean only
    const float declared = 0.4F * y;
    const auto said = look.predict(500, declared);
    if (t > 500) {
      with += std::fabs(static_cast<double>(said.means[0]) - static_cast<double>(y));
      without += std::fabs(500.0 - static_cast<double>(y));
    }
    look.observe(rates, said, y);
  }
  BOOST_TEST(look.share(0) == 0.4F, boost::test_tools::tolerance(0.01F));
  BOOST_TEST(with < 0.1 * without);
}

BOOST_AUTO_TEST_CASE(declarations_that_say_nothing_are_ignored) {
  const dense_rates rates{settings()};
  tests::random_source random{tests::seed("dense noise", 512)};
  dense_look look;
  double off = 0;
  for (int t = 0; t < 3'000; ++t) {
    const auto y = 500 + static_cast<float>(random.between(-20, 20));
    const auto declared = static_cast<float>(random.between(0, 400)); // of nobody who comes
    const auto said = look.predict(500, declared);
    if (t > 500) off += std::fabs(static_cast<double>(said.means[0]) - 500.0) / 2'499;
    look.observe(rates, said, y);
  }
  BOOST_TEST(off < 5.0);
}

BOOST_AUTO_TEST_CASE(units_cover_the_fractile_that_costs_ask_for) {
  const dense_rates rates{settings()};
  tests::random_source random{tests::seed("dense cover", 513)};
  dense_look look;
  int covered = 0;
  for (int t = 0; t < 6'000; ++t) {
    const auto y = static_cast<float>(random.poisson(80));
    const auto declared = static_cast<float>(random.poisson(0.3 * static_cast<double>(y)));
    const auto said = look.predict(80, declared);
    if (t >= 1'000 && y <= said.units[0]) ++covered;
    look.observe(rates, said, y);
  }
  BOOST_TEST(covered / 5'000.0 > 0.87);
  BOOST_TEST(covered / 5'000.0 < 0.94);
}

BOOST_AUTO_TEST_CASE(any_numbers_give_numbers) {
  BOOST_TEST(rc::check("finite and not negative", [] {
    const dense_rates rates{settings()};
    dense_look look;
    const auto counts = *rc::gen::arbitrary<std::vector<std::uint32_t>>();
    const auto means = *rc::gen::arbitrary<std::vector<std::uint32_t>>();
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto mean = means.empty() ? 0.0F : static_cast<float>(means[i % means.size()]);
      const auto said = look.predict(mean, static_cast<float>(counts[counts.size() - 1 - i]));
      for (std::size_t k = 0; k < dense_speeds; ++k) {
        RC_ASSERT(std::isfinite(said.means[k]));
        RC_ASSERT(std::isfinite(said.units[k]));
        RC_ASSERT(said.means[k] >= 0.0F);
        RC_ASSERT(said.units[k] >= 0.0F);
      }
      look.observe(rates, said, static_cast<float>(counts[i]));
    }
    std::string bytes;
    byte_writer write{bytes};
    write(look);
    dense_look restored;
    byte_reader read{bytes};
    read(restored);
    std::string again;
    byte_writer rewrite{again};
    rewrite(restored);
    RC_ASSERT(read.ok());
    RC_ASSERT(bytes == again);
  }));
}
