#include "models/demand/segments/segment_shares.hpp"

#include "models/demand/gram.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace forestage::models {

namespace {

constexpr float kept_a_day = 0.97555F; // of regions: half-life 28 days
constexpr double slow_hours = 28 * 24; // half-lives
constexpr double quick_hours = 12;
constexpr float recent_ballast = 5; // requests
constexpr float most_evidence = 20; // requests of an interval that are believed
constexpr float rate = 0.3F;

// (came + prior toward) / (sum of came + prior), toward summing to one.
template <class Came> segment_vector shrunk(std::size_t segments, const Came& came, segment_vector toward) {
  const float believed = std::accumulate(toward.begin(), toward.end(), 0.0F);
  float all = 0;
  for (std::size_t s = 0; s < segments; ++s)
    all += static_cast<float>(came(s));
  for (std::size_t s = 0; s < segments; ++s) {
    const float prior = believed > 0 ? toward[s] / believed : 1.0F / static_cast<float>(segments);
    toward[s] = (static_cast<float>(came(s)) + prior_requests * prior) / (all + prior_requests);
  }
  return toward;
}

// What `change` makes of `from`, on top of `base`.
segment_vector carried(const segment_vector& base, const segment_vector& change, const segment_vector& from) {
  segment_vector out{};
  for (std::size_t s = 0; s < out.size(); ++s)
    out[s] = from[s] > 0 ? base[s] * change[s] / from[s] : 0;
  return out;
}

} // namespace

result<segment_table> segment_table::make(std::vector<std::string> names) {
  segment_table made;
  if (names.empty()) return made;
  std::erase(names, other);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() >= most_segments)
    return error{errc::limit_exceeded, std::to_string(names.size()) + " segments; at most " +
                                           std::to_string(most_segments - 1) + " can be told apart"};
  made.names_.emplace_back(other);
  std::move(names.begin(), names.end(), std::back_inserter(made.names_));
  return made;
}

segment_number segment_table::number_of(std::string_view name) const {
  if (names_.empty()) return 0;
  const auto at = std::lower_bound(names_.begin() + 1, names_.end(), name);
  return at != names_.end() && *at == name ? static_cast<segment_number>(at - names_.begin())
                                           : segment_number{0};
}

// -- of regions
// ------------------------------------------------------------------------------------------------------------------

void segment_statistics::add(std::uint64_t region, segment_number segment, std::size_t hour,
                             std::int64_t count) {
  add(region, std::uint64_t{segment} * rhythm_hours + hour, count);
}

void segment_statistics::add(std::uint64_t region, std::uint64_t place, std::int64_t count) {
  auto at = std::lower_bound(regions.begin(), regions.end(), region,
                             [](const region_segment_sums& r, std::uint64_t id) { return r.region < id; });
  if (at == regions.end() || at->region != region) at = regions.insert(at, {region, {}});
  auto& sums = at->sums;
  const auto sum = std::lower_bound(sums.begin(), sums.end(), place,
                                    [](const auto& s, std::uint64_t p) { return s.place < p; });
  if (sum == sums.end() || sum->place != place)
    sums.insert(sum, {place, count});
  else
    sum->came = saturating_add(sum->came, count);
}

void segment_statistics::merge(const segment_statistics& other) {
  for (const auto& r : other.regions)
    for (const auto& s : r.sums)
      add(r.region, s.place, s.came);
}

void segment_parameters::learn(const segment_statistics& sums) {
  for (auto& r : regions_)
    for (auto& came : r.came)
      for (auto& c : came)
        c *= kept_a_day;
  for (const auto& r : sums.regions) {
    auto at = std::lower_bound(regions_.begin(), regions_.end(), r.region,
                               [](const known& k, std::uint64_t id) { return k.region < id; });
    if (at == regions_.end() || at->region != r.region) {
      if (regions_.size() == most_regions) continue;
      at = regions_.insert(at, known{r.region, {}});
    }
    for (const auto& s : r.sums) {
      const auto segment = static_cast<std::size_t>(s.place / rhythm_hours);
      if (segment >= most_segments) continue;
      if (at->came.size() <= segment) at->came.resize(segment + 1);
      at->came[segment][s.place % rhythm_hours] += static_cast<float>(s.came);
    }
  }
}

std::vector<segment_parameters::known>::const_iterator segment_parameters::find(std::uint64_t region) const {
  const auto at = std::lower_bound(regions_.begin(), regions_.end(), region,
                                   [](const known& k, std::uint64_t id) { return k.region < id; });
  return at != regions_.end() && at->region == region ? at : regions_.end();
}

bool segment_parameters::knows(std::uint64_t region) const {
  return find(region) != regions_.end();
}

segment_prior segment_parameters::prior_of(std::uint64_t region, std::size_t segments) const {
  const auto own = find(region);
  std::vector<hourly> came(segments);
  const auto take = [&](const known& k) {
    for (std::size_t s = 0; s < std::min(segments, k.came.size()); ++s)
      for (std::size_t h = 0; h < rhythm_hours; ++h)
        came[s][h] += k.came[s][h];
  };
  if (own != regions_.end())
    take(*own);
  else
    std::for_each(regions_.begin(), regions_.end(), take);
  const auto of = [&](std::size_t s, std::size_t h) { return static_cast<double>(came[s][h]); };
  std::array<std::array<double, day_hours>, most_segments> by_day{};
  segment_vector all{};
  for (std::size_t s = 0; s < segments; ++s)
    for (std::size_t h = 0; h < rhythm_hours; ++h)
      by_day[s][h % day_hours] += of(s, h);
  for (std::size_t s = 0; s < segments; ++s)
    all[s] = static_cast<float>(std::accumulate(by_day[s].begin(), by_day[s].end(), 0.0));

  segment_prior prior;
  prior.segments = segments;
  prior.overall = shrunk(segments, [&](std::size_t s) { return all[s]; }, {});
  for (std::size_t h = 0; h < day_hours; ++h)
    prior.day[h] = shrunk(
        segments, [&](std::size_t s) { return by_day[s][h]; }, prior.overall);
  for (std::size_t h = 0; h < rhythm_hours; ++h)
    prior.week[h] = shrunk(
        segments, [&](std::size_t s) { return of(s, h); }, prior.day[h % day_hours]);
  return prior;
}

// -- of a key
// ------------------------------------------------------------------------------------------------------------------

segment_shares::known& segment_shares::known_of(segment_number segment) {
  const auto at = std::lower_bound(known_.begin(), known_.end(), segment,
                                   [](const known& k, segment_number s) { return k.segment < s; });
  if (at != known_.end() && at->segment == segment) return *at;
  const auto place = at - known_.begin();
  if (known_.size() == known_.capacity()) known_.reserve(known_.size() + 1); // they are large, and few
  return *known_.insert(known_.begin() + place, known{segment, 0, {}, {}, 0, 0});
}

void segment_shares::fade(double hours) {
  if (!(hours > 0)) return;
  const auto quick = static_cast<float>(std::exp2(-hours / quick_hours));
  const auto fade = [](float& x, float kept) { x = x * kept < 1e-6F ? 0 : x * kept; };
  for (auto& k : known_) {
    fade(k.recent, quick);
    fade(k.recent_expected, quick);
  }
  constexpr float a_day = 24;
  unfaded_ += static_cast<float>(std::min(hours, 1e6));
  if (unfaded_ < a_day) return;
  const auto slow = static_cast<float>(std::exp2(-static_cast<double>(unfaded_) / slow_hours));
  unfaded_ = 0;
  for (auto& loss : losses_)
    fade(loss, slow);
  for (auto& k : known_) {
    fade(k.all, slow);
    for (auto& x : k.day)
      fade(x, slow);
    for (auto& x : k.week)
      fade(x, slow);
  }
}

void segment_shares::observe(std::span<const std::int64_t> counts, std::size_t hour, double hours,
                             const segment_prior& prior) {
  fade(hours);
  std::int64_t all = 0;
  for (std::size_t s = 0; s < prior.segments; ++s)
    all += counts[s];
  if (all == 0) return;
  const auto before = believed(hour, prior);
  // A crowd says no more than so many requests do.
  const float weight = std::min(1.0F, most_evidence / static_cast<float>(all));
  for (std::size_t b = 0; b < beliefs; ++b)
    for (std::size_t s = 0; s < prior.segments; ++s)
      if (counts[s] > 0)
        losses_[b] -= weight * static_cast<float>(counts[s]) * std::log(std::max(1e-6F, before[b][s]));
  const float least = *std::min_element(losses_.begin(), losses_.end());
  for (auto& loss : losses_)
    loss -= least;
  for (std::size_t s = 0; s < prior.segments; ++s) {
    const auto expected = static_cast<float>(all) * before[2][s];
    if (counts[s] == 0) {
      for (auto& k : known_)
        if (k.segment == s) k.recent_expected += expected;
      continue;
    }
    auto& k = known_of(static_cast<segment_number>(s));
    const auto count = static_cast<float>(counts[s]);
    k.all += count;
    k.day[hour % day_hours] += count;
    k.week[hour] += count;
    k.recent += count;
    k.recent_expected += expected;
  }
}

segment_vector segment_shares::flat(const segment_prior& prior) const {
  segment_vector came{};
  for (const auto& k : known_)
    came[k.segment] = k.all;
  return shrunk(
      prior.segments, [&](std::size_t s) { return came[s]; }, prior.overall);
}

segment_shares::belief_vectors segment_shares::believed(std::size_t hour, const segment_prior& prior) const {
  const auto h = hour % day_hours;
  segment_vector of_day{};
  segment_vector of_week{};
  segment_vector odds{};
  odds.fill(1);
  for (const auto& k : known_) {
    of_day[k.segment] = k.day[h];
    of_week[k.segment] = k.week[hour];
    odds[k.segment] = (k.recent + recent_ballast) / (k.recent_expected + recent_ballast);
  }
  belief_vectors out;
  out[0] = flat(prior);
  out[1] = shrunk(
      prior.segments, [&](std::size_t s) { return of_day[s]; }, carried(out[0], prior.day[h], prior.overall));
  out[2] = shrunk(
      prior.segments, [&](std::size_t s) { return of_week[s]; },
      carried(out[1], prior.week[hour], prior.day[h]));
  float sum = 0;
  for (std::size_t s = 0; s < prior.segments; ++s)
    sum += out[3][s] = out[2][s] * odds[s];
  for (std::size_t s = 0; s < prior.segments; ++s)
    out[3][s] /= sum;
  return out;
}

std::array<float, segment_shares::beliefs> segment_shares::weights() const {
  std::array<float, beliefs> out{};
  float sum = 0;
  for (std::size_t b = 0; b < beliefs; ++b)
    sum += out[b] = std::exp(-rate * losses_[b]);
  for (auto& w : out)
    w /= sum;
  return out;
}

segment_vector segment_shares::at(std::size_t hour, const segment_prior& prior) const {
  const auto all = believed(hour, prior);
  const auto weight = weights();
  segment_vector out{};
  for (std::size_t b = 0; b < beliefs; ++b)
    for (std::size_t s = 0; s < prior.segments; ++s)
      out[s] += weight[b] * all[b][s];
  return out;
}

bool segment_shares::fits(std::size_t segments) const noexcept {
  const auto is_count = [](float x) { return std::isfinite(x) && x >= 0; };
  for (std::size_t i = 0; i < known_.size(); ++i) {
    const auto& k = known_[i];
    if (k.segment >= segments || (i > 0 && known_[i - 1].segment >= k.segment) || !is_count(k.all) ||
        !is_count(k.recent) || !is_count(k.recent_expected) ||
        !std::all_of(k.day.begin(), k.day.end(), is_count) ||
        !std::all_of(k.week.begin(), k.week.end(), is_count))
      return false;
  }
  // Losses are above that of the best belief, so that weights have a sum.
  return is_count(unfaded_) && std::all_of(losses_.begin(), losses_.end(), is_count) &&
         *std::min_element(losses_.begin(), losses_.end()) == 0;
}

} // namespace forestage::models
