#include "models/forecast/harmonic_state.hpp"

#include <algorithm>
#include <armadillo>
#include <cmath>
#include <numbers>

namespace forestage::models {

namespace {

// cos and sin of the first `count` harmonics of an angle, by the addition theorem.
void harmonics(double angle, std::size_t count, double* out) {
  const double c1 = std::cos(angle), s1 = std::sin(angle);
  double c = c1, s = s1;
  for (std::size_t k = 0; k < count; ++k) {
    out[2 * k] = c;
    out[2 * k + 1] = s;
    const double next = c * c1 - s * s1;
    s = s * c1 + c * s1;
    c = next;
  }
}

} // namespace

result<harmonic_state> harmonic_state::make(season_lengths seasons, std::span<const float> first,
                                            const harmonic_settings& settings) {
  if (auto valid = validate(seasons); !valid) return valid.failure();
  if (1 + 2 * (settings.short_terms + settings.long_terms) > most_terms)
    return {errc::invalid_argument, "a harmonic regression has at most 31 harmonics in all"};
  if (!(settings.memory > 0) || !(settings.ridge > 0))
    return {errc::invalid_argument, "the memory and the ridge of a harmonic regression are above 0"};
  if (first.empty())
    return {errc::invalid_argument, "a harmonic regression needs observations to begin with: about a season"};
  return harmonic_state{seasons, first, settings};
}

bool harmonic_state::same_shape(const harmonic_state& other) const {
  return seasons_ == other.seasons_ && short_terms_ == other.short_terms_ &&
         long_terms_ == other.long_terms_ && forgetting_ == other.forgetting_ && ridge_ == other.ridge_ &&
         gram_.size() == size_ * size_ && cross_.size() == size_ && beta_.size() == size_;
}

harmonic_state::harmonic_state(season_lengths seasons, std::span<const float> first,
                               const harmonic_settings& settings)
    : seasons_(seasons)
    , short_terms_(std::min(settings.short_terms, (seasons.short_season - 1) / 2))
    , long_terms_(seasons.long_season > seasons.short_season ? settings.long_terms : 0)
    , size_(1 + 2 * (short_terms_ + long_terms_))
    , forgetting_(std::exp2(-1 / (settings.memory * static_cast<double>(seasons.short_season))))
    , ridge_(settings.ridge)
    , solve_every_(std::max<std::size_t>(1, seasons.short_season / 24))
    , gram_(size_ * size_, 0)
    , cross_(size_, 0)
    , beta_(size_, 0)
    , x_(size_, 0) {
  const auto day = static_cast<double>(seasons.short_season);
  const std::array<double, residual_trackers> half_lives{day / 96, day / 24, day / 8, day / 2, 2 * day};
  for (std::size_t j = 0; j < residual_trackers; ++j)
    rates_[j] = static_cast<float>(1 - std::exp2(-1 / half_lives[j]));
  scale_rate_ = static_cast<float>(1 - std::exp2(-1 / (7 * day)));
  double squares = 0;
  for (const float z : first)
    level_ += double{z} / static_cast<double>(std::max<std::size_t>(1, first.size()));
  for (const float z : first)
    squares += (double{z} - level_) * (double{z} - level_);
  scale_ = static_cast<float>(
      std::sqrt(squares / static_cast<double>(std::max<std::size_t>(1, first.size()))) + 0.1);
}

void harmonic_state::terms(std::size_t t, std::span<double> x) const {
  const auto angle = [&](std::size_t season) {
    return 2 * std::numbers::pi * static_cast<double>(t % season) / static_cast<double>(season);
  };
  x[0] = 1;
  harmonics(angle(seasons_.short_season), short_terms_, x.data() + 1);
  harmonics(angle(seasons_.long_season), long_terms_, x.data() + 1 + 2 * short_terms_);
}

float harmonic_state::location(std::size_t ahead) const {
  std::array<double, most_terms> x{};
  terms(t_ + ahead, std::span{x}.first(size_));
  double sum = level_;
  for (std::size_t i = 0; i < size_; ++i)
    sum += beta_[i] * x[i];
  return static_cast<float>(sum);
}

void harmonic_state::locations(std::span<float> out) const {
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k] = location(k);
}

void harmonic_state::observe(float z) {
  terms(t_, x_);
  double f = level_;
  for (std::size_t i = 0; i < size_; ++i)
    f += beta_[i] * x_[i];
  const double e = double{z} - f;
  for (std::size_t j = 0; j < residual_trackers; ++j)
    residuals_[j] += rates_[j] * (static_cast<float>(e) - residuals_[j]);
  constexpr double bend = 2; // of the mean absolute residual
  const double w = std::min(1.0, bend * double{scale_} / std::max(1e-9, std::abs(e)));
  scale_ += scale_rate_ * (static_cast<float>(std::abs(e)) - scale_);
  for (std::size_t i = 0; i < size_; ++i) {
    // The lower triangle, column by column.
    const double here = w * x_[i];
    double* column = gram_.data() + i * size_;
    for (std::size_t j = i; j < size_; ++j)
      column[j] = column[j] * forgetting_ + here * x_[j];
    cross_[i] = cross_[i] * forgetting_ + w * x_[i] * (double{z} - level_);
  }
  ++t_;
  if (t_ % solve_every_ == 0) solve();
}

void harmonic_state::solve() {
  arma::mat g(gram_.data(), size_, size_);
  g = arma::symmatl(g);
  g.diag() += ridge_;
  // A season must have been seen before its harmonics are believed.
  const auto weight = [&](std::size_t season) {
    const double seen = static_cast<double>(t_) / static_cast<double>(season);
    return seen < 2 ? 1e3 * (2 - seen) : 0.0;
  };
  for (std::size_t i = 1; i < size_; ++i)
    g(i, i) += ridge_ * weight(i <= 2 * short_terms_ ? seasons_.short_season : seasons_.long_season);
  arma::vec found;
  if (arma::solve(found, g, arma::vec(cross_.data(), size_),
                  arma::solve_opts::likely_sympd + arma::solve_opts::no_approx))
    std::copy(found.begin(), found.end(), beta_.begin());
}

} // namespace forestage::models
