#include "models/intents/credibility.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

constexpr float prior_weight = 4;
constexpr float forgets = 1.0F / 256;      // of a peer, per outcome
constexpr double first_time_keeps = 0.999; // per outcome
constexpr double source_keeps = 0.9999;

// Sources share the tables: the same peer number of another source is somebody else.
std::uint64_t key_of(intent_source source, std::uint64_t peer) {
  return peer ^ (static_cast<std::uint64_t>(source) << 62U);
}

} // namespace

credibility_book::credibility_book(credibility_options options)
    : most_in_generation_(std::max<std::size_t>(1, options.most_peers / 4)) {}

float credibility_book::first_time(intent_source source) const {
  const auto& p = priors_[static_cast<std::size_t>(source)];
  return static_cast<float>(std::min(1.0, p.first_kept / p.first_seen));
}

float credibility_book::of_source(intent_source source) const {
  const auto& p = priors_[static_cast<std::size_t>(source)];
  return static_cast<float>(std::min(1.0, p.kept / p.seen));
}

const credibility_book::record* credibility_book::find(const generations& in, std::uint64_t key) {
  for (const auto* generation : {&in.young, &in.old})
    if (const auto at = generation->find(key); at != generation->end()) return &at->second;
  return nullptr;
}

float credibility_book::of(intent_source source, std::uint64_t peer) const {
  const auto key = key_of(source, peer);
  const auto* is = find(known_, key);
  if (is == nullptr) is = find(once_, key);
  if (is == nullptr) return first_time(source);
  return std::min(1.0F, (prior_weight * of_source(source) + is->kept) / (prior_weight + is->seen));
}

void credibility_book::put(generations& in, std::uint64_t key, record value) {
  if (const auto at = in.young.find(key); at != in.young.end()) {
    at->second = value;
    return;
  }
  in.old.erase(key);
  if (in.young.size() >= most_in_generation_) {
    forgotten_ += in.old.size();
    in.old = std::exchange(in.young, {});
  }
  in.young.emplace(key, value);
}

void credibility_book::observe(intent_source source, std::uint64_t peer, std::uint32_t declared,
                               std::uint32_t kept, float probability) {
  if (declared == 0) return;
  const auto key = key_of(source, peer);
  const auto* found = find(known_, key);
  const bool known = found != nullptr;
  if (!known) found = find(once_, key);
  auto& p = priors_[static_cast<std::size_t>(source)];
  // A batch of outcomes counts as one for the shares of a source: nobody outweighs the others by volume.
  const double share = static_cast<double>(kept) / declared;
  if (found == nullptr) {
    p.first_kept = p.first_kept * first_time_keeps + share;
    p.first_seen = p.first_seen * first_time_keeps + probability;
  }
  p.kept = p.kept * source_keeps + share;
  p.seen = p.seen * source_keeps + probability;
  auto is = found == nullptr ? record{} : *found;
  is.kept += static_cast<float>(kept) - forgets * is.kept;
  is.seen += probability * static_cast<float>(declared) - forgets * is.seen;
  if (!known && found != nullptr) {
    once_.young.erase(key);
    once_.old.erase(key);
  }
  put(found == nullptr ? once_ : known_, key, is);
}

std::size_t credibility_book::peers() const noexcept {
  return once_.young.size() + once_.old.size() + known_.young.size() + known_.old.size();
}

std::vector<credibility_book::entry> credibility_book::sorted(const table& from) {
  std::vector<entry> out;
  out.reserve(from.size());
  for (const auto& [peer, is] : from)
    out.push_back({peer, is});
  std::sort(out.begin(), out.end(), [](const entry& a, const entry& b) { return a.peer < b.peer; });
  return out;
}

void credibility_book::restore(table& into, const std::vector<entry>& entries) {
  into.clear();
  for (const auto& e : entries)
    into.emplace(e.peer, e.is);
}

} // namespace forestage::models
