#include "actors/intents/intent_desk.hpp"

#include "models/bytes.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace forestage::actors {

using models::errc;
using models::interval_number;
using models::region_id;
using models::resource_id;
using models::result;

namespace {

constexpr std::int64_t ms_per_second = 1'000;
constexpr auto source = models::intent_source::agent;
constexpr float least_probability = 0.001F;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// The share of `whole` that falls on the i-th of n parts, as evenly as whole numbers go.
std::uint32_t part_of(std::uint32_t whole, std::int64_t i, std::int64_t n) {
  return static_cast<std::uint32_t>(whole * (i + 1) / n - whole * i / n);
}

} // namespace

std::uint64_t number_of_peer(std::string_view peer) noexcept {
  return models::stable_hash(peer);
}

intent_desk::intent_desk(desk_options options)
    : options_(std::move(options))
    , book_(options_.book) {}

interval_number intent_desk::interval_of(std::int64_t ms) const {
  return interval_number{floor_div(ms, options_.grid.seconds() * ms_per_second)};
}

float intent_desk::credibility_of(const std::string& peer) const {
  return book_.of(source, number_of_peer(peer));
}

desk_counts intent_desk::counts() const {
  auto out = counts_;
  out.standing = standing_;
  return out;
}

// -- declarations

// Errors: invalid_argument, invalid_data, limit_exceeded; in words for the agent.
result<intent_desk::standing_intent> intent_desk::read(const declared_intent& intent, const region_id& region,
                                                       std::int64_t now_ms) const {
  standing_intent out;
  if (intent.resource.empty()) return {errc::invalid_argument, "a resource has a name"};
  auto resource = resource_id::make(intent.resource);
  if (!resource) return resource.failure();
  if (intent.from_ms < 0 || intent.to_ms <= intent.from_ms)
    return {errc::invalid_argument,
            "its window is empty: from_ms and to_ms are unix milliseconds, from before to"};
  if (intent.from_ms > now_ms + options_.ahead_ms)
    return {errc::invalid_argument, "it begins more than " + std::to_string(options_.ahead_ms / 86'400'000) +
                                        " days ahead: declare it later"};
  out.first = interval_of(intent.from_ms);
  out.last = interval_of(intent.to_ms - 1);
  if (out.last < interval_of(now_ms)) return {errc::invalid_argument, "its window is over"};
  if (out.last - out.first >= options_.intervals)
    return {errc::invalid_argument, "its window is longer than " + std::to_string(options_.intervals) +
                                        " intervals: declare a narrower one"};
  if (intent.expected > options_.expected)
    return {errc::limit_exceeded, "it expects more than " + std::to_string(options_.expected) + " requests"};
  if (!(intent.probability >= 0 && intent.probability <= 1))
    return {errc::invalid_argument, "its probability is none: 0 to 1"};
  out.resource = std::move(*resource);
  out.region = region;
  out.expected = std::max(1U, intent.expected);
  out.probability = intent.probability == 0 ? 1 : std::max(intent.probability, least_probability);
  return out;
}

models::status intent_desk::has_room(const std::string& peer) const {
  const auto own = peers_.find(peer);
  if (own != peers_.end() && own->second.size() >= options_.by_peer)
    return {errc::limit_exceeded, "this peer has " + std::to_string(own->second.size()) +
                                      " intents standing, as many as it may: revoke some"};
  if (standing_ >= options_.standing)
    return {errc::limit_exceeded, "the node has no room for more intents: declare it later"};
  return models::success();
}

desk_answer intent_desk::declare(const std::string& peer, const region_id& region,
                                 const std::vector<declared_intent>& intents, std::int64_t now_ms) {
  advance(now_ms);
  desk_answer out;
  const auto refuse = [&](std::uint64_t id, std::string why) {
    ++counts_.refused;
    out.refused.push_back({id, std::move(why)});
  };
  for (const auto& intent : intents) {
    auto is = read(intent, region, now_ms);
    if (!is) {
      refuse(intent.id, is.failure().text);
      continue;
    }
    const auto own = peers_.find(peer);
    const auto before = own == peers_.end() ? peer_intents::iterator{} : own->second.find({false, intent.id});
    const bool replaces = own != peers_.end() && before != own->second.end();
    if (replaces && before->second.resource == is->resource && before->second.region == is->region) {
      // Another word on the same need: what has been passed on of it, and has come, holds.
      is->kept = std::min(before->second.kept, is->expected);
      is->declared_from = before->second.declared_from;
      is->declared_to = before->second.declared_to;
      drop(peer, before->first);
    } else {
      if (replaces) end(peer, intent.id);
      if (auto room = has_room(peer); !room) {
        refuse(intent.id, room.failure().text);
        continue;
      }
    }
    ++counts_.declared;
    out.standing.push_back(
        {intent.id, intent.resource, intent.from_ms, intent.to_ms, is->expected, is->probability});
    put(peer, intent.id, std::move(*is), interval_of(now_ms));
  }
  out.credibility = credibility_of(peer);
  advance(now_ms);
  return out;
}

void intent_desk::put(const std::string& peer, std::uint64_t id, standing_intent intent,
                      interval_number now) {
  intent.life = ++lives_;
  const scheduled which{peer, {false, id}, intent.life};
  auto next = std::max(now, intent.first - options_.horizon);
  if (intent.acted_on()) next = std::max(next, interval_number{intent.declared_to + 1} - options_.horizon);
  to_pass_on_.emplace(next, which);
  to_judge_.emplace(intent.last + 2, which); // the interval after the window has ended
  peers_[peer].emplace(which.key, std::move(intent));
  ++standing_;
}

intent_desk::standing_intent* intent_desk::find(const scheduled& which) {
  const auto peer = peers_.find(which.peer);
  if (peer == peers_.end()) return nullptr;
  const auto at = peer->second.find(which.key);
  return at == peer->second.end() || at->second.life != which.life ? nullptr : &at->second;
}

void intent_desk::drop(const std::string& peer, intent_key key) {
  const auto at = peers_.find(peer);
  if (at == peers_.end() || at->second.erase(key) == 0) return;
  --standing_;
  if (at->second.empty()) peers_.erase(at);
}

void intent_desk::end(const std::string& peer, std::uint64_t id) {
  auto& own = peers_.at(peer);
  auto intent = own.at({false, id});
  if (intent.acted_on()) {
    intent.last = std::min(intent.last, interval_number{intent.declared_to});
    intent.life = ++lives_;
    const intent_key key{true, intent.life};
    to_judge_.emplace(intent.last + 2, scheduled{peer, key, intent.life});
    own.emplace(key, std::move(intent));
    ++standing_;
  }
  drop(peer, {false, id});
}

void intent_desk::revoke(const std::string& peer, const std::vector<std::uint64_t>& ids,
                         std::int64_t now_ms) {
  advance(now_ms);
  for (const auto id : ids) {
    const auto own = peers_.find(peer);
    if (own == peers_.end()) return;
    if (!own->second.contains({false, id})) continue;
    ++counts_.revoked;
    end(peer, id);
  }
}

// -- what peers ask for

void intent_desk::asked(const std::string& peer, const region_id& region, const resource_id& resource,
                        interval_number came, std::uint32_t count, std::int64_t now_ms) {
  advance(now_ms);
  const auto own = peers_.find(peer);
  if (own == peers_.end()) return;
  // The intent whose window it is comes before those beside; of several, the one declared first.
  for (const std::int64_t slack : {0, 1})
    for (auto& [key, intent] : own->second) {
      if (count == 0) return;
      if (intent.resource != resource || intent.region != region || intent.kept >= intent.expected) continue;
      const auto shift = came < intent.first  ? came - intent.first
                         : came > intent.last ? came - intent.last
                                              : 0;
      if (std::abs(shift) > slack || (slack == 1 && shift == 0)) continue;
      const auto now_kept = std::min(count, intent.expected - intent.kept);
      intent.kept += now_kept;
      count -= now_kept;
      const auto target = came.value() - shift;
      const bool in_time = target >= intent.declared_from && target <= intent.declared_to;
      out_.kept.push_back({resource_number(resource),
                           region_number(region),
                           {came, static_cast<std::int8_t>(shift), in_time, now_kept, source}});
    }
}

// -- time

void intent_desk::pass_on(const scheduled& which, standing_intent& intent, interval_number now) {
  const auto target = now + options_.horizon;
  if (target < intent.first) return;
  if (target <= intent.last) {
    const auto i = target - intent.first, n = intent.last - intent.first + 1;
    // Fewer requests than intervals: each of them may bring one.
    const bool few = intent.expected < n;
    const auto expected = few ? 1U : part_of(intent.expected, i, n);
    const auto share = few ? static_cast<float>(intent.expected) / static_cast<float>(n) : 1.0F;
    const auto weight = credibility_of(which.peer) * intent.probability * share;
    models::declaration d{now, target, number_of_peer(which.peer), expected, weight, source};
    out_.declarations.push_back({resource_number(intent.resource), region_number(intent.region), d});
    if (!intent.acted_on()) intent.declared_from = target.value();
    intent.declared_to = target.value();
    ++counts_.passed_on;
  }
  if (target < intent.last) to_pass_on_.emplace(now + 1, which);
}

void intent_desk::judge(const std::string& peer, const standing_intent& intent) {
  ++counts_.judged;
  if (intent.kept >= intent.expected) ++counts_.kept;
  book_.observe(source, number_of_peer(peer), intent.expected, intent.kept, intent.probability);
}

void intent_desk::advance(std::int64_t now_ms) {
  const auto now = interval_of(now_ms);
  while (!to_judge_.empty() && to_judge_.begin()->first <= now) {
    const auto which = std::move(to_judge_.begin()->second);
    to_judge_.erase(to_judge_.begin());
    const auto* intent = find(which);
    if (intent == nullptr) continue;
    judge(which.peer, *intent);
    drop(which.peer, which.key);
  }
  while (!to_pass_on_.empty() && to_pass_on_.begin()->first <= now) {
    const auto which = std::move(to_pass_on_.begin()->second);
    to_pass_on_.erase(to_pass_on_.begin());
    if (auto* intent = find(which)) pass_on(which, *intent, now);
  }
}

// -- what is recorded

std::uint32_t intent_desk::resource_number(const resource_id& id) {
  const auto [at, fresh] = out_resources_.emplace(id, static_cast<std::uint32_t>(out_.resources.size()));
  if (fresh) out_.resources.push_back(id);
  return at->second;
}
std::uint32_t intent_desk::region_number(const region_id& id) {
  const auto [at, fresh] = out_regions_.emplace(id, static_cast<std::uint32_t>(out_.regions.size()));
  if (fresh) out_.regions.push_back(id);
  return at->second;
}

messages::intent_events intent_desk::take(std::int64_t now_ms) {
  advance(now_ms);
  out_resources_.clear();
  out_regions_.clear();
  return std::exchange(out_, {});
}

void intent_desk::write_to(std::string& bytes) const {
  models::byte_writer write{bytes};
  write(book_);
}

bool intent_desk::read_book(std::string_view bytes) {
  models::byte_reader read{bytes};
  models::credibility_book book{options_.book};
  read(book);
  if (!read.ok() || !read.rest().empty()) return false;
  book_ = std::move(book);
  return true;
}

} // namespace forestage::actors
