#include "models/sequence/sequence_model.hpp"

#include "models/bytes.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace forestage::models {

namespace {

constexpr std::uint32_t snapshot_version = 1;
constexpr std::int64_t most_interval = std::int64_t{1} << 40; // differences stay far from overflow
// Predictions this far below what is emitted are watched too, so that a class can rise again.
constexpr double watched_share = 0.25;

struct wanted {
  std::uint64_t peer, resource;
  friend bool operator==(const wanted&, const wanted&) = default;
};
struct hash_of_wanted {
  std::size_t operator()(const wanted& w) const noexcept {
    return (w.peer ^ (w.resource * 0x9e3779b97f4a7c15ULL)) * 0xbf58476d1ce4e5b9ULL;
  }
};
using wanted_set = std::unordered_set<wanted, hash_of_wanted>;

} // namespace

result<sequence_model> sequence_model::make(const sequence_settings& settings) {
  if (auto fine = validate(settings); !fine) return fine.failure();
  return sequence_model{settings};
}

sequence_model::sequence_model(const sequence_settings& settings)
    : settings_(settings)
    , tables_(settings)
    , ahead_(static_cast<std::size_t>(settings.window_to) + 1) {}

void sequence_model::observe(std::uint64_t peer, std::uint32_t segment, std::uint64_t resource,
                             interval_number interval) {
  const bool too_old = (begun_ && interval < open_interval_) || (has_closed_ && interval <= closed_);
  if (too_old || std::abs(interval.value()) > most_interval) {
    ++late_;
    return;
  }
  if (begun_ && interval > open_interval_) (void)close(interval - 1);
  begun_ = true;
  open_interval_ = interval;

  auto found = peers_.find(peer);
  if (found == peers_.end()) {
    // Within an interval an eighth more than the bound is borne, for the order of peers must not matter.
    if (peers_.size() >= settings_.most_peers + settings_.most_peers / 8) forget_peers();
    found = peers_.try_emplace(peer).first;
    found->second.peer = peer;
  }
  auto& state = found->second;
  succession s;
  s.peer = peer;
  s.segment = segment;
  s.resource = resource;
  s.before = state.recent;
  if (state.recent.count == 0 || state.last != interval) {
    s.last_delay = state.delay;
    state.delay = state.recent.count == 0 ? 0 : interval - state.last;
    s.delay = state.delay;
    state.place = 0;
  }
  s.place = state.place++;
  state.segment = segment;
  state.last = interval;
  state.recent.push(resource);
  if (open_.size() < settings_.most_open)
    open_.push_back(s);
  else
    ++left_out_;
}

sequence_closing sequence_model::close(interval_number t) {
  sequence_closing out;
  if ((has_closed_ && t <= closed_) || std::abs(t.value()) > most_interval) return out;
  outcomes_by_segment outcomes;
  resolve(t, out, outcomes);
  closed_ = t;
  has_closed_ = true;
  const bool ends = begun_ && open_interval_ <= t;
  if ((ends && !open_.empty()) || !outcomes.empty()) {
    std::vector<std::uint64_t> active;
    if (open_interval_ == t)
      for (const auto& s : open_)
        if (s.place == 0) active.push_back(s.peer);
    // What ended in an interval without requests is learned with the interval that closes.
    if (ends && !open_.empty())
      tables_.fold(open_interval_, std::exchange(open_, {}), outcomes);
    else
      tables_.fold(t, {}, outcomes);
    std::sort(active.begin(), active.end());
    if (peers_.size() > settings_.most_peers) forget_peers();
    look_ahead(t, active, out);
  }
  return out;
}

// Those whose last request is longest ago go, an eighth at a time; ties by peer.
void sequence_model::forget_peers() {
  std::vector<std::pair<interval_number, std::uint64_t>> order;
  order.reserve(peers_.size());
  for (const auto& [peer, state] : peers_)
    order.emplace_back(state.last, peer);
  const auto keep = settings_.most_peers - settings_.most_peers / 8;
  const auto drop = static_cast<std::ptrdiff_t>(order.size() - keep);
  std::nth_element(order.begin(), order.begin() + drop, order.end());
  for (auto it = order.begin(); it != order.begin() + drop; ++it)
    peers_.erase(it->second);
}

void sequence_model::resolve(interval_number t, sequence_closing& out, outcomes_by_segment& outcomes) {
  wanted_set came;
  const auto from = has_closed_ ? closed_ + 1 : t;
  const auto slots = static_cast<std::int64_t>(ahead_.size());
  for (auto u = std::max(from, t - (slots - 1)); u <= t; ++u) {
    auto& slot = ahead_[static_cast<std::size_t>(((u.value() % slots) + slots) % slots)];
    if (slot.empty()) continue;
    if (u == open_interval_ && came.empty())
      for (const auto& s : open_)
        came.insert({s.peer, s.resource});
    for (const auto& p : slot) {
      const bool kept = u == open_interval_ && came.count({p.is.peer, p.is.resource}) != 0;
      auto& sums = outcomes[p.is.segment];
      const auto c = probability_class(p.said);
      ++sums.predicted[c];
      if (kept) ++sums.arrived[c];
      if (!p.emitted) continue;
      if (kept)
        out.kept.push_back(p.is);
      else
        ++out.missed;
    }
    slot.clear();
  }
}

void sequence_model::look_ahead(interval_number t, const std::vector<std::uint64_t>& active,
                                sequence_closing& out) {
  const auto slots = static_cast<std::int64_t>(ahead_.size());
  std::vector<wanted_set> said(ahead_.size());
  for (std::size_t i = 0; i < ahead_.size(); ++i)
    for (const auto& p : ahead_[i])
      if (p.emitted) said[i].insert({p.is.peer, p.is.resource});
  const auto watched = settings_.least_probability * watched_share;
  for (const auto peer : active) {
    const auto found = peers_.find(peer);
    if (found == peers_.end()) continue;
    const auto& state = found->second;
    bool soon = false;
    for (auto ahead = settings_.window_from; ahead <= settings_.window_to; ++ahead)
      soon |= tables_.comes_after(state.segment, ahead, state.delay) >= watched;
    if (!soon) continue;
    const auto next =
        tables_.predict(peer, state.segment, state.recent, state.delay, settings_.most_per_peer);
    const bool proven = tables_.proven(state.segment);
    for (auto ahead = settings_.window_from; ahead <= settings_.window_to; ++ahead) {
      const auto comes = tables_.comes_after(state.segment, ahead, state.delay);
      const auto target = t + ahead;
      const auto at = static_cast<std::size_t>(((target.value() % slots) + slots) % slots);
      for (const auto& n : next) {
        const auto raw = comes * n.probability;
        if (raw < watched) break;                              // the likeliest come first
        if (said[at].count({peer, n.resource}) != 0) continue; // what was said before stands
        if (ahead_[at].size() >= settings_.most_open) {
          ++left_out_;
          continue;
        }
        const auto worth = tables_.worth(state.segment, raw);
        const bool emitted =
            proven && worth >= settings_.least_probability && n.probability >= settings_.lift * n.popularity;
        ahead_[at].push_back({{peer, n.resource, state.segment, t, target, worth}, raw, emitted});
        if (!emitted) continue;
        said[at].insert({peer, n.resource});
        out.made.push_back(ahead_[at].back().is);
      }
    }
  }
}

std::vector<next_resource> sequence_model::predict(std::uint64_t peer, std::uint32_t segment,
                                                   std::size_t most) const {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return tables_.predict(peer, segment, {}, 0, most);
  return tables_.predict(peer, segment, found->second.recent, found->second.delay, most);
}

sequence_tables::likelihood sequence_model::judge(std::uint64_t peer, std::uint32_t segment,
                                                  std::uint64_t resource) const {
  const auto found = peers_.find(peer);
  return tables_.judge(peer, segment, found == peers_.end() ? recent_requests{} : found->second.recent,
                       resource);
}

std::size_t sequence_model::bytes() const {
  auto sum = sizeof *this + tables_.bytes() + open_.capacity() * sizeof(succession) +
             peers_.size() * (sizeof(peer_state) + 32);
  for (const auto& slot : ahead_)
    sum += slot.capacity() * sizeof(prediction);
  return sum;
}

// -- state
// ---------------------------------------------------------------------------------------------------------------------

template <class Archive> void sequence_model::fields(Archive& archive) {
  archive(tables_, open_, open_interval_, closed_, begun_, has_closed_, late_, left_out_);
  for (auto& slot : ahead_)
    archive(slot);
  std::vector<peer_state> states;
  if constexpr (!Archive::reading) {
    for (const auto& [peer, state] : peers_)
      states.push_back(state);
    std::sort(states.begin(), states.end(),
              [](const peer_state& a, const peer_state& b) { return a.peer < b.peer; });
  }
  archive(states);
  if constexpr (Archive::reading) {
    if (states.size() > settings_.most_peers + settings_.most_peers / 8 || open_.size() > settings_.most_open)
      return archive.fail();
    for (const auto& slot : ahead_)
      if (slot.size() > settings_.most_open) return archive.fail();
    const auto sane = [](const recent_requests& r) { return r.count <= recent_requests::most; };
    for (const auto& s : open_)
      if (!sane(s.before)) return archive.fail();
    for (const auto& state : states)
      if (!sane(state.recent) || !peers_.try_emplace(state.peer, state).second) return archive.fail();
  }
}

std::string sequence_model::snapshot() const {
  std::string bytes;
  byte_writer writer{bytes};
  writer(snapshot_version, settings_);
  const_cast<sequence_model*>(this)->fields(writer); // a writer only reads
  seal(bytes, 0);
  return bytes;
}

result<sequence_model> sequence_model::restore(const sequence_settings& settings, std::string_view bytes) {
  auto made = make(settings);
  if (!made) return made;
  if (!unseal(bytes))
    return {errc::invalid_data, "the state of the sequence model is damaged; start without it"};
  byte_reader reader{bytes};
  std::uint32_t version = 0;
  sequence_settings written;
  reader(version);
  if (!reader.ok() || version != snapshot_version)
    return {errc::incompatible, "the state of the sequence model has version " + std::to_string(version) +
                                    ", this program reads version " + std::to_string(snapshot_version) +
                                    "; start without it, or refold the log"};
  reader(written);
  if (!reader.ok() || !(written == settings))
    return {errc::incompatible,
            "the state of the sequence model was made with other settings; use those, or start without it"};
  made->fields(reader);
  if (!reader.ok() || !reader.rest().empty())
    return {errc::invalid_data, "the state of the sequence model does not mean anything; start without it"};
  return made;
}

} // namespace forestage::models
