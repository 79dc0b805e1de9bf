// What residuals say about the horizon: one regression per knot, pooled over series.
//
//   f(t + k) = f0(t + k) + theta_k . (r_1 .. r_5, 1), rows over s, least absolute errors by weights
//   1 / max(|error|, .05) under the theta of their time (iteratively reweighted least squares; Holland and
//   Welsch, Communications in Statistics A6, 1977), ridge 20
#pragma once

#include "models/forecast/horizon_knots.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

inline constexpr std::size_t residual_trackers = 5, residual_features = residual_trackers + 1;

// A model of the season that knows how its residuals run: f0 and s of the observation that comes `ahead`
// steps after the next one, and the exponential averages r of the residuals.
template <typename T>
concept seasonal_state = requires(const T& state, std::size_t ahead, std::span<float> path) {
  { state.location(ahead) } -> std::convertible_to<float>;
  { state.scale(ahead) } -> std::convertible_to<float>;
  state.locations(path); // location(0), location(1), …
  state.scales(path);
  { state.residuals() } -> std::convertible_to<const std::array<float, residual_trackers>&>;
};

// What a series looked like at an origin, until the knots after it have come.
struct residual_row {
  std::array<double, residual_features> features{};
  std::vector<float> location, scale; // by knot
};

class residual_regression {
public:
  explicit residual_regression(const horizon_knots& knots, double ridge = 20, double least_error = 0.05);

  void learn(const residual_row& row, std::size_t knot, double z);
  void solve();
  // Adds to a path of f0, on the log scale, what the residuals say.
  void shift(const std::array<float, residual_trackers>& residuals, std::span<float> path) const;

private:
  struct sums {
    std::array<double, residual_features * residual_features> gram{};
    std::array<double, residual_features> cross{}, theta{};
    [[nodiscard]] double value(const std::array<double, residual_features>& x) const;
  };
  horizon_knots knots_;
  double ridge_, least_error_;
  std::vector<sums> sums_; // by knot
};

[[nodiscard]] std::array<double, residual_features>
residual_features_of(const std::array<float, residual_trackers>& residuals);

template <seasonal_state State>
[[nodiscard]] residual_row row_of(const State& state, const horizon_knots& knots) {
  residual_row row{residual_features_of(state.residuals()), {}, {}};
  for (std::size_t n = 0; n < knots.size(); ++n) {
    row.location.push_back(state.location(knots.step(n) - 1));
    row.scale.push_back(state.scale(knots.step(n) - 1));
  }
  return row;
}

// The path of a series that has come to this state.
template <seasonal_state State>
void predict_path(const State& state, const residual_regression& regression, std::span<float> path) {
  state.locations(path);
  regression.shift(state.residuals(), path);
}

} // namespace forestage::models
