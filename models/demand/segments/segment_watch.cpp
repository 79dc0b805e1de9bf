#include "models/demand/segments/segment_watch.hpp"

#include "models/demand/negative_binomial.hpp"

#include <algorithm>
#include <cmath>

namespace forestage::models {

namespace {

std::int64_t units_for(float mean, float dispersion, const quantile_level& level) {
  return negative_binomial_quantiles(mean, dispersion, {level, level, level})[1];
}

std::int64_t error_of(std::int64_t count, float mean) {
  return std::llround(std::fabs(static_cast<double>(count) - static_cast<double>(mean)) *
                      segment_score::unit);
}

} // namespace

segment_score& segment_score::operator+=(const segment_score& other) noexcept {
  units += other.units;
  flat_units += other.flat_units;
  absolute_error += other.absolute_error;
  flat_error += other.flat_error;
  return *this;
}

segment_sums& segment_sums::operator+=(const segment_sums& other) {
  if (of.size() < other.of.size()) of.resize(other.of.size());
  for (std::size_t s = 0; s < other.of.size(); ++s)
    of[s] += other.of[s];
  together += other.together;
  return *this;
}

void segment_watch::observe(const demand_settings& settings, const segment_prior& prior, interval_number t,
                            std::int64_t count, std::span<const segment_cell> parts, segment_sums* sums) {
  std::array<std::int64_t, most_segments> came{};
  came[0] = count;
  for (const auto& part : parts) {
    came[part.segment] += part.count;
    came[0] -= part.count;
  }
  const auto last =
      std::find_if(pending_.begin(), pending_.end(), [&](const decided& d) { return d.interval >= t; });
  // Nothing was ready where nothing was decided.
  static const decided nothing;
  const auto& said = last != pending_.end() && last->interval == t ? *last : nothing;
  if (sums != nullptr) {
    if (sums->of.size() < prior.segments) sums->of.resize(prior.segments);
    const quantile_level level{static_cast<double>(said.mean > 0 ? said.level : 0.5F)};
    const auto units = [&](float mean) { return mean > 0 ? units_for(mean, said.dispersion, level) : 0; };
    for (std::size_t s = 0; s < prior.segments; ++s) {
      auto& score = sums->of[s];
      score.units += score_interval(came[s], units(said.mean * said.shares[s]));
      score.flat_units += score_interval(came[s], units(said.mean * said.flat[s]));
      score.absolute_error += error_of(came[s], said.mean * said.shares[s]);
      score.flat_error += error_of(came[s], said.mean * said.flat[s]);
    }
    sums->together += score_interval(count, units(said.mean));
  }
  miss(t);

  const auto hours =
      static_cast<double>(t - newest_) * static_cast<double>(settings.grid().seconds()) / 3'600;
  shares_.observe(came, rhythm_hour(settings, t), newest_.value() == 0 ? 0 : hours, prior);
  newest_ = t;
}

void segment_watch::miss(interval_number t) {
  pending_.erase(pending_.begin(), std::find_if(pending_.begin(), pending_.end(),
                                                [&](const decided& d) { return d.interval > t; }));
}

void segment_watch::decide(const model_context& context, const segment_prior& prior, const decision& said) {
  if (!(said.mean > 0)) return;
  decided d;
  d.interval = said.interval;
  d.mean = said.mean;
  d.dispersion = said.dispersion;
  d.level = context.settings.fractile();
  d.shares = shares_.at(rhythm_hour(context.settings, said.interval), prior);
  d.flat = shares_.flat(prior);
  pending_.push_back(d);
}

bool segment_watch::fits(std::size_t segments) const noexcept {
  const auto is_share = [](float q) { return q >= 0 && q <= 1.0001F; };
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const auto& d = pending_[i];
    if (i > 0 && pending_[i - 1].interval >= d.interval) return false;
    if (!(d.mean >= 0) || !std::isfinite(d.mean) || !(d.dispersion >= 0) || !std::isfinite(d.dispersion) ||
        !(d.level > 0 && d.level < 1) || !std::all_of(d.shares.begin(), d.shares.end(), is_share) ||
        !std::all_of(d.flat.begin(), d.flat.end(), is_share))
      return false;
  }
  // Any real time lies far within; differences of intervals must not overflow.
  constexpr std::int64_t furthest = std::int64_t{1} << 60;
  if (newest_.value() < -furthest || newest_.value() > furthest) return false;
  return shares_.fits(segments);
}

} // namespace forestage::models
