// Where a node hears what peers are going to need: declarations in, stamped with what each peer's word has
// been worth, and out when they can just be acted on; then whether they were kept. No CAF, clock or I/O:
// times are unix milliseconds, passed in, and never go back.
//
// An intent names a window; its requests are spread evenly over the intervals of the window. What it says of
// an interval goes to the shards `horizon` intervals ahead, the last moment at which a decision can know of
// it: until then it may be replaced or revoked, and nobody has acted on it. Weight of a declaration: the
// probability that the agent gives, times the peer's credibility (models/intents/credibility.hpp). When the
// window and the interval after it have ended, the peer's word is judged: so many requests as its probability
// promised, so many of them came, one interval off included. Invariants
// (tests/property/actors/intent_desk_test.cpp):
//   1. bounded: options.standing intents in all, options.by_peer of a peer, options.intervals of a window;
//   2. of an intent each interval is declared once at most, never one that can no longer be acted on;
//   3. a request keeps one intent at most, and an intent is kept by no more requests than it expected;
//   4. an intent is judged once, when all is known, or never, when it was revoked before anybody acted on it;
//   5. what a peer declares says nothing of what other peers declare.
#pragma once

#include "messages/convert.hpp"
#include "models/ids.hpp"
#include "models/intents/credibility.hpp"
#include "models/interval.hpp"
#include "models/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace forestage::actors {

struct desk_options {
  models::interval_grid grid = models::interval_grid::make(300).value();
  std::int64_t horizon = 2;            // intervals from a decision to what it decides
  std::uint32_t standing = 1'000'000;  // intents
  std::uint32_t by_peer = 1'000;       // of them
  std::uint32_t expected = 10'000;     // requests of an intent
  std::int64_t intervals = 288;        // of a window
  std::int64_t ahead_ms = 604'800'000; // that a window may begin: 7 days
  models::credibility_options book{};
};

struct declared_intent {
  std::uint64_t id = 0; // of the peer's choice; the same id again replaces it
  std::string resource;
  std::int64_t from_ms = 0, to_ms = 0; // [from, to)
  std::uint32_t expected = 1;
  float probability = 1;
};

struct refused_intent {
  std::uint64_t id = 0;
  std::string why;
};

struct desk_answer {
  std::vector<declared_intent> standing; // of those declared
  std::vector<refused_intent> refused;
  float credibility = 0;
};

struct desk_counts {
  std::uint64_t declared = 0, refused = 0, revoked = 0; // intents
  std::uint64_t passed_on = 0;                          // declarations, by interval
  std::uint64_t judged = 0, kept = 0; // intents whose window has ended; those that came whole
  std::uint64_t standing = 0;
  friend bool operator==(const desk_counts&, const desk_counts&) = default;
};

class intent_desk {
public:
  explicit intent_desk(desk_options options);

  [[nodiscard]] desk_answer declare(const std::string& peer, const models::region_id& region,
                                    const std::vector<declared_intent>& intents, std::int64_t now_ms);
  void revoke(const std::string& peer, const std::vector<std::uint64_t>& ids, std::int64_t now_ms);
  // A peer has asked for a resource.
  void asked(const std::string& peer, const models::region_id& region, const models::resource_id& resource,
             models::interval_number came, std::uint32_t count, std::int64_t now_ms);
  // What is to be recorded now, in order. To be called after every call above, and when an interval begins.
  [[nodiscard]] messages::intent_events take(std::int64_t now_ms);

  [[nodiscard]] bool knows(const std::string& peer) const { return peers_.contains(peer); }
  [[nodiscard]] float credibility_of(const std::string& peer) const;
  [[nodiscard]] desk_counts counts() const;
  // What each peer's word has been worth, as bytes; what stands is lost with the desk: agents say it again.
  void write_to(std::string& bytes) const;
  // False, and nothing has changed, for bytes that are none.
  [[nodiscard]] bool read_book(std::string_view bytes);

private:
  struct standing_intent {
    std::uint64_t life = 0; // rises with every replacement: what is scheduled for an earlier one is void
    models::resource_id resource;
    models::region_id region;
    models::interval_number first{}, last{}; // intervals of the window
    std::uint32_t expected = 1, kept = 0;
    float probability = 1;
    std::int64_t declared_from = 0, declared_to = -1; // targets passed on, as numbers; none: to < from
    [[nodiscard]] bool acted_on() const noexcept { return declared_from <= declared_to; }
  };
  // Ended: revoked or replaced after somebody had acted on it, known by its life; else by the peer's own id.
  struct intent_key {
    bool ended = false;
    std::uint64_t number = 0;
    friend auto operator<=>(const intent_key&, const intent_key&) = default;
  };
  using peer_intents = std::map<intent_key, standing_intent>;
  struct scheduled {
    std::string peer;
    intent_key key;
    std::uint64_t life = 0;
  };

  [[nodiscard]] models::interval_number interval_of(std::int64_t ms) const;
  [[nodiscard]] models::result<standing_intent>
  read(const declared_intent& intent, const models::region_id& region, std::int64_t now_ms) const;
  [[nodiscard]] standing_intent* find(const scheduled& which);
  [[nodiscard]] models::status has_room(const std::string& peer) const;
  void put(const std::string& peer, std::uint64_t id, standing_intent intent, models::interval_number now);
  // Says nothing more of an intent. What somebody has acted on is judged when that has ended.
  void end(const std::string& peer, std::uint64_t id);
  void advance(std::int64_t now_ms);
  void pass_on(const scheduled& which, standing_intent& intent, models::interval_number now);
  void judge(const std::string& peer, const standing_intent& intent);
  void drop(const std::string& peer, intent_key key);
  [[nodiscard]] std::uint32_t resource_number(const models::resource_id& id);
  [[nodiscard]] std::uint32_t region_number(const models::region_id& id);

  desk_options options_;
  models::credibility_book book_;
  std::unordered_map<std::string, peer_intents> peers_;
  std::size_t standing_ = 0;
  std::uint64_t lives_ = 0;
  std::multimap<models::interval_number, scheduled> to_pass_on_, to_judge_; // by the interval in which
  messages::intent_events out_;
  std::unordered_map<models::resource_id, std::uint32_t> out_resources_;
  std::unordered_map<models::region_id, std::uint32_t> out_regions_;
  desk_counts counts_;
};

// A stable number for a peer.
[[nodiscard]] std::uint64_t number_of_peer(std::string_view peer) noexcept;

} // namespace forestage::actors
