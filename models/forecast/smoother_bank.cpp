#include "models/forecast/smoother_bank.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>

namespace forestage::models {

namespace {

constexpr std::array<smoother_weights, 12> twelve{{{.01F, .5F, .25F, 0},
                                                   {.15F, .2F, .1F, .85F},
                                                   {.05F, .9F, 0, 0},
                                                   {.01F, .05F, .25F, 0},
                                                   {.01F, .05F, .5F, 0},
                                                   {.15F, .9F, .25F, 0},
                                                   {.05F, .2F, 0, .85F},
                                                   {.05F, .05F, 0, .85F},
                                                   {.15F, .2F, 0, 0},
                                                   {.15F, .5F, .5F, 0},
                                                   {.05F, .5F, 0, .85F},
                                                   {.01F, .05F, 0, 0}}};

// A quarter of an hour and four hours of 5-minute steps: chosen on the validation parts that docs/models.md
// names.
constexpr std::size_t coarse_day = 96, coarse_week_per_day = 6;

season_bins day_bins_of(const season_lengths& seasons) {
  const auto places = seasons.short_season;
  return {places, smoother_bank::coarse(seasons) ? std::min(places, coarse_day) : places};
}

season_bins week_bins_of(const season_lengths& seasons) {
  const auto places = seasons.long_season, days = places / seasons.short_season;
  return {places, smoother_bank::coarse(seasons) ? std::min(places, days * coarse_week_per_day) : places};
}

// Means by bin of a season.
std::vector<double> means_by_bin(std::span<const float> values, const season_bins& bins) {
  std::vector<double> sums(bins.size(), 0), counts(bins.size(), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bin = bins.bin(i % bins.season());
    sums[bin] += double{values[i]};
    ++counts[bin];
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    sums[i] = counts[i] > 0 ? sums[i] / counts[i] : 0;
  return sums;
}

} // namespace

std::span<const smoother_weights> default_smoothers() noexcept {
  return twelve;
}

status validate(const season_lengths& seasons) {
  constexpr std::size_t longest = 100'000;
  if (seasons.short_season < 1 || seasons.long_season < 1 || seasons.short_season > longest ||
      seasons.long_season > longest)
    return {errc::invalid_argument, "a season has 1 to 100000 observations"};
  if (seasons.long_season % seasons.short_season != 0)
    return {errc::invalid_argument, "the longer season must be a multiple of the shorter one"};
  return success();
}

result<smoother_bank> smoother_bank::make(std::span<const smoother_weights> weights, season_lengths seasons,
                                          std::span<const float> first) {
  if (auto valid = validate(seasons); !valid) return valid.failure();
  if (weights.empty()) return {errc::invalid_argument, "a bank of smoothers needs at least one"};
  if (first.empty())
    return {errc::invalid_argument, "a bank of smoothers needs observations to begin with: a season or two"};
  return smoother_bank{weights, seasons, first};
}

bool smoother_bank::same_shape(const smoother_bank& other) const {
  return weights_ == other.weights_ && seasons_ == other.seasons_ && states_.size() == weights_.size() &&
         seasonal_.size() == weights_.size() * per_smoother() && short_at_ < seasons_.short_season &&
         long_at_ < seasons_.long_season;
}

smoother_bank::smoother_bank(std::span<const smoother_weights> weights, season_lengths seasons,
                             std::span<const float> first)
    : weights_(weights.begin(), weights.end())
    , seasons_(seasons)
    , day_(day_bins_of(seasons))
    , week_(week_bins_of(seasons))
    , states_(weights.size())
    , seasonal_(weights.size() * per_smoother(), 0.0F) {
  assert(!first.empty());
  const double level = std::accumulate(first.begin(), first.end(), 0.0) / static_cast<double>(first.size());
  auto day = means_by_bin(first, day_);
  for (auto& d : day)
    d = first.size() >= seasons.short_season ? d - level : 0;
  std::vector<double> week(week_.size(), 0);
  if (first.size() >= seasons.long_season && seasons.long_season > seasons.short_season) {
    std::vector<float> days(seasons.long_season);
    for (std::size_t i = 0; i < days.size(); ++i)
      days[i] = static_cast<float>(day[day_.bin(i % seasons.short_season)]);
    const auto of_days = means_by_bin(days, week_);
    week = means_by_bin(first, week_);
    // Half of what was seen: a couple of weeks are a small sample of a week.
    for (std::size_t i = 0; i < week.size(); ++i)
      week[i] = 0.5 * (week[i] - level - of_days[i]);
  }
  for (std::size_t s = 0; s < weights_.size(); ++s) {
    states_[s].level = static_cast<float>(level);
    for (std::size_t i = 0; i < day.size(); ++i)
      day_of(s)[i] = static_cast<float>(day[i]);
    for (std::size_t i = 0; i < week.size(); ++i)
      day_of(s)[day.size() + i] = static_cast<float>(week[i]);
  }
}

void smoother_bank::observe(float z) {
  const auto short_place = day_.at(short_at_), long_place = week_.at(long_at_);
  const auto day_bin = day_.bin(short_at_), week_bin = week_.bin(long_at_);
  const bool day_ends = day_.ends(short_at_), week_ends = week_.ends(long_at_);
  ++short_seen_;
  ++long_seen_;
  for (std::size_t s = 0; s < weights_.size(); ++s) {
    const auto& w = weights_[s];
    auto& state = states_[s];
    float* const day = day_of(s);
    float* const week = day + day_.size();
    const float u =
        z - (state.level + season_bins::read(day, short_place) + season_bins::read(week, long_place));
    const float e = u - w.ar * state.error;
    state.level += w.level * e;
    state.day_sum += e;
    state.week_sum += e;
    if (day_ends) {
      day[day_bin] += w.day * (state.day_sum / static_cast<float>(short_seen_));
      state.day_sum = 0;
    }
    if (week_ends) {
      week[week_bin] += w.week * (state.week_sum / static_cast<float>(long_seen_));
      state.week_sum = 0;
    }
    state.error = u;
  }
  if (day_ends) short_seen_ = 0;
  if (week_ends) long_seen_ = 0;
  short_at_ = short_at_ + 1 == seasons_.short_season ? 0 : short_at_ + 1;
  long_at_ = long_at_ + 1 == seasons_.long_season ? 0 : long_at_ + 1;
}

void smoother_bank::predict(std::size_t smoother, std::span<float> path) const {
  const auto* day = day_of(smoother);
  const auto* week = day + day_.size();
  const auto& state = states_[smoother];
  float echo = state.error;
  auto d = short_at_, w = long_at_;
  for (auto& value : path) {
    echo *= weights_[smoother].ar;
    value = state.level + season_bins::read(day, day_.at(d)) + season_bins::read(week, week_.at(w)) + echo;
    d = d + 1 == seasons_.short_season ? 0 : d + 1;
    w = w + 1 == seasons_.long_season ? 0 : w + 1;
  }
}

} // namespace forestage::models
