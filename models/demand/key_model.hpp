// The demand model of one key (a resource in a region): folds counts, and decides how many units to have
// ready.
//
// Fold: observe(t) for every interval in order, zeros included while the key is awake; predict(t + horizon)
// after each. An interval whose count is not known is missed: nothing is learned from it, averages and
// profiles hold, and what had been forecast stands in for it where earlier days are looked up. A key that has
// been quiet sleeps: skip() folds a gap of zeros in one step, and what is learned online (experts' costs,
// offsets) rests meanwhile. refit() once a day. All state is here: no clock, no randomness. About 1 us per
// interval; memory: a few kB plus the profiles (per_day + per_week + 216 floats for each of the mean and the
// indicators that ever occurred). Source: notes on allocation §3 (the recipe and what each expert is good
// for).
#pragma once

#include "models/bytes.hpp"
#include "models/demand/base_state.hpp"
#include "models/demand/count_features.hpp"
#include "models/demand/count_histogram.hpp"
#include "models/demand/expert_prior.hpp"
#include "models/demand/experts.hpp"
#include "models/demand/negative_binomial.hpp"
#include "models/demand/pool.hpp"
#include "models/demand/recalibration.hpp"
#include "models/demand/recent_counts.hpp"
#include "models/demand/rhythm.hpp"
#include "models/demand/settings.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace forestage::models {

// Everything that is computed once for all keys.
struct model_context {
  explicit model_context(demand_settings s);
  demand_settings settings;
  feature_rates features;
  base_rates base;
  std::array<quantile_level, 3> levels;
  expert_prior prior;                     // of what experts cost, for young keys
  float daily_kept = 0;                   // of an expert's past cost, per interval (half-life 28 days)
  float blend_kept = 0;                   // of the blend's regrets, per interval (half-life 14 days)
  float volatility = 0;                   // 3 h
  float stirring = 0;                     // chance of a request from which on a key is awake
  float settled_up = 1, settled_down = 1; // what a settled headroom grows and shrinks by
  int repeated_days = 0; // of the last 14 with a request at a time of day, for the key to be awake then
  std::int32_t repeated_within = 0; // intervals around that time
  interval_number
      learns_from; // two days after the first: what was learned before counts a tenth from then on
  interval_number
      of_age; // a week after the first: what experts cost while profiles were young is cut to a tenth
};

// What a key says about one interval, decided `horizon` intervals before.
struct decision {
  interval_number interval{};
  std::int64_t allocation = 0; // of the expert mix; caps the units that a price may buy
  float mean = 0;
  float dispersion = 0;                          // phi: variance = mean + phi mean^2
  std::array<float, indicator_count> at_least{}; // P(d >= 1..3), non-increasing
  probability_map map;                           // what the key has learned to make of all these

  // out[j - 1] = P(d >= j), non-increasing, as long as `out`.
  void survival(std::span<float> out) const;
  // The same before the map.
  void unmapped_survival(std::span<float> out) const;

  template <class Archive> void fields(Archive& archive) {
    archive(interval, allocation, mean, dispersion, at_least, map);
  }
};

// [from, until).
struct awake_span {
  interval_number from{}, until{};
  friend bool operator==(const awake_span&, const awake_span&) = default;
};

class key_model {
public:
  key_model() = default;
  // A key that has had no request before interval `start`.
  key_model(const model_context& context, const pool_parameters& pool, interval_number start);

  // Before anything is observed: begins as a key that is expected to be like this (requests an interval, by
  // hour of the week), instead of one that was silent.
  void seed(const model_context& context, const pool_parameters& pool, const rhythm& expected);

  // The interval to be observed next.
  [[nodiscard]] interval_number next() const noexcept { return next_; }

  // Folds the count of next(). Count: whole, >= 0.
  void observe(const model_context& context, float count);
  // Passes over next(), whose count is not known.
  void miss(const model_context& context);
  // Folds zeros up to, not including, `until`.
  void skip(const model_context& context, interval_number until);
  // The decision for next() - 1 + horizon, from everything observed.
  [[nodiscard]] decision predict(const model_context& context);
  // Whether enough has been gathered, or enough time has gone by, for new weights on the day of next().
  [[nodiscard]] bool refit_due(const model_context& context) const;
  // New weights from what was gathered and the pool's prior.
  void refit(const model_context& context, const pool_parameters& pool);
  // Adds what this key has gathered to the pool's sums.
  void report(pool_statistics& pool) const;

  // The first interval from next() on that a decision has been made for.
  [[nodiscard]] std::optional<interval_number> next_pending() const;
  // The decision that was made for `t`, if it is still pending; what a fold scores its forecast by.
  [[nodiscard]] const decision* pending(const model_context& context, interval_number t) const;
  // What each expert said of `t`, if a decision for it is pending.
  [[nodiscard]] const expert_allocations* pending_experts(interval_number t) const;
  // The next intervals, from next() on, that the key must be awake for: next() while it stirs, that is while
  // some average of its past says that a unit may pay; else those for which several of the last days had a
  // request at the time of day that would be decided for. Nothing: until the next request. A request makes
  // the answer void.
  [[nodiscard]] std::optional<awake_span> wakes(const model_context& context) const;
  [[nodiscard]] float mean_so_far() const noexcept; // requests an interval, half-life 14 days
  [[nodiscard]] interval_number start() const noexcept { return start_; }
  [[nodiscard]] std::size_t bytes() const noexcept;

  template <class Archive> void fields(Archive& archive) {
    archive(next_, start_, has_counts_, counts_, counts_gram_, counts_weights_, indicators_, base_, recent_,
            last_three_, mix_, blend_, headroom_, regression_weights_, regression_squares_, deviation_,
            volatility_, moment_residual_, moment_square_, dispersion_, recalibration_, history_, pending_,
            fitted_, since_fit_);
  }
  // Whether restored state belongs to these settings.
  [[nodiscard]] bool fits(const model_context& context) const;

private:
  static constexpr std::size_t headroom_count = 8;
  static constexpr std::size_t regression_terms = 19;
  static constexpr std::size_t regression_lanes = 20;
  using regression_vector = std::array<float, regression_lanes>;

  // One of d >= 1, 2, 3, once it has happened.
  struct indicator {
    interval_number start{};
    count_features features;
    gram rows;
    weight_vector weights{};
    template <class Archive> void fields(Archive& archive) { archive(start, features, rows, weights); }
  };

  // What was computed for an interval, needed again when it is observed.
  struct forecast {
    decision said;
    bool valid = false;
    feature_vector counts{};
    std::array<feature_vector, indicator_count> indicators{};
    base_forecast base;
    regression_vector regression{};
    float regression_scale = 1;
    float deviation_scale = 1;
    std::array<float, headroom_count> headroom_bases{};
    expert_allocations allocations{};
    template <class Archive> void fields(Archive& archive) {
      archive(said, valid, counts, indicators, base, regression, regression_scale, deviation_scale,
              headroom_bases, allocations);
    }
  };

  void rest(const model_context& context, interval_number until);
  void learn(const model_context& context, const forecast& f, float count);
  void grow_up();
  void learn_online(const model_context& context, const forecast& f, float count);
  void predict_units(const model_context& context, interval_number t, forecast& f);
  [[nodiscard]] forecast& slot(interval_number t) noexcept {
    return pending_[static_cast<std::size_t>(t.value()) % pending_.size()];
  }
  [[nodiscard]] const forecast& slot(interval_number t) const noexcept {
    return pending_[static_cast<std::size_t>(t.value()) % pending_.size()];
  }

  interval_number next_{}, start_{};
  bool has_counts_ =
      false; // counts of 2 and more have occurred: the mean's features differ from the first indicator's
  count_features counts_;
  gram counts_gram_;
  weight_vector counts_weights_{};
  std::vector<indicator> indicators_;
  base_state base_;
  recent_counts recent_;
  std::array<float, 3> last_three_{};
  expert_mix mix_;
  expert_blend blend_;
  std::array<float, headroom_count> headroom_{}; // factors
  regression_vector regression_weights_{}, regression_squares_{};
  float deviation_ = 1, volatility_ = 1;
  float moment_residual_ = 0, moment_square_ = 0, dispersion_ = 0.3F;
  recalibration recalibration_;
  count_histogram history_;
  interval_number fitted_{};      // when the weights were last made
  std::int32_t since_fit_ = 0;    // intervals observed since
  std::vector<forecast> pending_; // horizon of them, by interval modulo horizon
};

} // namespace forestage::models
