#include "models/forecast/profile_state.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

float rate_of_half_life(double steps) {
  return static_cast<float>(1 - std::exp2(-1 / std::max(1e-9, steps)));
}

} // namespace

result<profile_state> profile_state::make(season_lengths seasons, std::span<const float> first,
                                          const profile_rates& rates) {
  if (auto valid = validate(seasons); !valid) return valid.failure();
  if (first.empty())
    return {errc::invalid_argument, "a profile needs observations to begin with: about a season"};
  return profile_state{seasons, first, rates};
}

profile_state::profile_state(season_lengths seasons, std::span<const float> first, const profile_rates& rates)
    : seasons_(seasons)
    , learning_(rates)
    , bins_(std::min(day_bins, seasons.short_season))
    , weeks_(seasons.long_season > seasons.short_season ? std::min(week_bins, seasons.long_season) : 1) {
  const auto day = static_cast<double>(seasons.short_season);
  const std::array<double, trackers> half_lives{day / 96, day / 24, day / 8, day / 2, 2 * day};
  for (std::size_t j = 0; j < trackers; ++j)
    rates_[j] = rate_of_half_life(half_lives[j]);
  least_rate_ = rate_of_half_life(double{rates.level_seasons} * day);
  double sum = 0, squares = 0;
  for (const float z : first)
    sum += double{z};
  const double n = std::max<double>(1, static_cast<double>(first.size()));
  mu_ = static_cast<float>(sum / n);
  for (const float z : first)
    squares += (double{z} - sum / n) * (double{z} - sum / n);
  scale_.fill(static_cast<float>(std::sqrt(squares / n) + 0.1));
}

std::size_t profile_state::day_bin(std::size_t t) const {
  return (t % seasons_.short_season) * bins_ / seasons_.short_season;
}

std::size_t profile_state::week_bin(std::size_t t) const {
  return weeks_ > 1 ? (t % seasons_.long_season) * weeks_ / seasons_.long_season : 0;
}

float profile_state::day_at(std::size_t t) const {
  const double per_bin = static_cast<double>(bins_) / static_cast<double>(seasons_.short_season);
  const double x = (static_cast<double>(t % seasons_.short_season) + 0.5) * per_bin - 0.5;
  const double below = std::floor(x);
  const auto f = static_cast<float>(x - below);
  const auto i = (static_cast<std::size_t>(below + static_cast<double>(bins_))) % bins_;
  return (1 - f) * day_[i] + f * day_[(i + 1) % bins_];
}

float profile_state::location(std::size_t ahead) const {
  const auto t = t_ + ahead;
  return mu_ + day_at(t) + (weeks_ > 1 ? week_[week_bin(t)] : 0.0F);
}

float profile_state::scale(std::size_t ahead) const {
  return scale_[day_bin(t_ + ahead)] + 0.02F;
}

namespace {

// place * bins / season for one place after the other, without a division.
class bin_walk {
public:
  bin_walk(std::size_t place, std::size_t bins, std::size_t season)
      : bins_(bins)
      , season_(season)
      , bin_(place * bins / season)
      , rest_(place * bins % season) {}
  [[nodiscard]] std::size_t bin() const noexcept { return bin_; }
  // Steps until the next bin.
  [[nodiscard]] std::size_t left() const noexcept { return (season_ - rest_ + bins_ - 1) / bins_; }
  void skip(std::size_t steps) noexcept {
    rest_ += steps * bins_;
    while (rest_ >= season_) {
      rest_ -= season_;
      if (++bin_ == bins_) bin_ = 0;
    }
  }

private:
  std::size_t bins_, season_, bin_, rest_;
};

// Calls each(bin, begin, end) for every run of places in one bin.
template <class Each> void for_bins(bin_walk walk, std::size_t length, const Each& each) {
  for (std::size_t k = 0; k < length;) {
    const auto end = std::min(length, k + walk.left());
    each(walk.bin(), k, end);
    walk.skip(end - k);
    k = end;
  }
}

} // namespace

void profile_state::locations(std::span<float> out) const {
  const auto s = seasons_.short_season;
  // Between the middles of two bins the profile is straight: day_at(), half a bin to the left.
  const double per_bin = static_cast<double>(bins_) / static_cast<double>(s);
  const double steps_a_bin = 1 / per_bin;
  double x = (static_cast<double>(t_ % s) + 0.5) * per_bin - 0.5;
  if (x < 0) x += static_cast<double>(bins_);
  for (std::size_t k = 0; k < out.size();) {
    auto below = std::min(static_cast<std::size_t>(x), bins_ - 1);
    const auto above = below + 1 == bins_ ? std::size_t{0} : below + 1;
    const double base = static_cast<double>(below);
    // Up to the middle of the next bin, rounded up.
    const double ahead = std::max(0.0, (base + 1 - x) * steps_a_bin - 1e-9);
    const auto whole = static_cast<std::size_t>(ahead);
    const auto steps = std::max<std::size_t>(1, whole + (static_cast<double>(whole) < ahead ? 1 : 0));
    const auto end = std::min(out.size(), k + steps);
    const float rise = day_[above] - day_[below];
    const float step = static_cast<float>(per_bin) * rise;
    float value = mu_ + day_[below] + static_cast<float>(x - base) * rise;
    for (auto i = k; i < end; ++i, value += step)
      out[i] = value;
    x += static_cast<double>(end - k) * per_bin;
    if (x >= static_cast<double>(bins_) - 1e-9) x = std::max(0.0, x - static_cast<double>(bins_));
    k = end;
  }
  if (weeks_ > 1)
    for_bins({t_ % seasons_.long_season, weeks_, seasons_.long_season}, out.size(),
             [&](std::size_t bin, std::size_t begin, std::size_t end) {
               const float week = week_[bin];
               for (auto k = begin; k < end; ++k)
                 out[k] += week;
             });
}

void profile_state::scales(std::span<float> out) const {
  for_bins({t_ % seasons_.short_season, bins_, seasons_.short_season}, out.size(),
           [&](std::size_t bin, std::size_t begin, std::size_t end) {
             std::fill(out.begin() + static_cast<std::ptrdiff_t>(begin),
                       out.begin() + static_cast<std::ptrdiff_t>(end), scale_[bin] + 0.02F);
           });
}

void profile_state::observe(float z) {
  const float e = z - location(0);
  const bool first_day = t_ <= seasons_.short_season;
  mu_ += std::max(least_rate_, 1 / static_cast<float>(t_ + 1)) * e * (first_day ? 1 : learning_.level_share);
  for (std::size_t j = 0; j < trackers; ++j)
    residuals_[j] += rates_[j] * (e - residuals_[j]);
  const auto day = day_bin(t_), week = week_bin(t_);
  day_sum_ += e;
  ++day_count_;
  week_sum_ += e;
  ++week_count_;
  const float per_season = static_cast<float>(seasons_.short_season) / static_cast<float>(bins_);
  scale_[day] += learning_.scale / per_season * (std::abs(e) - scale_[day]);
  if (day_bin(t_ + 1) != day) {
    const auto days = static_cast<float>(t_ / seasons_.short_season);
    day_[day] += std::max(learning_.least_day, 1 / (days + 1)) * day_sum_ / static_cast<float>(day_count_);
    day_sum_ = 0;
    day_count_ = 0;
  }
  if (weeks_ > 1 && week_bin(t_ + 1) != week) {
    const auto cycles = static_cast<float>(t_ / seasons_.long_season);
    week_[week] += learning_.week_share * std::max(learning_.least_week, 0.5F / (cycles + 1)) * week_sum_ /
                   static_cast<float>(week_count_);
    week_sum_ = 0;
    week_count_ = 0;
  }
  ++t_;
}

} // namespace forestage::models
