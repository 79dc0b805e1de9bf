#define BOOST_TEST_MODULE synthetic_compose
#include "tests/unit/models/synthetic/worlds.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

using namespace forestage::models;
using namespace forestage::models::synthetic;
using forestage::tests::world;

BOOST_AUTO_TEST_CASE(the_same_options_make_the_same_world_and_another_seed_another) {
  options wanted;
  wanted.resources = 200;
  const auto first = compose(wanted).value();
  BOOST_TEST((first == compose(wanted).value()));
  wanted.seed = 2;
  BOOST_TEST(!(first == compose(wanted).value()));
}

BOOST_AUTO_TEST_CASE(the_expected_requests_are_those_asked_for_whatever_else_is) {
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    options wanted;
    wanted.seed = seed;
    wanted.events = 1'000.0 * static_cast<double>(seed * seed);
    wanted.resources = 50;
    wanted.peers = 64;
    wanted.regions = seed == 4 ? 64 : static_cast<std::uint32_t>(seed);
    wanted.days = static_cast<std::uint32_t>(1 + 5 * (seed - 1));
    wanted.habits = 0.3 * static_cast<double>(seed - 1);
    wanted.births = 0.2 * static_cast<double>(seed - 1);
    wanted.flash = static_cast<std::uint32_t>(13 * (seed - 1));
    wanted.sessions = static_cast<std::uint32_t>(4 * (seed - 1));
    wanted.zipf = 0.7 * static_cast<double>(seed - 1);
    wanted.weekly = seed % 2 == 0;
    BOOST_TEST_CONTEXT("seed " << seed)
    BOOST_TEST(world(wanted).expected_requests() == wanted.events, boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_CASE(the_smallest_world_has_one_of_everything) {
  options wanted;
  wanted.days = wanted.resources = wanted.regions = wanted.peers = 1;
  wanted.events = 1;
  wanted.sessions = 0;
  wanted.births = 0.9;
  BOOST_TEST(world(wanted).expected_requests() == 1, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(rates_follow_zipf_with_the_exponent_asked_for) {
  options wanted;
  wanted.zipf = 1.2;
  wanted.resources = 500;
  wanted.sessions = 0;
  auto all = compose(wanted).value();
  std::sort(all.resources.begin(), all.resources.end(),
            [](const auto& a, const auto& b) { return a.rate > b.rate; });
  for (std::size_t k = 0; k < all.resources.size(); ++k)
    BOOST_TEST(all.resources[k].rate == all.resources[0].rate * std::pow(static_cast<double>(k + 1), -1.2),
               boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(what_is_asked_for_is_there_in_the_number_asked_for) {
  options wanted;
  wanted.resources = 400;
  wanted.sessions = 20;
  wanted.flash = 7;
  wanted.births = 0.25;
  wanted.regions = 8;
  wanted.peers = 1'000;
  const auto all = compose(wanted).value();
  std::set<std::uint32_t> on_a_timetable;
  std::set<std::pair<std::uint32_t, std::int64_t>> crowds;
  bool in_several_regions = false;
  for (const auto& item : all.pulses)
    if (item.what == pulse::kind::session)
      on_a_timetable.insert(item.resource);
    else
      in_several_regions |= !crowds.emplace(item.resource, item.first_minute).second;
  BOOST_TEST(on_a_timetable.size() == 20U);
  BOOST_TEST(crowds.size() == 7U);
  BOOST_TEST(in_several_regions);
  BOOST_TEST(std::count_if(all.resources.begin(), all.resources.end(), [&](const auto& of) {
               return of.born > 0 || of.dies < all.span_minutes();
             }) == 100);
  BOOST_TEST(all.regions.front().first_peer == 0U);
  for (std::size_t g = 1; g < all.regions.size(); ++g)
    BOOST_TEST(all.regions[g].first_peer == all.regions[g - 1].first_peer + all.regions[g - 1].peers);
  BOOST_TEST(all.regions.back().first_peer + all.regions.back().peers == 1'000U);
  for (const auto& item : all.habits) { // a peer's habits come from its home
    BOOST_TEST(item.peer >= all.regions[item.region].first_peer);
    BOOST_TEST(item.peer < all.regions[item.region].first_peer + all.regions[item.region].peers);
  }
}

BOOST_AUTO_TEST_CASE(habits_are_bounded_per_peer_and_the_rest_goes_to_the_background) {
  options wanted;
  wanted.peers = 10;
  wanted.habits = 0.9;
  const auto model = world(wanted);
  BOOST_TEST(model.truth().habits.size() == 40U);
  for (const auto& item : model.truth().habits)
    BOOST_TEST(item.strength < 2);
  BOOST_TEST(model.expected_requests() == wanted.events, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_bad_option_is_refused_by_name) {
  using change = std::function<void(options&)>;
  const std::vector<std::pair<const char*, change>> changes = {
      {"--days", [](auto& o) { o.days = 0; }},
      {"--days", [](auto& o) { o.days = 3'661; }},
      {"--start", [](auto& o) { o.first_day = 300'000; }},
      {"--events", [](auto& o) { o.events = 0; }},
      {"--events", [](auto& o) { o.events = std::nan(""); }},
      {"--days", [](auto& o) { o.events = 2e9; }}, // more than a day can hold: the remedy is more days
      {"--resources", [](auto& o) { o.resources = 0; }},
      {"--regions", [](auto& o) { o.regions = 65; }},
      {"--peers", [](auto& o) { o.peers = 3; }},
      {"--zipf", [](auto& o) { o.zipf = -0.1; }},
      {"--flash", [](auto& o) { o.flash = 10'001; }},
      {"--habits", [](auto& o) { o.habits = 0.91; }},
      {"--births", [](auto& o) { o.births = -0.01; }},
      {"--sessions", [](auto& o) { o.sessions = 900; }}};
  BOOST_TEST(validate({}).ok());
  for (const auto& [name, make_bad] : changes) {
    options wanted;
    make_bad(wanted);
    const auto made = compose(wanted);
    BOOST_TEST_REQUIRE(!made.ok());
    BOOST_TEST((made.failure().code == errc::invalid_argument));
    BOOST_TEST(made.failure().text.find(name) != std::string::npos, made.failure().text);
  }
}
