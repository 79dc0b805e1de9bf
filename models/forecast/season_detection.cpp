#include "models/forecast/season_detection.hpp"

#include <algorithm>
#include <armadillo>
#include <cmath>

namespace forestage::models {

namespace {

constexpr std::size_t most_series = 128, most_observations = 32'768;

struct pooled_curve {
  std::vector<double> at; // by lag, from 0; per pair of observations, not biased toward 0
  double pairs_noise = 1; // what chance makes of it: a standard deviation
};

pooled_curve curve_of(std::span<const std::span<const double>> series) {
  pooled_curve out;
  std::vector<double> sums, weights;
  double observations = 0;
  const auto stride = std::max<std::size_t>(1, (series.size() + most_series - 1) / most_series);
  for (std::size_t i = 0; i < series.size(); i += stride) {
    const auto y = series[i].last(std::min(series[i].size(), most_observations));
    if (y.size() < 6) continue;
    arma::vec z(y.size());
    for (std::size_t t = 0; t < y.size(); ++t)
      z[t] = std::log1p(std::max(0.0, y[t]));
    // Without its trend: growth over the whole span would outweigh every season.
    const arma::vec t = arma::linspace(-1, 1, y.size());
    const arma::vec trend = arma::polyfit(t, z, std::size_t{3});
    if (trend.n_elem != 4) continue;
    z -= arma::polyval(trend, t);
    const double variance = arma::dot(z, z) / static_cast<double>(y.size());
    if (variance <= 1e-12) continue;
    // Twice the length in zeros: else the end would meet the beginning.
    std::size_t padded = 1;
    while (padded < 2 * y.size())
      padded *= 2;
    const arma::cx_vec spectrum = arma::fft(z, padded);
    const arma::cx_vec power(arma::square(arma::abs(spectrum)), arma::vec(padded, arma::fill::zeros));
    const arma::cx_vec products = arma::ifft(power);
    const auto lags = y.size() / 2;
    if (sums.size() < lags) {
      sums.resize(lags, 0);
      weights.resize(lags, 0);
    }
    for (std::size_t lag = 0; lag < lags; ++lag) {
      sums[lag] += products[lag].real() / static_cast<double>(y.size() - lag) / variance;
      ++weights[lag];
    }
    observations += static_cast<double>(y.size());
  }
  for (std::size_t lag = 0; lag < sums.size(); ++lag)
    out.at.push_back(sums[lag] / weights[lag]);
  // Bartlett (1946): correlation over short lags makes that at long ones vary more.
  double squares = 0;
  for (std::size_t lag = 1; lag < out.at.size() && out.at[lag] > 0.1; ++lag)
    squares += out.at[lag] * out.at[lag];
  if (observations > 0) out.pairs_noise = std::sqrt((1 + 2 * squares) / observations);
  return out;
}

class peaks {
public:
  explicit peaks(const pooled_curve& curve)
      : curve_(curve)
      , longest_((curve.at.size() - 1) / 2) {}

  [[nodiscard]] std::size_t longest() const noexcept { return longest_; }
  [[nodiscard]] double at(std::size_t lag) const { return curve_.at[lag]; }
  [[nodiscard]] bool knows(std::size_t lag) const { return lag < curve_.at.size(); }
  // The mean of a lag's two neighbours, so far apart.
  [[nodiscard]] double between(std::size_t lag, std::size_t apart) const {
    return (at(lag - apart) + at(lag + apart)) / 2;
  }
  // Higher than both neighbours, by more than chance makes of what the season itself leaves.
  [[nodiscard]] bool stands_out(std::size_t lag, std::size_t season) const {
    constexpr double least = 0.01, deviations = 3;
    const double needed = std::max(least, deviations * curve_.pairs_noise * (1 - at(season)));
    return at(lag) > std::max(at(lag - season), at(lag + season)) && at(lag) - between(lag, season) >= needed;
  }
  // The lag near this one whose multiples are highest together.
  [[nodiscard]] std::size_t refined(std::size_t lag) const {
    const auto around = std::max<std::size_t>(1, lag / 16);
    auto best = lag;
    double highest = -1;
    for (auto l = std::max<std::size_t>(2, lag - around); l <= lag + around; ++l) {
      double sum = 0, count = 0;
      for (auto multiple = l; knows(multiple); multiple += l, ++count)
        sum += at(multiple);
      if (count > 0 && sum / count > highest) {
        highest = sum / count;
        best = l;
      }
    }
    return best;
  }
  // A top among its neighbours, higher than chance and than the valley before it; so is twice the lag.
  [[nodiscard]] bool is_season(std::size_t lag) const {
    if (lag < 2 || lag > longest_ || !is_top(lag)) return false;
    constexpr double least = 0.1, deviations = 5;
    const double valley = *std::min_element(curve_.at.begin() + static_cast<std::ptrdiff_t>(lag / 4 + 1),
                                            curve_.at.begin() + static_cast<std::ptrdiff_t>(lag));
    const double needed = std::max(least, deviations * curve_.pairs_noise);
    if (at(lag) < needed || at(lag) - valley < needed) return false;
    // Noise moves the top of a wide peak: twice the lag is near the top there, not on it.
    return at(2 * lag) > needed / 2 && at(2 * lag) - at(lag + lag / 2) > needed / 2;
  }

private:
  // The highest within an eighth of the lag; a little off is still it, for twice a lag.
  [[nodiscard]] bool is_top(std::size_t lag) const {
    const auto around = std::max<std::size_t>(1, lag / 8);
    for (auto l = lag - around; l <= std::min(lag + around, curve_.at.size() - 1); ++l)
      if (l != lag && curve_.at[l] >= curve_.at[lag] && (l + 1 < lag || l > lag + 1)) return false;
    return lag + 1 >= curve_.at.size() ||
           (curve_.at[lag] >= curve_.at[lag - 1] && curve_.at[lag] >= curve_.at[lag + 1]);
  }
  const pooled_curve& curve_;
  std::size_t longest_;
};

} // namespace

double pooled_autocorrelation(std::span<const std::span<const double>> series, std::size_t lag) {
  const auto curve = curve_of(series);
  return lag < curve.at.size() ? curve.at[lag] : 0;
}

found_seasons detect_seasons(std::span<const std::span<const double>> series) {
  const auto curve = curve_of(series);
  if (curve.at.size() < 6) return {};
  const peaks peak{curve};
  std::vector<std::size_t> seasons;
  double highest = 0;
  for (std::size_t lag = 2; lag <= peak.longest(); ++lag)
    if (peak.is_season(lag)) {
      seasons.push_back(lag);
      highest = std::max(highest, peak.at(lag));
    }
  if (seasons.empty()) return {};
  constexpr double almost = 0.95, of_divisor = 0.6, about = 0.9;
  const auto best = peak.refined(*std::find_if(
      seasons.begin(), seasons.end(), [&](std::size_t lag) { return peak.at(lag) >= almost * highest; }));
  std::size_t short_season = best, long_season = best;
  // A day within a week: of the divisors that repeat about as well, the shortest.
  double top = 0;
  const auto divides = [&](std::size_t lag) {
    return lag < best && best % lag == 0 && peak.at(lag) >= of_divisor * peak.at(best);
  };
  for (const auto lag : seasons)
    if (divides(lag)) top = std::max(top, peak.at(lag));
  for (const auto lag : seasons)
    if (short_season == best && divides(lag) && peak.at(lag) >= about * top) short_season = lag;
  // A week of days: the first multiple that repeats better than those beside it, and does so again.
  for (auto lag = 2 * best; short_season == best && long_season == best && peak.knows(lag + best);
       lag += best)
    if (peak.stands_out(lag, best) &&
        (!peak.knows(2 * lag + best) || peak.at(2 * lag) > peak.between(2 * lag, best)))
      long_season = lag;
  found_seasons out;
  out.lengths.push_back(short_season);
  if (long_season != short_season) out.lengths.push_back(long_season);
  for (const auto lag : out.lengths)
    out.autocorrelation.push_back(peak.at(lag));
  return out;
}

} // namespace forestage::models
