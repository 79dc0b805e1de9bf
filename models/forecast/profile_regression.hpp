// What residuals say about the horizon: one regression per knot, pooled over series.
//
//   f(t + k) = f0(t + k) + theta_k . (r_1 .. r_4, 1), rows over s, least absolute errors by weights
//   1 / max(|error|, .05) under the theta of their time, ridge 20
#pragma once

#include "models/forecast/horizon_knots.hpp"
#include "models/forecast/profile_state.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace forestage::models {

inline constexpr std::size_t profile_features = profile_state::trackers + 1;

// What a series looked like at an origin, until the knots after it have come.
struct profile_row {
  std::array<double, profile_features> features{};
  std::vector<float> location, scale; // by knot
};
[[nodiscard]] profile_row row_of(const profile_state& state, const horizon_knots& knots);

class profile_regression {
public:
  explicit profile_regression(const horizon_knots& knots, double ridge = 20, double least_error = 0.05);

  void learn(const profile_row& row, std::size_t knot, double z);
  void solve();
  // The path of a series that has come to this state, on the log scale.
  void predict(const profile_state& state, std::span<float> path) const;

private:
  struct sums {
    std::array<double, profile_features * profile_features> gram{};
    std::array<double, profile_features> cross{}, theta{};
    [[nodiscard]] double value(const std::array<double, profile_features>& x) const;
  };
  horizon_knots knots_;
  double ridge_, least_error_;
  std::vector<sums> sums_; // by knot
};

} // namespace forestage::models
