// Harmonic regression with residual trackers: the season as a sum of sines, learned online.
//
//   z(t) = beta . x(t) + e;  x = 1, cos and sin of 10 harmonics of the short and 8 of the long season
//   beta: least squares with weights that halve every `memory` short seasons and that bound a residual's pull
//   (Huber, Annals of Mathematical Statistics 35, 1964); solved anew twice per 96th of a season
//   r_j: exponential averages of e as in profile_state.hpp
// (Young, Pedregal and Tych, Journal of Forecasting 18, 1999; the peer is auto.arima with fourier terms.)
// 11 kB per series; an update costs about 700 multiplications.
#pragma once

#include "models/forecast/residual_regression.hpp"
#include "models/forecast/smoother_bank.hpp"
#include "models/result.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

struct harmonic_settings {
  std::size_t short_terms = 10, long_terms = 8;
  double memory = 28; // short seasons
  double ridge = 1;
  friend bool operator==(const harmonic_settings&, const harmonic_settings&) = default;
};

class harmonic_state {
public:
  static constexpr std::size_t most_terms = 64; // 1 + 2 * (short_terms + long_terms)
  // Errors: invalid_argument (seasons, terms, memory, ridge, nothing to begin with). The constructor asks for
  // what this checks.
  [[nodiscard]] static result<harmonic_state> make(season_lengths seasons, std::span<const float> first,
                                                   const harmonic_settings& settings = {});
  // `first`: the observations of about one short season, for level and scale to begin with.
  harmonic_state(season_lengths seasons, std::span<const float> first,
                 const harmonic_settings& settings = {});

  void observe(float z);
  [[nodiscard]] float location(std::size_t ahead) const;
  // The same for the next `out.size()` observations.
  void locations(std::span<float> out) const;
  [[nodiscard]] float scale(std::size_t) const { return scale_; }
  void scales(std::span<float> out) const { std::fill(out.begin(), out.end(), scale_); }
  [[nodiscard]] const std::array<float, residual_trackers>& residuals() const noexcept { return residuals_; }

  // snapshot() and restore(): state_bytes.hpp.
  template <class Archive> void fields(Archive& archive) {
    archive(seasons_, short_terms_, long_terms_, forgetting_, ridge_, t_, level_, scale_, residuals_, gram_,
            cross_, beta_);
  }
  [[nodiscard]] bool same_shape(const harmonic_state& other) const;

private:
  void terms(std::size_t t, std::span<double> x) const;
  void solve();

  season_lengths seasons_;
  std::size_t short_terms_, long_terms_, size_;
  double forgetting_, ridge_;
  std::size_t t_ = 0, solve_every_;
  double level_ = 0;
  float scale_ = 1, scale_rate_ = 0;
  std::array<float, residual_trackers> rates_{}, residuals_{};
  std::vector<double> gram_, cross_, beta_, x_; // gram: the lower triangle is kept
};

} // namespace forestage::models
