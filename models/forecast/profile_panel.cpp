#include "models/forecast/profile_panel.hpp"

#include "models/forecast/profile_state.hpp"
#include "models/forecast/residual_histogram.hpp"

#include <algorithm>
#include <armadillo>
#include <array>
#include <cmath>
#include <deque>
#include <optional>

namespace forestage::models {

namespace {

constexpr std::size_t features = profile_state::trackers + 1;
using feature_row = std::array<double, features>;

feature_row features_of(const profile_state& state) {
  feature_row out{};
  for (std::size_t j = 0; j < profile_state::trackers; ++j)
    out[j] = double{state.residuals()[j]};
  out.back() = 1;
  return out;
}

// Sums of one knot.
struct knot_regression {
  std::array<double, features * features> gram{};
  std::array<double, features> cross{}, theta{};
  double rows = 0;

  [[nodiscard]] double predict(const feature_row& x) const {
    double sum = 0;
    for (std::size_t i = 0; i < features; ++i)
      sum += theta[i] * x[i];
    return sum;
  }
  void add(const feature_row& x, double y, double least_error) {
    const double w = 1 / std::max(std::abs(y - predict(x)), least_error);
    for (std::size_t i = 0; i < features; ++i) {
      for (std::size_t j = 0; j < features; ++j)
        gram[i * features + j] += w * x[i] * x[j];
      cross[i] += w * x[i] * y;
    }
    ++rows;
  }
  void solve(double ridge) {
    arma::mat g(gram.data(), features, features);
    g.diag() += ridge;
    const arma::vec c(cross.data(), features);
    arma::vec found;
    if (arma::solve(found, g, c, arma::solve_opts::likely_sympd + arma::solve_opts::no_approx))
      std::copy(found.begin(), found.end(), theta.begin());
  }
};

struct member {
  std::size_t index = 0, begin = 0;
  std::vector<float> z;
  std::optional<profile_state> state;
  struct pending_row {
    std::size_t at; // step of the first value ahead
    feature_row x;
    std::vector<float> location, scale; // by knot
  };
  std::deque<pending_row> pending;
  std::vector<residual_histogram> errors; // by knot
  std::vector<knot_regression> own;       // by knot: corrections to the pooled ones
  double ceiling = 0;                     // log1p of three times the largest value
};

class profile_panel {
public:
  profile_panel(const std::vector<std::vector<double>>& series, const profile_panel_settings& settings,
                std::span<const std::size_t> origins, std::span<const double> quantiles)
      : settings_(settings)
      , quantiles_(quantiles.begin(), quantiles.end()) {
    for (const auto& s : series)
      length_ = std::max(length_, s.size());
    for (const auto back : origins)
      origins_.push_back(length_ - back);
    std::sort(origins_.begin(), origins_.end());
    // Knots at 1, 2, 3, 6, 12, ... steps of a day of 288, in proportion for others.
    const std::array<std::size_t, 11> of_288{1, 2, 3, 6, 12, 24, 48, 96, 144, 216, 288};
    for (const auto k : of_288) {
      const auto knot = std::min(settings.horizon, std::max<std::size_t>(1, k));
      if (knots_.empty() || knot > knots_.back()) knots_.push_back(knot);
    }
    if (knots_.back() < settings.horizon) knots_.push_back(settings.horizon);
    regressions_.resize(knots_.size());
    pooled_.resize(knots_.size());
    stride_ = std::max<std::size_t>(1, settings.seasons.short_season / settings.rows_per_season);
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (origins_.empty() ||
          series[i].size() < 2 * settings.seasons.short_season + (length_ - origins_.front())) {
        left_.push_back(i);
        continue;
      }
      member m;
      m.index = i;
      m.begin = length_ - series[i].size();
      for (const double v : series[i])
        m.z.push_back(static_cast<float>(std::log1p(std::max(0.0, v))));
      m.errors.resize(knots_.size());
      m.own.resize(knots_.size());
      members_.push_back(std::move(m));
    }
  }

  [[nodiscard]] std::vector<std::size_t> run(const std::function<void(panel_forecast)>& on_forecast) {
    auto next = origins_.begin();
    for (std::size_t t = 0; t <= length_ && next != origins_.end(); ++t) {
      if (*next == t) {
        solve();
        for (const auto& m : members_)
          if (m.state) on_forecast(forecast(m, t));
        ++next;
      }
      if (t == length_) break;
      if (t % stride_ == 0) {
        solve();
        for (auto& m : members_)
          look_ahead(m, t);
      }
      for (auto& m : members_)
        observe(m, t);
    }
    return left_;
  }

private:
  void solve() {
    for (auto& r : regressions_)
      r.solve(settings_.ridge);
    if (settings_.own_ridge > 0)
      for (auto& m : members_)
        for (auto& r : m.own)
          if (r.rows > 0) r.solve(settings_.own_ridge);
  }
  void look_ahead(member& m, std::size_t t) const {
    if (!m.state || m.state->observed() < warm_up()) return;
    member::pending_row row{t, features_of(*m.state), {}, {}};
    for (const auto k : knots_) {
      row.location.push_back(m.state->location(k - 1));
      row.scale.push_back(m.state->scale(k - 1));
    }
    m.pending.push_back(std::move(row));
  }
  [[nodiscard]] std::size_t warm_up() const {
    return std::min(settings_.seasons.long_season + settings_.seasons.short_season,
                    8 * settings_.seasons.short_season);
  }

  void observe(member& m, std::size_t t) {
    if (t < m.begin) return;
    const auto i = t - m.begin;
    if (!m.state) {
      // The first season is known to every origin that there can be.
      m.state.emplace(settings_.seasons, std::span{m.z}.first(settings_.seasons.short_season),
                      settings_.rates);
    }
    m.state->observe(m.z[i]);
    m.ceiling = std::max(m.ceiling, double{m.z[i]} + std::log(3.0));
    for (auto& row : m.pending)
      for (std::size_t n = 0; n < knots_.size(); ++n)
        if (row.at + knots_[n] == t + 1) learn(m, row, n, double{m.z[i]});
    while (!m.pending.empty() && m.pending.front().at + knots_.back() <= t + 1)
      m.pending.pop_front();
  }

  void learn(member& m, const member::pending_row& row, std::size_t n, double z) {
    const double s = double{row.scale[n]};
    feature_row x = row.x;
    for (auto& v : x)
      v /= s;
    const double y = (z - double{row.location[n]}) / s;
    auto& r = regressions_[n];
    if (r.rows > 0) {
      const double rest = y - r.predict(x);
      const double error = rest - m.own[n].predict(x);
      if (settings_.own_ridge > 0) m.own[n].add(x, rest, settings_.least_error);
      m.errors[n].decay(settings_.memory);
      m.errors[n].add(error);
      pooled_[n].add(error);
    }
    r.add(x, y, settings_.least_error);
  }

  [[nodiscard]] double error_quantile(const member& m, std::size_t knot, double q) const {
    if (pooled_[knot].count() <= 0) return 0;
    const double pooled = pooled_[knot].quantile(q);
    const double n = m.errors[knot].count();
    if (n <= 5) return pooled;
    const double share = n / (n + settings_.shrinkage * std::pow(std::min(q, 1 - q), -0.75));
    return share * m.errors[knot].quantile(q) + (1 - share) * pooled;
  }

  [[nodiscard]] panel_forecast forecast(const member& m, std::size_t t) const {
    panel_forecast out{m.index, t - m.begin, {}, {}};
    const auto x = features_of(*m.state);
    std::vector<double> shift;
    for (std::size_t n = 0; n < knots_.size(); ++n)
      shift.push_back(regressions_[n].predict(x) + m.own[n].predict(x));
    std::vector<std::vector<double>> c;
    std::vector<double> levels = quantiles_;
    levels.push_back(0.5);
    for (const double q : levels) {
      c.emplace_back();
      for (std::size_t n = 0; n < knots_.size(); ++n)
        c.back().push_back(error_quantile(m, n, q));
    }
    out.bands.assign(quantiles_.size(), std::vector<float>(settings_.horizon));
    out.mean.resize(settings_.horizon);
    std::size_t n = 0;
    for (std::size_t k = 1; k <= settings_.horizon; ++k) {
      while (n + 2 < knots_.size() && knots_[n + 1] < k)
        ++n;
      const auto above = std::min(n + 1, knots_.size() - 1);
      const double f =
          above == n
              ? 0
              : std::clamp(std::log(static_cast<double>(k) / static_cast<double>(knots_[n])) /
                               std::log(static_cast<double>(knots_[above]) / static_cast<double>(knots_[n])),
                           0.0, 1.0);
      const double centre = double{m.state->location(k - 1)} + (1 - f) * shift[n] + f * shift[above];
      const double s = double{m.state->scale(k - 1)};
      double before = 0;
      for (std::size_t q = 0; q < levels.size(); ++q) {
        const double z = std::min(m.ceiling, centre + s * ((1 - f) * c[q][n] + f * c[q][above]));
        double y = std::max(0.0, std::expm1(z));
        if (q == quantiles_.size()) {
          out.mean[k - 1] = static_cast<float>(y);
          break;
        }
        y = std::max(y, before);
        before = y;
        out.bands[q][k - 1] = static_cast<float>(y);
      }
    }
    return out;
  }

  profile_panel_settings settings_;
  std::vector<double> quantiles_;
  std::size_t length_ = 0, stride_ = 1;
  std::vector<std::size_t> origins_, knots_, left_;
  std::vector<member> members_;
  std::vector<knot_regression> regressions_;
  std::vector<residual_histogram> pooled_;
};

} // namespace

std::vector<std::size_t> forecast_profiles(const std::vector<std::vector<double>>& series,
                                           const profile_panel_settings& settings,
                                           std::span<const std::size_t> origins,
                                           std::span<const double> quantiles,
                                           const std::function<void(panel_forecast)>& on_forecast) {
  return profile_panel{series, settings, origins, quantiles}.run(on_forecast);
}

} // namespace forestage::models
