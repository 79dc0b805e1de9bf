#include "models/demand/key_model.hpp"

#include "models/demand/count_distribution.hpp"
#include "models/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace forestage::models {

namespace {

float whole(float units) {
  const float held = std::max(0.0F, std::min(units, 1e9F)); // and 0 of what is no number
  return static_cast<float>(static_cast<std::int32_t>(held + 0.5F));
}

float mean_of(const feature_vector& x) {
  return sum_of(x) / feature_count;
}

// Step of a stochastic approximation that settles at `least`.
float step_at(std::int64_t age, float first, float least) {
  return std::max(least, first / (1 + 0.02F * static_cast<float>(age)));
}

// Step of the learned headrooms, on the log scale.
constexpr float headroom_first = 0.3F, headroom_least = 0.01F;

float up_by(float step, float fractile) {
  return std::exp(0.5F * step * fractile);
}

float down_by(float step, float fractile) {
  return std::exp(-0.5F * step * (1 - fractile));
}

float& at(expert_allocations& a, expert e) {
  return a[static_cast<std::size_t>(e)];
}

} // namespace

namespace {

// A key that learns alone begins as the first key of a log does.
const pool_parameters& taught_by(const model_context& context, const pool_parameters& pool) {
  static const pool_parameters nobody;
  return context.settings.without().pooling ? nobody : pool;
}

} // namespace

model_context::model_context(demand_settings s)
    : settings(std::move(s))
    , features(settings)
    , base(settings)
    , levels{quantile_level{static_cast<double>(settings.fractile_low())},
             quantile_level{static_cast<double>(settings.fractile())},
             quantile_level{static_cast<double>(settings.fractile_high())}}
    , prior(settings.fractile())
    , daily_kept(1 - settings.forgetting(28.0 * 86'400))
    , blend_kept(1 - settings.forgetting(14.0 * 86'400))
    , volatility(settings.forgetting(3 * 3'600))
    , stirring((1 - settings.fractile()) / 3)
    , settled_up(up_by(headroom_least, settings.fractile()))
    , settled_down(down_by(headroom_least, settings.fractile()))
    , repeated_days(std::clamp(static_cast<int>(std::ceil((1 - settings.fractile()) * same_time_days)), 1, 7))
    , repeated_within(static_cast<std::int32_t>(std::int64_t{900} / settings.grid().seconds()))
    , learns_from(settings.first() + 2 * settings.per_day())
    , of_age(settings.first() + settings.per_week()) {}

void decision::survival(std::span<float> out) const {
  unmapped_survival(out);
  for (auto& p : out)
    p = 1 - map(1 - p);
}

void decision::unmapped_survival(std::span<float> out) const {
  constexpr float busy =
      2.5F; // requests an interval; from there on the indicators say less than the distribution
  negative_binomial_survival(mean, dispersion, out);
  if (mean < busy)
    for (std::size_t j = 0; j < std::min(out.size(), at_least.size()); ++j)
      out[j] = at_least[j];
  for (std::size_t j = 1; j < out.size(); ++j)
    out[j] = std::min(out[j], out[j - 1]);
}

// -- the fold
// ---------------------------------------------------------------------------------------------------------------------

key_model::key_model(const model_context& context, const pool_parameters& others, interval_number start)
    : next_(start)
    , start_(start)
    , counts_weights_(taught_by(context, others).weights[0])
    , base_(context.base)
    , recalibration_(taught_by(context, others).recalibration)
    , fitted_(start)
    , pending_(static_cast<std::size_t>(context.settings.horizon())) {
  headroom_.fill(1);
  for (std::size_t i = 0; i < feature_count; ++i)
    regression_weights_[i] = counts_weights_[i];
  regression_weights_[feature_count] = context.levels[1].z;
  regression_squares_.fill(1);
  deviation_ = context.levels[1].z;
}

void key_model::seed(const model_context& context, const pool_parameters& others, const rhythm& expected) {
  const auto& settings = context.settings;
  base_.seed(settings, expected);
  // P(d > j) of Poisson counts, j = 0, 1, 2.
  rhythm exactly{};
  rhythm more{};
  for (std::size_t h = 0; h < rhythm_hours; ++h) {
    exactly[h] = std::exp(-expected[h]);
    more[h] = 1 - exactly[h];
  }
  for (std::size_t j = 0; j < indicator_count; ++j) {
    constexpr float worth_keeping = 0.02F;
    if (j > 0 && *std::max_element(more.begin(), more.end()) < worth_keeping) break;
    indicators_.push_back({start_, count_features{settings}, {}, taught_by(context, others).weights[j + 1]});
    indicators_.back().features.seed(settings, start_, more);
    for (std::size_t h = 0; h < rhythm_hours; ++h) {
      exactly[h] *= expected[h] / static_cast<float>(j + 1);
      more[h] = std::max(0.0F, more[h] - exactly[h]);
    }
  }
  has_counts_ = indicators_.size() > 1;
  if (!has_counts_) return;
  counts_ = count_features{settings};
  counts_.seed(settings, start_, expected);
}

float key_model::mean_so_far() const noexcept {
  return has_counts_           ? counts_.long_run_mean()
         : indicators_.empty() ? 0
                               : indicators_[0].features.long_run_mean();
}

void key_model::observe(const model_context& context, float count) {
  const auto& settings = context.settings;
  const auto t = next_;
  auto& f = slot(t);
  const bool said = f.valid && f.said.interval == t;
  if (said) learn(context, f, count);

  if (!has_counts_ && count > 1) {
    has_counts_ = true;
    counts_ = indicators_.empty() ? count_features{settings} : indicators_[0].features;
  }
  while (indicators_.size() < indicator_count && count > static_cast<float>(indicators_.size())) {
    indicators_.reserve(indicators_.size() + 1); // most keys have one or two, and they are large
    indicators_.push_back({t, count_features{settings}, {}, {}});
  }
  if (has_counts_) counts_.observe(settings, context.features, t, count);
  for (std::size_t j = 0; j < indicators_.size(); ++j)
    indicators_[j].features.observe(settings, context.features, t,
                                    count > static_cast<float>(j) ? 1.0F : 0.0F);
  base_.observe(settings, context.base, t, count, said ? &f.base : nullptr);
  recent_.observe(settings, static_cast<std::int32_t>(t - settings.first()), count);
  last_three_ = {count, last_three_[0], last_three_[1]};
  history_.add(count);
  f.valid = false;
  ++since_fit_;
  ++next_;
}

void key_model::miss(const model_context& context) {
  const auto& settings = context.settings;
  const auto t = next_;
  auto& f = slot(t);
  const auto at = static_cast<std::int32_t>(t - settings.first());
  // A key that slept had nothing to say.
  const float stand_in = f.valid && f.said.interval == t ? whole(f.said.mean) : 0;
  if (has_counts_) counts_.hold(settings, t);
  for (auto& j : indicators_)
    j.features.hold(settings, t);
  base_.hold(settings, t);
  recent_.observe(settings, at, stand_in);
  last_three_ = {stand_in, last_three_[0], last_three_[1]};
  f.valid = false;
  ++next_;
}

void key_model::skip(const model_context& context, interval_number until) {
  // What is pending is learned from.
  for (auto decided = next_pending(); decided && *decided < until; decided = next_pending()) {
    rest(context, *decided);
    observe(context, 0);
  }
  rest(context, until);
}

// Zeros up to `until`, none of which was decided for, in one step.
void key_model::rest(const model_context& context, interval_number until) {
  const auto& settings = context.settings;
  const auto length = until - next_;
  if (length <= 0) return;
  if (has_counts_) counts_.skip(settings, context.features, next_, length);
  for (auto& j : indicators_)
    j.features.skip(settings, context.features, next_, length);
  if (length >= 3)
    last_three_ = {};
  else
    for (std::int64_t i = 0; i < length; ++i)
      last_three_ = {0, last_three_[0], last_three_[1]};
  next_ = until;
}

void key_model::learn(const model_context& context, const forecast& f, float count) {
  const auto t = next_;
  const float mean = f.said.mean;
  if (t == context.learns_from) grow_up();
  // Winsorised moments of the dispersion.
  const float variance = mean + dispersion_ * mean * mean;
  const float square = std::min((count - mean) * (count - mean), 9 * variance + 4);
  moment_residual_ = moment_residual_ * context.daily_kept + square - mean;
  moment_square_ = moment_square_ * context.daily_kept + mean * mean;

  const auto [below, at_most] = quick_distribution_at(f.said, static_cast<std::int64_t>(count));
  recalibration_.observe(mean, below, at_most);

  const float level = 0.01F + mean_of(f.counts);
  if (!(level < 0.0103F && count == 0)) counts_gram_.add(f.counts, count, 1 / level);
  for (std::size_t j = 0; j < indicators_.size(); ++j) {
    auto& model = indicators_[j];
    if (t <= model.start + context.settings.horizon()) continue;
    const float p = mean_of(f.indicators[j]);
    const bool happened = count > static_cast<float>(j);
    if (p > 1e-4F || happened)
      model.rows.add(f.indicators[j], happened ? 1.0F : 0.0F, 1 / std::max(0.02F, p * (1 - p)));
  }
  // While profiles are young all experts are worse than they are going to be.
  if (t == context.of_age) {
    mix_.scale(0.1F);
    blend_.scale(0.1F);
  }
  mix_.observe(f.allocations, count, context.settings.cost_under(), context.settings.cost_over(),
               context.daily_kept);
  blend_.observe(f.allocations, count, context.settings.cost_under(), context.settings.cost_over(),
                 context.blend_kept);
  learn_online(context, f, count);
}

// Two days after the first interval: what was learned while the daily profiles were empty counts little from
// now on.
void key_model::grow_up() {
  constexpr float kept = 0.1F;
  counts_gram_.scale(kept);
  for (auto& j : indicators_)
    j.rows.scale(kept);
  moment_residual_ *= kept;
  moment_square_ *= kept;
  regression_squares_.fill(1);
  mix_.scale(kept);
  blend_.scale(kept);
}

void key_model::learn_online(const model_context& context, const forecast& f, float count) {
  const auto age = next_ - start_;
  const float tau = context.settings.fractile();
  const float step = step_at(age, headroom_first, headroom_least);
  const bool settled = step == headroom_least;
  const float up = settled ? context.settled_up : up_by(step, tau);
  const float down = settled ? context.settled_down : down_by(step, tau);
  constexpr float least = 0.36787944F; // e^-1
  constexpr float most = 7.3890561F;   // e^2
  for (std::size_t i = 0; i < headroom_count; ++i) {
    if (!(f.headroom_bases[i] > 0 || count > 0)) continue;
    const float allocated = f.allocations[static_cast<std::size_t>(expert::headroom_last) + i];
    headroom_[i] = std::clamp(headroom_[i] * (count <= allocated ? down : up), least, most);
  }

  const float mean = f.said.mean;
  const float variance = mean + dispersion_ * mean * mean + 0.25F;
  const float standardised = (count - mean) / f.deviation_scale;
  deviation_ =
      std::clamp(deviation_ + step_at(age, 0.3F, 0.003F) * (tau - (standardised < deviation_ ? 1.0F : 0.0F)),
                 -4.0F, 10.0F);
  // AdaGrad (Duchi, Hazan, Singer 2011) on the pinball loss (Koenker, Bassett 1978).
  const auto x = f.regression; // a copy that no sum can overlap
  const float gradient = count / f.regression_scale > dot(regression_weights_, x) ? -tau : 1 - tau;
  for (std::size_t i = 0; i < regression_lanes; ++i) {
    const float g = gradient * x[i];
    regression_squares_[i] += g * g;
    regression_weights_[i] -= 0.1F * g / std::sqrt(regression_squares_[i]);
  }
  volatility_ += context.volatility *
                 (std::min(6.0F, std::fabs(count - mean) / std::sqrt(variance)) * 1.25F - volatility_);
}

decision key_model::predict(const model_context& context) {
  const auto t = next_ - 1 + context.settings.horizon();
  auto& f = slot(t);
  predict_units(context, t, f);
  f.said.interval = t;
  f.said.map = context.settings.without().recalibration ? probability_map{} : recalibration_.map(f.said.mean);
  // Before its first request nothing is ready, whatever experts say.
  f.said.allocation = 0;
  if (!indicators_.empty())
    f.said.allocation =
        static_cast<std::int64_t>(mix_.allocate(f.allocations, context.prior.of(mean_so_far())));
  f.valid = true;
  return f.said;
}

void key_model::predict_units(const model_context& context, interval_number t, forecast& f) {
  const auto& settings = context.settings;
  const float tau = settings.fractile();
  auto& units = f.allocations;

  // Indicators: P(d >= j), kept non-increasing.
  float p_before = 1;
  std::size_t worth = 0;
  for (std::size_t j = 0; j < indicator_count; ++j) {
    float p = 0;
    if (j < indicators_.size()) {
      indicators_[j].features.predict(settings, t, f.indicators[j]);
      p = std::min(p_before, dot(f.indicators[j], indicators_[j].weights));
    }
    p_before = f.said.at_least[j] = p;
    if (p >= 1 - tau) worth = j + 1;
  }

  if (has_counts_)
    counts_.predict(settings, t, f.counts);
  else if (!indicators_.empty())
    f.counts = f.indicators[0];
  // Weights of a wild past may predict more than any count can be, and its square would be no number.
  constexpr float most = 1e10F;
  const float mean = std::min(dot(f.counts, counts_weights_), most);
  f.said.mean = mean;
  f.said.dispersion = dispersion_;
  const auto quantiles = negative_binomial_quantiles(mean, dispersion_, context.levels);
  at(units, expert::counts_low) = static_cast<float>(quantiles[0]);
  at(units, expert::counts) = static_cast<float>(quantiles[1]);
  at(units, expert::counts_high) = static_cast<float>(quantiles[2]);
  at(units, expert::indicators) = worth == indicator_count ? std::max(static_cast<float>(indicator_count),
                                                                      static_cast<float>(quantiles[0]))
                                                           : static_cast<float>(worth);

  // What operators do today.
  const auto now = static_cast<std::int32_t>(next_ - settings.first()) - 1;
  const auto& without = settings.without();
  const auto maxima = without.live ? std::array<float, window_count>{} : recent_.window_maxima(now);
  const auto last_three = without.live ? std::array<float, 3>{} : last_three_;
  for (std::size_t i = 0; i < window_count; ++i)
    units[static_cast<std::size_t>(expert::last_count) + i] = maxima[i];
  at(units, expert::keepalive_3_plus) = std::ceil(1.25F * maxima[1] - 1e-4F);
  at(units, expert::keepalive_6_plus) = std::ceil(1.25F * maxima[2] - 1e-4F);
  const auto before = without.history
                          ? same_time{}
                          : recent_.at_same_time(settings, static_cast<std::int32_t>(t - settings.first()));
  at(units, expert::last_day) = before.last_day;
  at(units, expert::last_week) = before.last_week;
  at(units, expert::same_time_fractile) = before.fractile;
  at(units, expert::all_time_fractile) = history_.cached();

  f.base = base_.predict(settings, t);
  const auto base = base_.quantities(f.base);
  at(units, expert::base) = whole(base.quantile);
  at(units, expert::base_recent) = whole(base.quantile_recent);

  // Learned headroom.
  float seasonal = 1;
  float seasonal_3 = 1;
  const auto newest = next_ - 1;
  if (newest >= context.of_age && (last_three[0] > 0 || last_three[1] > 0 || last_three[2] > 0)) {
    const float ahead = base_.profile(settings, t);
    const auto ratio = [&](interval_number from) {
      return std::clamp(std::exp(std::min(2.0F, ahead - base_.profile(settings, from))), 0.33F, 3.0F);
    };
    seasonal = ratio(newest);
    seasonal_3 = ratio(newest - 1);
  }
  f.headroom_bases = {maxima[0],
                      maxima[1],
                      maxima[2],
                      maxima[3],
                      maxima[0] * seasonal,
                      (last_three[0] + last_three[1] + last_three[2]) / 3 * seasonal_3,
                      mean,
                      base.median};
  for (std::size_t i = 0; i < headroom_count; ++i)
    units[static_cast<std::size_t>(expert::headroom_last) + i] = whole(f.headroom_bases[i] * headroom_[i]);

  // Mean + c standard deviations; linear quantile regression on everything above, scaled to about one.
  const float volatility = without.live ? 1.0F : std::clamp(volatility_, 0.3F, 4.0F);
  const float deviation = std::sqrt(mean + dispersion_ * mean * mean + 0.25F) * std::sqrt(volatility);
  f.deviation_scale = deviation;
  at(units, expert::deviations) = whole(mean + deviation_ * deviation);
  const float scale = 1 + mean;
  const float per_scale = 1 / scale;
  f.regression_scale = scale;
  for (std::size_t i = 0; i < feature_count; ++i)
    f.regression[i] = f.counts[i] * per_scale;
  const std::array<float, 7> more{
      deviation, maxima[1], maxima[3], 1, mean, maxima[0], at(units, expert::base)};
  for (std::size_t i = 0; i < more.size(); ++i)
    f.regression[feature_count + i] = more[i] * per_scale;
  at(units, expert::regression) = whole(dot(regression_weights_, f.regression) * scale);
  at(units, expert::blend) = whole(blend_.allocate(units));
}

bool key_model::refit_due(const model_context& context) const {
  const auto& settings = context.settings;
  const auto days = settings.local_day(next_) - settings.local_day(fitted_);
  if (days >= 7 || (days >= 1 && since_fit_ >= context.settings.per_day() / 4)) return true;
  // On its first day a key learns the more often the less it knows.
  constexpr std::int64_t first_fit = 8;
  const auto age = next_ - start_;
  return age <= context.settings.per_day() && since_fit_ >= first_fit && 2 * since_fit_ >= age;
}

void key_model::refit(const model_context& context, const pool_parameters& others) {
  const auto& pool = taught_by(context, others);
  fitted_ = next_;
  since_fit_ = 0;
  recalibration_.start_from(pool.recalibration);
  constexpr float kept_a_day = 0.97F;
  const auto solve = [&](gram& own, std::size_t model, const weight_vector& start) {
    gram all = own;
    all.add_scaled(pool.prior[model], 1);
    own.scale(kept_a_day);
    return all.rows > 0 ? non_negative_weights(all, start) : start;
  };
  counts_weights_ = solve(counts_gram_, 0, counts_weights_);
  for (std::size_t j = 0; j < indicators_.size(); ++j)
    indicators_[j].weights = solve(indicators_[j].rows, j + 1, indicators_[j].weights);

  const float m = mean_so_far();
  constexpr float prior_dispersion = 0.3F;
  const float ballast = 20 * std::max(0.05F, m) * m + 1e-3F; // about twenty intervals' worth of the prior
  dispersion_ =
      std::clamp((moment_residual_ + prior_dispersion * ballast) / (moment_square_ + ballast), 0.0F, 20.0F);
  history_.refresh(context.settings.fractile(), next_ - context.settings.first());
}

void key_model::report(pool_statistics& pool) const {
  pool.grams[0].add(counts_gram_);
  for (std::size_t j = 0; j < indicators_.size(); ++j)
    pool.grams[j + 1].add(indicators_[j].rows);
  recalibration_.report(pool.recalibration);
  ++pool.keys;
}

std::optional<interval_number> key_model::next_pending() const {
  const auto horizon = static_cast<std::int64_t>(pending_.size());
  for (auto t = next_; t < next_ + horizon; ++t)
    if (const auto& f = slot(t); f.valid && f.said.interval == t) return t;
  return std::nullopt;
}

const decision* key_model::pending(const model_context&, interval_number t) const {
  const auto& f = slot(t);
  return f.valid && f.said.interval == t ? &f.said : nullptr;
}

const expert_allocations* key_model::pending_experts(interval_number t) const {
  const auto& f = slot(t);
  return f.valid && f.said.interval == t ? &f.allocations : nullptr;
}

std::optional<awake_span> key_model::wakes(const model_context& context) const {
  if (indicators_.empty()) return std::nullopt;
  if (indicators_[0].features.highest_mean() >= context.stirring) return awake_span{next_, next_ + 1};
  const auto& settings = context.settings;
  if (settings.without().history) return std::nullopt;
  const auto decided = static_cast<std::int32_t>(next_ - settings.first() + settings.horizon());
  const auto repeated =
      recent_.next_repeated(settings, decided, context.repeated_within, context.repeated_days);
  if (!repeated) return std::nullopt;
  return awake_span{next_ + (repeated->from - decided), next_ + (repeated->until - decided)};
}

std::size_t key_model::bytes() const noexcept {
  std::size_t sum = sizeof *this + counts_.bytes() - sizeof counts_ + recent_.bytes() + history_.bytes() +
                    pending_.capacity() * sizeof(forecast);
  for (const auto& j : indicators_)
    sum += sizeof j - sizeof j.features + j.features.bytes();
  return sum;
}

bool key_model::fits(const model_context& context) const {
  if (pending_.size() != static_cast<std::size_t>(context.settings.horizon())) return false;
  const auto first = context.settings.first();
  constexpr std::int64_t most_intervals = std::int64_t{1} << 30;
  if (start_ < first || next_ < start_ || next_ > first + most_intervals) return false;
  if (has_counts_ && !counts_.fits(context.settings)) return false;
  if (indicators_.size() > indicator_count || !recent_.consistent()) return false;
  return std::all_of(indicators_.begin(), indicators_.end(), [&](const indicator& j) {
    return j.start >= start_ && j.start < next_ && j.features.fits(context.settings);
  });
}

} // namespace forestage::models
