// The forward look of one key: what declarations may and may not do to its allocations.
#include "models/bytes.hpp"
#include "models/intents/credibility.hpp"
#include "models/intents/intent_state.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

using namespace forestage::models;
namespace tests = forestage::tests;

namespace {

intent_context context_of(std::int64_t seconds = 900, std::int64_t lead = 1) {
  demand_options options;
  options.interval_seconds = seconds;
  options.lead = lead;
  return intent_context{demand_settings::make(options).value()};
}

// The forecast of somebody who knows the rate and that counts are Poisson, and decides accordingly.
decision poisson_decision(interval_number t, double rate) {
  decision d;
  d.interval = t;
  d.mean = static_cast<float>(rate);
  double p = std::exp(-rate);
  double below = 0;
  for (std::int64_t j = 0; j < 2'000; ++j) {
    below += p;
    if (j < 3) d.at_least[static_cast<std::size_t>(j)] = static_cast<float>(std::max(0.0, 1 - below));
    p *= rate / static_cast<double>(j + 1);
    if (below < 0.9) d.allocation = j + 1;
  }
  return d;
}

struct behaviour {
  double rate = 0.8; // requests an interval, on average
  double p = 0.5;    // declared share
  double lies = 0;   // lying declarations an interval
  double flood = 1;  // times as many in 6 of 100 intervals
  bool fresh_names = false;
  std::int64_t honest_until = 0; // liars are believed to be kept until then
  bool bursts = false; // the rate is 0 four of five times for four hours and five times as high in the
                       // others; nobody knows
};

struct costs {
  double with = 0, without = 0;
  std::int64_t most_above = 0; // allocation - the cap that holds for it
};

std::string bytes_of(const intent_state& state) {
  std::string bytes;
  byte_writer write{bytes};
  write(const_cast<intent_state&>(state));
  return bytes;
}

// A key, its peers and the book in which their words are kept.
class world {
public:
  world(const intent_context& context, const behaviour& how, std::uint64_t seed)
      : context_(context)
      , how_(how)
      , random_(seed) {}

  // Plays intervals [0, length); costs from `from` on.
  costs play(std::int64_t length, std::int64_t from, bool restarts = false) {
    const interval_number first{0};
    std::vector<std::int64_t> counts;
    std::map<std::int64_t, std::vector<declaration>> made;
    std::map<std::int64_t, std::vector<std::pair<std::uint64_t, bool>>> ended;
    std::map<std::int64_t, std::vector<kept_intents>> came;
    std::uint64_t fresh = 1'000'000;
    double burst = 1;
    for (std::int64_t t = 0; t < length; ++t) {
      if (how_.bursts && t % 16 == 0) burst = random_.chance(0.2) ? 5 : 0;
      const auto y = random_.poisson(rate(t) * burst);
      counts.push_back(y);
      for (std::int64_t i = 0; i < y; ++i)
        if (random_.chance(how_.p)) {
          const auto ahead = random_.between(2, 3);
          const auto peer = static_cast<std::uint64_t>(random_.below(200));
          made[t - ahead].push_back({first + (t - ahead), first + t, peer, 1, 0, intent_source::agent});
          ended[t].emplace_back(peer, true);
          came[t].push_back({first + t, 0, true, 1});
        }
      const bool flood = t % 100 < 6 && t >= how_.honest_until;
      for (auto lies = random_.poisson(how_.lies * (flood ? how_.flood : 1)); lies > 0; --lies) {
        const auto peer = how_.fresh_names ? fresh++ : 1'000 + static_cast<std::uint64_t>(random_.below(50));
        made[t - 2].push_back({first + (t - 2), first + t, peer, 1, 0, intent_source::agent});
        ended[t].emplace_back(peer, t < how_.honest_until);
      }
    }
    costs out;
    intent_statistics sums;
    for (std::int64_t t = 0; t < length; ++t) {
      for (const auto& [peer, kept] : ended[t - 1])
        book_.observe(intent_source::agent, peer, 1, kept ? 1 : 0);
      for (auto d : made[t]) {
        d.weight = book_.of(intent_source::agent, d.peer);
        state_.declare(d);
      }
      for (const auto& k : came[t])
        state_.keep(k);
      const auto y = counts[static_cast<std::size_t>(t)];
      const auto scored = state_.observe(context_, first + t, static_cast<std::uint32_t>(y), sums);
      if (t >= from && scored.decided) {
        out.with += cost(scored.with, y);
        out.without += cost(scored.without, y);
        out.most_above = std::max(out.most_above, scored.with - (8 * scored.without + 20));
      }
      if (t % 96 == 95) pooled_ = learn_intents(std::exchange(sums, {}), pooled_);
      const auto base = poisson_decision(first + (t + context_.horizon), rate(t + context_.horizon));
      last_ = state_.decide(context_, pooled_, first + t, &base);
      if (restarts && t % 37 == 0) {
        const auto bytes = bytes_of(state_);
        intent_state restored;
        byte_reader read{bytes};
        read(restored);
        if (!read.ok() || bytes_of(restored) != bytes) throw std::runtime_error("a snapshot was not read");
        state_ = restored;
      }
    }
    return out;
  }
  [[nodiscard]] const intent_state& state() const { return state_; }
  [[nodiscard]] const intent_parameters& pooled() const { return pooled_; }

private:
  [[nodiscard]] double rate(std::int64_t t) const {
    return how_.rate * (1 + 0.8 * std::sin(static_cast<double>(t) * 6.283185307 / 96));
  }
  [[nodiscard]] double cost(std::int64_t units, std::int64_t y) const {
    return units < y ? 9.0 * static_cast<double>(y - units) : static_cast<double>(units - y);
  }

  intent_context context_;
  behaviour how_;
  tests::random_source random_;
  credibility_book book_;
  intent_parameters pooled_;
  intent_state state_;
  intent_decision last_;
};

constexpr std::int64_t days_of_45 = 45 * 96;
constexpr std::int64_t days_of_15 = 15 * 96;

} // namespace

BOOST_AUTO_TEST_CASE(honest_declarations_lower_the_cost) {
  const auto seed = tests::seed("honest", 521);
  for (const double rate : {0.2, 0.8, 3.0}) {
    const auto c = world{context_of(), {.rate = rate, .p = 0.5}, seed}.play(days_of_45, days_of_15);
    BOOST_TEST(c.with < 0.9 * c.without, "rate " << rate << ": " << c.with / c.without);
    const auto all = world{context_of(), {.rate = rate, .p = 1}, seed}.play(days_of_45, days_of_15);
    BOOST_TEST(all.with < 0.5 * all.without, "rate " << rate << ": " << all.with / all.without);
  }
}

BOOST_AUTO_TEST_CASE(where_requests_come_in_bursts_silence_beside_an_interval_lowers_it) {
  const auto seed = tests::seed("bursts", 528);
  const auto of = [&](bool bursts) {
    world w{context_of(), {.rate = 0.4, .p = 0.5, .bursts = bursts}, seed};
    (void)w.play(days_of_45, days_of_15);
    return w;
  };
  // One look at the interval after next, with nothing declared for it: what is declared beside it decides.
  const auto units = [&](const world& w, std::uint32_t beside) {
    auto state = w.state();
    const auto context = context_of();
    const interval_number t{days_of_45};
    intent_statistics sums;
    for (std::uint32_t i = 0; i < beside; ++i)
      state.declare({t - 1, t + 1, 5'000 + i, 1, 0.9F, intent_source::agent});
    (void)state.observe(context, t, 0, sums);
    const auto base = poisson_decision(t + 2, 0.4);
    const auto said = state.decide(context, w.pooled(), t, &base);
    return said.allocation;
  };
  const auto steady = of(false);
  const auto bursty = of(true);
  BOOST_TEST(units(steady, 0) == units(steady, 6));
  BOOST_TEST(units(bursty, 0) < units(bursty, 6));
}

BOOST_AUTO_TEST_CASE(the_guard_keeps_liars_floods_and_fresh_names_from_costing_anything) {
  const auto seed = tests::seed("guard", 522);
  double with = 0;
  double without = 0;
  for (const double rate : {0.1, 0.5, 2.0})
    for (const double p : {0.0, 0.2})
      for (const double flood : {1.0, 10.0})
        for (const bool fresh : {false, true}) {
          const behaviour how{rate, p, rate, flood, fresh, 0};
          const auto c = world{context_of(), how, seed}.play(days_of_45, days_of_15);
          with += c.with;
          without += c.without;
          BOOST_TEST(c.with <= 1.02 * c.without, "rate " << rate << ", p " << p << ", flood " << flood
                                                         << ", fresh " << fresh << ": "
                                                         << c.with / c.without);
        }
  BOOST_TEST(with <= 1.001 * without, with / without);
}

BOOST_AUTO_TEST_CASE(sleepers_that_turn_after_weeks_of_honesty_cost_little_and_not_for_long) {
  const auto seed = tests::seed("sleepers", 523);
  // Their weight is at its highest when they turn: what follows is the worst that can be done with it.
  const behaviour how{0.5, 0.2, 0.3, 10, false, days_of_15};
  const auto first_month = world{context_of(), how, seed}.play(days_of_45, days_of_15);
  BOOST_TEST(first_month.with <= 1.05 * first_month.without, first_month.with / first_month.without);
}

BOOST_AUTO_TEST_CASE(no_declaration_buys_more_than_the_cap) {
  const auto seed = tests::seed("cap", 524);
  for (const double rate : {0.1, 1.0, 4.0})
    for (const double flood : {1.0, 40.0}) {
      const auto c = world{context_of(), {rate, 0.5, 5, flood, false, days_of_15}, seed}.play(days_of_45, 0);
      BOOST_TEST(c.most_above <= 0, "rate " << rate << ", flood " << flood);
    }
}

BOOST_AUTO_TEST_CASE(before_two_days_have_been_watched_nothing_is_changed) {
  const auto c = world{context_of(), {.rate = 0.8, .p = 1}, 5}.play(2 * 96, 0);
  BOOST_TEST(c.with == c.without);
}

BOOST_AUTO_TEST_CASE(a_restored_state_goes_on_bit_for_bit) {
  const auto seed = tests::seed("restored", 525);
  for (const double rate : {0.5, 30.0}) {
    const behaviour how{rate, 0.5, 0.4 * rate, 10, false, days_of_15};
    world straight{context_of(), how, seed};
    world restarted{context_of(), how, seed};
    const auto a = straight.play(days_of_15 * 2, 0);
    const auto b = restarted.play(days_of_15 * 2, 0, true);
    BOOST_TEST(a.with == b.with);
    BOOST_TEST((bytes_of(straight.state()) == bytes_of(restarted.state())));
  }
}

// What declares for intervals that nobody knows anything about is neither kept nor broken.
BOOST_AUTO_TEST_CASE(an_interval_that_is_missed_changes_nothing_that_was_learned) {
  const auto context = context_of();
  world w{context, {.rate = 3}, tests::seed("missed intervals", 207)};
  (void)w.play(days_of_15, 0);
  const interval_number end{days_of_15};
  // What stands for the third interval after `now` when three peers declare for it.
  const auto decided = [&](intent_state state, interval_number now) {
    const auto target = now + context.horizon;
    for (std::uint64_t peer = 0; peer < 3; ++peer)
      state.declare({now, target, peer, 1, 0.9F, intent_source::agent});
    const auto base = poisson_decision(target, 1);
    return state.decide(context, w.pooled(), now, &base);
  };
  // Some intervals in which declared requests do not come, and four in which nobody declares: what was said
  // before has had its say then.
  const auto after = [&](std::int64_t declared, bool known) {
    auto state = w.state();
    intent_statistics sums;
    const auto until = end + declared + 4;
    for (auto t = end; t < until; ++t) {
      const auto base = poisson_decision(t + context.horizon, 1);
      for (std::uint64_t peer = 0; peer < 3 && t < end + declared; ++peer)
        state.declare({t, t + context.horizon, peer, 1, 0.9F, intent_source::agent});
      const auto said = known ? state.observe(context, t, 0, sums) : state.miss(context, t);
      // What stood for it is told all the same: a failure of a source is scored as the log says.
      BOOST_TEST(said.decided);
      (void)state.decide(context, w.pooled(), t, &base);
    }
    return decided(state, until - 1);
  };
  const auto at_once = after(0, false);
  const auto later = after(60, false);
  const auto misled = after(60, true);
  BOOST_TEST(at_once.used);
  BOOST_TEST(later.used == at_once.used);
  BOOST_TEST(later.allocation == at_once.allocation);
  BOOST_TEST(later.counts == at_once.counts, boost::test_tools::per_element());
  BOOST_TEST((!misled.used || misled.counts != at_once.counts));
}

BOOST_AUTO_TEST_CASE(what_is_hardly_believed_is_dropped_and_counted) {
  intent_state state;
  state.declare({interval_number{1}, interval_number{3}, 7, 1, 0.009F, intent_source::agent});
  BOOST_TEST(state.dropped() == 1);
  BOOST_TEST(!state.pending_after(interval_number{1}));
  state.declare({interval_number{1}, interval_number{3}, 7, 1, 0.5F, intent_source::agent});
  BOOST_TEST(state.pending_after(interval_number{2}));
  BOOST_TEST(!state.pending_after(interval_number{3}));
}

BOOST_AUTO_TEST_CASE(a_flood_does_not_push_out_those_who_are_believed_and_memory_is_bounded) {
  BOOST_TEST(rc::check("bounded, whatever is declared", [] {
    intent_state state;
    state.declare({interval_number{0}, interval_number{50}, 1, 1, 0.95F, intent_source::agent});
    const auto n = *rc::gen::inRange(0, 3'000);
    tests::random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    for (int i = 0; i < n; ++i)
      state.declare({interval_number{0}, interval_number{random.between(1, 200)},
                     static_cast<std::uint64_t>(random.between(10, 5'000)), 1,
                     static_cast<float>(random.uniform() * 0.9), intent_source::agent});
    RC_ASSERT(state.bytes() < 64'000U);
    const auto context = context_of();
    const auto base = poisson_decision(interval_number{50}, 0.1);
    // The one that is believed is still there: alone it would have been enough for a unit.
    intent_statistics sums;
    (void)state.observe(context, interval_number{48}, 0, sums);
    auto acting = context;
    acting.acts_from = interval_number{0};
    RC_ASSERT(state.decide(acting, {}, interval_number{48}, &base).allocation >= 0);
    RC_ASSERT(state.pending_after(interval_number{49}));
  }));
}

BOOST_AUTO_TEST_CASE(what_stands_has_a_curve_that_never_rises) {
  BOOST_TEST(rc::check("survival of a decision", [] {
    auto context = context_of();
    context.acts_from = interval_number{0};
    intent_state state;
    tests::random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    const auto n = *rc::gen::inRange(0, 40);
    for (int i = 0; i < n; ++i)
      state.declare({interval_number{0}, interval_number{random.between(1, 3)},
                     static_cast<std::uint64_t>(random.below(20)),
                     static_cast<std::uint32_t>(random.between(1, 4)), static_cast<float>(random.uniform()),
                     intent_source::agent});
    const auto base = poisson_decision(interval_number{2}, random.uniform() * 5);
    const auto said = state.decide(context, {}, interval_number{0}, &base);
    RC_ASSERT(said.without == base.allocation);
    if (!said.used) return;
    std::vector<float> survival(80);
    said.survival(survival);
    for (std::size_t j = 0; j < survival.size(); ++j) {
      RC_ASSERT(survival[j] >= 0.0F);
      RC_ASSERT(survival[j] <= (j == 0 ? 1.0001F : survival[j - 1]));
    }
  }));
}

BOOST_AUTO_TEST_CASE(a_calendar_that_is_right_raises_the_units_and_one_that_is_wrong_is_soon_ignored) {
  const auto context = context_of();
  for (const bool right : {true, false}) {
    intent_state state;
    credibility_book book;
    intent_statistics sums;
    double with = 0;
    double without = 0;
    // Once a day, 40 requests in an interval for which nobody foresees any.
    for (std::int64_t t = 0; t < 30 * 96; ++t) {
      const bool announced_now = t % 96 == 60;
      const std::uint32_t y = announced_now && right ? 40 : 0;
      if (t % 96 == 58)
        state.declare({interval_number{t}, interval_number{t + 2}, 1, 40,
                       book.of(intent_source::operators, 1), intent_source::operators});
      const auto scored = state.observe(context, interval_number{t}, y, sums);
      if (announced_now) book.observe(intent_source::operators, 1, 40, y);
      if (t > 96) {
        with += scored.with < y ? 9.0 * static_cast<double>(y - scored.with)
                                : static_cast<double>(scored.with - y);
        without += scored.without < y ? 9.0 * static_cast<double>(y - scored.without)
                                      : static_cast<double>(scored.without - y);
      }
      (void)state.decide(context, {}, interval_number{t}, nullptr);
    }
    if (right)
      BOOST_TEST(with < 0.3 * without, with << " against " << without);
    else
      BOOST_TEST(with < 150.0, with);
  }
}
