#include "models/sequence/context_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace forestage::models {

namespace {

constexpr int unit_bits = 20;
constexpr std::int64_t half_lives_per_shift = 16;
constexpr std::uint64_t most_weight = std::uint64_t{1} << 62U;

// A sum that is full learns nothing more until it has faded: its parts stay parts of it.
bool full(std::uint64_t total, std::uint64_t weight) {
  return weight > most_weight || total > most_weight - weight;
}

bool lighter(const successor& a, const successor& b) {
  return a.weight != b.weight ? a.weight < b.weight : a.resource > b.resource;
}

// About what a node of a hash table costs beside its value: the link, and its share of the buckets.
constexpr std::size_t node_bytes = 2 * sizeof(void*) + sizeof(void*);

} // namespace

std::uint64_t decay_clock::unit(interval_number t) const {
  const auto age = static_cast<double>(t - landmark_) / static_cast<double>(half_life_);
  return static_cast<std::uint64_t>(std::llround(std::exp2(age + unit_bits)));
}

unsigned decay_clock::advance(interval_number t) {
  if (!begun_) {
    begun_ = true;
    landmark_ = t;
    return 0;
  }
  const auto half_lives = (t - landmark_) / half_life_;
  if (half_lives < half_lives_per_shift) return 0;
  landmark_ = landmark_ + half_lives * half_life_;
  return half_lives < 64 ? static_cast<unsigned>(half_lives) : 64;
}

bool decay_clock::fits(interval_number t) const noexcept {
  constexpr std::int64_t far = std::int64_t{1} << 41;
  return std::abs(t.value()) < far && std::abs(landmark_.value()) < far && landmark_ <= t &&
         t - landmark_ < half_lives_per_shift * half_life_;
}

double decay_clock::kept(std::int64_t intervals) const {
  return std::exp2(-static_cast<double>(intervals) / static_cast<double>(half_life_));
}

// -- contexts
// ---------------------------------------------------------------------------------------------------------------------

const context* context_table::find(std::uint64_t key) const {
  const auto found = contexts_.find(key);
  return found == contexts_.end() ? nullptr : &found->second;
}

void context_table::add(std::uint64_t key, std::uint64_t resource, std::uint64_t weight) {
  if (full(0, weight)) return;
  auto found = contexts_.find(key);
  if (found == contexts_.end()) {
    if (contexts_.size() >= most_contexts_) forget_lightest();
    found = contexts_.try_emplace(key).first;
  }
  auto& in = found->second;
  if (full(in.total, weight)) return;
  in.total += weight;
  const auto at = std::lower_bound(in.successors.begin(), in.successors.end(), resource,
                                   [](const successor& s, std::uint64_t r) { return s.resource < r; });
  if (at != in.successors.end() && at->resource == resource) {
    at->weight += weight;
    return;
  }
  const auto place = at - in.successors.begin();
  if (in.successors.size() < most_successors_) {
    in.successors.insert(in.successors.begin() + place, {resource, weight});
    return;
  }
  // Full: the newcomer takes the place of the lightest, which nothing says will come again.
  const auto lightest = std::min_element(in.successors.begin(), in.successors.end(), lighter);
  *lightest = {resource, weight};
  std::sort(in.successors.begin(), in.successors.end(),
            [](const successor& a, const successor& b) { return a.resource < b.resource; });
}

void context_table::shift(unsigned bits) {
  for (auto it = contexts_.begin(); it != contexts_.end();) {
    auto& in = it->second;
    in.total = bits < 64 ? in.total >> bits : 0;
    for (auto& s : in.successors)
      s.weight = bits < 64 ? s.weight >> bits : 0;
    std::erase_if(in.successors, [](const successor& s) { return s.weight == 0; });
    it = in.successors.empty() ? contexts_.erase(it) : std::next(it);
  }
}

void context_table::forget_lightest() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> order; // total, key
  order.reserve(contexts_.size());
  for (const auto& [key, in] : contexts_)
    order.emplace_back(in.total, key);
  const auto drop = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, most_contexts_ / 8));
  std::nth_element(order.begin(), order.begin() + drop, order.end());
  for (auto it = order.begin(); it != order.begin() + drop; ++it)
    contexts_.erase(it->second);
}

std::size_t context_table::bytes() const noexcept {
  std::size_t sum = sizeof *this;
  for (const auto& [key, in] : contexts_)
    sum += node_bytes + sizeof(std::pair<const std::uint64_t, context>) +
           in.successors.capacity() * sizeof(successor);
  return sum;
}

std::vector<context_table::entry> context_table::sorted() const {
  std::vector<entry> entries;
  entries.reserve(contexts_.size());
  for (const auto& [key, in] : contexts_)
    entries.push_back({key, in});
  std::sort(entries.begin(), entries.end(), [](const entry& a, const entry& b) { return a.key < b.key; });
  return entries;
}

bool context_table::restore(std::vector<entry>& entries) {
  contexts_.clear();
  if (entries.size() > most_contexts_) return false;
  for (auto& e : entries) {
    const auto& s = e.is.successors;
    std::uint64_t sum = 0;
    if (s.empty() || s.size() > most_successors_ || e.is.total > most_weight) return false;
    for (std::size_t i = 0; i < s.size(); ++i) {
      if (s[i].weight == 0 || s[i].weight > e.is.total || (i > 0 && s[i - 1].resource >= s[i].resource))
        return false;
      sum += s[i].weight; // at most 255 x 2^62, checked at each step below
      if (sum > e.is.total) return false;
    }
    if (!contexts_.try_emplace(e.key, std::move(e.is)).second) return false;
  }
  return true;
}

// -- popularity
// ---------------------------------------------------------------------------------------------------------------------

std::uint64_t popularity::weight_of(std::uint64_t resource) const {
  const auto found = weights_.find(resource);
  return found == weights_.end() ? 0 : found->second;
}

void popularity::add(std::uint64_t resource, std::uint64_t weight) {
  if (full(total_, weight)) return;
  auto found = weights_.find(resource);
  if (found == weights_.end()) {
    if (weights_.size() >= most_resources_) forget_lightest();
    found = weights_.try_emplace(resource, 0).first;
  }
  found->second += weight;
  total_ += weight;
  place({resource, found->second});
}

// All weights fade alike, so only what has just grown can enter the top.
void popularity::place(successor one) {
  std::erase_if(top_, [&](const successor& s) { return s.resource == one.resource; });
  const auto at = std::find_if(top_.begin(), top_.end(), [&](const successor& s) { return lighter(s, one); });
  if (at == top_.end() && top_.size() >= top_count) return;
  top_.insert(at, one);
  if (top_.size() > top_count) top_.pop_back();
}

void popularity::shift(unsigned bits) {
  total_ = bits < 64 ? total_ >> bits : 0;
  for (auto it = weights_.begin(); it != weights_.end();) {
    it->second = bits < 64 ? it->second >> bits : 0;
    it = it->second == 0 ? weights_.erase(it) : std::next(it);
  }
  top_.clear();
  for (const auto& [resource, weight] : weights_)
    place({resource, weight});
}

void popularity::forget_lightest() {
  std::vector<successor> order;
  order.reserve(weights_.size());
  for (const auto& [resource, weight] : weights_)
    order.push_back({resource, weight});
  // With 64 resources and more, none of the top is among the lightest eighth.
  const auto drop = static_cast<std::ptrdiff_t>(most_resources_ / 8);
  std::nth_element(order.begin(), order.begin() + drop, order.end(), lighter);
  for (auto it = order.begin(); it != order.begin() + drop; ++it)
    weights_.erase(it->resource);
}

std::size_t popularity::bytes() const noexcept {
  return sizeof *this +
         weights_.size() * (node_bytes + sizeof(std::pair<const std::uint64_t, std::uint64_t>)) +
         top_.capacity() * sizeof(successor);
}

std::vector<successor> popularity::sorted() const {
  std::vector<successor> entries;
  entries.reserve(weights_.size());
  for (const auto& [resource, weight] : weights_)
    entries.push_back({resource, weight});
  std::sort(entries.begin(), entries.end(),
            [](const successor& a, const successor& b) { return a.resource < b.resource; });
  return entries;
}

bool popularity::restore(const std::vector<successor>& entries) {
  weights_.clear();
  top_.clear();
  if (entries.size() > most_resources_ || total_ > most_weight) return false;
  std::uint64_t sum = 0;
  for (const auto& s : entries) {
    if (s.weight == 0 || s.weight > total_ - sum) return false;
    sum += s.weight;
    if (!weights_.try_emplace(s.resource, s.weight).second) return false;
    place(s);
  }
  return true;
}

} // namespace forestage::models
