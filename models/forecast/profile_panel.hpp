// The base tier over many series: profile states, one pooled regression per horizon knot, quantiles of each
// series' own scaled errors shrunk toward those of all.
//
//   f(t + k) = f0(t + k) + theta_k . (r_1 .. r_4, 1);  quantile = expm1(f + s c_q(k))
//   theta_k: least absolute errors by reweighted least squares, rows over s, ridge 20; straight in log k
//   between the knots. Learned online: every row is weighed by its error under the theta of its time.
#pragma once

#include "models/forecast/panel.hpp"
#include "models/forecast/profile_state.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace forestage::models {

struct profile_panel_settings {
  season_lengths seasons{288, 2016};
  std::size_t horizon = 288;
  double ridge = 20;
  double least_error = 0.05; // of the weights
  double shrinkage = 9.5;    // of own quantiles toward pooled ones: n / (n + shrinkage * tail^-0.75)
  double memory = 1;         // of error counts, per row
  profile_rates rates;
  std::size_t rows_per_season = 48;
  double own_ridge = 0; // of a series' own correction to theta; 0: none
};

// As forecast_panel.
[[nodiscard]] std::vector<std::size_t>
forecast_profiles(const std::vector<std::vector<double>>& series, const profile_panel_settings& settings,
                  std::span<const std::size_t> origins, std::span<const double> quantiles,
                  const std::function<void(panel_forecast)>& on_forecast);

} // namespace forestage::models
