// Between the live world and a shard's rounds: requests and intents of many sessions wait here until their
// intervals are complete. No CAF, no clock, no I/O.
//
// accept() takes a session's batch; take(to) hands over everything of [open, to) as one batch, as a replay
// sends it, and `to` is open from then on. Every accepted batch goes through the log first, so folding the
// log again fills the inbox again.
// Invariants:
//   * A request is counted once, in its own interval, however often and in whatever order its batch comes
//     (sequence_window.hpp); or it is late, and counted as that. Counts taken do not depend on the order.
//   * What is refused leaves no trace: the batch may be sent again.
//   * A session is forgotten once every request that it can still send again would be late; declarations that
//     come again later than that are taken for new ones.
//   * The number of waiting entries, of sessions and of bytes behind them is bounded by the limits.
#pragma once

#include "actors/shard/inbox_limits.hpp"
#include "actors/shard/sequence_window.hpp"
#include "messages/convert.hpp"
#include "models/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace forestage::actors {

using models::interval_number;

enum class inbox_verdict : std::uint8_t {
  accepted,
  repeated, // was accepted before: acknowledge it again
  full      // no room: acknowledge nothing, have it sent again later
};

struct inbox_answer {
  inbox_verdict verdict = inbox_verdict::accepted;
  std::int64_t counted = 0; // requests that wait now
  std::int64_t late = 0;    // of intervals that are closed
  std::int64_t early = 0;   // of intervals too far ahead
  friend bool operator==(const inbox_answer&, const inbox_answer&) = default;
};

// What an inbox hands over, ready for shard_core.
struct inbox_round {
  messages::event_counts counts; // entries by resource, region, interval, segment
  messages::intent_events intents;
};

class batch_inbox {
public:
  batch_inbox() = default;
  explicit batch_inbox(interval_number open, inbox_limits limits = {})
      : limits_(limits)
      , open_(open) {}

  [[nodiscard]] inbox_answer accept(const messages::event_counts& batch);
  // Declarations of one interval keep the order in which their batches came.
  [[nodiscard]] inbox_answer accept(const messages::intent_events& batch);
  // Whether there is room for so many more entries.
  [[nodiscard]] bool room_for(std::size_t entries) const noexcept {
    return waiting_ + entries <= limits_.entries;
  }

  // Everything of [open(), to), under sessions of its own that count the rounds. A declaration that was made
  // earlier counts as made now: until now nobody knew of it. Pre: to >= open().
  [[nodiscard]] inbox_round take(interval_number to);

  // Without the limits, which are settings.
  void write_to(models::byte_writer& write) const;
  // False for bytes that are none of an inbox.
  [[nodiscard]] static bool read_from(models::byte_reader& read, inbox_limits limits, batch_inbox& out);

  [[nodiscard]] interval_number open() const noexcept { return open_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  // Requests behind them. O(waiting()).
  [[nodiscard]] std::int64_t waiting_requests() const;
  [[nodiscard]] std::size_t sessions() const noexcept { return sessions_.size(); }
  // Requests that came too late or too early, so far.
  [[nodiscard]] std::int64_t late() const noexcept { return late_; }
  [[nodiscard]] std::int64_t early() const noexcept { return early_; }

private:
  struct key {
    models::resource_id resource;
    models::region_id region;
    models::segment_id segment; // empty: unknown
    friend auto operator<=>(const key&, const key&) = default;
  };
  struct hash_of_key {
    std::size_t operator()(const key& k) const noexcept;
  };
  struct open_interval {
    std::unordered_map<key, std::uint32_t, hash_of_key> counts;
    std::map<std::pair<models::resource_id, models::region_id>, bool> missing; // as a set
  };
  struct session {
    sequence_window events, intents;
    interval_number heard{}; // the open interval when it last said something new
    template <class Archive> void fields(Archive& archive) { archive(events, intents, heard); }
  };

  // The session, or none when there is no room for another one.
  [[nodiscard]] session* session_of(const std::string& id);
  inbox_answer gather(const messages::event_counts& batch);
  void gather(const messages::intent_events& batch);
  void forget_quiet_sessions(std::int64_t intervals);

  inbox_limits limits_;
  interval_number open_{};
  std::map<interval_number, open_interval> intervals_;
  std::unordered_map<std::string, session> sessions_;
  messages::intent_events intents_;
  std::unordered_map<models::resource_id, std::uint32_t> intent_resources_;
  std::unordered_map<models::region_id, std::uint32_t> intent_regions_;
  std::size_t waiting_ = 0;
  interval_number swept_{
      std::numeric_limits<std::int64_t>::min()}; // the open interval when sessions were last looked through
  std::uint64_t rounds_ = 0;                     // taken
  std::int64_t late_ = 0, early_ = 0;
};

} // namespace forestage::actors
