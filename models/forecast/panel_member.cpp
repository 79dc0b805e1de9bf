#include "models/forecast/panel_member.hpp"

#include "models/forecast/state_bytes.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

double deviation(std::span<const float> values) {
  double mean = 0, squares = 0;
  for (const float v : values)
    mean += double{v};
  mean /= static_cast<double>(values.size());
  for (const float v : values)
    squares += (double{v} - mean) * (double{v} - mean);
  return std::sqrt(squares / static_cast<double>(values.size())) + 1e-3;
}

bool is_multiple(double value, double step) {
  constexpr double slack = 1e-6; // of a step: decimals are not exact
  return std::abs(value - step * std::round(value / step)) <= slack * step;
}

// The largest number that all values are multiples of; 0 when it is less than a millionth of their scale.
double common_step(std::span<const double> values, double scale) {
  const double least = 1e-6 * scale;
  double step = 0;
  for (double v : values) {
    v = std::abs(v);
    // Euclid's algorithm; what is left of decimals counts as nothing.
    while (v > least && !(step > 0 && is_multiple(v, step))) {
      const double rest = step > 0 ? std::fmod(v, step) : 0;
      if (!(step > 0)) {
        step = v;
        break;
      }
      v = step;
      step = rest;
      if (step <= least) return 0;
    }
  }
  return step;
}

} // namespace

panel_member::panel_member(std::size_t index, std::size_t begin, std::span<const double> values,
                           std::size_t start, const panel_settings& settings, const horizon_knots& knots)
    : index_(index)
    , begin_(begin)
    , start_(start)
    , seasons_(settings.seasons)
    , horizon_(knots.horizon())
    , with_bank_(settings.seasons.long_season <= settings.longest_bank)
    , rates_(settings.profile)
    , harmonic_settings_(settings.harmonics)
    , recent_(settings.seasons.short_season)
    , watch_(2 * settings.seasons.long_season) {
  double sum = 0;
  least_ = values.front();
  for (std::size_t i = 0; i < start; ++i) {
    sum += values[i];
    least_ = std::min(least_, values[i]);
  }
  raw_scale_ = sum > 0 ? sum / static_cast<double>(start) : 1;
  constexpr double most_raw = 1e30;    // floats hold it
  constexpr double least_for_log = 10; // below, log(1 + y) is the steadier scale
  plain_log_ = least_ >= least_for_log;
  if (plain_log_) unit_ = std::exp2(std::floor(std::log2(raw_scale_)));
  step_ = common_step(values.first(start), raw_scale_);
  if (step_ > 0)
    while (stepped_until_ < values.size() && is_multiple(values[stepped_until_], step_))
      ++stepped_until_;
  z_.reserve(values.size());
  raw_.reserve(values.size());
  for (const double v : values) {
    z_.push_back(to_z(v / raw_scale_));
    raw_.push_back(static_cast<float>(std::min(v / raw_scale_, most_raw)));
  }
}

float panel_member::to_z(double raw) const {
  const double y = raw * raw_scale_;
  return static_cast<float>(plain_log_ ? std::log(std::max(y, 0.5 * least_) / unit_)
                                       : std::log1p(std::max(0.0, y)));
}

float panel_member::to_possible(float value, std::size_t step) const {
  if (seen(step) > stepped_until_) return value;
  const double nearest = step_ * std::round(double{value} / step_);
  const double most = double{most_value()};
  return static_cast<float>(nearest <= most ? nearest : step_ * std::floor(double{value} / step_));
}

std::size_t panel_member::own_experts() const {
  return 5 + (with_bank_ ? 2 * default_smoothers().size() : 0);
}

void panel_member::make_experts() {
  const auto first = std::span<const float>{z_}.first(start_);
  const auto one = first.first(std::min(start_, seasons_.short_season));
  profile_.emplace(seasons_, one, rates_);
  harmonics_.emplace(seasons_, one, harmonic_settings_);
  // Counts are whole: where all values are multiples of 1.
  const bool counts = step_ > 0 && is_multiple(step_, 1);
  analogues_.emplace(seasons_, std::span<const float>{raw_}.first(start_), counts ? 1 / raw_scale_ : 0);
  if (with_bank_) {
    log_bank_.emplace(default_smoothers(), seasons_, first);
    raw_bank_.emplace(default_smoothers(), seasons_, std::span<const float>{raw_}.first(start_));
  }
}

void panel_member::begin_experts() {
  make_experts();
  const auto first = std::span<const float>{z_}.first(start_);
  const auto season = start_ > seasons_.long_season ? seasons_.long_season : seasons_.short_season;
  double change = 0;
  for (std::size_t i = season; i < start_; ++i)
    change += std::abs(double{first[i]} - double{first[i - season]});
  noise_ = std::max(0.05, change / static_cast<double>(start_ - season) / deviation(first));
  for (std::size_t i = 0; i < start_; ++i) {
    fold(i);
    ceiling_ = std::max(ceiling_, double{z_[i]} + std::log(3.0));
  }
}

void panel_member::fold(std::size_t i) {
  profile_->observe(z_[i]);
  harmonics_->observe(z_[i]);
  analogues_->observe(std::span<const float>{raw_}.first(i), raw_[i]);
  if (with_bank_) {
    log_bank_->observe(z_[i]);
    raw_bank_->observe(raw_[i]);
  }
}

panel_member::observed panel_member::observe(std::size_t step) {
  if (step + 1 < begin_ + start_) return {};
  const auto i = seen(step);
  if (step + 1 == begin_ + start_) {
    begin_experts();
    return {};
  }
  ceiling_ = std::max(ceiling_, double{z_[i]} + std::log(3.0));
  const double deviation = double{z_[i] - profile_->location(0)} / double{profile_->scale(0)};
  fold(i);
  recent_.observe(deviation);
  const auto run = watch_.observe(recent_);
  if (run && !analogues_->is_sparse()) {
    move(i + 1 - *run, i + 1, {});
    return {true, std::nullopt};
  }
  // The longer the new level lasts, the better it is known: up to a season.
  if (look_again_ > 0 && i + 1 >= moved_at_ + look_again_) {
    move_past(i + 1);
    look_again_ = look_again_ >= seasons_.short_season
                      ? 0
                      : std::min(seasons_.short_season, look_again_ + (look_again_ + 1) / 2);
  }
  return {false, look_again_ > 0 ? std::nullopt : std::optional{deviation}};
}

bool panel_member::movable(std::size_t from) const {
  return profile_ && from > start_ && moved_at_ < from && !analogues_->is_sparse();
}

void panel_member::move(std::size_t from, std::size_t until, const shared_ratio& shared) {
  moved_at_ = from;
  shared_ = shared;
  look_again_ = until - from + (until - from + 1) / 2;
  move_past(until);
  recent_.forget();
}

panel_member panel_member::moved(std::size_t from, std::size_t until, const shared_ratio& shared) const {
  auto out = *this;
  out.move(from, until, shared);
  return out;
}

level_ratio panel_member::ratio(std::size_t from, std::size_t until) const {
  return measure(from, until).ratio;
}

panel_member::measured panel_member::measure(std::size_t from, std::size_t until) const {
  profile_state profile{seasons_, std::span<const float>{z_}.first(std::min(start_, seasons_.short_season)),
                        rates_};
  const auto scale = scale_of_values();
  const auto of_profile = [&](float z) { return double{scale.value(double{z})} / raw_scale_; };
  measured out;
  out.expected.resize(from);
  for (std::size_t i = 0; i < from; ++i) {
    out.expected[i] = of_profile(profile.location(0));
    profile.observe(z_[i]);
  }
  std::vector<float> run(until - from);
  profile.locations(run);
  double came = 0, said = 0, came_before = 0, said_before = 0, squares = 0;
  for (std::size_t i = from; i < until; ++i) {
    came += double{raw_[i]};
    said += of_profile(run[i - from]);
  }
  // A path on the log scale is no mean: what it has been off by is not the new level's doing.
  const auto before = std::min(from, seasons_.long_season);
  for (auto i = from - before; i < from; ++i) {
    came_before += double{raw_[i]};
    said_before += out.expected[i];
    const double error = double{raw_[i]} - out.expected[i];
    squares += error * error;
  }
  // A count's errors grow like the root of its level as far as they are Poisson's.
  const double one = step_ > 0 && is_multiple(step_, 1) && until <= stepped_until_ ? 1 / raw_scale_ : 0;
  out.chance = squares > 0 ? std::min(1.0, one * came_before / squares) : 0;
  out.ratio.log = std::log(came * said_before / (said * came_before));
  // As far as the past's errors say, and at least a hundredth of the level.
  constexpr double least_variance = 1e-4;
  const double of_mean = squares / static_cast<double>(before) * static_cast<double>(until - from);
  out.ratio.variance = std::max(least_variance, of_mean / (said * said));
  return out;
}

void panel_member::move_past(std::size_t until) {
  const auto found = measure(moved_at_, until);
  const level_ratio known{drawn_log(found.ratio, shared_), 0};
  make_experts();
  if (known.is_level()) {
    const double ratio = std::exp(known.log);
    const double wider = ratio * std::sqrt(1 - found.chance + found.chance / ratio);
    constexpr double most_raw = 1e30;
    for (std::size_t i = 0; i < moved_at_; ++i) {
      const double y = found.chance > 0
                           ? ratio * found.expected[i] + wider * (double{raw_[i]} - found.expected[i])
                           : ratio * double{raw_[i]};
      raw_[i] = static_cast<float>(std::clamp(y, 0.0, most_raw));
      z_[i] = to_z(double{raw_[i]});
    }
    make_experts();
    shared_.log -= known.log;
  }
  for (std::size_t i = 0; i < until; ++i)
    fold(i);
}

std::size_t panel_member::bytes() const {
  if (!profile_) return 0;
  std::size_t sum = snapshot(*profile_).size() + snapshot(*harmonics_).size() + snapshot(*analogues_).size();
  if (with_bank_) sum += snapshot(*log_bank_).size() + snapshot(*raw_bank_).size();
  return sum;
}

double panel_member::spread(std::size_t step) const {
  return deviation(before(step, std::min(seen(step), 2 * seasons_.long_season)));
}

void panel_member::median_of_season(std::size_t step, std::span<float> path) const {
  constexpr std::size_t most_seasons = 14;
  const auto season = seasons_.short_season;
  const auto n = seen(step);
  const auto cycles = std::min(most_seasons, n / season);
  const auto around = static_cast<std::ptrdiff_t>(season / 48);
  std::vector<float> values;
  for (std::size_t k = 0; k < path.size(); ++k) {
    if (k >= season) {
      path[k] = path[k - season];
      continue;
    }
    values.clear();
    for (std::size_t c = 1; c <= cycles; ++c)
      for (auto d = -around; d <= around; ++d) {
        const auto at = static_cast<std::ptrdiff_t>(n - c * season + k) + d;
        if (at >= 0 && at < static_cast<std::ptrdiff_t>(n))
          values.push_back(z_[static_cast<std::size_t>(at)]);
      }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    path[k] = *middle;
  }
}

void panel_member::predict_own(std::size_t step, std::span<float> paths) const {
  std::size_t e = 2; // the first two are the pool's
  const auto path = [&] { return paths.subspan(horizon_ * e++, horizon_); };
  for (const auto season : {seasons_.short_season, seasons_.long_season}) {
    auto p = path();
    const auto distance = std::min(season, seen(step));
    for (std::size_t k = 0; k < p.size(); ++k)
      p[k] = z_[seen(step) - distance + k % distance];
  }
  median_of_season(step, path());
  if (!with_bank_) return;
  for (std::size_t i = 0; i < log_bank_->size(); ++i)
    log_bank_->predict(i, path());
  for (std::size_t i = 0; i < raw_bank_->size(); ++i) {
    auto p = path();
    raw_bank_->predict(i, p);
    for (auto& v : p)
      v = to_z(double{v});
  }
}

} // namespace forestage::models
