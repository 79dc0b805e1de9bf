#include "models/forecast/panel.hpp"

#include "models/forecast/quantile.hpp"
#include "models/forecast/segments.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <deque>
#include <optional>

namespace forestage::models {

namespace {

// One series with its experts.
struct member {
  std::size_t index = 0;
  std::vector<float> z;   // transformed
  std::vector<float> raw; // over its first mean
  double raw_scale = 1;
  bool plain_log = false; // log y; else log(1 + y)
  std::size_t begin = 0;  // step of its first observation
  std::optional<smoother_bank> log_bank, raw_bank;
  float least = 0; // least raw value seen
  std::optional<path_mixture> mixture;
  struct pending_path {
    std::size_t at; // step of the origin
    std::vector<float> paths, mixed;
    bool weighed; // the mixture had realised paths to go by
  };
  std::deque<pending_path> pending;
  std::deque<std::vector<float>> errors; // of the mixture, newest last
  double noise = 1;                      // mean absolute seasonal change over the spread

  [[nodiscard]] std::size_t seen(std::size_t step) const { return step - begin; }
  [[nodiscard]] std::span<const float> before(std::size_t step, std::size_t length) const {
    return std::span{z}.subspan(seen(step) - length, length);
  }
};

double spread_of(std::span<const float> values) {
  double mean = 0, squares = 0;
  for (const float v : values)
    mean += double{v};
  mean /= static_cast<double>(values.size());
  for (const float v : values)
    squares += (double{v} - mean) * (double{v} - mean);
  return std::sqrt(squares / static_cast<double>(values.size())) + 1e-3;
}

class panel {
public:
  panel(const std::vector<std::vector<double>>& series, const panel_settings& settings,
        std::span<const std::size_t> origins, std::span<const double> quantiles)
      : settings_(settings)
      , shape_{2 * settings.seasons.long_season, settings.horizon, settings.seasons.long_season}
      , quantiles_(quantiles.begin(), quantiles.end()) {
    for (const auto& s : series)
      length_ = std::max(length_, s.size());
    for (const auto back : origins)
      origins_.push_back(length_ - back);
    std::sort(origins_.begin(), origins_.end());
    const auto least = start_length() + settings.horizon;
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (origins_.empty() || series[i].size() < least + (length_ - origins_.front()))
        left_.push_back(i);
      else
        members_.push_back(make_member(i, series[i]));
    }
  }

  [[nodiscard]] std::vector<std::size_t> run(const std::function<void(panel_forecast)>& on_forecast) {
    if (members_.empty()) return left_;
    const auto scored_from = origins_.front() > settings_.scored_span + settings_.horizon
                                 ? origins_.front() - settings_.scored_span - settings_.horizon
                                 : 0;
    segment();
    auto next = origins_.begin();
    for (std::size_t t = 0; t <= length_ && next != origins_.end(); ++t) {
      for (auto& m : members_)
        start(m, t);
      const bool origin = *next == t;
      const bool scored = t >= scored_from && (origins_.back() - t) % settings_.stride == 0;
      if (origin || scored) {
        learn(t);
        for (auto& m : members_)
          if (m.log_bank) look_ahead(m, t);
        if (origin) {
          emit(t, on_forecast);
          ++next;
        }
        if (!scored)
          for (auto& m : members_)
            if (!m.pending.empty() && m.pending.back().at == t) m.pending.pop_back();
      }
      if (t < length_)
        for (auto& m : members_)
          observe(m, t);
    }
    return left_;
  }

private:
  [[nodiscard]] std::size_t start_length() const { return 2 * settings_.seasons.long_season; }
  [[nodiscard]] std::size_t experts() const {
    return 2 * default_smoothers().size() + 2 + settings_.segmentations.size();
  }

  member make_member(std::size_t index, const std::vector<double>& y) const {
    member m;
    m.index = index;
    m.begin = length_ - y.size();
    const auto first = std::min(y.size(), start_length());
    double sum = 0, least = y.front();
    for (std::size_t i = 0; i < first; ++i) {
      sum += y[i];
      least = std::min(least, y[i]);
    }
    m.raw_scale = sum > 0 ? sum / static_cast<double>(first) : 1;
    m.plain_log = *std::min_element(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(first)) >= 1;
    for (const double v : y) {
      m.z.push_back(
          static_cast<float>(m.plain_log ? std::log(std::max(v, 0.5)) : std::log1p(std::max(v, 0.0))));
      m.raw.push_back(static_cast<float>(v / m.raw_scale));
    }
    m.least = static_cast<float>(least / m.raw_scale);
    return m;
  }
  [[nodiscard]] float to_z(const member& m, float raw) const {
    const double floor = m.plain_log ? 0.5 * double{m.least} : 0;
    const double y = std::max(double{raw}, floor) * m.raw_scale;
    return static_cast<float>(m.plain_log ? std::log(y) : std::log1p(y));
  }
  [[nodiscard]] static float from_z(const member& m, double z) {
    return static_cast<float>(m.plain_log ? std::exp(z) : std::max(0.0, std::expm1(z)));
  }

  // The banks begin when there are two long seasons, and go over them first.
  void start(member& m, std::size_t t) {
    if (m.log_bank || t < m.begin || m.seen(t) != start_length()) return;
    const auto first = start_length();
    m.log_bank.emplace(default_smoothers(), settings_.seasons, std::span{m.z}.first(first));
    m.raw_bank.emplace(default_smoothers(), settings_.seasons, std::span{m.raw}.first(first));
    for (std::size_t i = 0; i < first; ++i) {
      m.log_bank->observe(m.z[i]);
      m.raw_bank->observe(m.raw[i]);
    }
    m.mixture.emplace(experts(), settings_.block_ends, settings_.mixture);
    const auto last = std::span{m.z}.first(first);
    double change = 0;
    const auto season = settings_.seasons.long_season;
    for (std::size_t i = season; i < first; ++i)
      change += std::abs(double{last[i]} - double{last[i - season]});
    m.noise = std::max(0.05, change / static_cast<double>(first - season) / spread_of(last));
  }

  void observe(member& m, std::size_t t) {
    if (!m.log_bank) return;
    const auto i = m.seen(t);
    m.log_bank->observe(m.z[i]);
    m.raw_bank->observe(m.raw[i]);
    m.least = std::min(m.least, m.raw[i]);
    while (!m.pending.empty() && m.pending.front().at + settings_.horizon == t + 1) {
      const auto& path = m.pending.front();
      const auto actual = std::span<const float>{m.z}.subspan(m.seen(path.at), settings_.horizon);
      m.mixture->score(path.paths, actual);
      if (path.weighed) {
        std::vector<float> error(settings_.horizon);
        for (std::size_t k = 0; k < error.size(); ++k)
          error[k] = actual[k] - path.mixed[k];
        m.errors.push_back(std::move(error));
      }
      if (m.errors.size() > settings_.errors_kept) m.errors.pop_front();
      m.pending.pop_front();
    }
  }

  // Segments are those of the time before the first origin, one horizon and two strides earlier.
  void segment() {
    const auto at = origins_.front() - std::min(origins_.front(), settings_.horizon + 48);
    std::vector<std::vector<double>> rows;
    for (const auto& m : members_) {
      const auto seen = at > m.begin ? at - m.begin : 0;
      auto row = features_of(std::span{m.z}.first(seen), settings_.seasons);
      if (row.empty())
        row.assign(std::max(settings_.seasons.long_season, settings_.seasons.short_season) + 4, 0);
      rows.push_back(std::move(row));
    }
    for (std::size_t s = 0; s < settings_.segmentations.size(); ++s) {
      labels_.push_back(k_means(rows, settings_.segmentations[s], settings_.seed + s));
      statistics_.emplace_back();
      weights_.emplace_back(settings_.segmentations[s]);
      for (std::size_t k = 0; k < settings_.segmentations[s]; ++k)
        statistics_.back().emplace_back(shape_);
    }
  }

  // Windows whose following values are all known at t.
  void learn(std::size_t t) {
    for (std::size_t s = 0; s < labels_.size(); ++s) {
      std::vector<double> noise(statistics_[s].size(), 0), count(statistics_[s].size(), 0);
      for (std::size_t i = 0; i < members_.size(); ++i) {
        noise[labels_[s][i]] += 1 / members_[i].noise;
        ++count[labels_[s][i]];
      }
      for (auto end = learned_; end + settings_.horizon <= t; ++end)
        for (std::size_t i = 0; i < members_.size(); ++i) {
          const auto& m = members_[i];
          if (end < m.begin + shape_.lags || !m.log_bank) continue;
          const auto label = labels_[s][i];
          statistics_[s][label].add(m.before(end, shape_.lags),
                                    std::span<const float>{m.z}.subspan(m.seen(end), settings_.horizon),
                                    count[label] / noise[label] / m.noise);
        }
      for (std::size_t k = 0; k < statistics_[s].size(); ++k)
        weights_[s][k] = statistics_[s][k].solve(settings_.ridge);
    }
    if (t >= settings_.horizon) learned_ = std::max(learned_, t - settings_.horizon + 1);
  }

  void look_ahead(member& m, std::size_t t) {
    const auto h = settings_.horizon;
    member::pending_path next{t, std::vector<float>(experts() * h), std::vector<float>(h),
                              m.mixture->scored() >= 4};
    std::size_t e = 0;
    const auto path = [&] { return std::span{next.paths}.subspan(h * e++, h); };
    for (std::size_t i = 0; i < m.log_bank->size(); ++i)
      m.log_bank->predict(i, path());
    for (std::size_t i = 0; i < m.raw_bank->size(); ++i) {
      auto p = path();
      m.raw_bank->predict(i, p);
      for (auto& v : p)
        v = to_z(m, v);
    }
    for (const auto season : {settings_.seasons.short_season, settings_.seasons.long_season}) {
      auto p = path();
      for (std::size_t k = 0; k < h; ++k)
        p[k] = m.z[m.seen(t) - season + k % season];
    }
    const auto i = static_cast<std::size_t>(&m - members_.data());
    for (std::size_t s = 0; s < labels_.size(); ++s) {
      const auto& w = weights_[s][labels_[s][i]];
      auto p = path();
      if (w.known())
        w.predict(m.before(t, shape_.lags), p);
      else
        std::copy_n(next.paths.begin(), h, p.begin());
    }
    m.mixture->mix(next.paths, spread_of(m.before(t, shape_.lags)), next.mixed);
    m.pending.push_back(std::move(next));
  }

  // Quantiles of the scaled errors of all series in each block.
  void emit(std::size_t t, const std::function<void(panel_forecast)>& on_forecast) {
    const auto blocks = settings_.block_ends.size();
    std::vector<std::vector<double>> pooled(blocks);
    std::vector<std::vector<std::vector<double>>> own(members_.size(),
                                                      std::vector<std::vector<double>>(blocks));
    std::vector<std::vector<double>> scales(members_.size(), std::vector<double>(blocks, 1));
    for (std::size_t i = 0; i < members_.size(); ++i)
      for (std::size_t b = 0; b < blocks; ++b) {
        auto& u = own[i][b];
        double sum = 0;
        for (const auto& error : members_[i].errors)
          for (std::size_t k = b == 0 ? 0 : settings_.block_ends[b - 1]; k < settings_.block_ends[b]; ++k) {
            u.push_back(double{error[k]});
            sum += std::abs(double{error[k]});
          }
        if (u.empty()) continue;
        scales[i][b] = sum / static_cast<double>(u.size()) + 0.002;
        for (auto& v : u)
          v /= scales[i][b];
        std::sort(u.begin(), u.end());
        pooled[b].insert(pooled[b].end(), u.begin(), u.end());
      }
    for (auto& p : pooled)
      std::sort(p.begin(), p.end());
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const auto& m = members_[i];
      if (m.pending.empty() || m.pending.back().at != t) continue;
      const auto& mixed = m.pending.back().mixed;
      panel_forecast out{m.index, m.seen(t), {}, {}};
      for (const float z : mixed)
        out.mean.push_back(from_z(m, double{z}));
      for (const double q : quantiles_) {
        std::vector<float> band;
        for (std::size_t b = 0; b < blocks; ++b) {
          double offset = 0;
          if (!own[i][b].empty() && q != 0.5)
            offset = settings_.widening * scales[i][b] *
                     ((1 - settings_.own_share) * quantile_of(pooled[b], q) +
                      settings_.own_share * quantile_of(own[i][b], q));
          for (std::size_t k = b == 0 ? 0 : settings_.block_ends[b - 1]; k < settings_.block_ends[b]; ++k)
            band.push_back(from_z(m, double{mixed[k]} + offset));
        }
        out.bands.push_back(std::move(band));
      }
      on_forecast(std::move(out));
    }
  }

  panel_settings settings_;
  lag_shape shape_;
  std::vector<double> quantiles_;
  std::size_t length_ = 0, learned_ = 0;
  std::vector<std::size_t> origins_; // steps, ascending
  std::vector<member> members_;
  std::vector<std::size_t> left_;
  std::vector<std::vector<std::uint32_t>> labels_;
  std::vector<std::vector<lag_statistics>> statistics_;
  std::vector<std::vector<lag_weights>> weights_;
};

} // namespace

std::vector<std::size_t> forecast_panel(const std::vector<std::vector<double>>& series,
                                        const panel_settings& settings, std::span<const std::size_t> origins,
                                        std::span<const double> quantiles,
                                        const std::function<void(panel_forecast)>& on_forecast) {
  assert(!settings.block_ends.empty() && settings.block_ends.back() == settings.horizon);
  return panel{series, settings, origins, quantiles}.run(on_forecast);
}

} // namespace forestage::models
