// What holds of a region's stage under any use (actors/stage/stage_core.hpp): effects make sense, promises
// are kept.
#define BOOST_TEST_MODULE property_actors_stage
#include "actors/stage/stage_core.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <map>
#include <set>
#include <string>
#include <tuple>

using namespace forestage;
using namespace forestage::actors;

namespace {

constexpr std::int64_t interval_ms = 60'000;

models::resource_id any_resource() {
  return models::resource_id::make(std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 5)))).value();
}

models::region_id any_region() {
  return models::region_id::make(*rc::gen::arbitrary<bool>() ? "eu" : "us").value();
}

} // namespace

BOOST_AUTO_TEST_CASE(collections_open_once_close_once_and_warm_requests_stay_within_the_plan) {
  const bool holds = rc::check([] {
    stage_options options{.grid = models::interval_grid::make(60).value(), .life = "l"};
    options.hold_on_ms = 0; // to no plan: else what was planned last stands for ever here
    options.held_by_peer = *rc::gen::inRange<std::uint32_t>(1, 8);
    options.holders = *rc::gen::inRange<std::uint32_t>(1, 5);
    options.open = *rc::gen::inRange<std::uint32_t>(1, 6);
    options.pool = *rc::gen::inRange<std::uint32_t>(0, 4);
    options.held = *rc::gen::inRange<std::uint32_t>(1, 12);
    options.keep_ms = *rc::gen::inRange<std::int64_t>(1, 2 * interval_ms);
    options.grant_ms = *rc::gen::inRange<std::int64_t>(1, 3 * interval_ms);
    stage_core stage{options};
    std::set<std::string> open;
    std::set<std::string> unverified;
    std::map<std::tuple<std::string, std::string, std::int64_t>, std::int64_t> most,
        warm;                                                    // by resource, region, interval
    std::map<std::pair<std::string, std::string>, verbs> rights; // by collection, peer
    const auto carry_out = [&](const stage_effects& effects) {
      for (const auto& effect : effects) {
        if (const auto* is = std::get_if<open_collection>(&effect)) {
          RC_ASSERT(open.insert(is->id).second);
          unverified.insert(is->id);
        } else if (const auto* gone = std::get_if<close_collection>(&effect)) {
          RC_ASSERT(open.erase(gone->id) == 1U);
          unverified.erase(gone->id);
          std::erase_if(rights, [&](const auto& r) { return r.first.first == gone->id; });
        } else {
          const auto& right = std::get<set_rights>(effect);
          // Rights in what has just been closed are of no use, and no harm.
          if (open.count(right.id) == 1U) rights[{right.id, right.peer}] = right.may;
        }
      }
    };
    std::int64_t now = 0;
    for (int i = 0; i < 100; ++i) {
      now += *rc::gen::inRange<std::int64_t>(0, interval_ms / 2);
      const auto interval = now / interval_ms;
      const auto peer = std::string(1, static_cast<char>('p' + *rc::gen::inRange(0, 4)));
      switch (*rc::gen::inRange(0, 8)) {
      case 0: {
        const auto at = interval + *rc::gen::inRange<std::int64_t>(-1, 3);
        std::vector<planned_resource> plan;
        for (int k = 0; k < 2; ++k)
          plan.push_back({any_resource(), any_region(), *rc::gen::inRange<std::int64_t>(0, 4)});
        for (const auto& p : plan) {
          auto& most_units = most[{p.resource.text(), p.region.text(), at}];
          most_units = std::max(most_units, p.units);
        }
        carry_out(stage.on_plan(models::interval_number{at}, plan, now));
        break;
      }
      case 1:
      case 2:
      case 3: {
        const auto resource = any_resource();
        const auto region = any_region();
        const auto role = *rc::gen::inRange(0, 4) == 0 ? peer_role::provider : peer_role::requester;
        const bool was_verified =
            open.count("r/" + resource.text()) == 1U && unverified.count("r/" + resource.text()) == 0U;
        const auto got = stage.acquire({peer, resource, region, role, "s", 0}, now);
        if (!got) break;
        carry_out(got->effects);
        RC_ASSERT(open.count(got->resource_collection) == 1U);
        if (got->warm) RC_ASSERT(was_verified);
        if (role == peer_role::requester) {
          RC_ASSERT(open.count(got->peer_collection) == 1U);
          if (got->warm) ++warm[{resource.text(), region.text(), interval}];
          RC_ASSERT((rights[{got->peer_collection, peer}].has(verb::get)));
          RC_ASSERT((rights[{got->resource_collection, peer}].has(verb::put)));
        } else {
          RC_ASSERT((rights[{got->resource_collection, peer}].has(verb::get)));
        }
        break;
      }
      case 4:
        carry_out(stage.release(peer, any_resource()));
        break;
      case 5:
        carry_out(*rc::gen::inRange(0, 3) == 0 ? stage.release_all(peer) : stage.tick(now));
        break;
      case 6:
        carry_out(stage.fill_pool(any_region()));
        break;
      default:
        if (!unverified.empty()) {
          const auto id = *unverified.begin();
          unverified.erase(unverified.begin());
          stage.on_opened(id);
        }
      }
      // One provider at most takes from a resource; two peers at most have a right in a peer collection.
      std::map<std::string, int> takers;
      for (const auto& [of, may] : rights)
        if (may.has(verb::get)) ++takers[of.first];
      for (const auto& [collection, count] : takers)
        RC_ASSERT(count <= 1);
      RC_ASSERT(stage.open() <= options.open);
      RC_ASSERT(stage.held() <= options.held);
      RC_ASSERT(stage.pooled() <= 2 * options.pool);
    }
    for (const auto& [key, count] : warm)
      RC_ASSERT(count <= most[key]);
    // Everybody goes: in the end only the pool is open.
    for (const char* peer : {"p", "q", "r", "s"})
      carry_out(stage.release_all(peer));
    now += 10 * interval_ms;
    carry_out(stage.tick(now));
    RC_ASSERT(stage.open() == 0U && stage.held() == 0U);
    for (const auto& [of, may] : rights)
      RC_ASSERT((may == verbs{})); // who holds nothing may do nothing
    RC_ASSERT(open.size() <= 2 * options.pool);
    const auto& c = stage.counts();
    RC_ASSERT(c.planned == c.used + c.late + c.unused);
  });
  BOOST_TEST(holds);
}
