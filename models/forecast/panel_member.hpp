// One series of a panel: its transformed values and the experts that it keeps to itself.
#pragma once

#include "models/forecast/analogue_bands.hpp"
#include "models/forecast/band_paths.hpp"
#include "models/forecast/deviation_windows.hpp"
#include "models/forecast/error_bands.hpp"
#include "models/forecast/harmonic_state.hpp"
#include "models/forecast/level_ratio.hpp"
#include "models/forecast/level_watch.hpp"
#include "models/forecast/panel.hpp"
#include "models/forecast/residual_regression.hpp"

#include <optional>
#include <span>
#include <vector>

namespace forestage::models {

class panel_member {
public:
  // begin: the step of its first observation. start: how many are there before the experts begin.
  panel_member(std::size_t index, std::size_t begin, std::span<const double> values, std::size_t start,
               const panel_settings& settings, const horizon_knots& knots);

  // Paths of its own experts, one after the other: profile and harmonics (left for the pool to fill),
  // seasonal-naive short and long, time of day, smoothers.
  [[nodiscard]] std::size_t own_experts() const;
  void predict_own(std::size_t step, std::span<float> paths) const;

  struct observed {
    // The series has left its level, and its past (values(), relative_values()) now stands at the new one, as
    // do the experts; what was said before is worth nothing.
    bool moved = false;
    std::optional<double> deviation; // from the profile, in its scales; none while a new level is learned
  };
  // Folds the observation of a step, and begins the experts where it is time.
  observed observe(std::size_t step);
  // By how much observations [from, until) are beside their past, by their indices.
  [[nodiscard]] level_ratio ratio(std::size_t from, std::size_t until) const;
  // Whether the past can be moved to the level of those from `from` on: it has not been moved since, and this
  // is no series of mostly zeros.
  [[nodiscard]] bool movable(std::size_t from) const;
  // Moves it, as observe() does; what is shared of the ratio counts. @pre movable(from)
  void move(std::size_t from, std::size_t until, const shared_ratio& shared);
  // What it would be if that were so.
  [[nodiscard]] panel_member moved(std::size_t from, std::size_t until, const shared_ratio& shared) const;
  [[nodiscard]] bool started(std::size_t step) const { return step >= begin_ + start_; }

  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  [[nodiscard]] std::size_t seen(std::size_t step) const { return step - begin_; }
  [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
  [[nodiscard]] const profile_state& profile() const { return *profile_; }
  [[nodiscard]] const harmonic_state& harmonics() const { return *harmonics_; }
  [[nodiscard]] std::span<const float> values() const noexcept { return z_; } // log scale
  // The values over the mean of the beginning, and that mean.
  [[nodiscard]] std::span<const float> relative_values() const noexcept { return raw_; }
  [[nodiscard]] double relative_unit() const noexcept { return raw_scale_; }
  [[nodiscard]] const analogue_bands& analogues() const { return *analogues_; }
  [[nodiscard]] std::span<const float> before(std::size_t step, std::size_t length) const {
    return std::span<const float>{z_}.subspan(seen(step) - length, length);
  }
  // Standard deviation of the last two long seasons, or of what there is.
  [[nodiscard]] double spread(std::size_t step) const;
  // Mean absolute change over the long season in units of the spread, at the start.
  [[nodiscard]] double noise() const noexcept { return noise_; }
  // Back to the scale of the series, held to three times its largest value.
  [[nodiscard]] float to_value(double z) const { return scale_of_values().value(z); }
  [[nodiscard]] float most_value() const { return to_value(ceiling_); }
  [[nodiscard]] value_scale scale_of_values() const noexcept { return {plain_log_, unit_, ceiling_}; }
  // The nearest value that the series can take after a step, as far as its past shows: where all values have
  // been multiples of one, as counts are, so are their quantiles.
  [[nodiscard]] float to_possible(float value, std::size_t step) const;
  // How far two such values are apart, in relative values; 0 where they can be any.
  [[nodiscard]] double relative_step(std::size_t step) const {
    return seen(step) > stepped_until_ ? 0 : step_ / raw_scale_;
  }
  // Bytes of the experts' states, the values not counted; 0 before they begin.
  [[nodiscard]] std::size_t bytes() const;

  // snapshot() and restore(): state_bytes.hpp. With its values.
  template <class Archive> void fields(Archive& archive) {
    archive(index_, begin_, start_, seasons_, horizon_, with_bank_, plain_log_, unit_, raw_scale_, least_,
            ceiling_, step_, stepped_until_, z_, raw_, noise_, moved_at_, look_again_, recent_, watch_,
            shared_);
    bool begun = profile_.has_value();
    archive(begun);
    if constexpr (Archive::reading) {
      if (begun && (start_ == 0 || z_.size() < start_ || raw_.size() != z_.size() || !validate(seasons_)))
        archive.fail();
      if (!archive.ok()) return;
      profile_.reset();
      harmonics_.reset();
      log_bank_.reset();
      raw_bank_.reset();
      if (begun) make_experts();
    }
    if (!begun) return;
    part(archive, *profile_);
    part(archive, *harmonics_);
    part(archive, *analogues_);
    if (!with_bank_) return;
    part(archive, *log_bank_);
    part(archive, *raw_bank_);
  }
  [[nodiscard]] bool same_shape(const panel_member& other) const {
    return index_ == other.index_ && begin_ == other.begin_ && start_ == other.start_ &&
           seasons_ == other.seasons_ && horizon_ == other.horizon_ && with_bank_ == other.with_bank_ &&
           z_.size() == other.z_.size() && raw_.size() == other.raw_.size();
  }

private:
  [[nodiscard]] float to_z(double raw) const;
  // An expert's state; one of other settings than ours is refused.
  template <class Archive, class State> static void part(Archive& archive, State& state) {
    if constexpr (Archive::reading) {
      const State ours = state;
      archive(state);
      if (!state.same_shape(ours)) archive.fail();
    } else {
      archive(state);
    }
  }
  void make_experts();
  void begin_experts();
  void fold(std::size_t i);
  struct measured {
    level_ratio ratio;
    double chance = 0;            // Poisson's share of the errors
    std::vector<double> expected; // of the past
  };
  [[nodiscard]] measured measure(std::size_t from, std::size_t until) const;
  // Brings the past before moved_at_ to the level of observations [moved_at_, until) and begins again.
  void move_past(std::size_t until);
  void median_of_season(std::size_t step, std::span<float> path) const;

  std::size_t index_, begin_, start_;
  season_lengths seasons_;
  std::size_t horizon_;
  bool with_bank_;
  bool plain_log_ = false; // log(y / unit); else log(1 + y)
  double unit_ = 1;        // a power of two: series that differ by one have the same states
  double raw_scale_ = 1, least_ = 0, ceiling_ = 0;
  double step_ = 0;               // all values are multiples of it, up to …
  std::size_t stepped_until_ = 0; // … this one; 0: they are multiples of nothing
  std::vector<float> z_, raw_;
  profile_rates rates_;
  std::optional<profile_state> profile_;
  harmonic_settings harmonic_settings_;
  std::optional<harmonic_state> harmonics_;
  std::optional<smoother_bank> log_bank_, raw_bank_;
  std::optional<analogue_bands> analogues_;
  double noise_ = 1;
  std::size_t moved_at_ = 0,
              look_again_ = 0; // the last new level; the run's length at which it is looked at again
  deviation_windows recent_;
  level_watch watch_;
  shared_ratio shared_; // of the last new level, less what the past was moved by
};

} // namespace forestage::models
