#include "models/forecast/lag_linear.hpp"

#include <armadillo>
#include <cassert>
#include <cmath>

// OpenBLAS, where it is the BLAS: threads of its own would change the order of sums, and crowd ours.
extern "C" void openblas_set_num_threads(int) __attribute__((weak));

namespace forestage::models {

namespace {

void use_one_blas_thread() {
  static const bool done = [] {
    if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
    return true;
  }();
  (void)done;
}

constexpr std::size_t fold_at = 1'024; // windows
constexpr double least_spread = 1e-3;

} // namespace

window_scale scale_of(const lag_shape& shape, std::span<const float> window) {
  assert(window.size() == shape.lags && shape.level_span <= shape.lags);
  double level = 0, sum = 0, squares = 0;
  for (std::size_t i = 0; i < window.size(); ++i) {
    const double v = double{window[i]} - double{window.front()};
    sum += v;
    squares += v * v;
    if (i + shape.level_span >= window.size()) level += v;
  }
  const auto n = static_cast<double>(window.size());
  const double variance = std::max(0.0, squares / n - (sum / n) * (sum / n));
  return {double{window.front()} + level / static_cast<double>(shape.level_span),
          std::sqrt(variance) + least_spread};
}

lag_weights::lag_weights(const lag_shape& shape, std::vector<double> weights)
    : shape_(shape)
    , weights_(std::move(weights)) {}

void lag_weights::predict(std::span<const float> window, std::span<float> path) const {
  assert(known() && window.size() == shape_.lags && path.size() == shape_.horizon);
  const auto scale = scale_of(shape_, window);
  for (std::size_t k = 0; k < path.size(); ++k) {
    const double* w = weights_.data() + k * shape_.lags;
    double sum = 0;
    for (std::size_t i = 0; i < window.size(); ++i)
      sum += (double{window[i]} - scale.mean) * w[i];
    path[k] = static_cast<float>(sum + scale.mean);
  }
}

lag_statistics::lag_statistics(const lag_shape& shape)
    : shape_(shape)
    , gram_(shape.lags * shape.lags, 0)
    , cross_(shape.lags * shape.horizon, 0) {}

void lag_statistics::add(std::span<const float> window, std::span<const float> after, double weight) {
  assert(window.size() == shape_.lags && after.size() == shape_.horizon);
  const auto scale = scale_of(shape_, window);
  const double factor = std::sqrt(weight) / scale.spread;
  for (const float v : window)
    rows_.push_back(static_cast<float>((double{v} - scale.mean) * factor));
  for (const float v : after)
    targets_.push_back(static_cast<float>((double{v} - scale.mean) * factor));
  windows_ += 1;
  if (rows_.size() >= fold_at * shape_.lags) fold();
}

void lag_statistics::fold() {
  if (rows_.empty()) return;
  use_one_blas_thread();
  const auto n = rows_.size() / shape_.lags;
  // Each window is a column.
  const arma::mat x = arma::conv_to<arma::mat>::from(arma::fmat(rows_.data(), shape_.lags, n, false, true));
  const arma::mat y =
      arma::conv_to<arma::mat>::from(arma::fmat(targets_.data(), shape_.horizon, n, false, true));
  arma::mat gram(gram_.data(), shape_.lags, shape_.lags, false, true);
  arma::mat cross(cross_.data(), shape_.lags, shape_.horizon, false, true);
  gram += x * x.t();
  cross += x * y.t();
  rows_.clear();
  targets_.clear();
}

lag_weights lag_statistics::solve(double ridge) {
  fold();
  if (windows_ <= 0) return {};
  use_one_blas_thread();
  arma::mat gram(gram_.data(), shape_.lags, shape_.lags);
  gram.diag() += ridge;
  const arma::mat cross(cross_.data(), shape_.lags, shape_.horizon, false, true);
  arma::mat found;
  if (!arma::solve(found, gram, cross, arma::solve_opts::likely_sympd + arma::solve_opts::no_approx))
    return {};
  return {shape_, std::vector<double>(found.begin(), found.end())};
}

} // namespace forestage::models
