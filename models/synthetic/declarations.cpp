#include "models/synthetic/declarations.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models::synthetic {

namespace {

// Kinds of peers are told apart by the upper half of their numbers.
constexpr std::uint64_t honest_peer = std::uint64_t{0} << 32U;
constexpr std::uint64_t liar_peer = std::uint64_t{1} << 32U;
constexpr std::uint64_t fresh_peer = std::uint64_t{2} << 32U;
constexpr std::uint64_t sleeping_peer = std::uint64_t{3} << 32U;
constexpr std::uint64_t honest_group = std::uint64_t{4} << 32U;
constexpr std::uint64_t lying_group = std::uint64_t{5} << 32U;
constexpr std::uint64_t sleeping_group = std::uint64_t{6} << 32U;

// Twelve uniforms less six: normal enough for noise, and the same on every machine.
double normal(random_stream& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i)
    sum += random.uniform();
  return sum;
}

// Of `count` independent events with probability p, how many happen; normal where that is close.
std::uint32_t binomial(std::uint32_t count, double p, random_stream& random) {
  const double mean = count * p;
  if (count > 60 && mean > 15 && count - mean > 15) {
    const double drawn = std::floor(mean + std::sqrt(mean * (1 - p)) * normal(random) + 0.5);
    return static_cast<std::uint32_t>(std::clamp(drawn, 0.0, static_cast<double>(count)));
  }
  std::uint32_t happened = 0;
  for (std::uint32_t i = 0; i < count; ++i)
    if (random.uniform() < p) ++happened;
  return happened;
}

} // namespace

std::uint32_t declaration_simulator::beside(std::uint32_t honest, double share) {
  if (!(share > 0)) return 0;
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::lround(honest * share / (1 - share))));
}

declaration_simulator::declaration_simulator(const intent_simulation& options, const simulated_span& span,
                                             std::span<const double> means)
    : options_(options)
    , span_(span)
    , means_(means.begin(), means.end())
    , taken_(span.first) {
  if (options_.liar_rate < 0) options_.liar_rate = options_.p;
  for (std::uint32_t key = 0; key < means_.size(); ++key) {
    if (means_[key] >= dense_from) {
      dense_keys_.push_back(key);
      continue;
    }
    sparse_keys_.push_back(key);
    sparse_mean_ += means_[key];
    cumulative_.push_back(sparse_mean_);
  }
}

simulated_events* declaration_simulator::at(interval_number t) {
  if (t < taken_ || t >= span_.end) return nullptr;
  const auto index = static_cast<std::size_t>(t - taken_);
  if (index >= open_.size()) open_.resize(index + 1);
  return &open_[index];
}

std::int64_t declaration_simulator::draw_lead(random_stream& random) const {
  return options_.lead_from +
         random.below(static_cast<std::uint32_t>(options_.lead_to - options_.lead_from + 1));
}

void declaration_simulator::declare(std::uint32_t key, std::uint64_t peer, interval_number target,
                                    std::int64_t ahead, std::uint32_t expected) {
  if (expected == 0 || target < span_.first || target >= span_.end) return;
  if (auto* events = at(target - ahead))
    events->declarations.push_back({key, {target - ahead, target, peer, expected, 0, intent_source::agent}});
}

void declaration_simulator::outcome(interval_number known, std::uint32_t key, interval_number target,
                                    std::uint64_t peer, std::uint32_t declared, std::uint32_t kept) {
  if (declared == 0) return;
  if (auto* events = at(known)) events->outcomes.push_back({key, target, peer, declared, kept});
}

void declaration_simulator::keep(std::uint32_t key, std::uint64_t peer, interval_number target,
                                 std::int64_t ahead, interval_number came, std::uint32_t count) {
  if (count == 0 || target - ahead < span_.first) return;
  declare(key, peer, target, ahead, count);
  outcome(came, key, target, peer, count, count);
  const bool in_time = target - ahead <= came - span_.horizon;
  if (auto* events = at(came))
    events->kept.push_back({key, {came, static_cast<std::int8_t>(came - target), in_time, count}});
}

void declaration_simulator::declare_sparse(std::uint32_t key, std::uint32_t count, interval_number t,
                                           double p, random_stream& random) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (random.uniform() >= p) continue;
    const auto ahead = draw_lead(random);
    auto target = t;
    if (random.uniform() < options_.jitter) target = target + (random.below(2) == 0 ? 1 : -1);
    if (target >= span_.first && target < span_.end)
      keep(key, honest_peer + random.below(options_.peers), target, ahead, t, 1);
    // No-shows are a share of all declarations, so that many more for each that is kept.
    for (double more = options_.noshow / (1 - options_.noshow); more > 0; more -= 1) {
      if (random.uniform() >= more) continue;
      const auto wrong = t + (static_cast<std::int64_t>(random.below(2 * noshow_within + 1)) - noshow_within);
      const auto peer = honest_peer + random.below(options_.peers);
      const auto wrong_ahead = draw_lead(random);
      if (wrong < span_.first || wrong >= span_.end) continue;
      declare(key, peer, wrong, wrong_ahead, 1);
      outcome(wrong + 1, key, wrong, peer, 1, 0);
    }
  }
}

void declaration_simulator::declare_dense(std::uint32_t key, std::uint32_t count, interval_number t, double p,
                                          random_stream& random) {
  const auto leads = options_.lead_to - options_.lead_from + 1;
  for (std::uint32_t g = 0; g < groups; ++g) {
    const auto peer = honest_group + (std::uint64_t{key} << 8U) + g;
    const auto own = count / groups + (g < count % groups ? 1 : 0);
    auto left = binomial(own, p, random);
    for (std::int64_t i = 0; i < leads; ++i) {
      const auto ahead = options_.lead_from + i;
      const auto some = i + 1 == leads ? left : binomial(left, 1.0 / static_cast<double>(leads - i), random);
      left -= some;
      const auto off = options_.jitter > 0 ? binomial(some, options_.jitter, random) : 0;
      const auto late = off > 0 ? binomial(off, 0.5, random) : 0;
      keep(key, peer, t, ahead, t, some - off);
      for (const auto& [shift, n] :
           {std::pair{std::int64_t{1}, late}, std::pair{std::int64_t{-1}, off - late}})
        if (t + shift >= span_.first && t + shift < span_.end) keep(key, peer, t + shift, ahead, t, n);
    }
  }
}

// Every group announces, for every interval, some that do not come: as many as belong to the real demand of
// an interval nearby. (Were they scattered from there, the intervals that few or many of them happen to hit
// would be the largest noise of all.)
void declaration_simulator::miss_dense(std::uint32_t key, std::size_t place, interval_number target, double p,
                                       random_stream& random) {
  const auto leads = options_.lead_to - options_.lead_from + 1;
  const auto newest = static_cast<std::int64_t>(past_.size()) - 1;
  for (std::uint32_t g = 0; g < groups; ++g) {
    const auto peer = honest_group + (std::uint64_t{key} << 8U) + g;
    for (auto ahead = options_.lead_from; ahead <= options_.lead_to; ++ahead) {
      const auto near =
          target + (static_cast<std::int64_t>(random.below(2 * noshow_within + 1)) - noshow_within);
      const auto index = std::clamp<std::int64_t>(newest - (added_ - near), 0, newest);
      const double own = past_[static_cast<std::size_t>(index)][place] / static_cast<double>(groups);
      const double missing = options_.noshow / (1 - options_.noshow) * p * own / static_cast<double>(leads) *
                             std::max(0.0, 1 + 0.2 * normal(random));
      const auto n = static_cast<std::uint32_t>(std::floor(missing + random.uniform()));
      declare(key, peer, target, ahead, n);
      outcome(target + 1, key, target, peer, n, 0);
    }
  }
}

// The no-shows that aim at the intervals whose surroundings are known: all that are left when the log ends.
void declaration_simulator::miss(interval_number t, std::span<const std::uint32_t> counts, double p) {
  if (dense_keys_.empty() || !(options_.noshow > 0)) return;
  auto& now = past_.emplace_back();
  for (const auto key : dense_keys_)
    now.push_back(counts[key]);
  if (past_.size() > 2 * noshow_within + 1) past_.pop_front();
  const auto last = t + 1 == span_.end ? t : t - noshow_within;
  for (auto target = std::max(span_.first, t - noshow_within); target <= last; ++target)
    for (std::size_t i = 0; i < dense_keys_.size(); ++i) {
      random_stream random{options_.seed, 5, static_cast<std::uint64_t>(target - span_.first),
                           dense_keys_[i]};
      miss_dense(dense_keys_[i], i, target, p, random);
    }
}

void declaration_simulator::lie_sparse(interval_number t, bool sleeping, random_stream& random) {
  const auto many = beside(options_.peers, sleeping ? options_.sleepers : options_.liars);
  if (many == 0 || sparse_keys_.empty()) return;
  const bool honest = sleeping && t < span_.evaluation;
  const auto since = t - span_.first;
  const bool flood = options_.flood > 1 && !honest && since / 6 % 100 == 17;
  const double rate = options_.liar_rate * sparse_mean_ / options_.peers;
  const auto lies = random.poisson(many * rate * (flood ? options_.flood : 1));
  const auto victim = sparse_keys_[static_cast<std::size_t>(
      since / 6 * 7'919 % static_cast<std::int64_t>(std::min<std::size_t>(20, sparse_keys_.size())))];
  for (std::uint64_t i = 0; i < lies; ++i) {
    auto key = victim;
    if (!flood) {
      const auto at =
          std::lower_bound(cumulative_.begin(), cumulative_.end(), random.uniform() * sparse_mean_);
      key =
          sparse_keys_[std::min(static_cast<std::size_t>(at - cumulative_.begin()), sparse_keys_.size() - 1)];
    }
    const auto peer = sleeping         ? sleeping_peer + random.below(many)
                      : options_.sybil ? fresh_peer + fresh_++
                                       : liar_peer + random.below(many);
    declare(key, peer, t, draw_lead(random), 1);
    outcome(t + 1, key, t, peer, 1, honest ? 1 : 0);
  }
}

void declaration_simulator::lie_dense(std::uint32_t key, interval_number t, random_stream& random) {
  const auto since = t - span_.first;
  const auto leads = options_.lead_to - options_.lead_from + 1;
  for (const bool sleeping : {false, true}) {
    const auto many = beside(groups, sleeping ? options_.sleepers : options_.liars);
    const bool honest = sleeping && t < span_.evaluation;
    const bool flood = options_.flood > 1 && !honest && since / 6 % 100 == 17;
    const double rate = options_.liar_rate * means_[key] / groups / static_cast<double>(leads);
    for (std::uint32_t g = 0; g < many; ++g)
      for (auto ahead = options_.lead_from; ahead <= options_.lead_to; ++ahead) {
        const double mean = rate * (flood ? options_.flood : 1);
        const double drawn = mean > 1'000 ? mean + std::sqrt(mean) * normal(random)
                                          : static_cast<double>(random.poisson(mean));
        const auto n = static_cast<std::uint32_t>(std::clamp(drawn, 0.0, 4e9));
        const auto peer = (sleeping ? sleeping_group : lying_group) + (std::uint64_t{key} << 8U) + g;
        declare(key, peer, t, ahead, n);
        outcome(t + 1, key, t, peer, n, honest ? n : 0);
      }
  }
}

void declaration_simulator::add(interval_number t, std::span<const std::uint32_t> counts) {
  const auto when = static_cast<std::uint64_t>(t - span_.first);
  double p = options_.p;
  if (options_.share_noise > 0) {
    random_stream random{options_.seed, 1, when};
    const double kept = std::exp2(-static_cast<double>(span_.interval_seconds) / (3 * 3'600.0));
    drift_ = kept * drift_ + std::sqrt(1 - kept * kept) * options_.share_noise * normal(random);
    p = std::min(1.0, p * std::min(1.4, std::exp(drift_)));
  }
  for (const auto key : sparse_keys_)
    if (counts[key] > 0) {
      random_stream random{options_.seed, 2, when, key};
      declare_sparse(key, counts[key], t, p, random);
    }
  for (const auto key : dense_keys_) {
    random_stream random{options_.seed, 3, when, key};
    declare_dense(key, counts[key], t, p, random);
    lie_dense(key, t, random);
  }
  added_ = t;
  miss(t, counts, p);
  random_stream lies{options_.seed, 4, when};
  lie_sparse(t, false, lies);
  lie_sparse(t, true, lies);
}

simulated_events declaration_simulator::take(interval_number t) {
  simulated_events out;
  if (!open_.empty()) {
    out = std::move(open_.front());
    open_.pop_front();
  }
  taken_ = t + 1;
  return out;
}

} // namespace forestage::models::synthetic
