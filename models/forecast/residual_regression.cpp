#include "models/forecast/residual_regression.hpp"

#include <algorithm>
#include <armadillo>
#include <cmath>

namespace forestage::models {

std::array<double, residual_features>
residual_features_of(const std::array<float, residual_trackers>& residuals) {
  std::array<double, residual_features> out{};
  std::copy(residuals.begin(), residuals.end(), out.begin());
  out.back() = 1;
  return out;
}

double residual_regression::sums::value(const std::array<double, residual_features>& x) const {
  double sum = 0;
  for (std::size_t i = 0; i < residual_features; ++i)
    sum += theta[i] * x[i];
  return sum;
}

residual_regression::residual_regression(const horizon_knots& knots, double ridge, double least_error)
    : knots_(knots)
    , ridge_(ridge)
    , least_error_(least_error)
    , sums_(knots.size()) {}

void residual_regression::learn(const residual_row& row, std::size_t knot, double z) {
  auto& s = sums_[knot];
  const double scale = double{row.scale[knot]};
  auto x = row.features;
  for (auto& v : x)
    v /= scale;
  const double y = (z - double{row.location[knot]}) / scale;
  const double w = 1 / std::max(std::abs(y - s.value(x)), least_error_);
  for (std::size_t i = 0; i < residual_features; ++i) {
    for (std::size_t j = 0; j < residual_features; ++j)
      s.gram[i * residual_features + j] += w * x[i] * x[j];
    s.cross[i] += w * x[i] * y;
  }
}

void residual_regression::solve() {
  for (auto& s : sums_) {
    arma::mat g(s.gram.data(), residual_features, residual_features);
    g.diag() += ridge_;
    const arma::vec c(s.cross.data(), residual_features);
    arma::vec found;
    if (arma::solve(found, g, c, arma::solve_opts::likely_sympd + arma::solve_opts::no_approx))
      std::copy(found.begin(), found.end(), s.theta.begin());
  }
}

void residual_regression::shift(const std::array<float, residual_trackers>& residuals,
                                std::span<float> path) const {
  const auto x = residual_features_of(residuals);
  std::vector<double> by_knot;
  for (const auto& s : sums_)
    by_knot.push_back(s.value(x));
  if (path.size() == knots_.horizon()) {
    std::vector<float> shifts(path.size());
    knots_.spread(by_knot, shifts);
    for (std::size_t k = 0; k < path.size(); ++k)
      path[k] += shifts[k];
    return;
  }
  for (std::size_t k = 1; k <= path.size(); ++k)
    path[k - 1] += static_cast<float>(knots_.at(k, by_knot));
}

} // namespace forestage::models
