// What holds of the desk under any use (actors/intents/intent_desk.hpp): a model that knows every intent.
#define BOOST_TEST_MODULE property_actors_intent_desk
#include "actors/intents/intent_desk.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <map>
#include <string>
#include <tuple>

using namespace forestage;
using namespace forestage::actors;

namespace {

constexpr std::int64_t interval_ms = 60'000;

std::string any_of(const char* letters, int count) {
  return std::string(1, letters[*rc::gen::inRange(0, count)]);
}

} // namespace

BOOST_AUTO_TEST_CASE(declarations_can_be_acted_on_and_are_kept_once_and_judged_once) {
  const bool holds = rc::check([] {
    desk_options options{.grid = models::interval_grid::make(60).value()};
    options.horizon = *rc::gen::inRange<std::int64_t>(1, 5);
    options.by_peer = *rc::gen::inRange<std::uint32_t>(1, 6);
    options.standing = *rc::gen::inRange<std::uint32_t>(1, 12);
    options.intervals = 8;
    intent_desk desk{options};
    const auto region = models::region_id::make("eu").value();
    std::uint64_t requests_kept = 0, requests_asked = 0;
    std::int64_t now = 0;
    const auto look = [&] {
      const auto events = desk.take(now);
      std::map<std::tuple<std::uint64_t, std::uint32_t, std::int64_t>, int> at_once;
      for (const auto& d : events.declarations) {
        RC_ASSERT(d.is.target == d.is.made + options.horizon);
        RC_ASSERT(d.is.made.value() <= now / interval_ms);
        RC_ASSERT(d.is.weight >= 0 && d.is.weight <= 1 && d.is.expected >= 1);
        ++at_once[{d.is.peer, d.resource, d.is.target.value()}];
      }
      for (const auto& [what, count] : at_once)
        RC_ASSERT(count <= static_cast<int>(2 * options.by_peer)); // one for each intent of the peer's
      for (const auto& k : events.kept) {
        RC_ASSERT(k.is.shift >= -1 && k.is.shift <= 1 && k.is.count >= 1);
        requests_kept += k.is.count;
      }
    };
    for (int i = 0; i < 80; ++i) {
      now += *rc::gen::inRange<std::int64_t>(0, 2 * interval_ms);
      const auto peer = any_of("pqr", 3), resource = any_of("ab", 2);
      switch (*rc::gen::inRange(0, 5)) {
      case 0:
      case 1: {
        const auto begin = now + *rc::gen::inRange<std::int64_t>(-2, 12) * interval_ms;
        const declared_intent intent{*rc::gen::inRange<std::uint64_t>(0, 4),
                                     resource,
                                     begin,
                                     begin + *rc::gen::inRange<std::int64_t>(0, 10) * interval_ms,
                                     *rc::gen::inRange<std::uint32_t>(0, 9),
                                     static_cast<float>(*rc::gen::inRange(0, 5)) / 4};
        const auto answer = desk.declare(peer, region, {intent}, now);
        RC_ASSERT(answer.standing.size() + answer.refused.size() == 1U);
        RC_ASSERT(answer.credibility >= 0 && answer.credibility <= 1);
        break;
      }
      case 2:
      case 3: {
        const auto count = *rc::gen::inRange<std::uint32_t>(1, 4);
        requests_asked += count;
        desk.asked(peer, region, models::resource_id::make(resource).value(),
                   models::interval_number{now / interval_ms}, count, now);
        break;
      }
      default:
        desk.revoke(peer, {*rc::gen::inRange<std::uint64_t>(0, 4)}, now);
      }
      look();
      RC_ASSERT(desk.counts().standing <=
                options.standing + 1U); // one that is ended makes room for its successor
    }
    RC_ASSERT(requests_kept <= requests_asked);
    // When all windows are over nothing stands, and each intent has come to one end.
    now += 100 * interval_ms;
    look();
    const auto c = desk.counts();
    RC_ASSERT(c.standing == 0U);
    RC_ASSERT(c.kept <= c.judged);
    RC_ASSERT(c.judged <= c.declared);
    for (const char* p : {"p", "q", "r"})
      RC_ASSERT(!desk.knows(p));
  });
  BOOST_TEST(holds);
}
