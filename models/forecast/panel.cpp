#include "models/forecast/panel.hpp"

#include "models/forecast/common_level.hpp"
#include "models/forecast/panel_parts.hpp"
#include "models/forecast/scenario_mixture.hpp"
#include "models/forecast/state_bytes.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <optional>

namespace forestage::models {

namespace {

constexpr std::array<double, 1> middle{0.5};

class panel {
public:
  panel(const std::vector<std::vector<double>>& series, const panel_settings& settings,
        std::span<const std::size_t> origins, std::span<const double> quantiles)
      : settings_(settings)
      , knots_(settings.horizon)
      , shape_{2 * settings.seasons.long_season, settings.horizon, settings.seasons.long_season}
      , quantiles_(quantiles.begin(), quantiles.end())
      , regression_(knots_)
      , harmonic_regression_(knots_) {
    for (const auto& s : series)
      length_ = std::max(length_, s.size());
    for (const auto back : origins)
      origins_.push_back(length_ - back);
    std::sort(origins_.begin(), origins_.end());
    stride_ = std::max<std::size_t>(1, std::min(settings.stride, settings.seasons.short_season / 2));
    memory_ = std::pow(settings.memory,
                       static_cast<double>(stride_) / static_cast<double>(settings.seasons.short_season));
    // Paths that begin soon after one another tell much the same.
    haste_ = std::sqrt(2 * static_cast<double>(stride_) / static_cast<double>(settings.seasons.short_season));
    row_stride_ = std::max<std::size_t>(1, settings.seasons.short_season / settings.rows);
    admit(series);
  }

  [[nodiscard]] panel_outcome run(const panel_hooks& hooks) {
    run_ = hooks.run;
    more_quantiles_ = hooks.more_quantiles;
    // Quantiles are kept in order among those that are said. The usual ones always are, so that what is said
    // of one of them does not depend on which others are asked for.
    said_ = {0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.975, 0.99};
    said_.insert(said_.end(), quantiles_.begin(), quantiles_.end());
    said_.insert(said_.end(), more_quantiles_.begin(), more_quantiles_.end());
    std::sort(said_.begin(), said_.end());
    said_.erase(std::unique(said_.begin(), said_.end()), said_.end());
    on_expert_ = hooks.on_expert;
    panel_outcome out{left_, 0, false};
    if (members_.empty()) return out;
    const auto span = settings_.scored_seasons * settings_.seasons.short_season + settings_.horizon;
    const auto scored_from = origins_.front() > span ? origins_.front() - span : 0;
    auto next = origins_.begin();
    for (std::size_t t = 0;;) {
      const bool origin = *next == t;
      const bool scored = is_scored(t, scored_from);
      if (origin || scored) look(t, origin, scored, hooks.on_forecast);
      if (origin) ++next;
      if (next == origins_.end()) break;
      // Up to the next path to be made, nothing that a series learns rests on another one.
      auto until = t + 1;
      while (until - t < most_steps && *next != until && !is_scored(until, scored_from))
        ++until;
      fold(t, until);
      t = until;
      if (hooks.on_progress && !hooks.on_progress(t, origins_.back())) {
        out.stopped = true;
        break;
      }
    }
    for (const auto& m : members_)
      out.bytes_per_series += m.own.bytes() + snapshot(m.mixture).size() + snapshot(m.last).size();
    out.bytes_per_series /= members_.size();
    return out;
  }

private:
  static constexpr std::size_t most_steps = 256;   // folded at a time
  static constexpr std::size_t first_smoother = 5; // among the experts of a member

  [[nodiscard]] bool is_scored(std::size_t t, std::size_t from) const {
    return t >= from && (origins_.back() - t) % stride_ == 0;
  }

  // Makes every series' path at step t.
  void look(std::size_t t, bool origin, bool scored, const std::function<void(panel_forecast)>& on_forecast) {
    learn(t);
    run_(members_.size(), [&](std::size_t i) {
      if (members_[i].own.started(t)) look_ahead(i, t);
    });
    if (origin && on_expert_) emit_experts(t);
    if (origin) emit(t, on_forecast);
    if (scored) return;
    for (auto& m : members_)
      if (!m.paths.empty() && m.paths.back().at == t) m.paths.pop_back();
  }

  // Observes steps [from, until): first each series by itself, then what is shared, in the order of steps and
  // series, so that sums do not depend on who ran what.
  void fold(std::size_t from, std::size_t until) {
    run_(members_.size(), [&](std::size_t i) {
      auto& m = members_[i];
      for (auto t = from; t < until; ++t) {
        if (t % row_stride_ == 0 && m.own.started(t))
          m.rows.push_back({t, row_of(m.own.profile(), knots_), row_of(m.own.harmonics(), knots_)});
        const auto came = t >= m.own.begin() ? m.own.observe(t) : panel_member::observed{};
        if (came.moved) m.drop();
        m.deviations.push_back(came.deviation);
      }
    });
    watch(from, until);
    for (auto t = from; t < until; ++t) {
      if (t % row_stride_ == 0) solve();
      for (auto& m : members_)
        if (m.own.started(t)) realise(m, t);
    }
  }

  // Steps [from, until) for what all series do at once.
  void watch(std::size_t from, std::size_t until) {
    std::optional<std::size_t> began;
    std::vector<std::optional<double>> deviations(members_.size());
    for (auto t = from; t < until; ++t) {
      for (std::size_t i = 0; i < members_.size(); ++i)
        deviations[i] = members_[i].deviations[t - from];
      common_level_->observe(deviations);
      if (const auto run = common_level_->sure()) began = t + 1 - *run;
    }
    for (auto& m : members_)
      m.deviations.clear();
    const auto shared = began ? shared_ratio_of(*began, until) : shared_ratio{};
    if (!shared.agrees()) return;
    common_level_->forget();
    run_(members_.size(), [&](std::size_t i) {
      auto& m = members_[i];
      if (!movable(m.own, *began)) return;
      m.own.move(m.own.seen(*began), m.own.seen(until), shared);
      m.drop();
    });
  }
  [[nodiscard]] static bool movable(const panel_member& own, std::size_t from) {
    return from >= own.begin() && own.movable(own.seen(from));
  }
  [[nodiscard]] shared_ratio shared_ratio_of(std::size_t from, std::size_t until) const {
    std::vector<level_ratio> ratios(members_.size());
    run_(members_.size(), [&](std::size_t i) {
      const auto& own = members_[i].own;
      if (movable(own, from)) ratios[i] = own.ratio(own.seen(from), own.seen(until));
    });
    return shared_of(ratios);
  }

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
      members_.push_back({std::move(own), path_mixture{1, {1}}, last_layer{knots_, 1, 1}, {}, {}, {}});
    }
    if (members_.empty()) return;
    common_level_.emplace(settings_.seasons, members_.size());
    segment();
    const auto h = settings_.horizon;
    auto& ends = block_ends_;
    // A 24th is the next hour of a day of 5-minute steps; of fewer steps, losses are mostly noise.
    constexpr std::size_t least_first = 6;
    for (const auto end : {h / 24 >= least_first ? h / 24 : 0, h / 8, h / 2, h})
      if (end > (ends.empty() ? 0 : ends.back())) ends.push_back(end);
    for (auto& m : members_)
      m.mixture = path_mixture{experts_ + segmentations_.size(), ends, settings_.mixture, priors()};
    choice_.emplace(ends.size());
    auto pooled = settings_.mixture;
    pooled.memory = 1 - (1 - pooled.memory) / static_cast<double>(std::max<std::size_t>(1, members_.size()));
    for (auto& m : members_)
      m.last = last_layer{knots_, ends.size(), settings_.mixture.memory};
    pooled_last_.emplace(knots_, ends.size(), pooled.memory);
    judged_.emplace(ends);
    pooled_mixture_.emplace(experts_ + segmentations_.size(), ends, pooled, priors());
  }

  // At long seasons smoothers are many and alike, and each is worse than the two regressions: together they
  // would outvote those.
  [[nodiscard]] std::vector<double> priors() const {
    if (!smoother_bank::coarse(settings_.seasons)) return {};
    constexpr double smoother = 0.1;
    std::vector<double> out(experts_ + segmentations_.size(), 1);
    for (std::size_t e = first_smoother; e < experts_; ++e)
      out[e] = smoother;
    return out;
  }

  // Segments are those of the time before the first origin, one horizon and two seasons earlier.
  void segment() {
    constexpr std::size_t least_series = 16;
    if (settings_.seasons.long_season > settings_.longest_lags || members_.size() < least_series) return;
    const auto back = settings_.horizon + 2 * settings_.seasons.short_season;
    const auto at = origins_.front() - std::min(origins_.front(), back);
    segmentations_ = segmentations_of(members_, settings_, shape_, at);
    for (std::size_t s = 0; s < segmentations_.size(); ++s)
      for (std::size_t segment = 0; segment < segmentations_[s].weights.size(); ++segment)
        places_.emplace_back(s, segment);
  }

  // Windows whose following values are all known at t.
  void solve() {
    regression_.solve();
    harmonic_regression_.solve();
  }
  void learn(std::size_t t) {
    solve();
    for (auto& s : segmentations_)
      weigh_noise(s, members_);
    run_(places_.size(), [&](std::size_t p) {
      const auto [which, segment] = places_[p];
      auto& s = segmentations_[which];
      for (auto end = learned_; end + settings_.horizon <= t; ++end)
        for (std::size_t i = 0; i < members_.size(); ++i) {
          const auto& m = members_[i].own;
          if (s.labels[i] != segment || end < m.begin() + shape_.lags || !m.started(t)) continue;
          s.statistics[segment].add(m.before(end, shape_.lags),
                                    m.values().subspan(m.seen(end), settings_.horizon),
                                    1 / (s.mean_precision[segment] * m.noise()));
        }
      s.weights[segment] = s.statistics[segment].solve(settings_.ridge);
    });
    if (t >= settings_.horizon) learned_ = std::max(learned_, t - settings_.horizon + 1);
  }
  void look_ahead(std::size_t i, std::size_t t) {
    members_[i].paths.push_back(path_of(i, members_[i].own, t));
  }
  // As if member i were `own`.
  [[nodiscard]] pending_path path_of(std::size_t i, const panel_member& own, std::size_t t) const {
    const auto& m = members_[i];
    const auto h = settings_.horizon;
    pending_path next{t,
                      std::vector<float>((experts_ + segmentations_.size()) * h),
                      std::vector<float>(h),
                      std::vector<float>(weightings().size() * h),
                      own.spread(t),
                      row_of(own.profile(), knots_),
                      m.last.value_scales(own, t),
                      {},
                      {},
                      m.mixture.scored() >= 4};
    const std::span all{next.paths};
    predict_path(own.profile(), regression_, all.first(h));
    predict_path(own.harmonics(), harmonic_regression_, all.subspan(h, h));
    own.predict_own(t, all.first(experts_ * h));
    for (std::size_t s = 0; s < segmentations_.size(); ++s) {
      const auto& w = segmentations_[s].weights[segmentations_[s].labels[i]];
      const auto path = all.subspan((experts_ + s) * h, h);
      if (w.known() && own.seen(t) >= shape_.lags)
        w.predict(own.before(t, shape_.lags), path);
      else
        std::copy_n(all.begin(), h, path.begin());
    }
    const auto phase = phase_of(m, t);
    for (std::size_t w = 0; w < weightings().size(); ++w)
      m.mixture.mix(all, m.mixture.weights(weightings()[w], *pooled_mixture_, phase),
                    std::span{next.tried}.subspan(w * h, h));
    for (std::size_t b = 0; b < m.mixture.blocks(); ++b)
      follow(next, phase, b, m.mixture.block_begin(b), m.mixture.block_end(b));
    next.said =
        m.last.candidates(own, t, next.mixed, quantile_mixture::levels, judged_->all(), *pooled_last_);
    next.averages = m.last.averages(own, next.said, *judged_, *pooled_last_);
    return next;
  }

  // Steps [begin, end) of the mixture, from the tried weightings: the best one's, or, at 5 minutes, where an
  // hour of noise decides between them, their average.
  void follow(pending_path& next, std::size_t phase, std::size_t block, std::size_t begin,
              std::size_t end) const {
    const auto h = settings_.horizon;
    const auto tried = [&](std::size_t w, std::size_t k) { return next.tried[w * h + k]; };
    if (!smoother_bank::coarse(settings_.seasons)) {
      for (const auto w = choice_->best(phase, block); begin < end; ++begin)
        next.mixed[begin] = tried(w, begin);
      return;
    }
    const auto shares = choice_->shares(phase, block);
    for (; begin < end; ++begin) {
      double sum = 0;
      for (std::size_t w = 0; w < shares.size(); ++w)
        sum += shares[w] * double{tried(w, begin)};
      next.mixed[begin] = static_cast<float>(sum);
    }
  }

  // What the observation of step t tells about earlier paths and rows.
  void realise(tracked_member& m, std::size_t t) {
    const double z = double{m.own.values()[m.own.seen(t)]};
    for (const auto& row : m.rows)
      for (std::size_t n = 0; n < knots_.size(); ++n)
        if (row.at + knots_.step(n) == t + 1) {
          regression_.learn(row.profile, n, z);
          harmonic_regression_.learn(row.harmonics, n, z);
        }
    while (!m.rows.empty() && m.rows.front().at + knots_.horizon() <= t + 1)
      m.rows.pop_front();
    for (const auto& path : m.paths)
      for (std::size_t n = 0; n < knots_.size() && path.weighed; ++n)
        if (path.at + knots_.step(n) == t + 1) learn_error(m, path, n, t);
    for (const auto& path : m.paths)
      for (std::size_t b = 0; b < block_ends_.size() && path.weighed; ++b)
        if (path.at + block_ends_[b] == t + 1)
          m.last.correct(m.own, path.at, path.averages, *judged_, b, *pooled_last_, members_.size(), haste_);
    while (!m.paths.empty() && m.paths.front().at + knots_.horizon() == t + 1) {
      const auto& path = m.paths.front();
      const auto actual = m.own.values().subspan(m.own.seen(path.at), settings_.horizon);
      const auto phase = phase_of(m, path.at);
      if (path.weighed) judge(path, actual, phase);
      m.last.score(m.own, path.at, path.said, *judged_, *pooled_last_);
      m.mixture.score(path.paths, actual, path.spread, phase);
      pooled_mixture_->score(path.paths, actual, path.spread, phase);
      m.paths.pop_front();
    }
  }

  // Observation t is that of a path's knot.
  void learn_error(tracked_member& m, const pending_path& path, std::size_t knot, std::size_t t) {
    const auto seen = m.own.seen(t);
    const double said = double{path.mixed[knots_.step(knot) - 1]};
    const double logs = (double{m.own.values()[seen]} - said) / double{path.row.scale[knot]};
    const double values =
        (double{m.own.relative_values()[seen]} - double{m.own.to_value(said)} / m.own.relative_unit()) /
        double{path.value_scales[knot]};
    m.last.learn(knot, logs, values, *pooled_last_, memory_);
  }

  void judge(const pending_path& path, std::span<const float> actual, std::size_t phase) {
    for (std::size_t b = 0; b < pooled_mixture_->blocks(); ++b)
      for (std::size_t w = 0; w < weightings().size(); ++w) {
        double sum = 0;
        for (auto k = pooled_mixture_->block_begin(b); k < pooled_mixture_->block_end(b); ++k)
          sum += std::abs(double{path.tried[w * settings_.horizon + k]} - double{actual[k]});
        choice_->add(phase, b, w, sum / path.spread);
      }
  }
  [[nodiscard]] std::size_t phase_of(const tracked_member& m, std::size_t t) const {
    return path_mixture::phase_of(m.own.seen(t), settings_.seasons.short_season);
  }

  void emit(std::size_t t, const std::function<void(panel_forecast)>& on_forecast) const {
    const auto common = common_level_->look();
    const auto shared = common.probability > 0 ? shared_ratio_of(t - common.run, t) : shared_ratio{};
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const auto& m = members_[i];
      if (m.paths.empty() || m.paths.back().at != t) continue;
      panel_forecast out{m.own.index(), m.own.seen(t), {}, {}, {}};
      const auto other = scenario_of(m.own, m.own.seen(t), common, shared);
      const auto all = other ? between(i, t, *other) : usual(m, t);
      const auto of = [&](std::span<const double> qs) {
        std::vector<std::vector<float>> bands;
        for (const auto q : qs)
          bands.push_back(
              all[static_cast<std::size_t>(std::lower_bound(said_.begin(), said_.end(), q) - said_.begin())]);
        return bands;
      };
      out.mean = std::move(of(middle).front());
      out.bands = of(quantiles_);
      out.more_bands = of(more_quantiles_);
      on_forecast(std::move(out));
    }
  }
  // Of what is said, by step.
  [[nodiscard]] std::vector<std::vector<float>> usual(const tracked_member& m, std::size_t t) const {
    const auto quantiles = [&](std::span<const double> qs, std::span<const float> median) {
      return m.last.quantiles(m.own, t, m.paths.back().mixed, qs, block_ends_, median, *pooled_last_);
    };
    return quantiles(said_, quantiles(middle, {}).front());
  }
  // The same while it is open whether member i is at another level.
  [[nodiscard]] std::vector<std::vector<float>> between(std::size_t i, std::size_t t,
                                                        const level_scenario& other) const {
    const auto& m = members_[i];
    const auto quantiles = [&](const panel_member& own, std::span<const float> path) {
      return m.last.quantiles(own, t, path, scenario_levels, block_ends_, {}, *pooled_last_);
    };
    auto out =
        mixed_quantiles(quantiles(m.own, m.paths.back().mixed),
                        quantiles(other.own, path_of(i, other.own, t).mixed), other.probability, said_);
    for (auto& path : out)
      for (auto& value : path)
        value = m.own.to_possible(std::min(value, m.own.most_value()), t);
    return out;
  }

  // What stands before the mixing, by name; only what a member has.
  void emit_experts(std::size_t t) const {
    const auto h = settings_.horizon;
    for (const auto& m : members_) {
      if (m.paths.empty() || m.paths.back().at != t) continue;
      const auto say = [&](std::string_view name, std::span<const float> path) {
        panel_forecast out{m.own.index(), m.own.seen(t), std::vector<float>(path.size()), {}, {}};
        std::transform(path.begin(), path.end(), out.mean.begin(),
                       [&m](float z) { return m.own.to_value(double{z}); });
        on_expert_(name, std::move(out));
      };
      const std::span paths{m.paths.back().paths};
      say("mixture", m.paths.back().mixed);
      for (std::size_t e = 0; e * h < paths.size(); ++e)
        if (const auto name = name_of(e); !name.empty()) say(name, paths.subspan(e * h, h));
      for (const auto& [name, candidate] : last_layer::named) {
        if (candidate == last_layer::sparse && !m.own.analogues().is_sparse()) continue;
        panel_forecast out{m.own.index(), m.own.seen(t), {}, {}, {}};
        const auto of = [&, which = candidate](std::span<const double> qs) {
          return m.last.candidate(which, m.own, t, m.paths.back().mixed, qs, *pooled_last_);
        };
        out.mean = std::move(of(middle).front());
        out.bands = of(quantiles_);
        on_expert_(name, std::move(out));
      }
    }
  }

  // Of an expert by its place among the paths; empty for the simple ones.
  [[nodiscard]] std::string name_of(std::size_t e) const {
    if (e < 2) return e == 0 ? "profile" : "harmonics";
    if (e < first_smoother) return {};
    if (e >= experts_) return "lag-linear-" + std::to_string(e - experts_ + 1);
    const auto n = default_smoothers().size(), s = e - first_smoother;
    return s < n ? "smoother-log-" + std::to_string(s + 1) : "smoother-value-" + std::to_string(s - n + 1);
  }

  panel_settings settings_;
  horizon_knots knots_;
  lag_shape shape_;
  std::vector<double> quantiles_;
  std::size_t length_ = 0, learned_ = 0, stride_ = 1, row_stride_ = 1, experts_ = 0;
  std::vector<std::size_t> origins_; // steps, ascending
  std::vector<std::size_t> left_;
  std::vector<tracked_member> members_;
  std::optional<common_level> common_level_;
  std::vector<segmentation> segmentations_;
  std::vector<std::pair<std::size_t, std::size_t>> places_; // segmentation, segment
  executor run_ = in_order;
  std::span<const double> more_quantiles_;
  std::vector<double> said_; // both and the usual ones, ascending
  std::function<void(std::string_view, panel_forecast)> on_expert_;
  residual_regression regression_, harmonic_regression_;
  std::vector<std::size_t> block_ends_; // of the horizon
  std::optional<judged_steps> judged_;
  std::optional<last_layer> pooled_last_;
  double memory_ = 1, haste_ = 1;
  std::optional<path_mixture> pooled_mixture_;
  std::optional<weighting_choice> choice_;
};

} // namespace

std::vector<std::string> expert_names() {
  std::vector<std::string> out{"mixture", "profile", "harmonics"};
  for (const char* scale : {"smoother-log-", "smoother-value-"})
    for (std::size_t s = 1; s <= default_smoothers().size(); ++s)
      out.push_back(scale + std::to_string(s));
  for (std::size_t s = 1; s <= panel_settings{}.segmentations.size(); ++s)
    out.push_back("lag-linear-" + std::to_string(s));
  for (const auto& [name, candidate] : last_layer::named)
    out.emplace_back(name);
  return out;
}

status validate(const panel_settings& s) {
  if (auto valid = validate(s.seasons); !valid) return valid.failure();
  constexpr std::size_t most = 100'000;
  if (s.horizon < 1 || s.horizon > most)
    return {errc::invalid_argument, "the horizon has 1 to 100000 observations"};
  if (s.stride < 1 || s.rows < 1 || s.scored_seasons < 1)
    return {errc::invalid_argument, "stride, rows and scored seasons of a panel are at least 1"};
  if (std::find(s.segmentations.begin(), s.segmentations.end(), std::size_t{0}) != s.segmentations.end())
    return {errc::invalid_argument, "a segmentation has at least one segment"};
  if (!(s.ridge > 0)) return {errc::invalid_argument, "the ridge of a panel is above 0"};
  if (!(s.memory > 0 && s.memory <= 1) || !(s.mixture.memory > 0 && s.mixture.memory <= 1))
    return {errc::invalid_argument, "the memories of a panel are above 0 and at most 1"};
  return success();
}

panel_outcome forecast_panel(const std::vector<std::vector<double>>& series, const panel_settings& settings,
                             std::span<const std::size_t> origins, std::span<const double> quantiles,
                             const panel_hooks& hooks) {
  assert(!origins.empty() && validate(settings).ok() && hooks.on_forecast && hooks.run);
  return panel{series, settings, origins, quantiles}.run(hooks);
}

} // namespace forestage::models
