// Simulated declarations: the shares that were asked for, and nothing that knows of the future.
#define BOOST_TEST_MODULE synthetic_declarations
#include "models/synthetic/declarations.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

using namespace forestage::models;
using namespace forestage::models::synthetic;
namespace tests = forestage::tests;

namespace {

constexpr std::int64_t length = 6'000;
constexpr std::int64_t evaluation = 3'000;
constexpr std::uint64_t kinds = 32; // the upper half of a peer's number is its kind

struct played {
  std::vector<simulated_events> events; // by interval
  std::vector<std::vector<std::uint32_t>> counts;

  // f(key, declaration) for each; sums of what it returns.
  template <class Function> [[nodiscard]] double sum(const Function& f) const {
    double out = 0;
    for (const auto& e : events)
      for (const auto& m : e.declarations)
        out += f(m.key, m.is);
    return out;
  }
  [[nodiscard]] double declared() const {
    return sum([](auto, const declaration& d) { return static_cast<double>(d.expected); });
  }
  [[nodiscard]] double lied() const {
    return sum([](auto, const declaration& d) {
      const auto kind = d.peer >> kinds;
      return kind == 0 || kind == 4 ? 0.0 : static_cast<double>(d.expected);
    });
  }
  [[nodiscard]] double kept() const {
    double out = 0;
    for (const auto& e : events)
      for (const auto& k : e.kept)
        out += k.is.count;
    return out;
  }
  [[nodiscard]] double requests() const {
    double out = 0;
    for (const auto& row : counts)
      for (const auto n : row)
        out += n;
    return out;
  }
};

const std::vector<double> sparse{2, 1, 0.5, 0.2, 0.1};
const std::vector<double> dense{200};

played play(const intent_simulation& wanted, const std::vector<double>& means = sparse,
            std::uint64_t counts_seed = 3) {
  tests::random_source random{counts_seed};
  const simulated_span span{interval_number{0}, interval_number{evaluation}, interval_number{length}, 2, 900};
  declaration_simulator simulator{wanted, span, means};
  played out;
  std::int64_t taken = 0;
  for (std::int64_t t = 0; t < length; ++t) {
    auto& row = out.counts.emplace_back();
    for (const auto mean : means)
      row.push_back(static_cast<std::uint32_t>(random.poisson(mean)));
    simulator.add(interval_number{t}, row);
    for (; taken + simulator.reach() <= t; ++taken)
      out.events.push_back(simulator.take(interval_number{taken}));
  }
  for (; taken < length; ++taken)
    out.events.push_back(simulator.take(interval_number{taken}));
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_asked_share_of_requests_is_declared_and_comes) {
  for (const auto& means : {sparse, dense})
    for (const double p : {0.05, 0.5, 1.0}) {
      const auto world = play({.p = p}, means);
      BOOST_TEST(world.kept() / world.requests() == p, boost::test_tools::tolerance(0.03));
      BOOST_TEST(world.kept() == world.declared());
      BOOST_TEST(world.lied() == 0.0);
    }
}

BOOST_AUTO_TEST_CASE(no_shows_are_the_asked_share_of_declarations) {
  for (const auto& means : {sparse, dense})
    for (const double n : {0.1, 0.3, 0.7}) {
      const auto world = play({.p = 0.4, .noshow = n}, means);
      BOOST_TEST(1 - world.kept() / world.declared() == n, boost::test_tools::tolerance(0.05));
    }
}

BOOST_AUTO_TEST_CASE(no_shows_of_a_busy_key_follow_its_demand_and_not_chance) {
  // Noise of the sum over groups and leads: a fifth of each in its size, and the counts nearby.
  const auto world = play({.p = 0.5, .noshow = 0.5}, {400});
  std::map<std::int64_t, double> missing;
  for (const auto& e : world.events)
    for (const auto& m : e.declarations)
      missing[m.is.target.value()] += m.is.expected;
  for (std::size_t t = 0; t < world.counts.size(); ++t) {
    double came = 0;
    for (const auto& k : world.events[t].kept)
      came += k.is.count;
    missing[static_cast<std::int64_t>(t)] -= came;
  }
  double mean = 0;
  double square = 0;
  for (std::int64_t t = 100; t < length - 100; ++t) {
    mean += missing[t] / (length - 200);
    square += missing[t] * missing[t] / (length - 200);
  }
  BOOST_TEST(mean == 200.0, boost::test_tools::tolerance(0.03));
  BOOST_TEST(std::sqrt(square - mean * mean) < 0.1 * mean);
}

BOOST_AUTO_TEST_CASE(jitter_is_the_share_that_comes_one_interval_off) {
  for (const auto& means : {sparse, dense}) {
    const auto world = play({.p = 0.5, .jitter = 0.3}, means);
    std::array<double, 3> shifts{};
    for (const auto& e : world.events)
      for (const auto& k : e.kept)
        shifts[static_cast<std::size_t>(k.is.shift + 1)] += k.is.count;
    BOOST_TEST((shifts[0] + shifts[2]) / world.kept() == 0.3, boost::test_tools::tolerance(0.05));
    BOOST_TEST(shifts[0] / shifts[2] == 1.0, boost::test_tools::tolerance(0.1));
  }
}

BOOST_AUTO_TEST_CASE(leads_are_drawn_evenly_and_say_what_could_be_known_in_time) {
  const auto world = play({.p = 0.5, .lead_from = 1, .lead_to = 3});
  std::map<std::int64_t, double> leads;
  for (const auto& e : world.events)
    for (const auto& m : e.declarations)
      leads[m.is.target - m.is.made] += 1;
  BOOST_TEST(leads.size() == 3U);
  for (const auto& [lead, n] : leads)
    BOOST_TEST(n / world.declared() == 1.0 / 3, boost::test_tools::tolerance(0.08));
  double in_time = 0;
  for (const auto& e : world.events)
    for (const auto& k : e.kept)
      in_time += k.is.in_time ? 1 : 0;
  BOOST_TEST(in_time / world.kept() == 2.0 / 3, boost::test_tools::tolerance(0.05)); // made two or more ahead
}

BOOST_AUTO_TEST_CASE(declarations_are_made_before_their_target_and_told_when_they_are_made) {
  const auto world = play({.p = 0.5, .noshow = 0.3, .jitter = 0.3, .liars = 0.3, .flood = 10});
  for (std::size_t t = 0; t < world.events.size(); ++t)
    for (const auto& m : world.events[t].declarations) {
      BOOST_TEST(m.is.made.value() == static_cast<std::int64_t>(t));
      BOOST_TEST((m.is.made < m.is.target));
      BOOST_TEST(m.is.target.value() < length);
      BOOST_TEST(m.is.weight == 0.0F); // nobody judges himself
    }
}

BOOST_AUTO_TEST_CASE(liars_declare_as_much_as_the_honest_and_never_come) {
  for (const auto& means : {sparse, dense})
    for (const double share : {0.2, 0.5}) {
      const auto world = play({.p = 0.4, .liars = share}, means);
      // As many lies as there are lying peers beside an honest one.
      BOOST_TEST(world.lied() / world.kept() == share / (1 - share), boost::test_tools::tolerance(0.3));
      BOOST_TEST(world.declared() == world.lied() + world.kept());
      for (const auto& e : world.events)
        for (const auto& o : e.outcomes)
          BOOST_TEST((o.kept == o.declared || o.kept == 0));
    }
}

BOOST_AUTO_TEST_CASE(a_flood_is_ten_times_as_much_in_six_of_six_hundred_intervals_on_one_key) {
  const auto world = play({.p = 0, .liars = 0.5, .liar_rate = 0.5, .flood = 10});
  std::vector<double> lies(length);
  std::vector<std::set<std::uint32_t>> keys(length);
  for (const auto& e : world.events)
    for (const auto& m : e.declarations) {
      lies[static_cast<std::size_t>(m.is.target.value())] += 1;
      keys[static_cast<std::size_t>(m.is.target.value())].insert(m.key);
    }
  double usual = 0;
  double flooded = 0;
  std::int64_t floods = 0;
  for (std::size_t t = 0; t < lies.size(); ++t) {
    const bool flood = t / 6 % 100 == 17;
    (flood ? flooded : usual) += lies[t];
    floods += flood ? 1 : 0;
    if (flood) BOOST_TEST(keys[t].size() <= 1U);
  }
  BOOST_TEST(floods == length / 100);
  const double ratio = flooded / static_cast<double>(floods) / (usual / static_cast<double>(length - floods));
  BOOST_TEST(ratio == 10.0, boost::test_tools::tolerance(0.1));
}

BOOST_AUTO_TEST_CASE(a_sybil_lies_under_every_name_once) {
  const auto world = play({.p = 0.2, .liars = 0.5, .sybil = true});
  std::set<std::uint64_t> names;
  double lies = 0;
  for (const auto& e : world.events)
    for (const auto& m : e.declarations)
      if (m.is.peer >> kinds == 2) {
        names.insert(m.is.peer);
        ++lies;
      }
  BOOST_TEST(lies > 1'000.0);
  BOOST_TEST(static_cast<double>(names.size()) == lies);
}

BOOST_AUTO_TEST_CASE(sleepers_count_as_honest_until_the_evaluation_part) {
  for (const auto& means : {sparse, dense}) {
    const auto world = play({.p = 0.2, .flood = 10, .sleepers = 0.5}, means);
    for (std::size_t t = 0; t < world.events.size(); ++t)
      for (const auto& o : world.events[t].outcomes)
        if (const auto kind = o.peer >> kinds; kind == 3 || kind == 6) // known an interval after the target
          BOOST_TEST(o.kept == (static_cast<std::int64_t>(t) <= evaluation ? o.declared : 0));
    BOOST_TEST(world.lied() > 0.0);
  }
}

BOOST_AUTO_TEST_CASE(share_noise_moves_the_share_and_not_much_its_mean) {
  const auto share_of_windows = [](const played& world) {
    std::vector<double> shares;
    for (std::size_t from = 0; from + 12 <= world.counts.size(); from += 12) {
      double came = 0;
      double kept = 0;
      for (auto t = from; t < from + 12; ++t) {
        came += world.counts[t][0];
        for (const auto& k : world.events[t].kept)
          kept += k.is.count;
      }
      shares.push_back(kept / came);
    }
    double mean = 0;
    double square = 0;
    for (const auto s : shares) {
      mean += s / static_cast<double>(shares.size());
      square += s * s / static_cast<double>(shares.size());
    }
    return std::pair{mean, std::sqrt(square - mean * mean) / mean};
  };
  const auto [steady_mean, steady] = share_of_windows(play({.p = 0.4}, dense));
  const auto [mean, spread] = share_of_windows(play({.p = 0.4, .share_noise = 0.3}, dense));
  BOOST_TEST(steady < 0.06);
  BOOST_TEST(spread > 0.2);
  BOOST_TEST(mean == steady_mean, boost::test_tools::tolerance(0.12));
}

BOOST_AUTO_TEST_CASE(the_seed_decides_everything) {
  const intent_simulation wanted{
      .p = 0.3, .noshow = 0.3, .jitter = 0.2, .liars = 0.3, .flood = 10, .sleepers = 0.2};
  const auto text = [](const played& world) {
    std::vector<std::vector<std::uint64_t>> out;
    for (const auto& e : world.events) {
      for (const auto& m : e.declarations)
        out.push_back({m.key, static_cast<std::uint64_t>(m.is.made.value()),
                       static_cast<std::uint64_t>(m.is.target.value()), m.is.peer, m.is.expected});
      for (const auto& o : e.outcomes)
        out.push_back({o.peer, o.declared, o.kept});
    }
    return out;
  };
  auto other = wanted;
  other.seed = 2;
  for (const auto& means : {sparse, dense}) {
    BOOST_TEST((text(play(wanted, means)) == text(play(wanted, means))));
    BOOST_TEST((text(play(wanted, means)) != text(play(other, means))));
  }
}
