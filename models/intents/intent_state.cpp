#include "models/intents/intent_state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace forestage::models {

namespace {
constexpr float dense_from = 10;      // requests an interval, on average
constexpr double dense_margin = 0.98; // of the cost without intents: what the dense form must stay below
constexpr float announced_dispersion = 0.1F; // of requests around what the calendar says
constexpr float least_weight = 0.01F;        // declarations below say nothing
constexpr std::uint32_t most_of_a_peer = 2;  // requests that a few declarations may promise for an interval
constexpr float log_share_weight = 30;       // requests that the log's in-time share counts as

// P(d >= 1) of a key that its model lets sleep, and what each further request is worth of the one before.
constexpr float asleep = 0.003F;
constexpr float asleep_ratio = 0.2F;

constexpr double pooled_costs = 1'000; // what all keys' readings have cost counts as this much of a key's own
constexpr double pooled_requests = 200; // the same of the choice among bursts, in requests

double cost_of(const intent_context& context, std::int64_t units, std::int64_t count) {
  return units < count ? static_cast<double>(context.cost_under) * static_cast<double>(count - units)
                       : static_cast<double>(context.cost_over) * static_cast<double>(units - count);
}

std::int64_t capped(std::int64_t units, std::int64_t without) {
  return std::min(units, 2 * without + 3);
}

std::int64_t capped_widely(std::int64_t units, std::int64_t without) {
  return std::min(units, 8 * without + 20);
}

} // namespace

intent_context::intent_context(const demand_settings& settings)
    : horizon(settings.horizon())
    , cost_under(settings.cost_under())
    , cost_over(settings.cost_over())
    , fractile(settings.fractile())
    , levels{settings.fractile_low(), settings.fractile(), settings.fractile_high()}
    , kept_a_week(1 - settings.forgetting(7.0 * 86'400))
    , acts_from(settings.first() + 2 * settings.per_day())
    , dense(settings) {}

void intent_decision::survival(std::span<float> out) const {
  if (dense)
    negative_binomial_survival(mean, dispersion, out);
  else
    survival_of(counts, out);
  for (std::size_t j = 1; j < out.size(); ++j)
    out[j] = std::min(out[j], out[j - 1]);
}

// -- declarations
// ----------------------------------------------------------------------------------------------------------------

void intent_state::declare(const declaration& d) {
  const auto of_target =
      std::equal_range(declarations_.begin(), declarations_.end(), d,
                       [](const declaration& a, const declaration& b) { return a.target < b.target; });
  if (d.weight < least_weight) {
    ++dropped_;
    return;
  }
  // What a peer adds to its own declaration for the same interval is one declaration of more requests.
  const auto own = std::find_if(of_target.first, of_target.second, [&](const declaration& other) {
    return other.peer == d.peer && other.source == d.source;
  });
  if (own != of_target.second) {
    own->expected += std::min(d.expected, std::numeric_limits<std::uint32_t>::max() - own->expected);
    own->weight = d.weight;
    return;
  }
  const bool crowded = of_target.second - of_target.first >= static_cast<std::ptrdiff_t>(most_visible);
  if (!crowded && declarations_.size() < most_pending) {
    declarations_.insert(of_target.second, d);
    return;
  }
  // Room is made by whoever is believed least, so that a flood cannot push out those who keep their word.
  ++dropped_;
  const auto from = crowded ? of_target.first : declarations_.begin();
  const auto to = crowded ? of_target.second : declarations_.end();
  const auto least = std::min_element(
      from, to, [](const declaration& a, const declaration& b) { return a.weight < b.weight; });
  if (least == to || least->weight >= d.weight) return;
  declarations_.erase(least);
  declarations_.insert(
      std::upper_bound(declarations_.begin(), declarations_.end(), d,
                       [](const declaration& a, const declaration& b) { return a.target < b.target; }),
      d);
}

void intent_state::keep(const kept_intents& kept) {
  if (kept.in_time) kept_ += kept.count;
  if (kept.source == intent_source::sequence) return; // it means its interval and no other
  shifts_[static_cast<std::size_t>(std::clamp<int>(kept.shift, -1, 1) + 1)] += kept.count;
}

bool intent_state::pending_after(interval_number t) const noexcept {
  return (!declarations_.empty() && declarations_.back().target > t) ||
         (!pending_.empty() && pending_.back().interval > t);
}

std::size_t intent_state::bytes() const noexcept {
  return sizeof *this + declarations_.capacity() * sizeof(declaration) +
         pending_.capacity() * sizeof(decided);
}

// -- the fold
// --------------------------------------------------------------------------------------------------------------------

// Ages the sums to the end of interval t.
void intent_state::forget(const intent_context& context, interval_number t) {
  if (t <= folded_) return;
  const auto age = folded_ == interval_number{} ? 0 : t - folded_;
  folded_ = t;
  if (age == 0) return;
  const float kept = std::pow(context.kept_a_week, static_cast<float>(age));
  in_time_ *= kept;
  requests_ *= kept;
  level_ *= kept;
  level_weight_ = level_weight_ * kept + (1 - kept);
  for (auto& c : calendar_costs_)
    c *= static_cast<double>(kept);
  for (auto& situation : costs_)
    for (auto& c : situation)
      c *= static_cast<double>(kept);
  beside_ *= kept;
  for (auto& loss : burst_losses_)
    loss *= kept;
}

intent_state::outcome intent_state::observe(const intent_context& context, interval_number t,
                                            std::uint32_t count, intent_statistics& pool) {
  forget(context, t);
  outcome out;
  const float y = static_cast<float>(count);
  requests_ += y;
  in_time_ += static_cast<float>(kept_);
  level_ += (1 - context.kept_a_week) * y;
  pool.requests += count;
  pool.in_time += std::exchange(kept_, 0);
  for (std::size_t i = 0; i < shifts_.size(); ++i)
    pool.shifts[i] += std::exchange(shifts_[i], 0);

  const auto at = pending_for(t);
  candidate_units units{};
  if (at != pending_.end()) {
    units = at->units;
    out = {units[plain], at->allocation, true, at->used != 0};
    if (at->is_dense != 0) dense_.observe(context.dense, at->dense, y);
    if (at->is_announced != 0) {
      calendar_costs_[0] += cost_of(context, at->unannounced, count);
      calendar_costs_[1] += cost_of(context, at->announced, count);
    }
  }
  const std::int64_t d = count;
  auto& costs = costs_[at != pending_.end() ? at->situation : 0];
  for (std::size_t i = 0; i < candidates; ++i)
    costs[i] += cost_of(context, units[i], d);
  if (at != pending_.end() && at->is_dense == 0) {
    pool.cost_without += std::llround(intent_statistics::cost_unit * cost_of(context, units[plain], d));
    pool.cost_with += std::llround(intent_statistics::cost_unit * cost_of(context, units[straight], d));
    for (std::size_t i = 0; i < intent_readings; ++i)
      pool.readings[at->situation][i] +=
          std::llround(intent_statistics::cost_unit * cost_of(context, units[i], d));
    learn_burst(*at, y, pool);
  }
  drop_pending(t);
  return out;
}

intent_state::outcome intent_state::miss(const intent_context& context, interval_number t) {
  // The sums stand as they are until the next count: the interval itself does not age them.
  forget(context, t - 1);
  folded_ = std::max(folded_, t);
  outcome out;
  if (const auto at = pending_for(t); at != pending_.end())
    out = {at->units[plain], at->allocation, true, at->used != 0};
  // What is said to have come, of a count that nobody knows, is nothing to go by.
  kept_ = 0;
  shifts_ = {};
  drop_pending(t);
  return out;
}

std::vector<intent_state::decided>::const_iterator intent_state::pending_for(interval_number t) const {
  return std::find_if(pending_.begin(), pending_.end(), [&](const decided& d) { return d.interval == t; });
}

void intent_state::drop_pending(interval_number t) {
  std::erase_if(pending_, [&](const decided& p) { return p.interval <= t; });
}

void intent_state::learn_burst(const decided& d, float count, intent_statistics& pool) {
  beside_ += d.beside;
  pool.beside += std::llround(intent_statistics::burst_unit * static_cast<double>(d.beside));
  const auto factors = burst_factors(d.mean, d.beside, d.beside_share);
  for (std::size_t i = 0; i < burst_choices; ++i) {
    const float loss =
        quasi_loss(d.mean * factors[i], d.dispersion, count) - quasi_loss(d.mean, d.dispersion, count);
    burst_losses_[i] += loss;
    pool.burst_losses[i] += std::llround(intent_statistics::burst_unit * static_cast<double>(loss));
  }
}

std::size_t intent_state::best_burst(const intent_parameters& pooled) const {
  std::size_t best = 0;
  float least = -3; // nats: a smaller gain may be chance
  const auto weight = static_cast<float>(pooled_requests / (pooled.requests + pooled_requests));
  for (std::size_t i = 1; i < burst_choices; ++i) {
    const float loss = burst_losses_[i] + weight * static_cast<float>(pooled.burst_losses[i]);
    if (loss < least) {
      least = loss;
      best = i;
    }
  }
  return best;
}

// The probabilities with which the visible declarations bring a request in the interval t.
std::vector<float> intent_state::visible_weights(const intent_parameters& pooled, interval_number t) const {
  std::vector<std::pair<std::uint64_t, float>> seen; // by peer
  const auto first =
      std::lower_bound(declarations_.begin(), declarations_.end(), t - 1,
                       [](const declaration& d, interval_number limit) { return d.target < limit; });
  for (auto d = first; d != declarations_.end() && d->target <= t + 1; ++d) {
    if (d->source == intent_source::operators) continue;
    // An agent means about its interval; a sequence's probability is that of its interval alone.
    const bool about = d->source == intent_source::agent;
    if (!about && d->target != t) continue;
    const float weight = about ? d->weight * pooled.kernel(static_cast<int>(t - d->target)) : d->weight;
    if (weight < least_weight) continue;
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(d->expected, most_of_a_peer); ++i)
      seen.emplace_back(d->peer, std::min(weight, 0.999F));
  }
  // The most believed first; the order of equals is that of their peers.
  std::sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<float> weights;
  for (std::size_t i = 0; i < seen.size() && weights.size() < most_visible; ++i) {
    const auto before = std::count_if(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const auto& other) { return other.first == seen[i].first; });
    if (before < std::ptrdiff_t{most_of_a_peer}) weights.push_back(seen[i].second);
  }
  return weights;
}

// Requests that the declarations for t promise.
float intent_state::visible_sum(intent_source source, interval_number t) const {
  float sum = 0;
  for (const auto& d : declarations_)
    if (d.target == t && d.source == source) sum += d.weight * static_cast<float>(d.expected);
  return sum;
}

void intent_state::decide_sparse(const intent_context& context, const intent_parameters& pooled,
                                 const decision* base, decided& d, intent_decision& out) const {
  std::array<float, posterior_counts - 1> survival;
  if (base != nullptr) {
    base->survival(survival);
  } else {
    float p = asleep;
    for (auto& s : survival)
      s = std::exchange(p, p * asleep_ratio);
  }
  count_distribution prior;
  to_distribution(survival, prior);
  d.mean = std::max(1e-3F, mean_of(prior));
  d.dispersion = base == nullptr ? 0.3F : base->dispersion;
  d.beside =
      visible_sum(intent_source::agent, d.interval - 1) + visible_sum(intent_source::agent, d.interval + 1);
  const auto weights = visible_weights(pooled, d.interval);
  std::array<float, most_visible + 1> declared;
  const auto used = std::span{declared}.first(weights.size() + 1);
  poisson_binomial(weights, used);
  const float q = std::min(0.98F, (in_time_ + log_share_weight * pooled.in_time_share()) /
                                      (requests_ + log_share_weight));
  // Lies are declared, too: no more is expected beside than those promise who keep their word.
  d.beside_share =
      std::min(2 * q, (beside_ + log_share_weight * pooled.beside_share()) / (requests_ + log_share_weight));
  const float factor = burst_factors(d.mean, d.beside, d.beside_share)[best_burst(pooled)];
  float promised = 0;
  for (const auto w : weights)
    promised += w;
  d.situation = promised < 0.1F ? (d.beside < 0.1F ? 0 : 1) : promised < 1.5F ? 2 : 3;
  // What may stand: the posterior of the forecast as it is and tilted to the mix's decision, both
  // moved by what is declared beside, read at three levels, under two caps.
  std::array<count_distribution, sparse_sources> posteriors;
  auto tilted = prior;
  tilt_to(static_cast<std::size_t>(std::max<std::int64_t>(0, d.units[plain])), context.fractile, tilted);
  std::size_t next = sparse;
  for (std::size_t i = 0; i < sparse_sources; ++i) {
    auto source = i == 0 ? prior : tilted;
    if (factor != 1) tilt_to_mean(std::min(mean_of(source) * factor, 60.0F), source);
    thinned_posterior(source, used, q, posteriors[i]);
    for (const auto level : context.levels) {
      const auto units = static_cast<std::int64_t>(quantile_of(posteriors[i], level));
      d.units[next++] = capped(units, d.units[plain]);
      d.units[next++] = capped_widely(units, d.units[plain]);
    }
  }
  const auto& costs = costs_[d.situation];
  const auto& others = pooled.readings[d.situation];
  const double worth = others[plain] > 0 ? pooled_costs / others[plain] : 0;
  const auto shrunk = [&](std::size_t c) { return costs[c] + worth * others[c]; };
  std::size_t best = straight;
  for (std::size_t c = sparse; c < sparse + sparse_count; ++c)
    if (shrunk(c) < shrunk(best)) best = c;
  out.counts = posteriors[(best - sparse) / (sparse_count / sparse_sources)];
  if (context.least_shrunk_gain > 0 && shrunk(best) > (1 - context.least_shrunk_gain) * shrunk(plain)) return;
  const double own = (costs[best] + 1) / (costs[plain] + 1);
  if (0.8 * own + 0.2 * static_cast<double>(pooled.cost_ratio()) <= 1) {
    d.used = 1;
    d.allocation = d.units[best];
  }
}

void intent_state::decide_dense(const intent_context&, const decision* base, decided& d,
                                intent_decision& out) const {
  d.is_dense = 1;
  const float mean = base == nullptr ? 0 : base->mean;
  d.dense = dense_.predict(mean, visible_sum(intent_source::agent, d.interval) +
                                     visible_sum(intent_source::sequence, d.interval));
  const auto a0 = d.units[plain];
  const auto held = [&](float units) {
    return std::max(a0 / 2, capped(static_cast<std::int64_t>(std::min(units, 2e9F)), a0));
  };
  d.units[slow] = held(d.dense.units[0]);
  d.units[fast] = held(d.dense.units[1]);
  d.units[shifted] =
      held(std::max(0.0F, std::floor(static_cast<float>(a0) + d.dense.means[0] - mean + 0.5F)));
  std::size_t best = slow;
  for (const auto i : {fast, shifted})
    if (costs_[0][i] < costs_[0][best]) best = i;
  if (costs_[0][best] >= dense_margin * costs_[0][plain]) return;
  d.used = 1;
  d.allocation = d.units[best];
  const std::size_t speed = best == fast ? 1 : 0;
  out.mean = d.dense.means[speed];
  const float variance = d.dense.deviations[speed] * d.dense.deviations[speed];
  out.dispersion = std::max(0.0F, (variance - out.mean) / std::max(1.0F, out.mean * out.mean));
}

void intent_state::decide_announced(const intent_context& context, const decision* base, float announced,
                                    decided& d, intent_decision& out) const {
  const float mean = std::max(announced, base == nullptr ? 0 : base->mean);
  const quantile_level level{static_cast<double>(context.fractile)};
  d.is_announced = 1;
  d.unannounced = d.allocation;
  d.announced = std::max(d.allocation, static_cast<std::int64_t>(negative_binomial_quantiles(
                                           mean, announced_dispersion, {level, level, level})[1]));
  if (d.announced == d.unannounced || calendar_costs_[1] > calendar_costs_[0]) return;
  d.used = 1;
  d.allocation = d.announced;
  out.dense = true;
  out.mean = mean;
  out.dispersion = announced_dispersion;
}

intent_decision intent_state::decide(const intent_context& context, const intent_parameters& pooled,
                                     interval_number t, const decision* base) {
  const auto target = t + context.horizon;
  decided d;
  d.interval = target;
  const auto a0 = base == nullptr ? 0 : base->allocation;
  d.units.fill(a0);
  d.allocation = a0;
  intent_decision out;
  out.interval = target;
  out.without = a0;
  // What aimed before the decided interval by more than one has had its say.
  const auto spent =
      std::lower_bound(declarations_.begin(), declarations_.end(), target - 1,
                       [](const declaration& x, interval_number limit) { return x.target < limit; });
  declarations_.erase(declarations_.begin(), spent);
  const bool declared = !declarations_.empty() && declarations_.front().target <= target + 1;
  if (base != nullptr || declared) {
    const bool dense = level_ >= dense_from * level_weight_ && level_weight_ > 0;
    if (dense)
      decide_dense(context, base, d, out);
    else
      decide_sparse(context, pooled, base, d, out);
    out.dense = dense;
    if (const float announced = visible_sum(intent_source::operators, target); announced > 0)
      decide_announced(context, base, announced, d, out);
    if (t < context.acts_from && d.is_announced == 0) {
      d.used = 0;
      d.allocation = a0;
    }
    pending_.push_back(d);
  }
  out.used = d.used != 0;
  out.allocation = d.allocation;
  return out;
}

} // namespace forestage::models
