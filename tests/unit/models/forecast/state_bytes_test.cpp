// States as bytes: restored, they go on bit for bit; damaged or foreign bytes change nothing.
#include "models/forecast/last_layer.hpp"
#include "models/forecast/panel_member.hpp"
#include "models/forecast/quantile_mixture.hpp"
#include "models/forecast/sparse_counts.hpp"
#include "models/forecast/state_bytes.hpp"
#include "tests/support/random_source.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <cmath>
#include <vector>

using namespace forestage::models;
using forestage::tests::random_source;

namespace {

std::vector<float> values(random_source& random, std::size_t count) {
  std::vector<float> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(random.chance(0.1) ? 0 : static_cast<float>(8 * random.uniform()));
  return out;
}

// Runs a state for a while, restores it into a fresh one, and lets both go on.
template <class State, class Make, class Step, class Look>
void check_round_trip(const Make& make, const Step& step, const Look& look) {
  BOOST_TEST(rc::check("any stream", [&] {
    random_source random{*rc::gen::arbitrary<std::uint64_t>()};
    const auto before = *rc::gen::inRange(0, 200);
    State state = make(), there = make();
    auto at = 0;
    for (; at < before; ++at)
      step(state, random, at);
    RC_ASSERT(restore(there, snapshot(state)).ok());
    RC_ASSERT(snapshot(there) == snapshot(state));
    random_source again = random;
    for (const auto end = at + 60; at < end; ++at) {
      step(state, random, at);
      step(there, again, at);
    }
    RC_ASSERT(look(state) == look(there));
    RC_ASSERT(snapshot(there) == snapshot(state));
  }));
}

template <class State> void check_damage(const State& good, const State& other) {
  const auto bytes = snapshot(good);
  State state = other;
  const auto untouched = snapshot(state);
  for (std::size_t cut = 0; cut < bytes.size(); cut += 1 + bytes.size() / 50)
    BOOST_TEST(!restore(state, std::string_view{bytes}.substr(0, cut)).ok());
  random_source random{1};
  for (int i = 0; i < 50; ++i) {
    auto damaged = bytes;
    damaged[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(bytes.size())))] ^= 0x10;
    BOOST_TEST(!restore(state, damaged).ok());
  }
  // Other versions, sealed as they should be: the two before this one, and one to come.
  for (const char version : {1, 2, 99}) {
    std::string resealed = bytes.substr(0, bytes.size() - sizeof(std::uint64_t));
    resealed.front() = version;
    seal(resealed, 0);
    BOOST_TEST((restore(state, resealed).failure().code == errc::incompatible));
  }
  BOOST_TEST(snapshot(state) == untouched);
}

const season_lengths seasons{6, 12};

panel_settings small_settings() {
  panel_settings settings;
  settings.seasons = seasons;
  settings.horizon = 6;
  return settings;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_profile_goes_on_where_it_was) {
  check_round_trip<profile_state>(
      [] {
        return profile_state{seasons, std::vector<float>{1, 2, 3}};
      },
      [](profile_state& s, random_source& random, int) { s.observe(static_cast<float>(random.uniform())); },
      [](const profile_state& s) { return s.location(3); });
}

BOOST_AUTO_TEST_CASE(a_harmonic_state_goes_on_where_it_was) {
  check_round_trip<harmonic_state>(
      [] {
        return harmonic_state{seasons, std::vector<float>{1, 2, 3}};
      },
      [](harmonic_state& s, random_source& random, int) { s.observe(static_cast<float>(random.uniform())); },
      [](const harmonic_state& s) { return s.location(3); });
}

BOOST_AUTO_TEST_CASE(a_bank_of_smoothers_goes_on_where_it_was) {
  check_round_trip<smoother_bank>(
      [] {
        return smoother_bank{default_smoothers(), seasons, std::vector<float>{1, 2, 3, 1, 2, 3}};
      },
      [](smoother_bank& s, random_source& random, int) { s.observe(static_cast<float>(random.uniform())); },
      [](const smoother_bank& s) {
        std::vector<float> path(5);
        s.predict(3, path);
        return path;
      });
}

BOOST_AUTO_TEST_CASE(a_bank_of_long_seasons_goes_on_in_the_middle_of_a_bin) {
  check_round_trip<smoother_bank>(
      [] {
        return smoother_bank{default_smoothers(), {288, 2'016}, std::vector<float>(288, 1)};
      },
      [](smoother_bank& s, random_source& random, int) { s.observe(static_cast<float>(random.uniform())); },
      [](const smoother_bank& s) {
        std::vector<float> path(5);
        s.predict(3, path);
        return path;
      });
}

BOOST_AUTO_TEST_CASE(a_mixture_goes_on_where_it_was) {
  check_round_trip<path_mixture>(
      [] {
        return path_mixture{2, {1, 3}};
      },
      [](path_mixture& m, random_source& random, int t) {
        m.score(values(random, 6), values(random, 3), 1, static_cast<std::size_t>(t) % path_mixture::phases);
      },
      [](const path_mixture& m) { return m.weights({}, m, 1); });
}

BOOST_AUTO_TEST_CASE(bands_go_on_where_they_were) {
  check_round_trip<error_bands>([] { return error_bands{2}; },
                                [](error_bands& b, random_source& random, int t) {
                                  error_bands pooled{2};
                                  b.learn(static_cast<std::size_t>(t % 2), random.uniform() - 0.5, pooled,
                                          0.99);
                                },
                                [](const error_bands& b) { return b.offsets(0.9, b); });
}

BOOST_AUTO_TEST_CASE(a_last_layer_goes_on_where_it_was) {
  check_round_trip<quantile_mixture>(
      [] {
        return quantile_mixture{{{1, 0}, {0.05, 1}}, 2, 0.9};
      },
      [](quantile_mixture& m, random_source& random, int) {
        std::vector<double> losses(m.size());
        for (auto& l : losses)
          l = random.uniform();
        quantile_mixture pooled = m;
        m.score(losses, pooled);
      },
      [](const quantile_mixture& m) { return m.weights(0.6, 1, m); });
  check_round_trip<sparse_counts>(
      [] { return sparse_counts{24}; },
      [](sparse_counts& s, random_source& random, int) { s.observe(static_cast<double>(random.below(3))); },
      [](const sparse_counts& s) { return s.mean(); });
}

BOOST_AUTO_TEST_CASE(a_member_of_a_panel_goes_on_where_it_was) {
  random_source random{5};
  std::vector<double> y;
  for (int t = 0; t < 300; ++t)
    y.push_back(100 * random.uniform());
  const horizon_knots knots{6};
  check_round_trip<panel_member>(
      [&] { return panel_member{3, 10, y, 24, small_settings(), knots}; },
      [](panel_member& m, random_source&, int t) { (void)m.observe(10 + static_cast<std::size_t>(t)); },
      [](const panel_member& m) { return m.bytes(); });
}

BOOST_AUTO_TEST_CASE(damaged_bytes_are_refused_and_change_nothing) {
  random_source random{2};
  const auto first = values(random, 12);
  check_damage(harmonic_state{seasons, first}, harmonic_state{seasons, std::vector<float>{1}});
  check_damage(profile_state{seasons, first}, profile_state{seasons, std::vector<float>{1}});
  check_damage(smoother_bank{default_smoothers(), seasons, first},
               smoother_bank{default_smoothers(), seasons, std::vector<float>{1}});
  check_damage(path_mixture{3, {2, 4}}, path_mixture{3, {2, 4}});
  check_damage(error_bands{3}, error_bands{3});
  check_damage(last_layer{horizon_knots{6}, 2, 0.9}, last_layer{horizon_knots{6}, 2, 0.9});
  const std::vector<double> y(60, 5.0), other(60, 2.0);
  panel_member begun{0, 0, y, 24, small_settings(), horizon_knots{6}};
  for (std::size_t t = 0; t < 30; ++t)
    (void)begun.observe(t);
  check_damage(begun, panel_member{0, 0, other, 24, small_settings(), horizon_knots{6}});
}

BOOST_AUTO_TEST_CASE(bytes_of_other_settings_are_refused) {
  const std::vector<float> first(12, 1);
  harmonic_state harmonic{{6, 12}, first};
  BOOST_TEST(
      (restore(harmonic, snapshot(harmonic_state{{6, 18}, first})).failure().code == errc::incompatible));
  smoother_bank bank{default_smoothers(), {6, 12}, first};
  BOOST_TEST((restore(bank, snapshot(smoother_bank{default_smoothers(), {6, 6}, first})).failure().code ==
              errc::incompatible));
  BOOST_TEST(
      (restore(bank, snapshot(smoother_bank{default_smoothers().first(3), {6, 12}, first})).failure().code ==
       errc::incompatible));
  path_mixture mixture{2, {4}};
  BOOST_TEST((restore(mixture, snapshot(path_mixture{3, {4}})).failure().code == errc::incompatible));
  error_bands bands{3};
  BOOST_TEST((restore(bands, snapshot(error_bands{4})).failure().code == errc::incompatible));
}
