// A message collection, embedded: a bounded queue of opaque messages, with permissions. No CAF, clock or I/O.
//
// Times are milliseconds of a clock that never goes back; whoever calls passes them in. Invariants (property
// test: tests/property/actors/collection_test.cpp):
//   1. bounded: at most limits.messages messages and limits.bytes bytes are held, whatever comes;
//   2. at least once: a message that was accepted is handed out until it is acknowledged, purged, too old, or
//      its lease has run out limits.leases times; each of these ends is counted, none is silent;
//   3. once per key: a put that is repeated with the same sender and key is answered as the first one was,
//   and
//      adds nothing (keys of the newest limits.keys puts of a sender are remembered);
//   4. order: a reader sees a sender's messages in the order in which they were accepted; while one is with a
//      reader, no other reader gets a later one of that sender. After a lease has run out the sender's
//      messages begin again with that one;
//   5. default deny: what the access list does not allow is refused before anything else is looked at.
// A restart loses what was not delivered: `incarnation` differs then, and a reader that names an old one is
// told so.
#pragma once

#include "actors/collection/access_list.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace forestage::actors {

struct collection_limits {
  std::uint32_t messages = 256;             // 1 to 1,000,000
  std::uint64_t bytes = 1U << 20U;          // of payloads; at least one message
  std::uint32_t message_bytes = 64U << 10U; // of one payload
  std::int64_t keep_ms = 60'000;            // a message that is older is dropped
  std::int64_t lease_ms = 5'000;            // handed out and not acknowledged for so long: handed out again
  std::uint32_t leases = 8;                 // of one message that may run out: then it is given up
  std::uint32_t keys = 64;                  // of the newest puts, by sender
  std::uint32_t senders = 4'096;            // whose keys are remembered, the newest ones
};

// Errors: invalid_argument, naming the limit.
[[nodiscard]] models::status validate(const collection_limits& limits);

struct stored_message {
  std::uint64_t number = 0; // within the collection, from 1
  std::string sender;
  std::string payload;
  std::uint32_t delivery = 0; // the how-manieth time it is handed out, from 1
  friend bool operator==(const stored_message&, const stored_message&) = default;
};

struct collection_counts {
  std::uint64_t accepted = 0, repeated = 0, delivered = 0, redelivered = 0, acknowledged = 0;
  std::uint64_t refused = 0;  // not allowed, or malformed
  std::uint64_t full = 0;     // no room
  std::uint64_t expired = 0;  // too old
  std::uint64_t given_up = 0; // never acknowledged in time
  std::uint64_t purged = 0;
  friend bool operator==(const collection_counts&, const collection_counts&) = default;
};

class collection_queue {
public:
  // Pre: valid limits. incarnation: of this life of the collection; any number but 0.
  collection_queue(collection_limits limits, access_list access, std::uint64_t incarnation)
      : limits_(limits)
      , access_(std::move(access))
      , incarnation_(incarnation) {}

  // Keeps a message. key: what makes a repetition known; empty: it is not. Answers its number. Errors:
  // not_permitted, invalid_argument (too large), limit_exceeded (full: try again when something was taken).
  [[nodiscard]] models::result<std::uint64_t> put(std::string_view peer, std::string_view key,
                                                  std::string payload, std::int64_t now_ms);

  // Hands out up to `most` messages of up to `most_bytes` together (one, if it alone is larger), leased to
  // the reader. Empty: nothing is there for it now. Errors: not_permitted; incompatible, when `incarnation`
  // (0: any) is not this one.
  [[nodiscard]] models::result<std::vector<stored_message>>
  next(std::string_view peer, std::uint64_t incarnation, std::size_t most, std::int64_t now_ms,
       std::size_t most_bytes = std::numeric_limits<std::size_t>::max());

  // The message is done with. One that is not there any more is acknowledged as well: the answer says whether
  // it was there. Errors: not_permitted, incompatible.
  [[nodiscard]] models::result<bool> acknowledge(std::string_view peer, std::uint64_t incarnation,
                                                 std::uint64_t number);

  // A reader has gone: what it holds is there for others at once.
  void release(std::string_view peer);

  // Drops all messages; answers how many. Errors: not_permitted.
  [[nodiscard]] models::result<std::uint64_t> purge(std::string_view peer);

  // Drops what is too old and takes back leases that have run out. Answers when that should be done again;
  // the largest number there is: never.
  std::int64_t tick(std::int64_t now_ms);

  // Whether next() would hand out anything to this reader.
  [[nodiscard]] bool has_for(std::string_view peer, std::int64_t now_ms) const;

  [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t incarnation() const noexcept { return incarnation_; }
  [[nodiscard]] const collection_counts& counts() const noexcept { return counts_; }
  [[nodiscard]] access_list& access() noexcept { return access_; }
  [[nodiscard]] const access_list& access() const noexcept { return access_; }

private:
  struct entry {
    stored_message message;
    std::int64_t accepted_ms = 0;
    std::int64_t leased_until_ms = 0; // of a message that is with a reader
    std::string reader;               // empty: with nobody
    std::uint32_t late = 0;           // leases that have run out
  };
  struct known_keys {
    std::deque<std::pair<std::string, std::uint64_t>> newest; // key, number
    std::uint64_t touched = 0;
  };

  [[nodiscard]] models::status check(std::string_view peer, verb what);
  [[nodiscard]] models::status check(std::string_view peer, verb what, std::uint64_t incarnation);
  [[nodiscard]] known_keys& keys_of(std::string_view sender);
  template <class Take> void each_for(std::string_view peer, std::int64_t now_ms, Take take) const;
  void drop(std::deque<entry>::iterator at);

  collection_limits limits_;
  access_list access_;
  std::uint64_t incarnation_;
  std::deque<entry> messages_; // by number
  std::uint64_t bytes_ = 0, last_ = 0, puts_ = 0;
  std::unordered_map<std::string, known_keys> keys_;
  collection_counts counts_;
};

} // namespace forestage::actors
