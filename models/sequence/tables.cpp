#include "models/sequence/tables.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <utility>

namespace forestage::models {

namespace {

std::uint64_t mixed(std::uint64_t x) noexcept { // SplitMix64's finalizer
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

// Two contexts share a key by a chance of 2^-64 a pair.
std::uint64_t key_of_peer(std::uint64_t peer) noexcept {
  return mixed(peer ^ 0x6f776eULL);
}
std::uint64_t key_of_order(const recent_requests& before, std::size_t order) noexcept {
  std::uint64_t key = order;
  for (std::size_t i = 0; i < order; ++i)
    key = mixed(key ^ before.resources[i]);
  return mixed(key);
}

// 0 a, 1 aa, 2 ab, 3 aaa, 4 aab, 5 aba, 6 abb, 7 abc; slots: the different ones, the newest first.
std::size_t pattern_of(const recent_requests& r, std::array<std::uint64_t, recent_requests::most>& slots,
                       std::size_t& count) {
  const auto& x = r.resources;
  count = 0;
  for (std::size_t i = 0; i < r.count; ++i)
    if (std::find(slots.begin(), slots.begin() + static_cast<std::ptrdiff_t>(count), x[i]) ==
        slots.begin() + static_cast<std::ptrdiff_t>(count))
      slots[count++] = x[i];
  if (r.count == 1) return 0;
  if (r.count == 2) return x[0] == x[1] ? 1 : 2;
  if (x[0] == x[1]) return x[1] == x[2] ? 3 : 4;
  return x[0] == x[2] ? 5 : x[1] == x[2] ? 6 : 7;
}

// Sums of probability by resource, in the order of first appearance. Open addressing, at most half full.
class share_sums {
public:
  explicit share_sums(std::size_t most)
      : places_(std::bit_ceil(2 * most), 0)
      , down_(64 - static_cast<unsigned>(std::countr_zero(places_.size()))) {
    sums_.reserve(most);
  }
  void add(std::uint64_t resource, double share) {
    auto at = static_cast<std::size_t>((resource * 0x9e3779b97f4a7c15ULL) >> down_);
    for (; places_[at] != 0; at = (at + 1) & (places_.size() - 1))
      if (auto& one = sums_[places_[at] - 1U]; one.resource == resource) {
        one.probability += share;
        return;
      }
    sums_.push_back({resource, share});
    places_[at] = static_cast<std::uint16_t>(sums_.size());
  }
  [[nodiscard]] std::vector<next_resource> take() && { return std::move(sums_); }

private:
  std::vector<std::uint16_t> places_; // 1 + place in sums_; 0: free
  unsigned down_;
  std::vector<next_resource> sums_;
};

} // namespace

void recent_requests::push(std::uint64_t resource) noexcept {
  for (std::size_t i = most - 1; i > 0; --i)
    resources[i] = resources[i - 1];
  resources[0] = resource;
  count = std::min<std::uint32_t>(count + 1, most);
}

sequence_tables::sequence_tables(const sequence_settings& settings)
    : settings_(settings)
    , clock_(settings.half_life)
    , overflow_(settings) {}

const sequence_tables::segment_tables* sequence_tables::tables_of(std::uint32_t segment) const {
  const auto found = segments_.find(segment);
  return found != segments_.end() ? &found->second : &overflow_;
}

sequence_tables::segment_tables& sequence_tables::make_tables(std::uint32_t segment) {
  const auto found = segments_.find(segment);
  if (found != segments_.end()) return found->second;
  if (segments_.size() >= settings_.most_segments) return overflow_;
  return segments_.try_emplace(segment, settings_).first->second;
}

// -- what the levels say
// ---------------------------------------------------------------------------------------------------------------------

sequence_tables::view sequence_tables::look(std::uint64_t peer, const segment_tables& in,
                                            const recent_requests& before) const {
  view v;
  v.in = &in;
  v.passes.fill(1);
  const auto trust = [&](std::size_t level, std::size_t of_class) {
    v.classes[level] = of_class;
    v.passes[level] = in.is.blend.passes(level, of_class, &all_.blend);
  };
  if (in.popular.total() > 0) {
    const auto c = blend_class(static_cast<double>(in.popular.total()) / unit_, in.popular.size());
    trust(level_popularity, c);
    trust(level_alone, c);
  }
  if (before.count == 0) return v;
  if (settings_.recency) {
    v.pattern = pattern_of(before, v.slots, v.slot_count);
    for (std::size_t i = 0; i < v.slot_count; ++i)
      v.slots_total += in.is.slots[v.pattern][i];
    if (v.slots_total > 0) trust(level_recency, v.pattern);
  }
  const auto use = [&](std::size_t level, std::uint64_t key) {
    const auto* found = in.contexts.find(key);
    if (found == nullptr || found->total == 0) return false;
    v.contexts[level] = found;
    trust(level, blend_class(static_cast<double>(found->total) / unit_, found->successors.size()));
    return true;
  };
  if (settings_.own) use(level_own, key_of_peer(peer));
  // A longer context is not known when a shorter one is not.
  for (std::size_t order = 1; order <= std::min<std::size_t>(settings_.orders, before.count); ++order)
    if (!use(level_order_1 + order - 1, key_of_order(before, order))) break;
  return v;
}

double sequence_tables::level_probability(const view& v, std::size_t level, std::uint64_t resource) const {
  if (level == level_popularity || level == level_alone)
    return static_cast<double>(v.in->popular.weight_of(resource)) /
           static_cast<double>(v.in->popular.total());
  if (level == level_recency) {
    for (std::size_t i = 0; i < v.slot_count; ++i)
      if (v.slots[i] == resource) return v.in->is.slots[v.pattern][i] / v.slots_total;
    return 0;
  }
  const auto& s = v.contexts[level]->successors;
  const auto at = std::lower_bound(s.begin(), s.end(), resource,
                                   [](const successor& a, std::uint64_t r) { return a.resource < r; });
  if (at == s.end() || at->resource != resource) return 0;
  return static_cast<double>(at->weight) / static_cast<double>(v.contexts[level]->total);
}

sequence_tables::likelihood sequence_tables::judge_in(const view& v, std::uint64_t resource) const {
  likelihood out;
  out.is_new = v.in->popular.weight_of(resource) == 0;
  double p = out.is_new ? 1 : 0;
  for (std::size_t level = 0; level < level_alone; ++level)
    if (v.passes[level] < 1)
      p = v.passes[level] * p + (1 - v.passes[level]) * level_probability(v, level, resource);
  out.blend = p;
  const auto passes = v.passes[level_alone];
  if (passes < 1)
    out.popularity = out.is_new ? passes : (1 - passes) * level_probability(v, level_alone, resource);
  return out;
}

sequence_tables::likelihood sequence_tables::judge(std::uint64_t peer, std::uint32_t segment,
                                                   const recent_requests& before,
                                                   std::uint64_t resource) const {
  return judge_in(look(peer, *tables_of(segment), before), resource);
}

std::vector<next_resource> sequence_tables::predict(std::uint64_t peer, std::uint32_t segment,
                                                    const recent_requests& before, std::int64_t delay,
                                                    std::size_t most) const {
  const auto& in = *tables_of(segment);
  const auto v = look(peer, in, before);
  share_sums shares{popularity::top_count + recent_requests::most +
                    4 * std::size_t{settings_.most_successors}};
  double reaches = 1;
  for (std::size_t level = level_alone; level-- > 1;) {
    if (!(v.passes[level] < 1)) continue;
    const auto weight = reaches * (1 - v.passes[level]);
    reaches *= v.passes[level];
    if (level == level_recency) {
      for (std::size_t i = 0; i < v.slot_count; ++i)
        shares.add(v.slots[i], weight * in.is.slots[v.pattern][i] / v.slots_total);
      continue;
    }
    const auto each = weight / static_cast<double>(v.contexts[level]->total);
    for (const auto& s : v.contexts[level]->successors)
      shares.add(s.resource, each * static_cast<double>(s.weight));
  }
  for (const auto& s : in.popular.top())
    shares.add(s.resource, 0);
  auto out = std::move(shares).take();
  // Popularity adds at most what the most popular has: whoever cannot be among the likeliest even with that
  // need not be looked up.
  if (out.size() > most && most > 0 && !in.popular.top().empty()) {
    const auto likelier = [](const next_resource& a, const next_resource& b) {
      return a.probability > b.probability;
    };
    const auto last = out.begin() + static_cast<std::ptrdiff_t>(most) - 1;
    std::nth_element(out.begin(), last, out.end(), likelier);
    const auto adds = reaches * level_probability(v, level_popularity, in.popular.top().front().resource);
    const auto least = last->probability - adds * (1 + 1e-9) - 1e-15;
    std::erase_if(out, [&](const next_resource& one) { return one.probability < least; });
  }
  const auto wait = in.is.returns.median(delay_regime(delay));
  for (auto& one : out) {
    one.delay = wait;
    if (!(v.passes[level_popularity] < 1)) continue;
    const auto share = level_probability(v, level_popularity, one.resource);
    one.probability += reaches * (1 - v.passes[level_popularity]) * share;
    one.popularity = (1 - v.passes[level_alone]) * share;
  }
  const auto keep = std::min(most, out.size());
  std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(keep), out.end(),
                    [](const next_resource& a, const next_resource& b) {
                      return a.probability != b.probability ? a.probability > b.probability
                                                            : a.resource < b.resource;
                    });
  out.resize(keep);
  return out;
}

double sequence_tables::comes_after(std::uint32_t segment, std::int64_t ahead, std::int64_t delay) const {
  return tables_of(segment)->is.returns.after(ahead, delay_regime(delay));
}

double sequence_tables::worth(std::uint32_t segment, double p) const {
  return tables_of(segment)->is.record.worth(p, &all_.record);
}

bool sequence_tables::proven(std::uint32_t segment) const {
  const auto& own = tables_of(segment)->is.gained;
  return own.requests() >= 1'000 ? own.proven() : own.proven() || (own.gain() >= 0 && all_.gained.proven());
}

// -- learning
// ---------------------------------------------------------------------------------------------------------------------

// Shares the request out over the levels that might have produced it.
void sequence_tables::score(const segment_tables& in, const succession& s, interval_sums& sums) const {
  const auto v = look(s.peer, in, s.before);
  const auto said = judge_in(v, s.resource);
  std::array<double, sequence_levels> stopped{};
  double reaches = 1;
  for (std::size_t level = level_alone; level-- > 0;) {
    if (!(v.passes[level] < 1)) continue;
    stopped[level] = reaches * (1 - v.passes[level]) * level_probability(v, level, s.resource) / said.blend;
    reaches *= v.passes[level];
  }
  double below = said.is_new ? reaches / said.blend : 0;
  for (std::size_t level = 0; level < level_alone; ++level) {
    if (!(v.passes[level] < 1)) continue;
    auto& into = sums.blend.of[level][v.classes[level]];
    into.passed += std::llround(below * blend_unit);
    into.stopped += std::llround(stopped[level] * blend_unit);
    below += stopped[level];
  }
  if (v.passes[level_alone] < 1) {
    auto& into = sums.blend.of[level_alone][v.classes[level_alone]];
    (said.is_new ? into.passed : into.stopped) += static_cast<std::int64_t>(blend_unit);
  }
  if (s.before.count > 0) {
    const auto bits = std::clamp(std::log2(said.blend / said.popularity), -64.0, 64.0);
    ++sums.skill.requests;
    sums.skill.gain += std::llround(bits * 1'024);
    sums.skill.square += std::llround(bits * bits * 1'024);
  }
  if (v.pattern < patterns)
    for (std::size_t i = 0; i < v.slot_count; ++i)
      if (v.slots[i] == s.resource) ++sums.slots.of[v.pattern][i];
  if (s.place == 0) {
    ++sums.delays.visits[delay_regime(s.delay)];
    if (s.delay > 0) ++sums.delays.came[delay_regime(s.last_delay)][delay_class(s.delay)];
  }
}

void sequence_tables::learn(segment_tables& in, const succession& s, std::uint64_t unit) const {
  in.popular.add(s.resource, unit);
  if (s.before.count == 0) return;
  if (settings_.own) in.contexts.add(key_of_peer(s.peer), s.resource, unit);
  // A context grows by one request at a time: what was seen once needs no longer one.
  for (std::size_t order = 1; order <= std::min<std::size_t>(settings_.orders, s.before.count); ++order) {
    const auto key = key_of_order(s.before, order);
    const bool known = in.contexts.find(key) != nullptr;
    in.contexts.add(key, s.resource, unit);
    if (!known) break;
  }
}

sequence_tables::interval_sums& sequence_tables::interval_sums::operator+=(const interval_sums& other) {
  for (std::size_t level = 0; level < sequence_levels; ++level)
    for (std::size_t c = 0; c < blend_classes; ++c) {
      blend.of[level][c].passed += other.blend.of[level][c].passed;
      blend.of[level][c].stopped += other.blend.of[level][c].stopped;
    }
  for (std::size_t c = 0; c < probability_classes; ++c) {
    outcomes.predicted[c] += other.outcomes.predicted[c];
    outcomes.arrived[c] += other.outcomes.arrived[c];
  }
  skill.requests += other.skill.requests;
  skill.gain += other.skill.gain;
  skill.square += other.skill.square;
  return *this; // slots and delays are learned by segment only
}

void sequence_tables::fade_and_add(learned& into, const interval_sums& sums) const {
  const auto kept = clock_.kept(std::max<std::int64_t>(0, now_ - into.folded));
  into.folded = now_;
  into.blend.fold(sums.blend, kept);
  into.returns.fold(sums.delays, kept);
  into.record.fold(sums.outcomes, std::pow(kept, 4)); // what predictions are worth moves faster
  into.gained.fold(sums.skill, kept);
  for (std::size_t p = 0; p < patterns; ++p)
    for (std::size_t i = 0; i < recent_requests::most; ++i)
      into.slots[p][i] = into.slots[p][i] * kept + static_cast<double>(sums.slots.of[p][i]);
}

void sequence_tables::fold(interval_number t, std::vector<succession> successions,
                           const outcomes_by_segment& outcomes) {
  if (const auto bits = clock_.advance(t); bits > 0) {
    for (auto& [id, tables] : segments_) {
      tables.popular.shift(bits);
      tables.contexts.shift(bits);
    }
    overflow_.popular.shift(bits);
    overflow_.contexts.shift(bits);
  }
  now_ = t;
  unit_ = static_cast<double>(clock_.unit(t));
  std::sort(successions.begin(), successions.end(), [](const succession& a, const succession& b) {
    return std::tie(a.segment, a.peer, a.place) < std::tie(b.segment, b.peer, b.place);
  });
  // Judge all of it by what was known before. Sums are integers: the order of segments does not matter.
  std::map<segment_tables*, interval_sums> sums;
  for (const auto& s : successions) {
    auto& in = make_tables(s.segment);
    score(in, s, sums[&in]);
  }
  for (const auto& [segment, ended] : outcomes) {
    auto& into = sums[&make_tables(segment)].outcomes;
    for (std::size_t c = 0; c < probability_classes; ++c) {
      into.predicted[c] += ended.predicted[c];
      into.arrived[c] += ended.arrived[c];
    }
  }
  interval_sums all;
  for (const auto& [tables, of] : sums) {
    fade_and_add(tables->is, of);
    all += of;
  }
  fade_and_add(all_, all);
  // Then count it.
  const auto unit = clock_.unit(t);
  for (const auto& s : successions)
    learn(make_tables(s.segment), s, unit);
}

std::size_t sequence_tables::contexts() const {
  auto sum = overflow_.contexts.size();
  for (const auto& [id, tables] : segments_)
    sum += tables.contexts.size();
  return sum;
}

std::size_t sequence_tables::bytes() const {
  auto sum = sizeof *this + overflow_.popular.bytes() + overflow_.contexts.bytes();
  for (const auto& [id, tables] : segments_)
    sum += sizeof tables + tables.popular.bytes() + tables.contexts.bytes();
  return sum;
}

} // namespace forestage::models
