#include "models/forecast/cold_start.hpp"

#include "models/forecast/quantile.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace forestage::models {

namespace {

// Of a logarithm: levels of a million donors fit, and what is lost is below what a float holds.
constexpr double fixed_unit = 1 << 30;

constexpr std::array<cold_start_blend, 8> blends{
    {{.9, 2, 0}, {.9, 8, 0}, {.9, 0, 0}, {.5, 2, 0}, {.5, 0, 0}, {0, 0, 0}, {.9, 0, .5}, {0, 0, 1}}};

} // namespace

std::span<const cold_start_blend> cold_start_blends() {
  return blends;
}

cold_start::cold_start(const std::vector<std::vector<double>>& series, std::span<const std::int64_t> ends,
                       const cold_start_settings& settings, std::span<const cold_start_case> cases,
                       const executor& run)
    : settings_(settings)
    , knots_(settings.horizon)
    , ends_(ends.begin(), ends.end())
    , donors_(series.size()) {
  assert(ends.size() == series.size() && validate(settings.seasons).ok());
  for (const auto& values : series) {
    auto& z = z_.emplace_back();
    auto& largest = largest_.emplace_back();
    for (const double v : values) {
      z.push_back(static_cast<float>(std::log1p(std::max(0.0, v))));
      largest.push_back(largest.empty() ? z.back() : std::max(largest.back(), z.back()));
    }
  }
  std::vector<std::int64_t> steps;
  for (const auto& c : cases) {
    steps.push_back(step_of(c));
    const auto before = rehearsals_before(steps.back());
    steps.insert(steps.end(), before.begin(), before.end());
  }
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  run(series.size(), [&](std::size_t i) { follow(i, steps); });
  for (const auto step : steps) {
    pool& all = pools_.emplace_back();
    all.step = step;
    all.shape.assign(settings.seasons.long_season, 0);
    for (std::size_t i = 0; i < series.size(); ++i)
      if (const auto* d = donor_at(i, step)) all.add(*d, 1);
  }
}

std::vector<std::int64_t> cold_start::rehearsals_before(std::int64_t step) const {
  std::vector<std::int64_t> out;
  for (std::size_t r = 1; r <= settings_.rehearsals; ++r)
    out.push_back(step - static_cast<std::int64_t>(r * settings_.horizon));
  return out;
}

void cold_start::follow(std::size_t series, std::span<const std::int64_t> steps) {
  const auto& z = z_[series];
  const auto season = settings_.seasons.short_season;
  const auto least = 2 * season + settings_.horizon;
  if (z.size() < least) return;
  profile_state state{settings_.seasons, std::span<const float>{z}.first(season)};
  auto step = begin(series);
  auto next = std::lower_bound(steps.begin(), steps.end(), step + static_cast<std::int64_t>(least));
  for (std::size_t i = 0; next != steps.end() && *next <= ends_[series]; ++step) {
    if (*next == step) {
      donor_state& at = donors_[series].emplace_back();
      at.step = step;
      at.level = state.level();
      for (std::size_t k = 0; k < settings_.seasons.long_season; ++k)
        at.shape.push_back(state.location(k) - state.level());
      ++next;
    }
    if (i < z.size()) state.observe(z[i++]);
  }
}

const cold_start::donor_state* cold_start::donor_at(std::size_t series, std::int64_t step) const {
  const auto& all = donors_[series];
  const auto at = std::lower_bound(all.begin(), all.end(), step,
                                   [](const donor_state& d, std::int64_t s) { return d.step < s; });
  return at != all.end() && at->step == step ? &*at : nullptr;
}

void cold_start::pool::add(const donor_state& donor, std::int64_t times) {
  const auto fixed = [times](float v) { return times * std::llround(double{v} * fixed_unit); };
  count += times;
  level += fixed(donor.level);
  for (std::size_t k = 0; k < shape.size(); ++k)
    shape[k] += fixed(donor.shape[k]);
}

cold_start::donor_means cold_start::without(std::int64_t step, std::size_t one, std::size_t other) const {
  pool left = *std::lower_bound(pools_.begin(), pools_.end(), step,
                                [](const pool& p, std::int64_t s) { return p.step < s; });
  if (const auto* d = donor_at(one, step)) left.add(*d, -1);
  if (const auto* d = one == other ? nullptr : donor_at(other, step)) left.add(*d, -1);
  donor_means out{left.count > 0, 0, std::vector<double>(left.shape.size(), 0)};
  if (!out.any) return out;
  const double unit = 1 / (static_cast<double>(left.count) * fixed_unit);
  out.level = static_cast<double>(left.level) * unit;
  for (std::size_t k = 0; k < left.shape.size(); ++k)
    out.shape[k] = static_cast<double>(left.shape[k]) * unit;
  return out;
}

std::optional<cold_start::path> cold_start::path_of(std::size_t series, std::int64_t step,
                                                    std::size_t history, std::size_t target,
                                                    const cold_start_blend& blend) const {
  const auto length = settings_.seasons.long_season, season = settings_.seasons.short_season;
  const auto donors = without(step, series, target);
  if (!donors.any && series != target) return std::nullopt;
  const auto seen = static_cast<std::size_t>(step - begin(series));
  history = std::min(history, seen);
  const auto own = std::span<const float>{z_[series]}.subspan(seen - history, history);
  auto shape = donors.shape;
  for (auto& v : shape)
    v *= blend.trust;
  // Place of the value `back` before the origin in the long season.
  const auto place = [&](std::size_t back) { return (length - back % length) % length; };
  double weight = donors.any ? blend.prior : 0, sum = weight * donors.level;
  for (std::size_t i = 0; i < history; ++i)
    sum += double{own[i]} - shape[place(history - i)];
  weight += static_cast<double>(history);
  path out;
  out.level = weight > 0 ? sum / weight : 0;
  if (blend.own > 0 && history >= season) {
    std::vector<double> here(season, 0), times(season, 0);
    for (std::size_t i = 0; i < history; ++i) {
      here[place(history - i) % season] += double{own[i]} - out.level;
      ++times[place(history - i) % season];
    }
    for (std::size_t k = 0; k < length; ++k)
      shape[k] = (1 - blend.own) * shape[k] + blend.own * here[k % season] / times[k % season];
  }
  const double half_life = std::max(1e-9, settings_.echo_seasons * static_cast<double>(season));
  double residual = 0, weights = 1; // one value that says nothing
  for (std::size_t i = 0; i < history; ++i) {
    const double w = std::exp2(-static_cast<double>(history - 1 - i) / half_life);
    residual += w * (double{own[i]} - out.level - shape[place(history - i)]);
    weights += w;
  }
  for (std::size_t k = 0; k < settings_.horizon; ++k)
    out.z.push_back(out.level + shape[k % length] +
                    residual / weights * std::exp2(-static_cast<double>(k + 1) / half_life));
  return out;
}

std::vector<cold_start::rehearsal> cold_start::rehearsals_of(const cold_start_case& of) const {
  std::vector<rehearsal> all;
  for (std::size_t i = 0; i < z_.size(); ++i)
    for (const auto then : rehearsals_before(step_of(of)))
      if (i != of.series && then - begin(i) >= static_cast<std::int64_t>(of.history) &&
          then + static_cast<std::int64_t>(settings_.horizon) <= ends_[i] && without(then, i, of.series).any)
        all.push_back({i, then});
  const auto every = 1 + all.size() / std::max<std::size_t>(1, settings_.most_rehearsed);
  std::vector<rehearsal> out;
  for (std::size_t r = 0; r < all.size(); r += every)
    out.push_back(all[r]);
  return out;
}

const cold_start_blend& cold_start::best_blend(const cold_start_case& of,
                                               std::span<const rehearsal> all) const {
  const auto stride = std::max<std::size_t>(1, settings_.horizon / 24);
  // Nobody to rehearse with: the own shape, where a season was seen.
  std::size_t best = all.empty() ? blends.size() - 1 : 0;
  double least = 0;
  for (std::size_t b = 0; b < blends.size() && !all.empty(); ++b) {
    double loss = 0;
    for (const auto& r : all) {
      const auto said = path_of(r.series, r.step, of.history, of.series, blends[b]);
      const auto first = static_cast<std::size_t>(r.step - begin(r.series));
      for (std::size_t k = 0; said && k < settings_.horizon; k += stride)
        loss += std::abs(double{z_[r.series][first + k]} - said->z[k]);
    }
    if (b > 0 && loss >= least) continue;
    best = b;
    least = loss;
  }
  return blends[best];
}

std::vector<std::vector<double>> cold_start::rehearsed_errors(const cold_start_case& of,
                                                              std::span<const rehearsal> all,
                                                              const cold_start_blend& blend) const {
  std::vector<std::vector<double>> errors(knots_.size());
  for (const auto& r : all) {
    const auto said = path_of(r.series, r.step, of.history, of.series, blend);
    const auto first = static_cast<std::size_t>(r.step - begin(r.series));
    for (std::size_t n = 0; said && n < knots_.size(); ++n) {
      // A knot stands for the steps since the one before it: about eight of them are looked at.
      const auto from = n == 0 ? std::size_t{0} : knots_.step(n - 1), to = knots_.step(n);
      const auto stride = std::max<std::size_t>(1, (to - from) / 8);
      for (auto k = to; k > from; k -= std::min(k - from, stride))
        errors[n].push_back(double{z_[r.series][first + k - 1]} - said->z[k - 1]);
    }
  }
  return errors;
}

quantile_paths cold_start::predict(const cold_start_case& of, std::span<const double> quantiles) const {
  assert(of.series < z_.size() && of.origin <= z_[of.series].size() && of.history >= 1);
  const auto step = step_of(of);
  const auto rehearsals = rehearsals_of(of);
  const auto& blend = best_blend(of, rehearsals);
  const auto said = *path_of(of.series, step, of.history, of.series, blend);
  auto errors = rehearsed_errors(of, rehearsals, blend);
  std::vector<std::vector<double>> offsets(quantiles.size(), std::vector<double>(knots_.size(), 0));
  for (std::size_t n = 0; n < knots_.size(); ++n) {
    auto& e = errors[n];
    if (e.empty()) { // nobody to learn from: the own values around the level
      const auto history = std::min(of.history, of.origin);
      for (std::size_t i = of.origin - history; i < of.origin; ++i)
        e.push_back(double{z_[of.series][i]} - said.level);
    }
    if (e.empty()) continue;
    std::sort(e.begin(), e.end());
    for (std::size_t q = 0; q < quantiles.size(); ++q)
      offsets[q][n] = quantile_of(e, quantiles[q]) - quantile_of(e, 0.5);
  }
  // Held to three times the largest value that it or a donor has had.
  double most = 0;
  for (std::size_t i = 0; i < z_.size(); ++i) {
    const auto from = i == of.series ? of.origin - std::min(of.origin, of.history) : std::size_t{0};
    const auto seen = std::clamp<std::int64_t>(step - begin(i), 0, static_cast<std::int64_t>(z_[i].size()));
    if (i != of.series && seen > 0)
      most = std::max(most, double{largest_[i][static_cast<std::size_t>(seen) - 1]});
    for (auto k = from; i == of.series && k < of.origin; ++k)
      most = std::max(most, double{z_[i][k]});
  }
  const auto value = [&](double z) {
    return static_cast<float>(std::max(0.0, std::expm1(std::min(z, most + std::log(3.0)))));
  };
  quantile_paths out;
  for (const double z : said.z)
    out.mean.push_back(value(z));
  for (std::size_t q = 0; q < quantiles.size(); ++q) {
    auto& band = out.bands.emplace_back();
    for (std::size_t k = 0; k < settings_.horizon; ++k) {
      band.push_back(value(said.z[k] + knots_.at(k + 1, offsets[q])));
      if (q > 0) band.back() = std::max(band.back(), out.bands[q - 1][k]);
    }
  }
  return out;
}

} // namespace forestage::models
