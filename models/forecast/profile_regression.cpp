#include "models/forecast/profile_regression.hpp"

#include <algorithm>
#include <armadillo>
#include <cmath>

namespace forestage::models {

namespace {

std::array<double, profile_features> features_of(const profile_state& state) {
  std::array<double, profile_features> out{};
  std::copy(state.residuals().begin(), state.residuals().end(), out.begin());
  out.back() = 1;
  return out;
}

} // namespace

profile_row row_of(const profile_state& state, const horizon_knots& knots) {
  profile_row row{features_of(state), {}, {}};
  for (std::size_t n = 0; n < knots.size(); ++n) {
    row.location.push_back(state.location(knots.step(n) - 1));
    row.scale.push_back(state.scale(knots.step(n) - 1));
  }
  return row;
}

double profile_regression::sums::value(const std::array<double, profile_features>& x) const {
  double sum = 0;
  for (std::size_t i = 0; i < profile_features; ++i)
    sum += theta[i] * x[i];
  return sum;
}

profile_regression::profile_regression(const horizon_knots& knots, double ridge, double least_error)
    : knots_(knots)
    , ridge_(ridge)
    , least_error_(least_error)
    , sums_(knots.size()) {}

void profile_regression::learn(const profile_row& row, std::size_t knot, double z) {
  auto& s = sums_[knot];
  const double scale = double{row.scale[knot]};
  auto x = row.features;
  for (auto& v : x)
    v /= scale;
  const double y = (z - double{row.location[knot]}) / scale;
  const double w = 1 / std::max(std::abs(y - s.value(x)), least_error_);
  for (std::size_t i = 0; i < profile_features; ++i) {
    for (std::size_t j = 0; j < profile_features; ++j)
      s.gram[i * profile_features + j] += w * x[i] * x[j];
    s.cross[i] += w * x[i] * y;
  }
}

void profile_regression::solve() {
  for (auto& s : sums_) {
    arma::mat g(s.gram.data(), profile_features, profile_features);
    g.diag() += ridge_;
    const arma::vec c(s.cross.data(), profile_features);
    arma::vec found;
    if (arma::solve(found, g, c, arma::solve_opts::likely_sympd + arma::solve_opts::no_approx))
      std::copy(found.begin(), found.end(), s.theta.begin());
  }
}

void profile_regression::predict(const profile_state& state, std::span<float> path) const {
  const auto x = features_of(state);
  std::vector<double> shift;
  for (const auto& s : sums_)
    shift.push_back(s.value(x));
  for (std::size_t k = 1; k <= path.size(); ++k)
    path[k - 1] = static_cast<float>(double{state.location(k - 1)} + knots_.at(k, shift));
}

} // namespace forestage::models
