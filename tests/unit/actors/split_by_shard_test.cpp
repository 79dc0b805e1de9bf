// Splitting events by shard loses nothing and keeps order.
#include "actors/router.hpp"
#include "tests/support/random_source.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace forestage;
using namespace forestage::actors;
using forestage::tests::random_source;

namespace {

messages::event_counts random_events(random_source& random) {
  messages::event_counts events;
  events.session = "session";
  events.sequence = 17;
  events.provenance = v1::PROVENANCE_REPORTED;
  const auto resources = random.between(1, 30);
  const auto regions = random.between(1, 4);
  for (std::int64_t i = 0; i < resources; ++i)
    events.resources.push_back(
        models::resource_id::make("r" + std::to_string(random.below(1'000'000))).value());
  for (std::int64_t i = 0; i < regions; ++i)
    events.regions.push_back(models::region_id::make("g" + std::to_string(i)).value());
  for (auto n = random.below(200); n > 0; --n)
    events.entries.push_back(
        {static_cast<std::uint32_t>(random.below(resources)),
         static_cast<std::uint32_t>(random.below(regions)),
         {models::interval_number{random.between(-50, 50)}, static_cast<std::uint32_t>(random.below(9))}});
  for (auto n = random.below(20); n > 0; --n)
    events.missing.push_back({static_cast<std::uint32_t>(random.below(resources)),
                              static_cast<std::uint32_t>(random.below(regions)),
                              models::interval_number{random.between(-50, 50)}});
  return events;
}

using named = std::tuple<std::string, std::string, std::int64_t, std::uint32_t>;

std::vector<named> entries_of(const messages::event_counts& events) {
  std::vector<named> out;
  for (const auto& e : events.entries)
    out.emplace_back(events.resources[e.resource].text(), events.regions[e.region].text(),
                     e.cell.interval.value(), e.cell.count);
  constexpr auto missing = ~std::uint32_t{0};
  for (const auto& m : events.missing)
    out.emplace_back(events.resources[m.resource].text(), events.regions[m.region].text(), m.interval.value(),
                     missing);
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_entry_reaches_the_shard_of_its_resource_once_and_in_order) {
  random_source random{tests::seed("split", 91)};
  for (int trial = 0; trial < 100; ++trial) {
    const auto events = random_events(random);
    const auto shards = static_cast<std::uint32_t>(random.between(1, 9));
    const auto parts = split_by_shard(events, shards);
    BOOST_TEST(parts.size() == shards);
    for (std::uint32_t s = 0; s < shards; ++s) {
      const auto& part = parts[s];
      BOOST_TEST(part.session == events.session);
      BOOST_TEST(part.sequence == events.sequence);
      BOOST_TEST((part.provenance == events.provenance));
      std::vector<named> expected;
      for (const auto& e : entries_of(events))
        if (models::shard_of(models::resource_id::make(std::get<0>(e)).value(), shards).value() == s)
          expected.push_back(e);
      BOOST_TEST((entries_of(part) == expected));
      // Only names that are used travel.
      std::set<std::uint32_t> used;
      for (const auto& m : part.missing)
        used.insert(m.region);
      for (const auto& e : part.entries)
        used.insert(e.region);
      BOOST_TEST(used.size() == part.regions.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(no_events_give_empty_parts) {
  const auto parts = split_by_shard({}, 3);
  BOOST_TEST(parts.size() == 3U);
  for (const auto& part : parts)
    BOOST_TEST(part.entries.empty());
}
