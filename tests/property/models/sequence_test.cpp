// What holds of the sequence model for any requests: probabilities are some, memory is bounded, a restart
// changes nothing, the order of independent peers inside an interval changes nothing, habits are forgotten.
#define BOOST_TEST_MODULE property_models_sequence
#include "models/bytes.hpp"
#include "models/sequence/sequence_model.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

using namespace forestage::models;

namespace {

struct request {
  std::uint64_t peer, resource;
  std::uint32_t segment;
  std::int64_t at;
};

std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

// In [least, most], of the whole range from the first case on.
template <class T> T between(T least, T most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(least, most + 1));
}

sequence_settings small_settings() {
  sequence_settings s;
  s.half_life = *rc::gen::element<std::int64_t>(1, 3, 50, 1'000'000);
  s.orders = static_cast<std::uint32_t>(between(0, 3));
  s.own = between(0, 1) == 1;
  s.recency = between(0, 1) == 1;
  s.most_contexts = static_cast<std::uint32_t>(between(64, 300));
  s.most_resources = static_cast<std::uint32_t>(between(64, 200));
  s.most_successors = static_cast<std::uint32_t>(between(1, 6));
  s.most_segments = static_cast<std::uint32_t>(between(1, 4));
  s.most_peers = static_cast<std::uint32_t>(between(64, 200));
  s.most_open = static_cast<std::uint32_t>(between(64, 1'000));
  s.least_probability = *rc::gen::element(.001, .05, .5);
  s.lift = *rc::gen::element(1.0, 1.25);
  return s;
}

// Peers of which some have habits, some ask at random; gaps, and now and then a gap of years.
std::vector<request> make_log(std::size_t most) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto peers = *rc::gen::element<std::uint64_t>(1, 3, 50, 5'000);
  const auto resources = *rc::gen::element<std::uint64_t>(1, 2, 10, 10'000);
  const auto segments = *rc::gen::element<std::uint32_t>(1, 2, 9);
  const auto busy = *rc::gen::element<std::uint64_t>(1, 2, 20);
  const auto habit = *rc::gen::element<std::uint64_t>(0, 50, 95);
  std::vector<request> log;
  auto t = between<std::int64_t>(-1'000, 1'000);
  for (std::size_t i = 0; i < most; ++i) {
    const auto r = mixed(seed + i);
    if (r % busy == 0) t += r % 1'009 == 0 ? 100'000 : static_cast<std::int64_t>(1 + r % 3);
    const auto peer = mixed(r) % peers;
    const auto before = log.empty() ? 0 : log.back().resource;
    const auto resource = mixed(r + 1) % 100 < habit ? (before + 1) % resources : mixed(r + 2) % resources;
    log.push_back({mixed(peer), resource, static_cast<std::uint32_t>(peer % segments), t});
  }
  return log;
}

sequence_model made(const sequence_settings& s) {
  return sequence_model::make(s).value();
}

void must(bool ok) {
  BOOST_TEST(ok);
}

// An upper bound of the bytes that the settings allow.
std::size_t bound_of(const sequence_settings& s) {
  const std::size_t context = 96 + 2 * s.most_successors * sizeof(successor);
  const std::size_t segment = 64'000 + s.most_contexts * context + s.most_resources * std::size_t{64};
  return (s.most_segments + std::size_t{1}) * segment + s.most_peers * std::size_t{2} * 160 +
         2 * s.most_open * (sizeof(succession) + 4 * 80);
}

} // namespace

BOOST_AUTO_TEST_CASE(probabilities_are_never_odd_and_sum_to_at_most_one) {
  must(rc::check("probabilities", [] {
    const auto settings = small_settings();
    auto model = made(settings);
    std::size_t i = 0;
    for (const auto& r : make_log(600)) {
      if (++i % 7 == 0) {
        double sum = 0, popular = 0;
        for (const auto& one : model.predict(r.peer, r.segment, 1'000)) {
          RC_ASSERT(std::isfinite(one.probability) && one.probability >= 0 && one.probability <= 1 + 1e-9);
          RC_ASSERT(std::isfinite(one.delay) && one.delay >= 1);
          sum += one.probability;
          popular += one.popularity;
        }
        RC_ASSERT(sum <= 1 + 1e-9);
        RC_ASSERT(popular <= 1 + 1e-9);
        const auto said = model.judge(r.peer, r.segment, r.resource);
        RC_ASSERT(said.blend > 0 && said.blend <= 1 + 1e-9);
        RC_ASSERT(said.popularity > 0 && said.popularity <= 1 + 1e-9);
      }
      model.observe(r.peer, r.segment, r.resource, interval_number{r.at});
      if (i % 11 == 0)
        for (const auto& intent : model.close(interval_number{r.at}).made)
          RC_ASSERT(intent.probability >= settings.least_probability && intent.probability <= 1);
    }
  }));
}

BOOST_AUTO_TEST_CASE(what_is_said_of_a_resource_is_what_is_predicted) {
  must(rc::check("judge = predict", [] {
    auto settings = small_settings();
    settings.most_resources = 20'000; // nothing is new that a context knows
    auto model = made(settings);
    const auto log = make_log(300);
    for (const auto& r : log)
      model.observe(r.peer, r.segment, r.resource, interval_number{r.at});
    model.close(interval_number{log.back().at});
    for (const auto& r : log)
      for (const auto& one : model.predict(r.peer, r.segment, 1'000)) {
        const auto said = model.judge(r.peer, r.segment, one.resource);
        if (said.is_new) continue; // of another segment's past
        RC_ASSERT(std::abs(said.blend - one.probability) < 1e-9);
      }
  }));
}

BOOST_AUTO_TEST_CASE(the_likeliest_few_are_the_first_of_all) {
  must(rc::check("top", [] {
    auto model = made(small_settings());
    const auto log = make_log(300);
    for (const auto& r : log)
      model.observe(r.peer, r.segment, r.resource, interval_number{r.at});
    model.close(interval_number{log.back().at});
    for (const auto& r : log) {
      const auto all = model.predict(r.peer, r.segment, 1'000);
      const auto most = between<std::size_t>(0, 6);
      const auto few = model.predict(r.peer, r.segment, most);
      RC_ASSERT(few.size() == std::min(most, all.size()));
      for (std::size_t i = 0; i < few.size(); ++i) {
        RC_ASSERT(few[i].resource == all[i].resource);
        RC_ASSERT(std::abs(few[i].probability - all[i].probability) < 1e-15);
        RC_ASSERT(few[i].popularity == all[i].popularity);
      }
    }
  }));
}

BOOST_AUTO_TEST_CASE(it_does_not_matter_who_gathered_what_is_folded) {
  must(rc::check("gathering", [] {
    auto settings = small_settings();
    settings.most_peers = settings.most_open = 10'000;
    sequence_tables one{settings}, other{settings};
    const auto shards = between<std::uint64_t>(1, 5);
    const auto log = make_log(400);
    std::map<std::uint64_t, recent_requests> recent;
    for (std::size_t from = 0; from < log.size();) {
      std::vector<succession> together;
      std::vector<std::vector<succession>> apart(shards);
      std::map<std::uint64_t, std::uint32_t> places;
      auto to = from;
      for (; to < log.size() && log[to].at == log[from].at; ++to) {
        const auto& r = log[to];
        succession s;
        s.peer = r.peer;
        s.segment = r.segment;
        s.resource = r.resource;
        s.place = places[r.peer]++;
        s.before = recent[r.peer];
        recent[r.peer].push(r.resource);
        together.push_back(s);
        apart[r.peer % shards].push_back(s);
      }
      std::vector<succession> gathered;
      for (auto it = apart.rbegin(); it != apart.rend(); ++it)
        gathered.insert(gathered.end(), it->rbegin(), it->rend());
      one.fold(interval_number{log[from].at}, together, {});
      other.fold(interval_number{log[from].at}, gathered, {});
      from = to;
    }
    std::string a, b;
    byte_writer to_a{a}, to_b{b};
    one.fields(to_a);
    other.fields(to_b);
    RC_ASSERT(a == b);
  }));
}

BOOST_AUTO_TEST_CASE(memory_is_bounded_whatever_comes) {
  must(rc::check("memory", [] {
    const auto settings = small_settings();
    auto model = made(settings);
    const auto most = bound_of(settings);
    for (const auto& r : make_log(5'000)) {
      model.observe(r.peer, r.segment, r.resource, interval_number{r.at});
      RC_ASSERT(model.peers() <= settings.most_peers + settings.most_peers / 8);
    }
    RC_ASSERT(model.tables().contexts() <=
              settings.most_contexts * (settings.most_segments + std::size_t{1}));
    RC_ASSERT(model.bytes() <= most);
  }));
}

BOOST_AUTO_TEST_CASE(a_restart_at_any_request_changes_nothing) {
  must(rc::check("snapshot", [] {
    const auto settings = small_settings();
    auto model = made(settings);
    auto restarted = made(settings);
    const auto log = make_log(400);
    const auto at = between<std::size_t>(0, log.size() - 1);
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (i == at) {
        const auto bytes = restarted.snapshot();
        auto again = sequence_model::restore(settings, bytes);
        RC_ASSERT(again.ok());
        restarted = std::move(again).value();
        RC_ASSERT(restarted.snapshot() == bytes);
      }
      const auto& r = log[i];
      for (auto* m : {&model, &restarted})
        m->observe(r.peer, r.segment, r.resource, interval_number{r.at});
      if (i % 5 == 0) {
        const auto a = model.close(interval_number{r.at});
        const auto b = restarted.close(interval_number{r.at});
        RC_ASSERT(a.made == b.made && a.kept == b.kept && a.missed == b.missed);
      }
    }
    RC_ASSERT(model.snapshot() == restarted.snapshot());
  }));
}

BOOST_AUTO_TEST_CASE(the_order_of_independent_peers_inside_an_interval_changes_nothing) {
  must(rc::check("order", [] {
    auto settings = small_settings();
    settings.most_peers = 10'000; // within the bounds of an interval
    settings.most_open = 10'000;
    const auto log = make_log(600);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    auto one = made(settings);
    auto other = made(settings);
    for (std::size_t from = 0; from < log.size();) {
      auto to = from;
      while (to < log.size() && log[to].at == log[from].at)
        ++to;
      std::vector<std::size_t> order(to - from);
      std::iota(order.begin(), order.end(), from);
      // A peer's own requests stay in their order.
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return mixed(log[a].peer ^ seed) < mixed(log[b].peer ^ seed);
      });
      for (auto i = from; i < to; ++i) {
        const auto& a = log[i];
        one.observe(a.peer, a.segment, a.resource, interval_number{a.at});
        const auto& b = log[order[i - from]];
        other.observe(b.peer, b.segment, b.resource, interval_number{b.at});
      }
      const auto a = one.close(interval_number{log[from].at});
      const auto b = other.close(interval_number{log[from].at});
      RC_ASSERT(a.made == b.made);
      RC_ASSERT(a.missed == b.missed && a.kept == b.kept);
      from = to;
    }
    RC_ASSERT(one.snapshot() == other.snapshot());
  }));
}

BOOST_AUTO_TEST_CASE(a_new_habit_has_won_two_half_lives_after_it_began) {
  must(rc::check("forgetting", [] {
    sequence_settings settings;
    settings.half_life = between<std::int64_t>(10, 200);
    settings.own = between(0, 1) == 1;
    settings.orders = static_cast<std::uint32_t>(between(1, 3));
    auto model = made(settings);
    const auto old = between<std::int64_t>(1, 10) * settings.half_life;
    const auto peers = between<std::uint64_t>(1, 5);
    std::int64_t t = 0;
    for (; t < old + 2 * settings.half_life; ++t)
      for (std::uint64_t peer = 0; peer < peers; ++peer)
        model.observe(peer, 0, t % 2 == 0 ? 1 : t < old ? 2 : 3, interval_number{t});
    t += t % 2; // 1 comes in even intervals
    model.observe(0, 0, 1, interval_number{t});
    model.close(interval_number{t});
    const auto said = model.predict(0, 0, 100);
    double before = 0, now = 0;
    for (const auto& one : said)
      (one.resource == 2   ? before
       : one.resource == 3 ? now
                           : before) += one.resource == 1 ? 0 : one.probability;
    RC_ASSERT(now > before);
  }));
}
