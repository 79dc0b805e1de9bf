// The forward look of one key (a resource in a region): declarations in, allocations out.
//
// Fold, for every closed interval t in order: declare() and keep() what became known in it, observe(t,
// count) or, where nobody knows the count, miss(t), then decide() for t + horizon. It works from the decision
// that the demand model makes without intents and never changes that model. Two guards stand between a
// declaration and a unit:
//   cap    at most 2 a0 + 3 units (a0: the allocation without intents), or 8 a0 + 20 where that has
//          cost less; dense also at least a0 / 2;
//   guard  the posterior's allocation is used only where it has not cost more than a0 did (half-life 7 d):
//          sparse: 0.8 (C1 + 1) / (C0 + 1) + 0.2 C1_all / C0_all <= 1; dense: the reading that has cost
//          least, when that is 2 % less than without.
// Sparse, the forecast is first lowered where little is declared for the intervals beside (burst.hpp). The
// posterior is read in twelve ways, and the one that has cost least so far in the same situation (nothing,
// only beside, one request or more visible), shrunk toward what all keys' readings have cost, stands. Source:
// notes on allocation §6.1, docs/intents.md. What the operator's calendar announces is no sample of the
// requests but a forecast of them: credibility x expected is taken for the mean when it is above the model's,
// without a cap, under a guard of its own. Value type; pure; memory bounded by most_pending declarations.
#pragma once

#include "models/demand/intent_pool.hpp"
#include "models/demand/key_model.hpp"
#include "models/intents/burst.hpp"
#include "models/intents/declaration.hpp"
#include "models/intents/dense_look.hpp"
#include "models/intents/posterior.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace forestage::models {

// Computed once for all keys.
struct intent_context {
  intent_context() = default;
  explicit intent_context(const demand_settings& settings);
  std::int64_t horizon = 2;
  float cost_under = 9, cost_over = 1, fractile = .9F;
  std::array<float, 3> levels{.8F, .9F, .95F}; // twice the upper tail, the fractile, half the tail
  float kept_a_week = 1;                       // what is left of a sum after an interval, half-life 7 days
  // Of the reading that has cost least: what its costs, shrunk toward all keys', must lie below those of the
  // forecast alone for it to be used. What says little gains less than the choice among readings costs. 0:
  // not asked for.
  double least_shrunk_gain = 0;
  interval_number acts_from{}; // before, costs are gathered and nothing is changed
  dense_rates dense;
};

// What stands for an interval.
struct intent_decision {
  interval_number interval{};
  std::int64_t without = 0;    // a0
  std::int64_t allocation = 0; // a1 where it is used, else a0
  bool used = false;
  bool dense = false;
  // Of the posterior, when used: exact counts (sparse) or mean and dispersion (dense).
  count_distribution counts{};
  float mean = 0, dispersion = 0;

  // out[j - 1] = P(d >= j | D), non-increasing. Pre: used.
  void survival(std::span<float> out) const;
};

class intent_state {
public:
  // Made in or before the last closed interval. What is believed less than .01 is dropped, and beyond
  // most_visible peers for an interval or most_pending declarations the least believed; that is counted.
  void declare(const declaration& d);
  void keep(const kept_intents& kept);

  struct outcome {
    std::int64_t without = 0, with = 0; // allocations that stood for the interval
    bool decided = false, used = false;
  };
  // The count of interval t, which has closed; pool receives what is to be shared.
  outcome observe(const intent_context& context, interval_number t, std::uint32_t count,
                  intent_statistics& pool);
  // The same where nobody knows the count of t: nothing is learned, nothing is forgotten, nothing shared.
  outcome miss(const intent_context& context, interval_number t);
  // The newest interval that was folded; none: that of 1970.
  [[nodiscard]] interval_number folded() const noexcept { return folded_; }
  // For t + horizon, when t has closed. base: without intents; nothing: the model sleeps or there is none.
  [[nodiscard]] intent_decision decide(const intent_context& context, const intent_parameters& pooled,
                                       interval_number t, const decision* base);

  // Whether anything is known about intervals after t.
  [[nodiscard]] bool pending_after(interval_number t) const noexcept;
  // Declarations that were dropped for want of room.
  [[nodiscard]] std::int64_t dropped() const noexcept { return dropped_; }
  [[nodiscard]] std::size_t bytes() const noexcept;

  template <class Archive> void fields(Archive& archive) {
    archive(declarations_, pending_, kept_, shifts_, in_time_, requests_, level_, level_weight_, costs_,
            calendar_costs_, dense_, folded_, dropped_, beside_, burst_losses_);
  }

private:
  static constexpr std::size_t most_pending = 512;
  // What may stand for an interval: the forecast alone, the sparse posterior, the dense ones.
  // sparse: {as it is, tilted} x three levels x {narrow, wide
  // cap}; straight: the equations as they stand.
  static constexpr std::size_t sparse_sources = 2;
  static constexpr std::size_t sparse_count = 12;
  enum candidate : std::size_t {
    plain = 0,
    sparse = 1,
    straight = sparse + 2,
    slow = sparse + sparse_count,
    fast,
    shifted,
    candidates
  };
  static_assert(sparse + sparse_count == intent_readings);
  using candidate_units = std::array<std::int64_t, candidates>;

  struct decided {
    interval_number interval{};
    candidate_units units{};
    std::int64_t allocation = 0;
    std::uint8_t used = 0, is_dense = 0, situation = 0, is_announced = 0;
    std::int64_t unannounced = 0, announced = 0;                  // without and with the calendar
    float mean = 0, dispersion = 0, beside = 0, beside_share = 0; // sparse: of the forecast; declared beside
    dense_forecast dense;
    template <class Archive> void fields(Archive& archive) {
      archive(interval, units, allocation, used, is_dense, situation, is_announced, unannounced, announced,
              mean, dispersion, beside, beside_share, dense);
    }
  };

  void forget(const intent_context& context, interval_number t);
  [[nodiscard]] std::vector<decided>::const_iterator pending_for(interval_number t) const;
  void drop_pending(interval_number t);
  [[nodiscard]] std::vector<float> visible_weights(const intent_parameters& pooled, interval_number t) const;
  [[nodiscard]] float visible_sum(intent_source source, interval_number t) const;
  // The choice among bursts (burst.hpp) that has cost least.
  [[nodiscard]] std::size_t best_burst(const intent_parameters& pooled) const;
  void learn_burst(const decided& d, float count, intent_statistics& pool);
  void decide_sparse(const intent_context& context, const intent_parameters& pooled, const decision* base,
                     decided& d, intent_decision& out) const;
  void decide_announced(const intent_context& context, const decision* base, float announced, decided& d,
                        intent_decision& out) const;
  void decide_dense(const intent_context& context, const decision* base, decided& d,
                    intent_decision& out) const;

  std::vector<declaration> declarations_; // by target
  std::vector<decided> pending_;          // by interval
  std::int64_t kept_ = 0;                 // requests of the interval that closes next, declared in time
  std::array<std::int64_t, 3> shifts_{};  // the same, by shift; given to the pool with observe()
  float in_time_ = 0, requests_ = 0;      // forgotten in 7 days
  float level_ = 0, level_weight_ = 0;
  std::array<std::array<double, candidates>, intent_situations> costs_{}; // by situation
  std::array<double, 2> calendar_costs_{}; // without and with what was announced
  dense_look dense_;
  float beside_ = 0;                                // requests declared for the intervals beside, in 7 days
  std::array<float, burst_choices> burst_losses_{}; // the same
  interval_number folded_{};                        // sums are those after this interval
  std::int64_t dropped_ = 0;
};

} // namespace forestage::models
