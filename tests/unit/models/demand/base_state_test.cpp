// The base demand state: a constant stays a constant, and nothing makes it explode.
#include "models/demand/base_state.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <deque>
#include <functional>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

demand_settings settings_of(std::int64_t seconds, std::int64_t lead) {
  demand_options options;
  options.interval_seconds = seconds;
  options.lead = lead;
  options.first = interval_number{11};
  return demand_settings::make(options).value();
}

// Follows a stream as a key does: each interval is predicted a horizon before it is observed.
class follower {
public:
  explicit follower(const demand_settings& s)
      : settings_(s)
      , rates_(s)
      , state_(rates_) {}

  base_quantities step(float count, bool silent = false) {
    const base_forecast* said = nullptr;
    if (pending_.size() == static_cast<std::size_t>(settings_.horizon())) {
      if (valid_.front()) said = &pending_.front();
    }
    state_.observe(settings_, rates_, next_, count, said);
    if (pending_.size() == static_cast<std::size_t>(settings_.horizon())) {
      pending_.pop_front();
      valid_.pop_front();
    }
    ++next_;
    pending_.push_back(state_.predict(settings_, next_ - 1 + settings_.horizon()));
    valid_.push_back(!silent);
    largest_ = std::max(largest_, count);
    const auto q = state_.quantities(pending_.back());
    for (const float value : {q.median, q.quantile, q.quantile_recent}) {
      BOOST_REQUIRE(std::isfinite(value));
      BOOST_REQUIRE(value >= 0);
      BOOST_REQUIRE(value <= (3 * largest_ + 3) * 1.0001F);
    }
    return q;
  }
  [[nodiscard]] const demand_settings& settings() const { return settings_; }

private:
  demand_settings settings_;
  base_rates rates_;
  base_state state_;
  interval_number next_{11};
  std::deque<base_forecast> pending_;
  std::deque<bool> valid_;
  float largest_ = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_constant_series_gives_a_constant_curve) {
  // Slowly: what the first hours taught, when everything rose from zero, takes weeks to fade.
  for (const std::int64_t seconds : {300, 3'600})
    for (const float c : {1.0F, 5.0F, 80.0F, 3'000.0F}) {
      follower f{settings_of(seconds, 1)};
      const auto days = f.settings().per_day();
      if (seconds == 3'600 && c > 100) continue; // hours have not forgotten the rise by then
      const float allowed = (seconds == 300 ? 0.06F : 0.2F) * c;
      for (std::int64_t t = 0; t < 42 * days; ++t) {
        const auto q = f.step(c);
        if (t < 40 * days) continue;
        BOOST_REQUIRE_MESSAGE(std::fabs(q.median - c) < allowed, "median " << q.median << " of " << c);
        BOOST_REQUIRE_MESSAGE(std::fabs(q.quantile - c) < allowed, "quantile " << q.quantile << " of " << c);
      }
    }
}

BOOST_AUTO_TEST_CASE(zeros_stay_zero) {
  for (const std::int64_t seconds : {300, 3'600, 86'400}) {
    follower f{settings_of(seconds, 2)};
    for (std::int64_t t = 0; t < 40 * f.settings().per_day(); ++t)
      BOOST_REQUIRE(f.step(0).median == 0);
  }
}

BOOST_AUTO_TEST_CASE(one_point_then_silence_fades) {
  follower f{settings_of(3'600, 1)};
  for (int t = 0; t < 30; ++t)
    f.step(0);
  f.step(40);
  base_quantities last;
  for (int t = 0; t < 24 * 28; ++t)
    last = f.step(0);
  BOOST_TEST(last.median < 1);
}

BOOST_AUTO_TEST_CASE(spikes_and_gaps_neither_explode_nor_become_negative) {
  const auto seed = forestage::tests::seed("base spikes", 41);
  for (std::uint64_t i = 0; i < 20; ++i) {
    random_source random{seed + i};
    follower f{settings_of(i % 3 == 0 ? 86'400 : i % 3 == 1 ? 3'600 : 900, random.between(0, 5))};
    const auto kind = i % 5;
    for (int t = 0; t < 3'000; ++t) {
      float count = 0;
      switch (kind) {
      case 0:
        count = t % 700 == 699 ? 1e9F : 0;
        break; // rare spikes
      case 1:
        count = t % 2 == 0 ? 1e9F : 0;
        break; // swings
      case 2:
        count = static_cast<float>(random.poisson(3)) * (t % 200 < 20 ? 1 : 0);
        break; // long gaps
      case 3:
        count = t < 1'500 ? 0 : 4e9F;
        break; // a step
      default:
        count = std::ldexp(1.0F, static_cast<int>(random.below(32)));
        break; // of every size
      }
      f.step(count, random.chance(0.1));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_daily_swing_is_learned) {
  follower f{settings_of(3'600, 1)};
  float worst = 0;
  for (std::int64_t t = 0; t < 24 * 42; ++t) {
    const auto demand = [](std::int64_t at) { return at % 24 >= 8 && at % 24 < 18 ? 40.0F : 4.0F; };
    const auto q = f.step(demand(11 + t));
    if (t < 24 * 35) continue;
    const auto wanted = demand(11 + t + 2);
    worst = std::max(worst, std::fabs(std::log((q.median + 1) / (wanted + 1))));
  }
  BOOST_TEST(worst < 0.9F); // the steps themselves are smoothed over half an hour
}
