#include "models/forecast/panel.hpp"

#include "models/forecast/lag_linear.hpp"
#include "models/forecast/panel_member.hpp"
#include "models/forecast/segments.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <deque>

namespace forestage::models {

namespace {

// What a member said at a step, until it is known how it turned out.
struct pending_path {
  std::size_t at = 0;
  std::vector<float> paths, mixed, by_rate; // by_rate: the mixture at every rate
  double spread = 1;
  profile_row row;
  bool weighed = false; // the mixture had realised paths to go by
};
struct pending_row {
  std::size_t at = 0;
  profile_row row;
};

struct tracked_member {
  panel_member own;
  path_mixture mixture;
  error_histograms errors;
  error_sizes sizes;
  std::deque<pending_path> paths;
  std::deque<pending_row> rows;
};

// The pooled lag-linear maps of one segmentation.
struct segmentation {
  std::vector<std::uint32_t> labels;
  std::vector<double> mean_precision; // of the noise, by segment
  std::vector<lag_statistics> statistics;
  std::vector<lag_weights> weights;
};

// Errors that the mean size of all series is worth against a series' own, and what a pooled one is worth
// after the next.
constexpr double size_prior = 2, pooled_memory = 0.999;

// The rates that the mixtures are tried with; all series share the one that has cost least.
constexpr std::array<double, 5> rates{15, 40, 100, 250, 1'000};

class panel {
public:
  panel(const std::vector<std::vector<double>>& series, const panel_settings& settings,
        std::span<const std::size_t> origins, std::span<const double> quantiles)
      : settings_(settings)
      , knots_(settings.horizon)
      , shape_{2 * settings.seasons.long_season, settings.horizon, settings.seasons.long_season}
      , quantiles_(quantiles.begin(), quantiles.end())
      , regression_(knots_)
      , pooled_(knots_.size())
      , pooled_sizes_(knots_.size()) {
    for (const auto& s : series)
      length_ = std::max(length_, s.size());
    for (const auto back : origins)
      origins_.push_back(length_ - back);
    std::sort(origins_.begin(), origins_.end());
    stride_ = std::max<std::size_t>(1, std::min(settings.stride, settings.seasons.short_season / 2));
    memory_ = std::pow(settings.memory,
                       static_cast<double>(stride_) / static_cast<double>(settings.seasons.short_season));
    row_stride_ = std::max<std::size_t>(1, settings.seasons.short_season / settings.rows);
    admit(series);
  }

  [[nodiscard]] std::vector<std::size_t> run(const std::function<void(panel_forecast)>& on_forecast) {
    const auto span = settings_.scored_seasons * settings_.seasons.short_season + settings_.horizon;
    const auto scored_from = origins_.front() > span ? origins_.front() - span : 0;
    auto next = origins_.begin();
    for (std::size_t t = 0; t <= length_ && next != origins_.end() && !members_.empty(); ++t) {
      const bool origin = *next == t;
      const bool scored = t >= scored_from && (origins_.back() - t) % stride_ == 0;
      if (origin || scored) {
        learn(t);
        for (std::size_t i = 0; i < members_.size(); ++i)
          if (members_[i].own.started(t)) look_ahead(i, t);
        if (origin) {
          emit(t, on_forecast);
          ++next;
        }
        if (!scored)
          for (auto& m : members_)
            if (!m.paths.empty() && m.paths.back().at == t) m.paths.pop_back();
      }
      if (t == length_) break;
      if (t % row_stride_ == 0) regression_.solve();
      for (auto& m : members_) {
        if (t % row_stride_ == 0 && m.own.started(t)) m.rows.push_back({t, row_of(m.own.profile(), knots_)});
        if (t >= m.own.begin()) m.own.observe(t);
        if (m.own.started(t)) realise(m, t);
      }
    }
    return left_;
  }

private:
  void admit(const std::vector<std::vector<double>>& series) {
    const auto& seasons = settings_.seasons;
    for (std::size_t i = 0; i < series.size(); ++i) {
      const auto after = origins_.empty() ? length_ : length_ - origins_.front();
      const auto known = series[i].size() > after ? series[i].size() - after : 0;
      // Two long seasons to begin with, when that leaves as much to learn from; else two short ones.
      const auto whole = 2 * seasons.long_season;
      const auto start = known >= whole + 2 * settings_.horizon ? whole : 2 * seasons.short_season;
      if (known < start + settings_.horizon) {
        left_.push_back(i);
        continue;
      }
      panel_member own{i, length_ - series[i].size(), series[i], start, settings_, knots_};
      experts_ = own.own_experts();
      members_.push_back({std::move(own),
                          path_mixture{1, {1}},
                          error_histograms{knots_.size()},
                          error_sizes{knots_.size()},
                          {},
                          {}});
    }
    segment();
    const auto h = settings_.horizon;
    std::vector<std::size_t> ends;
    for (const auto end : {h / 8, h / 2, h})
      if (end > (ends.empty() ? 0 : ends.back())) ends.push_back(end);
    for (auto& m : members_)
      m.mixture = path_mixture{experts_ + segmentations_.size(), ends, settings_.mixture};
  }

  // Segments are those of the time before the first origin, one horizon and two seasons earlier.
  void segment() {
    constexpr std::size_t least_series = 16, least_per_segment = 5;
    if (settings_.seasons.long_season > settings_.longest_bank || members_.size() < least_series) return;
    const auto back = settings_.horizon + 2 * settings_.seasons.short_season;
    const auto at = origins_.front() - std::min(origins_.front(), back);
    std::vector<std::vector<double>> rows;
    for (const auto& m : members_) {
      auto row =
          features_of(m.own.values().first(at > m.own.begin() ? at - m.own.begin() : 0), settings_.seasons);
      if (row.empty()) row.assign(settings_.seasons.long_season + 4, 0);
      rows.push_back(std::move(row));
    }
    for (std::size_t s = 0; s < settings_.segmentations.size(); ++s) {
      const auto k = std::min(settings_.segmentations[s], members_.size() / least_per_segment);
      segmentation next{k_means(rows, k, settings_.seed + s), std::vector<double>(k, 0),
                        std::vector<lag_statistics>(k, lag_statistics{shape_}), std::vector<lag_weights>(k)};
      std::vector<double> count(k, 0);
      segmentations_.push_back(std::move(next));
    }
  }

  // Windows whose following values are all known at t.
  void learn(std::size_t t) {
    regression_.solve();
    for (auto& s : segmentations_) {
      weigh(s);
      for (auto end = learned_; end + settings_.horizon <= t; ++end)
        for (std::size_t i = 0; i < members_.size(); ++i) {
          const auto& m = members_[i].own;
          if (end < m.begin() + shape_.lags || !m.started(t)) continue;
          s.statistics[s.labels[i]].add(m.before(end, shape_.lags),
                                        m.values().subspan(m.seen(end), settings_.horizon),
                                        1 / (s.mean_precision[s.labels[i]] * m.noise()));
        }
      for (std::size_t k = 0; k < s.statistics.size(); ++k)
        s.weights[k] = s.statistics[k].solve(settings_.ridge);
    }
    if (t >= settings_.horizon) learned_ = std::max(learned_, t - settings_.horizon + 1);
  }
  void weigh(segmentation& s) const {
    std::vector<double> count(s.statistics.size(), 0);
    std::fill(s.mean_precision.begin(), s.mean_precision.end(), 0.0);
    for (std::size_t i = 0; i < members_.size(); ++i) {
      s.mean_precision[s.labels[i]] += 1 / members_[i].own.noise();
      ++count[s.labels[i]];
    }
    for (std::size_t k = 0; k < count.size(); ++k)
      s.mean_precision[k] = count[k] > 0 ? s.mean_precision[k] / count[k] : 1;
  }

  void look_ahead(std::size_t i, std::size_t t) {
    auto& m = members_[i];
    const auto h = settings_.horizon;
    pending_path next{t,
                      std::vector<float>((experts_ + segmentations_.size()) * h),
                      std::vector<float>(h),
                      std::vector<float>(rates.size() * h),
                      m.own.spread(t),
                      row_of(m.own.profile(), knots_),
                      m.mixture.scored() >= 4};
    const std::span all{next.paths};
    regression_.predict(m.own.profile(), all.first(h));
    m.own.predict_own(t, all.first(experts_ * h));
    for (std::size_t s = 0; s < segmentations_.size(); ++s) {
      const auto& w = segmentations_[s].weights[segmentations_[s].labels[i]];
      const auto path = all.subspan((experts_ + s) * h, h);
      if (w.known() && m.own.seen(t) >= shape_.lags)
        w.predict(m.own.before(t, shape_.lags), path);
      else
        std::copy_n(all.begin(), h, path.begin());
    }
    for (std::size_t r = 0; r < rates.size(); ++r)
      m.mixture.mix(all, next.spread, rates[r], std::span{next.by_rate}.subspan(r * h, h));
    std::copy_n(next.by_rate.begin() + static_cast<std::ptrdiff_t>(best_rate() * h), h, next.mixed.begin());
    m.paths.push_back(std::move(next));
  }

  // What the observation of step t tells about earlier paths and rows.
  void realise(tracked_member& m, std::size_t t) {
    const double z = double{m.own.values()[m.own.seen(t)]};
    for (const auto& row : m.rows)
      for (std::size_t n = 0; n < knots_.size(); ++n)
        if (row.at + knots_.step(n) == t + 1) regression_.learn(row.row, n, z);
    while (!m.rows.empty() && m.rows.front().at + knots_.horizon() <= t + 1)
      m.rows.pop_front();
    for (const auto& path : m.paths)
      for (std::size_t n = 0; n < knots_.size() && path.weighed; ++n)
        if (path.at + knots_.step(n) == t + 1) {
          const double error = (z - double{path.mixed[knots_.step(n) - 1]}) / double{path.row.scale[n]};
          const double size = m.sizes.mean(n, pooled_sizes_.mean(n), size_prior);
          m.errors.add(n, error / size, memory_);
          pooled_.add(n, error / size);
          m.sizes.add(n, error, memory_);
          pooled_sizes_.add(n, error, pooled_memory);
        }
    while (!m.paths.empty() && m.paths.front().at + knots_.horizon() == t + 1) {
      if (m.paths.front().weighed) judge_rates(m, m.paths.front());
      m.mixture.score(m.paths.front().paths,
                      m.own.values().subspan(m.own.seen(m.paths.front().at), settings_.horizon));
      m.paths.pop_front();
    }
  }

  void judge_rates(const tracked_member& m, const pending_path& path) {
    const auto h = settings_.horizon;
    const auto actual = m.own.values().subspan(m.own.seen(path.at), h);
    for (std::size_t r = 0; r < rates.size(); ++r)
      for (std::size_t k = 0; k < h; ++k)
        rate_losses_[r] += std::abs(double{path.by_rate[r * h + k]} - double{actual[k]}) / path.spread;
  }
  [[nodiscard]] std::size_t best_rate() const {
    return static_cast<std::size_t>(std::min_element(rate_losses_.begin(), rate_losses_.end()) -
                                    rate_losses_.begin());
  }

  void emit(std::size_t t, const std::function<void(panel_forecast)>& on_forecast) const {
    for (const auto& m : members_) {
      if (m.paths.empty() || m.paths.back().at != t) continue;
      const auto& mixed = m.paths.back().mixed;
      panel_forecast out{m.own.index(), m.own.seen(t), {}, {}};
      for (const float z : mixed)
        out.mean.push_back(m.own.to_value(double{z}));
      for (const double q : quantiles_) {
        auto band = band_of(m.errors, pooled_, knots_.size(), q);
        const auto centre = band_of(m.errors, pooled_, knots_.size(), 0.5);
        for (std::size_t n = 0; n < band.size(); ++n)
          band[n] -= centre[n];
        for (std::size_t n = 0; n < band.size(); ++n)
          band[n] *= m.sizes.mean(n, pooled_sizes_.mean(n), size_prior);
        std::vector<float> values(mixed.size());
        for (std::size_t k = 0; k < values.size(); ++k) {
          const double z = double{mixed[k]} + double{m.own.profile().scale(k)} * knots_.at(k + 1, band);
          values[k] = m.own.to_value(z);
          if (!out.bands.empty()) values[k] = std::max(values[k], out.bands.back()[k]);
        }
        out.bands.push_back(std::move(values));
      }
      on_forecast(std::move(out));
    }
  }

  panel_settings settings_;
  horizon_knots knots_;
  lag_shape shape_;
  std::vector<double> quantiles_;
  std::size_t length_ = 0, learned_ = 0, stride_ = 1, row_stride_ = 1, experts_ = 0;
  std::vector<std::size_t> origins_; // steps, ascending
  std::vector<std::size_t> left_;
  std::vector<tracked_member> members_;
  std::vector<segmentation> segmentations_;
  profile_regression regression_;
  error_histograms pooled_;
  error_sizes pooled_sizes_;
  double memory_ = 1;
  std::array<double, rates.size()> rate_losses_{};
};

} // namespace

std::vector<std::size_t> forecast_panel(const std::vector<std::vector<double>>& series,
                                        const panel_settings& settings, std::span<const std::size_t> origins,
                                        std::span<const double> quantiles,
                                        const std::function<void(panel_forecast)>& on_forecast) {
  assert(!origins.empty());
  return panel{series, settings, origins, quantiles}.run(on_forecast);
}

} // namespace forestage::models
