#include "actors/collection/collection_queue.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

namespace forestage::actors {

using models::errc;
using models::result;

models::status validate(const collection_limits& l) {
  const auto wrong = [](const char* what) -> models::status { return {errc::invalid_argument, what}; };
  if (l.messages < 1 || l.messages > 1'000'000) return wrong("a collection holds 1 to 1,000,000 messages");
  if (l.message_bytes < 1 || l.message_bytes > l.bytes)
    return wrong("the largest message of a collection has 1 byte at least, and fits into its bytes");
  if (l.bytes > std::uint64_t{1} << 40U) return wrong("a collection holds 1 TiB at most");
  if (l.keep_ms < 1 || l.lease_ms < 1) return wrong("times of a collection are 1 ms or longer");
  if (l.leases < 1) return wrong("a message is leased once at least");
  if (l.senders < 1) return wrong("the keys of one sender at least are remembered");
  return models::success();
}

models::status collection_queue::check(std::string_view peer, verb what) {
  if (access_.allows(peer, what)) return models::success();
  ++counts_.refused;
  return {errc::not_permitted, "this peer may not " + std::string{to_string(what)} + " here"};
}

models::status collection_queue::check(std::string_view peer, verb what, std::uint64_t incarnation) {
  if (auto allowed = check(peer, what); !allowed) return allowed;
  if (incarnation == 0 || incarnation == incarnation_) return models::success();
  ++counts_.refused;
  return {errc::incompatible, "the collection has begun anew since: what had not been delivered is lost; "
                              "acquire it again"};
}

collection_queue::known_keys& collection_queue::keys_of(std::string_view sender) {
  auto& known = keys_[std::string{sender}];
  known.touched = ++puts_;
  if (keys_.size() > limits_.senders)
    keys_.erase(std::min_element(keys_.begin(), keys_.end(), [](const auto& a, const auto& b) {
      return a.second.touched < b.second.touched;
    }));
  return known;
}

result<std::uint64_t> collection_queue::put(std::string_view peer, std::string_view key, std::string payload,
                                            std::int64_t now_ms) {
  if (auto allowed = check(peer, verb::put); !allowed) return allowed.failure();
  if (payload.size() > limits_.message_bytes || key.size() > models::max_name_bytes) {
    ++counts_.refused;
    return {errc::invalid_argument, "a message of " + std::to_string(payload.size()) + " bytes; at most " +
                                        std::to_string(limits_.message_bytes) +
                                        " are allowed here, and 256 for its key"};
  }
  if (!key.empty()) {
    const auto sender = keys_.find(std::string{peer});
    if (sender != keys_.end())
      for (const auto& [known, number] : sender->second.newest)
        if (known == key) {
          ++counts_.repeated;
          return number;
        }
  }
  tick(now_ms);
  if (messages_.size() >= limits_.messages || bytes_ + payload.size() > limits_.bytes) {
    ++counts_.full;
    return {errc::limit_exceeded, "the collection is full (" + std::to_string(messages_.size()) +
                                      " messages, " + std::to_string(bytes_) +
                                      " bytes); put again when its reader has caught up"};
  }
  const auto number = ++last_;
  if (!key.empty() && limits_.keys > 0) {
    auto& newest = keys_of(peer).newest;
    newest.emplace_back(key, number);
    if (newest.size() > limits_.keys) newest.pop_front();
  }
  bytes_ += payload.size();
  ++counts_.accepted;
  messages_.push_back({{number, std::string{peer}, std::move(payload), 0}, now_ms, 0, {}, 0});
  return number;
}

// Calls take(entry) for what the reader may be handed now, in order, until take says no.
template <class Take>
void collection_queue::each_for(std::string_view peer, std::int64_t now_ms, Take take) const {
  std::set<std::string_view> held; // senders of whom an earlier message is with somebody else
  for (const auto& e : messages_) {
    if (e.accepted_ms + limits_.keep_ms <= now_ms) continue;
    if (!e.reader.empty()) {
      if (e.reader != peer) held.insert(e.message.sender);
      continue;
    }
    if (held.contains(e.message.sender)) continue;
    if (!take(e)) return;
  }
}

result<std::vector<stored_message>> collection_queue::next(std::string_view peer, std::uint64_t incarnation,
                                                           std::size_t most, std::int64_t now_ms,
                                                           std::size_t most_bytes) {
  if (auto allowed = check(peer, verb::get, incarnation); !allowed) return allowed.failure();
  tick(now_ms);
  std::vector<std::uint64_t> chosen;
  std::size_t bytes = 0;
  if (most > 0)
    each_for(peer, now_ms, [&](const entry& e) {
      bytes += e.message.payload.size();
      if (bytes > most_bytes && !chosen.empty()) return false;
      chosen.push_back(e.message.number);
      return chosen.size() < most;
    });
  std::vector<stored_message> out;
  auto at = messages_.begin();
  for (const auto number : chosen) {
    while (at->message.number != number)
      ++at;
    at->reader = peer;
    at->leased_until_ms = now_ms + limits_.lease_ms;
    if (++at->message.delivery > 1) ++counts_.redelivered;
    ++counts_.delivered;
    out.push_back(at->message);
  }
  return out;
}

void collection_queue::drop(std::deque<entry>::iterator at) {
  bytes_ -= at->message.payload.size();
  messages_.erase(at);
}

result<bool> collection_queue::acknowledge(std::string_view peer, std::uint64_t incarnation,
                                           std::uint64_t number) {
  if (auto allowed = check(peer, verb::get, incarnation); !allowed) return allowed.failure();
  const auto at = std::lower_bound(messages_.begin(), messages_.end(), number,
                                   [](const entry& e, std::uint64_t n) { return e.message.number < n; });
  // What is with somebody else, or was never handed out, is not this reader's to end.
  if (at == messages_.end() || at->message.number != number || at->reader != peer) return false;
  drop(at);
  ++counts_.acknowledged;
  return true;
}

void collection_queue::release(std::string_view peer) {
  for (auto& e : messages_)
    if (e.reader == peer) e.reader.clear();
}

result<std::uint64_t> collection_queue::purge(std::string_view peer) {
  if (auto allowed = check(peer, verb::purge); !allowed) return allowed.failure();
  const std::uint64_t gone = messages_.size();
  counts_.purged += gone;
  messages_.clear();
  bytes_ = 0;
  return gone;
}

std::int64_t collection_queue::tick(std::int64_t now_ms) {
  while (!messages_.empty() && messages_.front().accepted_ms + limits_.keep_ms <= now_ms) {
    drop(messages_.begin());
    ++counts_.expired;
  }
  std::set<std::string> restarted; // senders whose messages begin again
  for (auto at = messages_.begin(); at != messages_.end();) {
    const bool late = !at->reader.empty() && at->leased_until_ms <= now_ms;
    if (late || restarted.contains(at->message.sender)) {
      if (late) restarted.insert(at->message.sender);
      at->reader.clear();
      if (late && ++at->late >= limits_.leases) {
        const auto place = at - messages_.begin();
        drop(at);
        ++counts_.given_up;
        at = messages_.begin() + place;
        continue;
      }
    }
    ++at;
  }
  auto next = std::numeric_limits<std::int64_t>::max();
  for (const auto& e : messages_) {
    next = std::min(next, e.accepted_ms + limits_.keep_ms);
    if (!e.reader.empty()) next = std::min(next, e.leased_until_ms);
  }
  return next;
}

bool collection_queue::has_for(std::string_view peer, std::int64_t now_ms) const {
  if (!access_.allows(peer, verb::get)) return false;
  bool found = false;
  each_for(peer, now_ms, [&](const entry&) {
    found = true;
    return false;
  });
  return found;
}

} // namespace forestage::actors
