// What holds of a message collection under any use: its invariants 1 to 4
// (actors/collection/collection_queue.hpp).
#define BOOST_TEST_MODULE property_actors_collection
#include "actors/collection/collection_queue.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <map>
#include <set>
#include <string>

using namespace forestage::actors;

namespace {

// What a bystander knows of the messages that were accepted.
struct witness {
  std::map<std::uint64_t, std::string> sender_of;                    // by number
  std::map<std::pair<std::string, std::string>, std::uint64_t> keys; // (sender, key) -> number
  std::set<std::uint64_t> acknowledged;
  std::map<std::uint64_t, std::string>
      held_by; // leases as handed out, until acknowledged or taken by another
};

collection_limits any_limits() {
  collection_limits limits;
  limits.messages = *rc::gen::inRange<std::uint32_t>(1, 12);
  limits.bytes = *rc::gen::inRange<std::uint64_t>(4, 40);
  limits.message_bytes = 4;
  limits.keep_ms = *rc::gen::inRange<std::int64_t>(1, 200);
  limits.lease_ms = *rc::gen::inRange<std::int64_t>(1, 60);
  limits.leases = *rc::gen::inRange<std::uint32_t>(1, 4);
  return limits;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_collection_is_bounded_loses_nothing_silently_and_keeps_the_order_of_a_sender) {
  const bool holds = rc::check([] {
    const auto limits = any_limits();
    RC_PRE(validate(limits).ok());
    access_list access;
    access.allow_everybody(verb::put | verb::get | verb::purge);
    collection_queue queue{limits, access, 1};
    witness seen;
    std::map<std::pair<std::string, std::string>, std::uint64_t>
        newest; // (reader, sender) -> number handed out
    std::int64_t now = 0;
    const auto steps = *rc::gen::inRange(1, 120);
    for (int i = 0; i < steps; ++i) {
      now += *rc::gen::inRange<std::int64_t>(0, 30);
      const auto sender = std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 3)));
      const auto reader = std::string(1, static_cast<char>('x' + *rc::gen::inRange(0, 2)));
      switch (*rc::gen::inRange(0, 8)) {
      case 0:
      case 1:
      case 2: {
        const auto key = *rc::gen::element<std::string>("", "k", "l", "m");
        const auto got = queue.put(sender, key, std::string(*rc::gen::inRange<std::size_t>(0, 5), '.'), now);
        if (!got) break;
        const auto known = seen.keys.find({sender, key});
        if (!key.empty() && known != seen.keys.end()) {
          RC_ASSERT(*got == known->second);
          break;
        }
        RC_ASSERT(seen.sender_of.emplace(*got, sender).second);
        if (!key.empty()) seen.keys[{sender, key}] = *got;
        break;
      }
      case 3:
      case 4: {
        const auto got = queue.next(reader, 0, *rc::gen::inRange<std::size_t>(0, 4), now);
        RC_ASSERT(got.ok());
        for (const auto& m : *got) {
          RC_ASSERT(seen.sender_of.at(m.number) == m.sender);
          RC_ASSERT(seen.acknowledged.count(m.number) == 0U);
          // A message handed out for the first time is later than all of its sender that this reader has
          // seen.
          auto& last = newest[{reader, m.sender}];
          if (m.delivery == 1) RC_ASSERT(m.number > last);
          last = m.number;
        }
        break;
      }
      case 5:
      case 6: {
        const auto number = *rc::gen::inRange<std::uint64_t>(1, 40);
        const auto done = queue.acknowledge(reader, 0, number);
        RC_ASSERT(done.ok());
        if (*done) RC_ASSERT(seen.acknowledged.insert(number).second);
        break;
      }
      default:
        if (*rc::gen::inRange(0, 6) == 0)
          RC_ASSERT(queue.purge(reader).ok());
        else
          queue.release(reader);
      }
      RC_ASSERT(queue.size() <= limits.messages);
      RC_ASSERT(queue.bytes() <= limits.bytes);
      const auto& c = queue.counts();
      RC_ASSERT(c.accepted == c.acknowledged + c.expired + c.given_up + c.purged + queue.size());
      RC_ASSERT(c.accepted == seen.sender_of.size());
    }
    // In the end everything has been acknowledged or counted away.
    now += limits.keep_ms;
    queue.tick(now);
    RC_ASSERT(queue.size() == 0U && queue.bytes() == 0U);
  });
  BOOST_TEST(holds);
}

BOOST_AUTO_TEST_CASE(whatever_two_readers_do_no_sender_is_with_both) {
  const bool holds = rc::check([] {
    collection_limits limits;
    limits.lease_ms = 20;
    limits.leases = 1'000;
    access_list access;
    access.allow_everybody(verb::put | verb::get);
    collection_queue queue{limits, access, 1};
    struct lease {
      std::string reader, sender;
      std::int64_t until;
    };
    std::map<std::uint64_t, lease> leases;
    std::int64_t now = 0;
    for (int i = 0; i < 80; ++i) {
      now += *rc::gen::inRange<std::int64_t>(0, 12);
      const auto sender = std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 3)));
      const auto reader = std::string(1, static_cast<char>('x' + *rc::gen::inRange(0, 2)));
      if (*rc::gen::inRange(0, 2) == 0) {
        (void)queue.put(sender, "", ".", now);
        continue;
      }
      const auto got = queue.next(reader, 0, 2, now);
      RC_ASSERT(got.ok());
      for (const auto& m : *got) {
        for (const auto& [number, held] : leases)
          if (held.sender == m.sender && held.until > now && number < m.number)
            RC_ASSERT(held.reader == reader);
        leases[m.number] = {reader, m.sender, now + limits.lease_ms};
      }
      if (!got->empty() && *rc::gen::inRange(0, 2) == 0) {
        RC_ASSERT(*queue.acknowledge(reader, 0, got->front().number));
        leases.erase(got->front().number);
      }
    }
  });
  BOOST_TEST(holds);
}
